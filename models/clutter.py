"""Files and folders that file managers, network drives and notebooks leave behind, and that nobody means as inputs."""

NAMES = {
    # Windows
    *("$recycle.bin", "recycler", "recycled", "system volume information", "desktop.ini", "ehthumbs.db", "found.000"),
    # macOS and its servers
    *("__macosx", "icon\r", "icon\uf00d", "network trash folder", "temporary items", "thevolumesettingsfolder"),
    # network drives: Synology, QNAP
    *("#recycle", "#snapshot", "@eadir", "@recycle", "@recently-snapshot", "@tmp", "@sharesnap"),
    # Linux and Python
    *("lost+found", "__pycache__"),
}
PREFIXES = (".", "~$", "thumbs.db", "thumbs_vista.db", "ehthumbs_vista.db")  # hidden; opened in Office; with streams
STREAMS = (":zone.identifier", ":encryptable", "@synoeastream", "@synoresource")  # alternate data streams as files


def is_clutter(name: str) -> bool:
    """Whether a file or folder of this name is hidden or left behind by a program."""
    folded = name.casefold()
    if folded in (".", ".."):  # in the paths of a zip file, which are names only: nothing is written
        return False
    return folded in NAMES or folded.startswith(PREFIXES) or folded.endswith(STREAMS)
