"""Measures the time of one prediction: `python benchmarks/inference.py [SLUG]`.

Prints medians and the important ratios, all from one run: `predict` of a 28x28 digit to the bare engine call, `predict`
of a 280 px drawing to that of the digit and, if torch is installed, `predict` of the digit to the same net in eager
torch.
"""

import os
import sys
import time
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the server: BLAS threads cost more time than they save here

import numpy as np
from PIL import Image

from models import load
from models.inputs import ink
from models.tasks.digits import DRAWINGS

ROUNDS = 2000


def medians(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Median milliseconds of each call, alternating, so that other load affects all equally."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(ROUNDS + 50):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            if turn >= 50:  # the first ones warm up
                times[name].append(time.perf_counter() - start)
    return {name: float(np.median(values)) * 1000 for name, values in times.items()}


def main(slug: str = "mnist-cnn") -> None:
    predictor = load(slug, device="cpu", engine="onnx")
    drawing = np.round(255 * (1 - ink.read(DRAWINGS["three"]).ink)).astype(np.uint8)
    small = np.asarray(Image.fromarray(drawing).resize((28, 28), Image.Resampling.BOX))
    arrays = {name: array[None] for name, array in predictor.processor.process(predictor.read(small)).items()}
    calls = {
        "the bare engine call": lambda: predictor.engine.run(arrays),
        "predict, a 28x28 digit": lambda: predictor.predict(small),
        "predict, a 280 px drawing": lambda: predictor.predict(drawing),
        "predict, strokes": lambda: predictor.predict(DRAWINGS["three"]),
    }
    try:
        import torch
    except ImportError:
        print("torch is not installed, so there is no comparison with eager torch.")
    else:
        torch.set_num_threads(1)
        eager = load(slug, device="cpu", engine="torch")
        calls["the same net in eager torch"] = lambda: eager.engine.run(arrays)
    result = medians(calls)
    print(f"{slug}: median of {ROUNDS} calls, milliseconds")
    for name, value in result.items():
        print(f"  {name:32} {value:8.3f}")
    bare, digit = result["the bare engine call"], result["predict, a 28x28 digit"]
    print(f"  predict / the bare call          {digit / bare:8.2f}  (at most 5)")
    print(f"  a 280 px drawing / a digit       {result['predict, a 280 px drawing'] / digit:8.2f}  (at most 4)")
    if "the same net in eager torch" in result:
        print(f"  predict / eager torch            {digit / result['the same net in eager torch']:8.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
