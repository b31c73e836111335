"""The checks of `zoo verify`: every file's hash, and the expected answers on every engine and through every surface."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from typing import Any, Protocol

import models
from app.verify import surfaces
from app.verify.golden import compare_answer
from app.verify.records import Check
from models import catalog, golden
from models.catalog import Model
from models.checkpoint import Checkpoint
from models.errors import UnusableDevice, ZooError
from models.loading import best_device

ARRAY_TOLERANCE = 1e-5  # for the processor's arrays, which may differ with the machine's arithmetic
MAX_PAGES = 10  # golden inputs tried on the page, the slowest surface


class Server(Protocol):
    """A running server (`app/verify/local_server.py`); each address waits until it can be used."""

    address: str
    widgets: str


def verify(id: str, server: Server, zoo: surfaces.Command) -> Iterator[Check]:
    """Yield the checks of one model, each as soon as it is done. zoo: runs the command line.

    Raises BadCheckpoint for a folder whose config.json cannot be read.
    """
    model = catalog.find(id)
    checkpoint = Checkpoint.open(model.path)
    files = _timed("files", lambda: _files(checkpoint))
    yield files
    if not files.holds:
        return
    for engine, device in engines():
        yield _timed(f"Python, {engine} on {device}", partial(_python, model, engine, device))
    yield _timed("command line", lambda: _surface(model, lambda *of: surfaces.command_line(*of, zoo)))
    yield _timed("page", lambda: _surface(model, surfaces.page, MAX_PAGES))
    yield _timed("REST", lambda: _surface(model, lambda *of: surfaces.rest(*of, server.address)))
    yield _timed("Gradio", lambda: _surface(model, lambda *of: surfaces.gradio(*of, server.widgets)))
    yield _timed("MCP", lambda: _surface(model, lambda *of: surfaces.mcp(*of, server.widgets)))


def engines() -> list[tuple[str, str]]:
    """The pairs of engine and device to check on this machine."""
    devices = ["cpu"] if best_device() == "cpu" else ["cpu", best_device()]
    return [("onnx", "cpu"), *(("torch", device) for device in devices)]


def _timed(what: str, check: Callable[[], tuple[bool | None, str]]) -> Check:
    began = time.perf_counter()
    try:
        holds, detail = check()
    except UnusableDevice as error:  # such as a driver without a card: says nothing about the model
        holds, detail = None, str(error)
    except ZooError as error:
        holds, detail = False, str(error)
    return Check(what=what, holds=holds, detail=detail, seconds=round(time.perf_counter() - began, 2))


def _files(checkpoint: Checkpoint) -> tuple[bool, str]:
    checkpoint.check()
    return True, f"{len(checkpoint.config.files)} files; hashes match, weights are finite"


def _surface(model: Model, ask: Callable[[Model, Sequence[Any]], list[dict]], limit: int | None = None) -> tuple:
    """The expected answers through one surface."""
    checkpoint = Checkpoint.open(model.path)
    expected = golden.expected(checkpoint, model.id)
    raws = [item.raw for item in checkpoint.golden.inputs][:limit]
    answers = ask(model, raws)
    if len(answers) != len(raws):
        raise golden.Mismatch(f"{len(answers)} answers to {len(raws)} inputs of golden.json")
    pairs = enumerate(zip(expected, answers, strict=False))
    largest = max(compare_answer(number, wanted, got, checkpoint, model.task) for number, (wanted, got) in pairs)
    return True, _detail(len(raws), len(expected), largest)


def _python(model: Model, engine: str, device: str) -> tuple[bool | None, str]:
    """The expected answers in this process, with the arrays and logits in between."""
    if find_spec("torch" if engine == "torch" else "onnxruntime") is None:
        return None, f"{engine} is not installed; run make train-tools"
    if engine == "torch" and model.config.net.name not in catalog.entries():
        return None, "its net is not part of this Zoo, so it runs from model.onnx only"
    predictor = models.load(model.id, device=device, engine=engine)  # type: ignore[arg-type]
    checkpoint = predictor.checkpoint
    largest = 0.0
    for number, item in enumerate(checkpoint.golden.inputs):
        arrays = predictor.processor.process(predictor.read(item.raw))
        for name, array in arrays.items():
            off = golden.difference(array, item.arrays.get(name))
            if off > ARRAY_TOLERANCE:
                raise golden.Mismatch(f"input {number} of golden.json: array {name!r} differs by {off:.2g}")
        logits = predictor.engine.run({name: array[None] for name, array in arrays.items()})["logits"][0]
        off, tolerance = golden.difference(logits, item.logits), checkpoint.golden.tolerance
        if off > tolerance:
            raise golden.Mismatch(
                f"input {number} of golden.json: logits differ by {off:.2g}; at most {tolerance:g} is allowed"
            )
        largest = max(largest, off)
    largest = max(largest, golden.check(predictor))
    count = len(checkpoint.golden.inputs)
    return True, _detail(count, count, largest)


def _detail(asked: int, of: int, largest: float) -> str:
    return f"{asked if asked == of else f'{asked} of {of}'} expected answers, largest difference {largest:.2g}"
