"""`golden.json`: a few inputs with the answers they must give, on every engine and surface."""

from typing import Any

import numpy as np

from models import catalog
from models.engines.onnx import open_graph
from models.task import Task
from training.metrics import log_softmax


def golden(task: Task, processor, onnx: bytes, temperature: float) -> dict[str, Any]:
    """The task's examples, as raw inputs and processed arrays, with logits, familiarity and probabilities by ONNX Runtime.

    A task of one's own has none; then they are those of a task of ours with the same kind of input: any input serves.
    """
    session = open_graph(onnx)
    inputs = []
    ours = (other.examples for other in catalog.all_tasks().values() if other.input == task.input and other.examples)
    for example in task.examples or next(ours, ()):
        arrays = processor.process(processor.read(example.raw))
        logits, familiarity = session.run(["logits", "familiarity"], {name: a[None] for name, a in arrays.items()})
        inputs.append(
            {
                "raw": example.raw,
                "arrays": {name: _plain(array) for name, array in arrays.items()},
                "logits": logits[0].tolist(),
                "familiarity": float(familiarity[0]),
                "probabilities": np.exp(log_softmax(logits / temperature))[0].tolist(),
            }
        )
    return {"tolerance": 1e-3, "inputs": inputs}


def _plain(array: np.ndarray) -> Any:
    """As JSON holds it: whole numbers as they are, others to six places."""
    return (np.round(array.astype(np.float64), 6) if array.dtype.kind == "f" else array).tolist()
