"""A folder of class folders as examples: the image `drawings/ash/3.png` is an example of `ash`."""

import hashlib
import unicodedata
from pathlib import Path

from models.errors import TooLarge, ZooError
from models.inputs.picture import MAX_BYTES
from training.custom.item import Item

MAX_IMAGES = 20_000  # images
MAX_LABELS = 500
CLUTTER = ("thumbs.db", "desktop.ini", "__macosx")  # what file managers leave behind, as they do hidden files


def items_in(folder: Path) -> tuple[list[Item], list[str]]:
    """Every file of every class folder, and a sentence on each that was left out.

    Nothing is decoded yet, and no large file read.

    Raises ZooError for a folder that is something else, TooLarge for one with too much in it.
    """
    classes = [path for path in _shown(folder) if path.is_dir()]
    layout = f"expected {folder.name}/<label>/<image>, a folder of images for each label"
    if not classes:
        raise ZooError(f"{folder} contains no folders; {layout}.")
    if len(classes) > MAX_LABELS:
        raise TooLarge(f"{folder} has {len(classes):,} folders; at most {MAX_LABELS} labels are supported.")
    for path in classes:
        if path.name != path.name.encode(errors="replace").decode():  # half a surrogate pair can be written nowhere
            raise ZooError(
                f"The name of the folder {path.name!a:.120} is not UTF-8; rename it, because it is used as the label."
            )
    left_out = [
        f"{path.name}: is not in a label's folder, so it has no label" for path in _shown(folder) if path.is_file()
    ]
    files = {path: [file for file in _shown(path) if file.is_file()] for path in classes}
    for path in classes:
        inner = [one.name for one in _shown(path) if one.is_dir()]
        if inner and not files[path]:
            raise ZooError(
                f"{folder.name}/{path.name} contains folders ({', '.join(inner[:3])}), not images; {layout}. "
                f"Did you mean {folder.name}/{path.name}?"
            )
        left_out += [f"{path.name}/{name}: a folder inside a label's folder" for name in inner]
    count = sum(map(len, files.values()))
    if count > MAX_IMAGES:
        raise TooLarge(
            f"{folder} has {count:,} files; at most {MAX_IMAGES:,} examples are read. Use fewer of each label."
        )
    items = []
    for path in classes:
        for file in files[path]:
            item, problem = _item(file, unicodedata.normalize("NFC", path.name))
            items += [item] if item else []
            left_out += [problem] if problem else []
    return items, left_out


def _item(file: Path, label: str) -> tuple[Item | None, str]:
    name = f"{file.parent.name}/{file.name}"
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            return None, f"{name}: is {size / 2**20:.0f} MB; at most {MAX_BYTES // 2**20} MB are read"
        return Item(file, label, name, hashlib.sha256(file.read_bytes()).hexdigest()), ""
    except OSError as error:
        return None, f"{name}: {error.strerror or error}"


def _shown(folder: Path) -> list[Path]:
    """What lies in a folder, in order, without what is hidden."""
    try:
        found = sorted(folder.iterdir())
    except OSError as error:
        raise ZooError(f"Could not read the folder {folder}: {error.strerror or error}.") from error
    return [path for path in found if not path.name.startswith(".") and path.name.lower() not in CLUTTER]
