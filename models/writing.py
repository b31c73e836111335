"""Writes checkpoints: packs the files, adds their hashes, stores them so that no reader sees a partial checkpoint."""

import glob
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from models import paths, store
from models.checkpoint import CARD, FORMAT, Checkpoint
from models.config import Config, Figure, Golden
from models.errors import BadCheckpoint, ZooError
from models.evaluation import Evaluation

VERSIONS = "[0-9a-f]{12}"  # names of the folders that `write_version` makes


def pack(
    config: Config,
    *,
    processor: dict[str, Any],
    tensors: dict[str, np.ndarray],
    onnx: bytes,
    evaluation: Evaluation,
    golden: Golden,
    history: str,
    card: str,
    optional: Mapping[str, bytes | None] = {},
) -> dict[str, bytes]:
    """The files of a checkpoint by name. The config's `files` and `tensors` are filled in here.

    optional: those of `models.checkpoint.OPTIONAL` that there are, by name; None is left out.
    """
    from safetensors.numpy import save  # only needed for writing

    files = {
        "processor.json": _dump(processor),
        "model.safetensors": save({name: np.asarray(tensor, order="C") for name, tensor in tensors.items()}),
        "model.onnx": onnx,
        "evaluation.json": evaluation.to_json().encode(),
        "golden.json": _dump(golden.model_dump(), indent=None),
        "history.csv": history.encode(),
    }
    files |= {name: data for name, data in optional.items() if data is not None}
    shapes = {name: (str(tensor.dtype), tuple(tensor.shape)) for name, tensor in tensors.items()}
    return {**_with_config(config.model_copy(update={"tensors": shapes}), files), CARD: card.encode()}


def contents(checkpoint: Checkpoint) -> dict[str, bytes]:
    """The files of a checkpoint by name, each checked, converted to the current format if necessary."""
    files = {name: checkpoint.read(name) for name in checkpoint.config.files}
    if checkpoint.version == FORMAT:
        files["config.json"] = (checkpoint.path / "config.json").read_bytes()
    else:
        files["evaluation.json"] = checkpoint.evaluation.to_json().encode()
        files = _with_config(checkpoint.config, files)
    return {**files, CARD: checkpoint.card.encode()}


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Write a checkpoint into `folder` as plain files.

    While files are replaced, a pointer leads to a complete copy, so that a process that is killed leaves the old
    checkpoint or the new one. Raises ZooError if they cannot be written; the old checkpoint is then unchanged.
    """
    if not (folder / "config.json").exists() and not store.has_pointer(folder):
        return _write(folder, files)
    write_version(folder, files)
    try:
        _write(folder, files)
        store.remove_pointer(folder)
    except ZooError:
        return  # the copy is complete and stays current
    store.prune(folder, (), VERSIONS)


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for name in sorted(files, key=lambda name: name == "config.json"):  # last, because it makes the folder a checkpoint
        paths.remove_temporary_files(folder / name)
        paths.write_atomically(folder / name, files[name])


def write_version(folder: Path, files: dict[str, bytes]) -> Path:
    """Write a checkpoint as a new version in `folder`, then point to it atomically. Returns the version's folder.

    A complete checkpoint is available at any time, also if the process is killed. The previous version is kept for
    readers that have just opened it. One process at a time may write in a folder.
    """
    for left in folder.parent.glob(f".new-{glob.escape(folder.name)}.*"):
        shutil.rmtree(left, ignore_errors=True)  # of a process that was killed
    try:
        previous = store.current(folder)
    except BadCheckpoint:
        previous = None  # a damaged pointer is about to be replaced
    new = secrets.token_hex(6)
    # A new folder gets its name when it is complete: the catalog would list a partial one as damaged.
    target = folder if folder.exists() else folder.with_name(f".new-{folder.name}.{new}")
    try:
        _write(target / new, files)
        store.point(target, new)
        if target != folder:
            os.replace(target, folder)
    except (ZooError, OSError) as error:
        shutil.rmtree(target / new if target == folder else target, ignore_errors=True)
        if isinstance(error, ZooError):
            raise
        raise ZooError(f"Could not write {folder}: {error.strerror or error}. {paths.remedy(error)}.") from error
    store.prune(folder, {new, previous or new}, VERSIONS)
    paths.remove_temporary_files(folder / store.POINTER)
    return folder / new


def retitle(folder: Path, config: Config, card: str) -> None:
    """Replace the texts in a checkpoint's config (task, title, description) and its card.

    Everything else is unchanged, except that it is converted to the current format.
    """
    files = {
        name: data for name, data in contents(Checkpoint.open(folder)).items() if name not in ("config.json", CARD)
    }
    _replace(folder, _with_config(config, files) | {CARD: card.encode()})


def record(
    folder: Path,
    evaluation: Evaluation,
    figures: dict[str, Figure],
    card: str | None = None,
    measured_on: str | None = None,
) -> None:
    """Replace a checkpoint's evaluation, headline figures and, if given, card; update the hashes in config.json.

    measured_on: the fingerprint of the weights that the figures belong to. Raises ZooError if the folder has others by
    now.
    """
    checkpoint = Checkpoint.open(folder)
    if measured_on is not None and checkpoint.fingerprint != measured_on:
        raise ZooError(f"{checkpoint.config.slug} was replaced while it was tested; its figures were not recorded.")
    files = {name: checkpoint.read(name) for name in checkpoint.config.files}
    files["evaluation.json"] = evaluation.to_json().encode()
    sealed = _with_config(checkpoint.config.model_copy(update={"figures": figures}), files)
    sealed[CARD] = (card if card is not None else checkpoint.card).encode()
    _replace(folder, sealed)


def attach(folder: Path, name: str, data: bytes) -> None:
    """Add or replace the optional file `name` of a checkpoint; otherwise only the hashes in config.json change."""
    checkpoint = Checkpoint.open(folder)
    files = {other: data for other, data in contents(checkpoint).items() if other not in ("config.json", CARD)}
    _replace(folder, _with_config(checkpoint.config, files | {name: data}) | {CARD: checkpoint.card.encode()})


def _replace(folder: Path, files: dict[str, bytes]) -> None:
    is_plain = (folder / "config.json").exists()  # even if a killed `write` left a pointer beside it
    (write if is_plain else write_version)(folder, files)


def _with_config(config: Config, files: dict[str, bytes]) -> dict[str, bytes]:
    """The files together with a config.json that contains their hashes."""
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    text = config.model_copy(update={"files": hashes}).model_dump_json(indent=1)
    Config.model_validate_json(text)
    return {**files, "config.json": text.encode()}


def _dump(values: dict[str, Any], indent: int | None = 1) -> bytes:
    return json.dumps(values, indent=indent, ensure_ascii=False, allow_nan=False).encode()
