"""How long one answer takes on this machine: measured here, by `zoo speed` or by the server at a quiet moment, and kept in ZOO_HOME.

What was measured while something else ran is kept until a quiet moment comes. A figure belongs to the model's graph: a model that is replaced is measured anew. The input is the first of the model's golden ones,
and the clock runs from when it has been read to the answer, as on the task pages, where one input is read once for all models.
"""

import json
import os
import statistics
import time

import models
from models import catalog, paths
from models.catalog import Model
from models.errors import ZooError
from models.loading import best_device

FILE = "speeds.json"
CALLS = 21  # the median of these is kept
WARM = 3  # calls before them
LONGEST = 2.0  # seconds that the calls of one model may take together; a slow one is called less often
QUIET = 0.5  # of the load average per core: below it nobody else is at work
PAUSE = 30  # seconds until the next look whether it is quiet
MAX_BYTES = 2**20


def known() -> dict[str, float]:
    """Model id -> milliseconds an answer, of those that were measured here."""
    kept = _kept()
    return {model.id: kept[_key(model)][0] for model in catalog.models() if _key(model) in kept}


def measure(model: Model) -> float:
    """Milliseconds an answer of `model` takes here, in the median; kept for `known`. Raises ZooError."""
    predictor = models.load(model.id)
    raw = predictor.checkpoint.golden.inputs[0].raw
    for _ in range(WARM):
        predictor.predict(predictor.read(raw))
    taken: list[float] = []
    began, quiet = time.perf_counter(), is_quiet()
    while len(taken) < CALLS and (not taken or time.perf_counter() - began < LONGEST):
        taken.append(predictor.predict(predictor.read(raw)).milliseconds)
    median = statistics.median(taken)
    here = {_key(one) for one in catalog.models()}
    kept = {key: value for key, value in _kept().items() if key in here}  # what is gone goes
    paths.write_atomically(paths.data_home() / FILE, json.dumps({**kept, _key(model): [round(median, 3), quiet]}))
    return median


def measure_missing() -> None:
    """Measure what was not measured yet, one model at a time, whenever the machine is quiet; returns when all are known or none can be kept."""
    failed: set[str] = set()
    while missing := [model for model in catalog.models() if model.id not in failed and not _is_settled(model)]:
        time.sleep(1 if is_quiet() else PAUSE)
        if is_quiet():
            try:
                measure(missing[0])
            except (ZooError, LookupError):
                failed.add(
                    missing[0].id
                )  # damaged, or a ZOO_HOME that cannot be written: pages say that it is not known


def is_quiet() -> bool:
    """Whether nothing much runs on this machine; never where the system does not say."""
    return hasattr(os, "getloadavg") and os.getloadavg()[0] / (os.cpu_count() or 1) < QUIET


def _key(model: Model) -> str:
    return f"{model.id} {model.config.files['model.onnx'][:12]} {best_device()}"


def _is_settled(model: Model) -> bool:
    return _kept().get(_key(model), (0.0, False))[1]


def _kept() -> dict[str, tuple[float, bool]]:
    """Key -> milliseconds, and whether it was quiet."""
    path = paths.data_home() / FILE
    try:
        values = json.loads(path.read_bytes()) if path.stat().st_size <= MAX_BYTES else {}
    except (OSError, ValueError):
        return {}  # nothing yet, or damaged: it is measured anew
    if not isinstance(values, dict):
        return {}
    pairs = {key: value for key, value in values.items() if isinstance(value, list) and len(value) == 2}
    return {
        key: (float(ms), quiet is True) for key, (ms, quiet) in pairs.items() if isinstance(ms, int | float) and ms > 0
    }
