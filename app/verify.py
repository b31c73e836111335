"""Whether a checkpoint is what it says: every file's hash, and the golden answers on every engine that is here."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

import models
from models import catalog
from models.checkpoint import Checkpoint
from models.errors import ZooError

ARRAYS = 1e-5  # by which the processor's arrays may differ, on another machine's arithmetic


@dataclass(frozen=True)
class Check:
    """What was checked, whether it holds (None: it could not be checked here), and in words what was found."""

    what: str
    holds: bool | None
    found: str


def verify(id: str) -> Iterator[Check]:
    """The checks of one model, each as soon as it is done."""
    model = catalog.find(id)
    try:
        checkpoint = Checkpoint.open(model.path)
        checkpoint.check()
    except ZooError as error:
        yield Check("files", False, str(error))
        return
    yield Check("files", True, f"{len(checkpoint.config.files)} files, hashes right, weights finite")
    for engine in ("onnx", "torch"):
        if find_spec("torch" if engine == "torch" else "onnxruntime") is None:
            yield Check(f"{engine} on cpu", None, f"{engine} is not installed here: make train-tools")
            continue
        try:
            yield _golden(id, engine)
        except ZooError as error:
            yield Check(f"{engine} on cpu", False, str(error))


def _golden(id: str, engine: str) -> Check:
    predictor = models.load(id, device="cpu", engine=engine)  # type: ignore[arg-type]
    golden = predictor.checkpoint.golden
    largest = 0.0
    for number, item in enumerate(golden["inputs"]):
        arrays = predictor.processor.process(predictor.read(item["raw"]))
        for name, array in arrays.items():
            moved = _difference(array, item["arrays"].get(name))
            if moved > ARRAYS:
                return Check(f"{engine} on cpu", False, f"golden input {number}: array {name!r} is off by {moved:.2g}")
        outputs = predictor.engine.run({name: array[None] for name, array in arrays.items()})
        given = predictor.predict(item["raw"]).probabilities
        pairs = {
            "logits": (outputs["logits"][0], item["logits"]),
            "familiarity": (outputs["familiarity"][0], item["familiarity"]),
            "probabilities": ([given[label] for label in predictor.task.labels], item["probabilities"]),
        }
        for name, (got, expected) in pairs.items():
            off = _difference(got, expected)
            if off > golden["tolerance"]:
                found = f"golden input {number}: {name} are off by {off:.2g}, more than {golden['tolerance']:g}"
                return Check(f"{engine} on cpu", False, found)
            largest = max(largest, off)
    if not golden["inputs"]:
        return Check(f"{engine} on cpu", False, "golden.json holds no inputs; train it again")
    return Check(f"{engine} on cpu", True, f"{len(golden['inputs'])} golden answers, off by {largest:.2g} at most")


def _difference(got: object, expected: object) -> float:
    try:
        a, b = np.asarray(got, np.float64), np.asarray(expected, np.float64)
    except (TypeError, ValueError):
        return float("inf")  # a golden array that is none
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return float("inf")
    return float(np.abs(a - b).max(initial=0))
