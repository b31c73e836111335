"""Whether a model is what it says it is: every file's hash, and the golden answers on every engine and through every surface."""

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

ARRAYS = 1e-5  # by which the processor's arrays may differ, on another machine's arithmetic
PAGES = 10  # golden inputs that are shown to the page, which takes longest


class Server(Protocol):
    """A running server (`app/verify/local_server.py`): each address waits until what it is for is in."""

    address: str
    widgets: str


def verify(id: str, server: Server, zoo: surfaces.Command) -> Iterator[Check]:
    """The checks of one model, each as soon as it is done. zoo: runs the command line. Raises BadCheckpoint for a folder that is damaged at its head."""
    model = catalog.find(id)
    checkpoint = Checkpoint.open(model.path)
    files = _timed("files", lambda: _files(checkpoint))
    yield files
    if not files.holds:
        return
    for engine, device in engines():
        yield _timed(f"Python, {engine} on {device}", partial(_python, model, engine, device))
    yield _timed("command line", lambda: _surface(model, lambda *of: surfaces.command_line(*of, zoo)))
    yield _timed("page", lambda: _surface(model, surfaces.page, PAGES))
    yield _timed("REST", lambda: _surface(model, lambda *of: surfaces.rest(*of, server.address)))
    yield _timed("Gradio", lambda: _surface(model, lambda *of: surfaces.gradio(*of, server.widgets)))
    yield _timed("MCP", lambda: _surface(model, lambda *of: surfaces.mcp(*of, server.widgets)))


def engines() -> list[tuple[str, str]]:
    """The engines, each with a device of this machine."""
    devices = ["cpu"] if best_device() == "cpu" else ["cpu", best_device()]
    return [("onnx", "cpu"), *(("torch", device) for device in devices)]


def _timed(what: str, check: Callable[[], tuple[bool | None, str]]) -> Check:
    began = time.perf_counter()
    try:
        holds, found = check()
    except UnusableDevice as error:  # a driver without a card, say: the answers are right wherever they can be had
        holds, found = None, str(error)
    except ZooError as error:
        holds, found = False, str(error)
    return Check(what=what, holds=holds, found=found, seconds=round(time.perf_counter() - began, 2))


def _files(checkpoint: Checkpoint) -> tuple[bool, str]:
    checkpoint.check()
    return True, f"{len(checkpoint.config.files)} files, hashes right, weights finite"


def _surface(model: Model, ask: Callable[[Model, Sequence[Any]], list[dict]], most: int | None = None) -> tuple:
    """The golden answers through one surface."""
    checkpoint = Checkpoint.open(model.path)
    promised = golden.expected(checkpoint, model.id)
    raws = [item.raw for item in checkpoint.golden.inputs][:most]
    answers = ask(model, raws)
    if len(answers) != len(raws):
        raise golden.Mismatch(f"{len(answers)} answers to {len(raws)} golden inputs")
    pairs = enumerate(zip(promised, answers, strict=False))
    largest = max(compare_answer(number, wanted, got, checkpoint, model.task) for number, (wanted, got) in pairs)
    return True, _found(len(raws), len(promised), largest)


def _python(model: Model, engine: str, device: str) -> tuple[bool | None, str]:
    """The golden answers in this process, with all that lies between the input and the answer."""
    if find_spec("torch" if engine == "torch" else "onnxruntime") is None:
        return None, f"{engine} is not installed here: make train-tools"
    if engine == "torch" and model.config.net.name not in catalog.entries():
        return None, "its net is none of this zoo's, so it runs from model.onnx alone"
    predictor = models.load(model.id, device=device, engine=engine)  # type: ignore[arg-type]
    checkpoint = predictor.checkpoint
    largest = golden.check(predictor)
    for number, item in enumerate(checkpoint.golden.inputs):
        arrays = predictor.processor.process(predictor.read(item.raw))
        for name, array in arrays.items():
            off = golden.difference(array, item.arrays.get(name))
            if off > ARRAYS:
                raise golden.Mismatch(f"golden input {number}: array {name!r} differs by {off:.2g}")
        logits = predictor.engine.run({name: array[None] for name, array in arrays.items()})["logits"][0]
        off, tolerance = golden.difference(logits, item.logits), checkpoint.golden.tolerance
        if off > tolerance:
            raise golden.Mismatch(
                f"golden input {number}: logits differ by {off:.2g}; at most {tolerance:g} is allowed"
            )
        largest = max(largest, off)
    count = len(checkpoint.golden.inputs)
    return True, _found(count, count, largest)


def _found(asked: int, of: int, largest: float) -> str:
    return f"{asked if asked == of else f'{asked} of {of}'} golden answers, off by {largest:.2g} at most"
