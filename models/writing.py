"""Writing checkpoints: packed, sealed with the hashes of their files, and put in place so that no reader ever finds half of one."""

import hashlib
import json
import secrets
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from models import paths
from models.checkpoint import CARD, POINTER, Checkpoint, version
from models.config import Config, Figure
from models.errors import BadCheckpoint, ZooError


def pack(
    config: Config,
    *,
    processor: dict[str, Any],
    tensors: dict[str, np.ndarray],
    onnx: bytes,
    evaluation: dict[str, Any],
    golden: dict[str, Any],
    history: str,
    card: str,
    activations: bytes | None = None,
) -> dict[str, bytes]:
    """The files of a checkpoint by name; the config's `files` and `tensors` are filled in here."""
    from safetensors.numpy import save

    files = {
        "processor.json": _dump(processor),
        "model.safetensors": save({name: np.asarray(tensor, order="C") for name, tensor in tensors.items()}),
        "model.onnx": onnx,
        "evaluation.json": _dump(evaluation),
        "golden.json": _dump(golden, indent=None),
        "history.csv": history.encode(),
    }
    if activations is not None:
        files["activations.onnx"] = activations
    shapes = {name: (str(tensor.dtype), tuple(tensor.shape)) for name, tensor in tensors.items()}
    return {**_sealed(config.model_copy(update={"tensors": shapes}), files), CARD: card.encode()}


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Write a checkpoint into `folder` as plain files, config.json last: a reader sees the old one or the new one, or a hash that does not fit."""
    for name in sorted(files, key=lambda name: name == "config.json"):
        paths.write_atomically(folder / name, files[name])


def store(folder: Path, files: dict[str, bytes]) -> Path:
    """Write a checkpoint into ZOO_HOME: a new version folder inside `folder`, then its pointer, replaced in one step.

    There is no moment without a whole checkpoint; the version before stays for readers that have just opened it.
    """
    try:
        before = version(folder)
    except BadCheckpoint:
        before = None  # a damaged pointer is about to be replaced
    new = secrets.token_hex(6)
    try:
        write(folder / new, files)
        paths.write_atomically(folder / POINTER, new)
    except ZooError:
        shutil.rmtree(folder / new, ignore_errors=True)
        if before is None and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        raise
    for other in folder.iterdir():
        if other.is_dir() and other.name not in (new, before):
            shutil.rmtree(other, ignore_errors=True)
    return folder / new


def record(folder: Path, evaluation: dict[str, Any], figures: dict[str, Figure], card: str | None = None) -> None:
    """Replace a checkpoint's evaluation, its headline figures and (if given) its card, with the hash in config.json renewed in one step."""
    checkpoint = Checkpoint.open(folder)
    files = {name: checkpoint.read(name) for name in checkpoint.config.files} | {"evaluation.json": _dump(evaluation)}
    sealed = _sealed(checkpoint.config.model_copy(update={"figures": figures}), files)
    sealed[CARD] = (card if card is not None else checkpoint.card).encode()
    (store if (folder / POINTER).is_file() else write)(folder, sealed)


def attach(folder: Path, name: str, data: bytes) -> None:
    """Add the optional file `name` to a checkpoint, or replace it; all else stays as it is but the hashes in config.json."""
    checkpoint = Checkpoint.open(folder)
    files = {other: checkpoint.read(other) for other in checkpoint.config.files} | {name: data}
    sealed = _sealed(checkpoint.config, files) | {CARD: checkpoint.card.encode()}
    (store if (folder / POINTER).is_file() else write)(folder, sealed)


def _sealed(config: Config, files: dict[str, bytes]) -> dict[str, bytes]:
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    text = config.model_copy(update={"files": hashes}).model_dump_json(indent=1)
    Config.model_validate_json(text)
    return {**files, "config.json": text.encode()}


def _dump(values: dict[str, Any], indent: int | None = 1) -> bytes:
    return json.dumps(values, indent=indent, ensure_ascii=False, allow_nan=False).encode()
