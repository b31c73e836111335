"""Examples in a folder with one folder of images per label: `drawings/ash/3.png` is an example of `ash`."""

import hashlib
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from models.clutter import is_clutter
from models.config import is_unshowable
from models.errors import TooLarge, ZooError
from models.inputs.picture import MAX_FILE_BYTES
from training.custom.item import Item

MAX_IMAGES = 20_000
MAX_LABELS = 500
SPLITS = {"train", "training", "val", "valid", "validation", "dev", "test", "testing", "eval"}  # parts of a data set


def items_in(folder: Path) -> tuple[list[Item], list[str]]:
    """Every file in every label's folder, and a sentence on each one left out.

    Images are not decoded, and large files are not read. Raises ZooError for a folder with another layout, TooLarge for
    one with too many files or labels.
    """
    left_out: list[str] = []
    classes = []
    for path in _entries(folder):
        problem = _folder_problem(path, folder)
        if problem:
            left_out.append(f"{path.name}: {problem}")
        else:
            classes.append(path)
    _check_classes(folder, classes)
    files: dict[Path, list[Path]] = {}
    for path in classes:
        files[path] = []
        inner = []
        for entry in _entries(path):
            if entry.is_dir():
                inner.append(entry)
            elif entry.is_file():
                files[path].append(entry)
            else:
                left_out.append(f"{path.name}/{entry.name}: {_not_a_file(entry)}")
        _check_depth(folder, path, inner, files[path])
        left_out += [f"{path.name}/{entry.name}: a folder inside a label's folder" for entry in inner]
        if not files[path] and not inner:
            left_out.append(f"{path.name}: contains no images, so there is no such label")
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


def _folder_problem(path: Path, folder: Path) -> str:
    """Why an entry of the folder is no label's folder; "" if it is."""
    try:
        if path.is_file():
            return "is not in a label's folder, so it has no label"
        if not path.is_dir():
            return _not_a_file(path)
        if path.is_symlink() and folder.resolve().is_relative_to(path.resolve()):
            return "is a link to this folder or one above it"
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    return ""


def _not_a_file(path: Path) -> str:
    """What an entry is that is neither a file nor a folder, as far as can be said."""
    if path.is_symlink():
        return f"is a link to {str(path.readlink())!r:.80}, where there is nothing"
    return "is not a file but a pipe, socket or device"


def _layout(folder: Path) -> str:
    return f"expected {folder.name}/<label>/<image>, a folder of images for each label"


def _check_classes(folder: Path, classes: Sequence[Path]) -> None:
    """Raise ZooError if there are no folders of labels or too many, or if a name cannot be a label."""
    if not classes:
        raise ZooError(f"{folder} contains no folders; {_layout(folder)}.")
    if len(classes) > MAX_LABELS:
        raise TooLarge(f"{folder} has {len(classes):,} folders; at most {MAX_LABELS} labels are supported.")
    parts = [path for path in classes if path.name.strip().casefold() in SPLITS]
    if parts == classes:
        names = ", ".join(path.name for path in parts)
        train = next((path for path in parts if path.name.strip().casefold().startswith("train")), parts[0])
        raise ZooError(
            f"{folder.name} is divided into {names}, which are parts of a data set, not labels; point --examples at "
            f"{train}. The Zoo holds out its own part for testing."
        )
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


def _check_depth(folder: Path, path: Path, inner: Sequence[Path], files: Sequence[Path]) -> None:
    """Raise ZooError if a label's folder contains folders and no files: the labels are one level further down."""
    if inner and not files:
        raise ZooError(
            f"{folder.name}/{path.name} contains folders ({', '.join(entry.name for entry in inner[:3])}), not images; "
            f"{_layout(folder)}. Did you mean {folder.name}/{path.name}?"
        )


def _item(file: Path, label: str) -> tuple[Item | None, str]:
    """The item of an image file, or None and a sentence on the problem."""
    name = f"{file.parent.name}/{file.name}"
    try:
        size = file.stat().st_size
        if size > MAX_FILE_BYTES:
            return None, f"{name}: is {size / 2**20:.0f} MB; at most {MAX_FILE_BYTES // 2**20} MB are read"
        return Item(file, label, name, hashlib.sha256(file.read_bytes()).hexdigest()), ""
    except OSError as error:
        return None, f"{name}: {error.strerror or error}"


def _entries(folder: Path) -> list[Path]:
    """The entries of a folder, sorted, without hidden files and clutter. Raises ZooError if it cannot be read."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise ZooError(f"Could not read the folder {folder}: {error.strerror or error}.") from error
    return [path for path in entries if not is_clutter(path.name)]
