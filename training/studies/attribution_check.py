"""`python -m training attribution-check names-gru`: measures whether attributions are faithful.

From each test input, the 10, 20 and 30% of its parts (pixels of ink or garment, letters, words or fields; rounded up)
with the strongest attribution are removed; for comparison, as many parts at random, and as many in a simple baseline
order (the darkest ink, the last letters, the rarest words). Measured is the drop in the log-probability of the original
answer. Differences are paired, with 95% intervals. The result is recorded in `evaluation.json` under `studies`.
"""

from math import ceil, sqrt
from typing import Any

import numpy as np

import models
from models import catalog
from models.calibration import log_softmax
from models.evaluation import AttributionCheck, Removal
from models.predictor import Predictor
from training.data.dataset import DEFAULT, Sources
from training.data.prepare import raw_inputs
from training.evaluate import log_test, record_study
from training.studies.token_removal import baseline_name, baseline_order, removable, remove, unit_name

SHARES = (0.1, 0.2, 0.3)
MIN_PARTS = 4  # of an input: shorter ones have too few parts for the shares to differ
MAX_INPUTS = 2_000  # if the test set is larger, as many are drawn with seed 0
CHUNK = 64  # inputs processed at a time


def attribution_check(
    id: str, on: str | None = None, sources: Sources = DEFAULT, *, store: bool = True
) -> AttributionCheck:
    """Check the attributions of model `id` on the test split of data set `on` (default: the task's first).

    store: whether to record the result in the checkpoint. The run is logged as a test run.
    """
    predictor = models.load(id, engine="onnx")
    name = on or predictor.task.datasets[0]
    raws = raw_inputs(name, "test", sources)
    random = np.random.default_rng(0)
    rows = np.sort(random.permutation(len(raws))[:MAX_INPUTS])
    drops = [_drops(predictor, [raws[row] for row in rows[i : i + CHUNK]], random) for i in range(0, len(rows), CHUNK)]
    log_test(id, predictor.fingerprint, name, len(rows), None)
    result = AttributionCheck(
        dataset=name,
        unit=unit_name(predictor.processor),
        baseline=baseline_name(predictor.processor),
        n=sum(map(len, drops)),
        shares=_summary(np.concatenate(drops)),
    )
    if store:
        record_study(catalog.find(id).path, attribution_check=result)
    return result


def _drops(predictor: Predictor, raws: list[Any], random: np.random.Generator) -> np.ndarray:
    """Drops in the log-probability of the answer, (inputs, shares, 3): by attribution, at random, in baseline order."""
    processor = predictor.processor
    whole = [processor.process(predictor.read(raw)) for raw in raws]
    whole = [arrays for arrays in whole if len(removable(processor, arrays)) >= MIN_PARTS]
    if not whole:
        return np.empty((0, len(SHARES), 3))
    before = _scores(predictor, processor.collate(whole))
    answers = before.argmax(axis=1)
    reduced = []
    for arrays, answer, score in zip(whole, answers, before, strict=True):
        parts = removable(processor, arrays)
        without, spots = processor.occlusions(arrays)
        attribution = dict(
            zip(spots.tolist(), (score[answer] - _scores(predictor, without)[:, answer]).tolist(), strict=True)
        )
        orders = (
            sorted(parts.tolist(), key=lambda part: -attribution[part]),
            random.permutation(parts).tolist(),
            baseline_order(processor, arrays).tolist(),
        )
        reduced += [
            remove(processor, arrays, np.array(order[: ceil(share * len(parts))]))
            for share in SHARES
            for order in orders
        ]
    after = _scores(predictor, processor.collate(reduced)).reshape(len(whole), len(SHARES), 3, -1)
    rows = np.arange(len(whole))
    return before[rows, answers][:, None, None] - after[rows, :, :, answers]


def _scores(predictor: Predictor, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Calibrated log-probabilities, (N, L), of a batch."""
    return log_softmax(predictor.scores(arrays)[0] / predictor.config.temperature)


def _summary(drops: np.ndarray) -> list[Removal]:
    """For each share, the mean drops and the paired differences with 95% intervals."""
    shares = []
    for i, share in enumerate(SHARES):
        strongest, at_random, baseline = drops[:, i].T
        shares.append(
            Removal(
                share=share,
                strongest=float(strongest.mean()),
                random=float(at_random.mean()),
                baseline=float(baseline.mean()),
                over_random=_paired(strongest - at_random),
                over_baseline=_paired(strongest - baseline),
            )
        )
    return shares


def _paired(differences: np.ndarray) -> tuple[float, float, float]:
    """The mean difference and the bounds of its 95% interval."""
    mean, half = float(differences.mean()), 1.96 * float(differences.std(ddof=1)) / sqrt(len(differences))
    return mean, mean - half, mean + half
