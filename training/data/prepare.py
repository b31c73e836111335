"""Turns data sets into arrays with the model's own processor, and caches them by content hash in ZOO_HOME/cache."""

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
from models.processors.ink import Ink
from training.data import dataset as find
from training.data.dataset import DEFAULT, SPLITS, Raw, Sources
from training.data.examples import Examples

FOR_NOTES = ("apart_limit",)  # settings of processors that do not change the arrays
CHUNK = 256  # inputs processed at a time; as many drawings take 80 MB


def prepare(
    name: str, split: str, processor: Processor, labels: tuple[str, ...], sources: Sources = DEFAULT
) -> Examples:
    """The processed examples of a split of data set `name`; classes that are not in `labels` get the label -1.

    Raises ZooError if the data set or split does not exist or is not available.
    """
    dataset, raw = find(name, sources), raw_split(name, split, sources)
    if dataset.cached:
        inputs, readable = _cached(f"{name}-{split}", raw, dataset.read, processor)
    else:
        inputs, readable = _process(raw, processor)
    index = np.array([labels.index(c) if c in labels else -1 for c in raw.classes] or [-1], np.int64)
    targets = index[raw.labels if raw.labels is not None else np.zeros(len(raw.inputs), np.int64)]
    return Examples(inputs, targets[readable], refused=int((~readable).sum()))


def processed(
    inputs: Sequence[Any], processor, size: int = CHUNK
) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
    """Process inputs in chunks of `size`; yields the indices of the readable ones in a chunk, and their arrays."""
    for start in range(0, len(inputs), size):
        rows, canonical = [], []
        for row in range(start, min(start + size, len(inputs))):
            with suppress(BadInput):
                canonical.append(processor.read(inputs[row]))
                rows.append(row)
        try:
            arrays = processor.process_batch(canonical) if canonical else None
        except BadInput:  # at least one is blank; find out which
            accepted = [_takes(processor, item) for item in canonical]
            rows = [row for row, ok in zip(rows, accepted, strict=True) if ok]
            canonical = [item for item, ok in zip(canonical, accepted, strict=True) if ok]
            arrays = processor.process_batch(canonical) if canonical else None
        if arrays is not None:
            yield np.array(rows), arrays


def raw_split(name: str, split: str, sources: Sources = DEFAULT) -> Raw:
    """The unprocessed inputs and labels of a split. Raises ZooError if it does not exist or is not available."""
    dataset = find(name, sources)
    if split not in dataset.splits:
        raise ZooError(f"The data set {name!r} has no {split} split; it has: {', '.join(dataset.splits)}.")
    return dataset.read(split, sources)


def raw_inputs(name: str, split: str, sources: Sources = DEFAULT) -> Sequence[Any]:
    """The unprocessed inputs of a split. Raises ZooError like `raw_split`."""
    return raw_split(name, split, sources).inputs


def provenance(names: tuple[str, ...], sources: Sources = DEFAULT) -> list[dict[str, str]]:
    """The origin of training data, for `config.json`: name, source, licence and SHA-256 of the files."""
    sets = [(dataset, dataset.read(SPLITS[0], sources)) for dataset in (find(name, sources) for name in names)]
    return [{"name": d.name, "source": d.address, "licence": d.licence, "sha256": raw.sha256} for d, raw in sets]


def _cached(title: str, raw: Raw, read: Callable, processor) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The arrays of the readable inputs, and which inputs are readable, bool (N,); cached."""
    path = data_home() / "cache" / f"{title}-{_key(title, raw, read, processor)}.npz"
    if path.exists():
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            return arrays, arrays.pop("readable")
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            path.unlink(missing_ok=True)  # recompute a damaged cache
    inputs, readable = _process(raw, processor)
    content = io.BytesIO()
    np.savez(content, readable=readable, **inputs)
    with suppress(ZooError):  # on a full disk; the next run just processes them again
        write_atomically(path, content.getvalue())
    return inputs, readable


def _process(raw: Raw, processor) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """As `_cached`, without the cache. Raises ZooError if no input is readable, unless they belong to no class."""
    readable = np.zeros(len(raw.inputs), bool)
    chunks = []
    for rows, arrays in processed(raw.inputs, processor):
        readable[rows] = True
        chunks.append(Examples(arrays, np.zeros(len(rows), np.int64)))
    if not chunks and raw.labels is None and isinstance(processor, Ink):
        return processor.process_batch([]), readable  # such as empty sheets, which should all be refused
    if not chunks:
        raise ZooError("None of these inputs could be read. Is this the right data set for this model?")
    return Examples.join(chunks).inputs, readable


def _takes(processor, item) -> bool:
    try:
        processor.process(item)
    except BadInput:
        return False
    return True


def _key(title: str, raw: Raw, read: Callable, processor) -> str:
    """A hash of the files' contents, the processor's state, and the code that reads and processes them."""
    state = {name: value for name, value in processor.to_dict().items() if name not in FOR_NOTES}
    digest = hashlib.sha256(f"{title} {raw.sha256} {len(raw.inputs)} {json.dumps(state)}".encode())
    for module in _code(read, processor):
        digest.update(inspect.getsource(module).encode())
    return digest.hexdigest()[:16]


def _code(read: Callable, processor) -> list[ModuleType]:
    """The modules that handle an input: those of the data set and processor, and the `models.inputs` they use."""
    of_processor = [kind.__module__ for kind in type(processor).__mro__ if kind.__module__.startswith("models.")]
    names, modules = [read.__module__, *of_processor], {}
    while names:
        name = names.pop()
        if name not in modules:
            modules[name] = sys.modules[name]
            used = (
                getattr(value, "__module__", getattr(value, "__name__", "")) for value in vars(modules[name]).values()
            )
            names += [other for other in used if str(other).startswith("models.inputs.")]
    return [modules[name] for name in sorted(modules)]
