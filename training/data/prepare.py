"""From a data set to arrays, through the model's own processor, which is the only way in.

Kept by content hash in ZOO_HOME/cache.
"""

import hashlib
import inspect
import io
import json
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from types import ModuleType
from typing import Any

import numpy as np

from models.errors import BadInput, ZooError
from models.paths import data_home, write_atomically
from models.processors.base import Processor
from training.data import dataset as find
from training.data.dataset import DEFAULT, SPLITS, Raw, Sources
from training.data.examples import Examples

CHUNK = 256  # inputs read at a time: as many pads are 80 MB


def prepare(
    name: str, split: str, processor: Processor, labels: tuple[str, ...], sources: Sources = DEFAULT
) -> Examples:
    """A split of data set `name` as `processor` makes it; what is of no class in `labels` gets the label -1."""
    dataset = find(name, sources)
    if split not in dataset.splits:
        raise ZooError(f"The data set {name!r} has no {split} split; it has: {', '.join(dataset.splits)}.")
    raw = dataset.read(split, sources)
    if dataset.cached:
        inputs, kept = _cached(f"{name}-{split}", raw, dataset.read, processor)
    else:
        inputs, kept = _process(raw, processor)
    index = np.array([labels.index(c) if c in labels else -1 for c in raw.classes] or [-1], np.int64)
    found = index[raw.labels if raw.labels is not None else np.zeros(len(raw.inputs), np.int64)]
    return Examples(inputs, found[kept], refused=int((~kept).sum()))


def processed(
    inputs: Sequence[Any], processor, size: int = CHUNK
) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
    """Some inputs at a time: the rows of those the processor takes, and its arrays for them."""
    for start in range(0, len(inputs), size):
        rows, canonical = [], []
        for row in range(start, min(start + size, len(inputs))):
            with suppress(BadInput):
                canonical.append(processor.read(inputs[row]))
                rows.append(row)
        try:
            arrays = processor.process_batch(canonical) if canonical else None
        except BadInput:  # one of them is blank: find out which
            fine = [_takes(processor, item) for item in canonical]
            rows = [row for row, good in zip(rows, fine, strict=True) if good]
            canonical = [item for item, good in zip(canonical, fine, strict=True) if good]
            arrays = processor.process_batch(canonical) if canonical else None
        if arrays is not None:
            yield np.array(rows), arrays


def raw_inputs(name: str, split: str, sources: Sources = DEFAULT) -> Sequence[Any]:
    """The inputs of a split as the data set gives them, for a processor that is fitted on them."""
    return find(name, sources).read(split, sources).inputs


def provenance(names: tuple[str, ...], sources: Sources = DEFAULT) -> list[dict[str, str]]:
    """Where training data comes from, for `config.json`: name, source, licence, SHA-256 of the files trained on."""
    read = [(dataset, dataset.read(SPLITS[0], sources)) for dataset in (find(name, sources) for name in names)]
    return [{"name": d.name, "source": d.address, "licence": d.licence, "sha256": raw.sha256} for d, raw in read]


def _cached(title: str, raw: Raw, read: Callable, processor) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The processor's arrays for the inputs it takes, and which it takes, bool (N,)."""
    path = data_home() / "cache" / f"{title}-{_key(title, raw, read, processor)}.npz"
    if path.exists():
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            return arrays, arrays.pop("kept")
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            path.unlink(missing_ok=True)  # a damaged cache is made again
    inputs, kept = _process(raw, processor)
    content = io.BytesIO()
    np.savez(content, kept=kept, **inputs)
    with suppress(ZooError):  # a full disk: without a cache the next run takes longer, that is all
        write_atomically(path, content.getvalue())
    return inputs, kept


def _process(raw: Raw, processor) -> tuple[dict[str, np.ndarray], np.ndarray]:
    kept = np.zeros(len(raw.inputs), bool)
    chunks = []
    for rows, arrays in processed(raw.inputs, processor):
        kept[rows] = True
        chunks.append(Examples(arrays, np.zeros(len(rows), np.int64)))
    if not chunks:
        raise ZooError("None of these inputs could be read; is this the right data set for this model?")
    return Examples.join(chunks).inputs, kept


def _takes(processor, item) -> bool:
    try:
        processor.process(item)
    except BadInput:
        return False
    return True


def _key(title: str, raw: Raw, read: Callable, processor) -> str:
    """Changes with the files read, the processor's state, and the code that reads and processes."""
    digest = hashlib.sha256(f"{title} {raw.sha256} {len(raw.inputs)} {json.dumps(processor.to_dict())}".encode())
    for module in _code(read, processor):
        digest.update(inspect.getsource(module).encode())
    return digest.hexdigest()[:16]


def _code(read: Callable, processor) -> list[ModuleType]:
    """The modules an input passes through.

    The data set's, the processor's, and those of `models.inputs` that this one needs.
    """
    of_processor = [kind.__module__ for kind in type(processor).__mro__ if kind.__module__.startswith("models.")]
    names, found = [read.__module__, *of_processor], {}
    while names:
        name = names.pop()
        if name not in found:
            found[name] = sys.modules[name]
            used = (
                getattr(value, "__module__", getattr(value, "__name__", "")) for value in vars(found[name]).values()
            )
            names += [other for other in used if str(other).startswith("models.inputs.")]
    return [found[name] for name in sorted(found)]
