"""How long one prediction takes on this machine.

It is measured by `zoo speed`, or by the server at a quiet moment, and stored in ZOO_HOME.
A time measured while other programs ran is replaced at a quiet moment. A time belongs to one version of a model's
graph: a model that is replaced is measured again. The input is the model's first golden input, and the time does not
include reading it, as on the task pages, where an input is read once for all models.
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
CALLS = 21  # whose median is stored
WARM_UP = 3  # calls before them
MAX_SECONDS = 2.0  # for the calls of one model; a slow one is called less often
QUIET = 0.5  # load average per core below which the machine counts as quiet
PAUSE = 30  # seconds between checks whether it is quiet
MAX_BYTES = 2**20


def known() -> dict[str, float]:
    """Milliseconds per prediction by model id, of the models measured on this machine."""
    times = _stored()
    return {model.id: times[_key(model)][0] for model in catalog.models() if _key(model) in times}


def measure(model: Model) -> float:
    """Measure and store the median milliseconds of a prediction of `model`. Raises ZooError."""
    predictor = models.load(model.id)
    raw = predictor.checkpoint.golden.inputs[0].raw
    for _ in range(WARM_UP):
        predictor.predict(predictor.read(raw))
    taken: list[float] = []
    began, quiet = time.perf_counter(), is_quiet()
    while len(taken) < CALLS and (not taken or time.perf_counter() - began < MAX_SECONDS):
        taken.append(predictor.predict(predictor.read(raw)).milliseconds)
    median = statistics.median(taken)
    current = {_key(other) for other in catalog.models()}
    times = {key: value for key, value in _stored().items() if key in current}  # drops removed models
    paths.write_atomically(paths.data_home() / FILE, json.dumps({**times, _key(model): [round(median, 3), quiet]}))
    return median


def measure_missing() -> None:
    """Measure the models without a time, one by one, whenever the machine is quiet.

    Returns once every model has one or failed.
    """
    failed: set[str] = set()
    while missing := [model for model in catalog.models() if model.id not in failed and not _is_settled(model)]:
        time.sleep(1 if is_quiet() else PAUSE)
        if is_quiet():
            try:
                measure(missing[0])
            except (ZooError, LookupError):
                failed.add(missing[0].id)  # damaged, or ZOO_HOME is not writable: the pages show no time


def is_quiet() -> bool:
    """Whether the machine is nearly idle; False where the system does not tell its load."""
    return hasattr(os, "getloadavg") and os.getloadavg()[0] / (os.cpu_count() or 1) < QUIET


def _key(model: Model) -> str:
    return f"{model.id} {model.config.files['model.onnx'][:12]} {best_device()}"


def _is_settled(model: Model) -> bool:
    return _stored().get(_key(model), (0.0, False))[1]


def _stored() -> dict[str, tuple[float, bool]]:
    """Milliseconds, and whether the machine was quiet, by key."""
    path = paths.data_home() / FILE
    try:
        values = json.loads(path.read_bytes()) if path.stat().st_size <= MAX_BYTES else {}
    except (OSError, ValueError):
        return {}  # nothing yet, or damaged: measure again
    if not isinstance(values, dict):
        return {}
    pairs = {key: value for key, value in values.items() if isinstance(value, list) and len(value) == 2}
    return {
        key: (float(ms), quiet is True) for key, (ms, quiet) in pairs.items() if isinstance(ms, int | float) and ms > 0
    }
