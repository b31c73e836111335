"""`python -m training attribution-check names-gru`: does an answer depend on the parts with the strongest attribution?

Over a test part, for each input: the strongest 10, 20 and 30% of its parts (inked pixels, letters; rounded up) go, then
as many drawn at random, then as many by an obvious stand-in (the darkest ink, the last letters, the rarest words). The
fall is that of the answer's log-probability. Differences are paired, with their 95% interval. What was found stands in
`evaluation.json` under `studies`.
"""

from math import ceil, sqrt
from typing import Any

import numpy as np

import models
from models import catalog
from models.calibration import log_softmax
from models.evaluation import AttributionCheck, Removal
from models.predictor import Predictor
from models.processors.tokens import TextProcessor
from training.data.dataset import DEFAULT, Sources
from training.data.prepare import raw_inputs
from training.evaluate import log_test, record_study
from training.studies.token_removal import baseline_name, baseline_order, removable, remove

SHARES = (0.1, 0.2, 0.3)
FEWEST = 4  # parts an input must have: of two letters every third is nothing
LIMIT = 2_000  # inputs, drawn by seed 0 where there are more
CHUNK = 64  # inputs at a time


def attribution_check(
    id: str, on: str | None = None, sources: Sources = DEFAULT, *, keep: bool = True
) -> AttributionCheck:
    """The falls on data set `on` (the task's own test set unless said); recorded in the checkpoint where `keep`."""
    predictor = models.load(id, engine="onnx")
    name = on or predictor.task.datasets[0]
    raws = raw_inputs(name, "test", sources)
    random = np.random.default_rng(0)
    rows = np.sort(random.permutation(len(raws))[:LIMIT])
    falls = [_falls(predictor, [raws[row] for row in rows[i : i + CHUNK]], random) for i in range(0, len(rows), CHUNK)]
    log_test(id, predictor.fingerprint, name, len(rows), None)
    text = isinstance(predictor.processor, TextProcessor)
    result = AttributionCheck(
        dataset=name,
        unit=predictor.processor.noun if text else None,
        baseline=baseline_name(predictor.processor) if text else None,
        n=sum(map(len, falls)),
        shares=_summary(np.concatenate(falls)),
    )
    if keep:
        record_study(catalog.find(id).path, attribution_check=result)
    return result


def _falls(predictor: Predictor, raws: list[Any], random: np.random.Generator) -> np.ndarray:
    """How far the answer's log-probability falls: (inputs, shares, 3), by the strongest, at random, by the stand-in."""
    processor = predictor.processor
    whole = [processor.process(predictor.read(raw)) for raw in raws]
    whole = [arrays for arrays in whole if len(removable(processor, arrays)) >= FEWEST]
    if not whole:
        return np.empty((0, len(SHARES), 3))
    before = _scores(predictor, processor.collate(whole))
    answers = before.argmax(axis=1)
    taken = []
    for arrays, answer, score in zip(whole, answers, before, strict=True):
        parts = removable(processor, arrays)
        without, spots = processor.occlusions(arrays)
        spoke = dict(
            zip(spots.tolist(), (score[answer] - _scores(predictor, without)[:, answer]).tolist(), strict=True)
        )
        orders = (
            sorted(parts.tolist(), key=lambda part: -spoke[part]),
            random.permutation(parts).tolist(),
            baseline_order(processor, arrays).tolist(),
        )
        taken += [
            remove(processor, arrays, np.array(order[: ceil(share * len(parts))]))
            for share in SHARES
            for order in orders
        ]
    after = _scores(predictor, processor.collate(taken)).reshape(len(whole), len(SHARES), 3, -1)
    rows = np.arange(len(whole))
    return before[rows, answers][:, None, None] - after[rows, :, :, answers]


def _scores(predictor: Predictor, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Calibrated log-probabilities (N, L)."""
    return log_softmax(predictor.scores(arrays)[0] / predictor.config.temperature)


def _summary(falls: np.ndarray) -> list[Removal]:
    """For each share the mean falls and the paired differences with their 95% intervals."""
    shares = []
    for i, share in enumerate(SHARES):
        strongest, at_random, baseline = falls[:, i].T
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
    """Mean difference and the ends of its 95% interval."""
    mean, half = float(differences.mean()), 1.96 * float(differences.std(ddof=1)) / sqrt(len(differences))
    return mean, mean - half, mean + half
