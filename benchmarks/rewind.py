"""Measures the answers at all moments of a training: `python benchmarks/rewind.py [SLUG]`.

Prints the median and the slowest time of `Predictor.rewind` for drawn digits, from strokes to probabilities, without
and with the evidence at every moment, next to one `predict`. Fails if all moments take 50 ms or more at the median.
"""

import os
import sys
import time
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the server: BLAS threads cost more time than they save here

import numpy as np

from models import load
from models.predictor import Predictor

ROUNDS = 100
LIMIT = 50.0  # milliseconds


def milliseconds(predictor: Predictor, call: Callable[[object], object], rounds: int) -> np.ndarray:
    """The time of each call, over the examples of the task in turn; the first calls warm up."""
    examples = [example.raw for example in predictor.task.examples]
    times = []
    for turn in range(rounds + 5):
        start = time.perf_counter()
        call(examples[turn % len(examples)])
        times.append(1000 * (time.perf_counter() - start))
    return np.array(times[5:])


def main(slug: str = "mnist-cnn") -> None:
    predictor = load(slug, device="cpu", engine="onnx")
    start = time.perf_counter()
    moments = len(predictor.rewind(predictor.task.examples[0].raw).moments)
    print(f"{slug}: {moments} moments, the first time {1000 * (time.perf_counter() - start):.1f} ms")
    rewound = milliseconds(predictor, predictor.rewind, ROUNDS)
    calls = {
        "predict": milliseconds(predictor, predictor.predict, ROUNDS),
        "rewind": rewound,
        "rewind with evidence": milliseconds(predictor, lambda raw: predictor.rewind(raw, evidence=True), 10),
    }
    for name, times in calls.items():
        print(f"  {name:22} {np.median(times):8.2f} ms  (slowest of {len(times)}: {times.max():.2f})")
    if np.median(rewound) >= LIMIT:
        raise SystemExit(f"All moments take {np.median(rewound):.1f} ms, which is not below {LIMIT:.0f} ms.")


if __name__ == "__main__":
    main(*sys.argv[1:])
