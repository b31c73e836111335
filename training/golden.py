"""Makes `golden.json`: a few inputs with the outputs that every engine and interface must reproduce."""

from typing import Any

import numpy as np

from models import catalog
from models.calibration import log_softmax
from models.config import Golden, GoldenInput
from models.engines.onnx import open_graph
from models.processors.base import Processor
from models.processors.table import Table
from models.task import Task

TOLERANCE = 1e-3


def golden(task: Task, processor: Processor, onnx: bytes, temperature: float) -> Golden:
    """The task's examples with their arrays, and the logits, familiarity and probabilities from ONNX Runtime.

    onnx: the content of model.onnx. A user's own task has no examples, so those of a shipped task with the same kind of
    input are used; any input will do. Of fields, these are the typical values, and the first and the last of each.
    """
    session = open_graph(onnx)
    tasks = catalog.all_tasks().values()
    shipped = (other.examples for other in tasks if other.input == task.input and other.examples)
    inputs = []
    raws = [example.raw for example in task.examples or next(shipped, ())]
    if isinstance(processor, Table) and not task.examples:  # other tasks have other fields
        raws = [processor.typical(), processor.ends(0), processor.ends(-1)]
    for raw in raws:
        arrays = processor.process(processor.read(raw))
        batch = {name: array[None] for name, array in arrays.items()}
        logits, familiarity = session.run(["logits", "familiarity"], batch)
        inputs.append(
            GoldenInput(
                raw=raw,
                arrays={name: _to_lists(array) for name, array in arrays.items()},
                logits=logits[0].tolist(),
                familiarity=float(familiarity[0]),
                probabilities=np.exp(log_softmax(logits / temperature))[0].tolist(),
            )
        )
    return Golden(tolerance=TOLERANCE, inputs=inputs)


def _to_lists(array: np.ndarray) -> Any:
    """An array as nested lists; floats are rounded to six decimal places."""
    return (np.round(array.astype(np.float64), 6) if array.dtype.kind == "f" else array).tolist()
