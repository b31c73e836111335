"""What of the server does not work, as sentences that name no folder of this machine: anybody may read /healthz."""

import os

from models import catalog, paths


def problems(widgets: str) -> list[str]:
    """One sentence for each thing that does not work. widgets: the state of the widgets (`app/deferred.py`)."""
    found = [f"{id!r:.100} cannot be used; `zoo list` on the server says why." for id in sorted(catalog.problems())]
    if widgets == "failed":
        found.append("The widgets could not be loaded; the server's log says why.")
    try:
        writable = _is_writable()
    except OSError:
        writable = False
    if not writable:
        found.append("The folder of ZOO_HOME cannot be written, so times and verifications are not stored.")
    return found


def _is_writable() -> bool:
    """Whether ZOO_HOME is a folder that can be written, or can be made."""
    folder = paths.data_home()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
