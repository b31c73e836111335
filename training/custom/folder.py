"""Examples in a folder with one folder of images per label: `drawings/ash/3.png` is an example of `ash`."""

import hashlib
import unicodedata
from pathlib import Path

from models.config import is_unshowable
from models.errors import TooLarge, ZooError
from models.inputs.picture import MAX_BYTES
from training.custom.item import Item

MAX_IMAGES = 20_000
MAX_LABELS = 500
CLUTTER = ("thumbs.db", "desktop.ini", "__macosx")  # left behind by file managers; ignored, as hidden files are


def items_in(folder: Path) -> tuple[list[Item], list[str]]:
    """Every file in every label's folder, and a sentence on each one left out.

    Images are not decoded, and large files are not read. Raises ZooError for a folder with another layout, TooLarge for
    one with too many files or labels.
    """
    classes = [path for path in _entries(folder) if path.is_dir()]
    layout = f"expected {folder.name}/<label>/<image>, a folder of images for each label"
    if not classes:
        raise ZooError(f"{folder} contains no folders; {layout}.")
    if len(classes) > MAX_LABELS:
        raise TooLarge(f"{folder} has {len(classes):,} folders; at most {MAX_LABELS} labels are supported.")
    for path in classes:
        if path.name != path.name.encode(errors="replace").decode():  # an unpaired surrogate cannot be encoded
            raise ZooError(
                f"The name of the folder {path.name!a:.120} is not UTF-8; rename it, because it is used as the label."
            )
        if is_unshowable(path.name):
            raise ZooError(
                f"The name of the folder {path.name!a:.120} contains control characters; rename it, because it is "
                "used as the label."
            )
    left_out = [
        f"{path.name}: is not in a label's folder, so it has no label" for path in _entries(folder) if path.is_file()
    ]
    files = {path: [file for file in _entries(path) if file.is_file()] for path in classes}
    for path in classes:
        inner = [child.name for child in _entries(path) if child.is_dir()]
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
    """The item of an image file, or None and a sentence on the problem."""
    name = f"{file.parent.name}/{file.name}"
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            return None, f"{name}: is {size / 2**20:.0f} MB; at most {MAX_BYTES // 2**20} MB are read"
        return Item(file, label, name, hashlib.sha256(file.read_bytes()).hexdigest()), ""
    except OSError as error:
        return None, f"{name}: {error.strerror or error}"


def _entries(folder: Path) -> list[Path]:
    """The entries of a folder, sorted, without hidden files and clutter. Raises ZooError if it cannot be read."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise ZooError(f"Could not read the folder {folder}: {error.strerror or error}.") from error
    return [path for path in entries if not path.name.startswith(".") and path.name.lower() not in CLUTTER]
