"""`models.load`: from a model's id or folder to a predictor, once however many ask, within a budget of memory."""

import platform
import shutil
import threading
from collections import OrderedDict
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from models import catalog
from models.checkpoint import Checkpoint, stamp
from models.errors import UnusableDevice, ZooError
from models.huggingface import cache, names
from models.predictor import Predictor

BUDGET = 1024 * 2**20  # bytes of weight files kept loaded; the least recently used go first

_lock = threading.Lock()
_loaded: "OrderedDict[tuple[Any, ...], _Slot]" = OrderedDict()


class _Slot:
    """A place for one predictor; its lock is held while it loads, so that others wait instead of loading again."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.predictor: Predictor | None = None
        self.size = 0


def load(id: str | Path, device: str | None = None, engine: Literal["onnx", "torch"] | None = None) -> Predictor:
    """The predictor of a model: an id (`"mnist-cnn"`), a folder as a `Path`, or `"user/name@revision"` on the Hub.

    What comes from the Hub is fetched once; then that revision is what it was, and the network is not needed.
    device: "cpu", "cuda", "mps", or None for the best there is. engine: "onnx" (needs no torch, CPU) or "torch"; None
        chooses onnx on a CPU. May be called from many threads. Raises UnknownModel, BadCheckpoint, HubError, or
        ZooError for a device that is not there.
    """
    if isinstance(id, Path):
        folder, name = id, None
    elif "/" in id:
        folder, name = _pulled(id), id.partition("@")[0]
    else:
        folder, name = catalog.find(id).path, id
    chosen_engine, chosen_device = _choice(engine, device)
    try:
        return _kept(folder, name, chosen_engine, chosen_device)
    except UnusableDevice:
        if device is not None or engine is not None:
            raise
        return _kept(folder, name, "onnx", "cpu")  # a driver without a card, or a torch built without it


def _pulled(id: str) -> Path:
    """The folder of a model of the Hub, which is asked only for what was never pulled."""
    name = names.parse(id)
    found = cache.find(name)
    if found is None:
        # Only for a model that was never pulled.
        from models.huggingface.pull import pull

        found = pull(id, use=False).folder
    return found


def _kept(folder: Path, name: str | None, engine: str, device: str) -> Predictor:
    """The predictor from those loaded, or loaded now; others who ask for it meanwhile wait for it."""
    key = (folder, name, engine, device, stamp(folder))
    with _lock:
        slot = _loaded.setdefault(key, _Slot())
        _loaded.move_to_end(key)
    with slot.lock:
        if slot.predictor is None:
            try:
                slot.predictor = _predictor(folder, name, engine, device)
            except BaseException:
                with _lock:
                    _loaded.pop(key, None)
                raise
            weights = "model.onnx" if engine == "onnx" else "model.safetensors"
            slot.size = (slot.predictor.checkpoint.path / weights).stat().st_size
            _forget_older(key)
            _keep_within_budget()
        return slot.predictor


def best_device() -> str:
    """The best device: "cuda" or "mps" if there is such hardware and torch is installed (it is not imported), otherwise "cpu"."""
    if find_spec("torch") is not None:
        if Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi"):
            return "cuda"
        if platform.system() == "Darwin" and platform.machine() == "arm64":
            return "mps"
    return "cpu"


def choices() -> list[tuple[str, str]]:
    """Every (engine, device) that answers can be computed by here, the usual one first."""
    found = [_choice(None, None), ("onnx", "cpu")]
    if find_spec("torch") is not None:
        found.append(("torch", "cpu"))
    return list(dict.fromkeys(found))  # type: ignore[arg-type]


def _choice(engine: str | None, device: str | None) -> tuple[str, str]:
    if engine not in (None, "onnx", "torch"):
        raise ZooError(f"The engine {engine!r:.40} is unknown; expected onnx or torch.")
    if device not in (None, "cpu", "cuda", "mps"):
        raise ZooError(f"The device {device!r:.40} is unknown; expected cpu, cuda or mps.")
    if engine == "onnx" and device not in (None, "cpu"):
        raise ZooError(f"The onnx engine runs on the CPU; for {device} choose the torch engine.")
    if engine == "onnx":
        return "onnx", "cpu"
    device = device or best_device()
    return engine or ("onnx" if device == "cpu" else "torch"), device


def _predictor(folder: Path, name: str | None, engine: str, device: str) -> Predictor:
    checkpoint = Checkpoint.open(folder)
    # also for the onnx engine: NaN, missing or foreign weights are refused before anything is answered
    checkpoint.tensors()
    if engine == "onnx":
        # The engine that is used, and no other: torch may not be installed.
        from models.engines.onnx import OnnxEngine

        return Predictor(checkpoint, OnnxEngine(checkpoint), name)
    from models.engines.torch import TorchEngine

    return Predictor(checkpoint, TorchEngine(checkpoint, device), name)


def _forget_older(key: tuple[Any, ...]) -> None:
    """Let go of what was loaded from this folder before its checkpoint was replaced."""
    with _lock:
        for other in [other for other in _loaded if other[:-1] == key[:-1] and other != key]:
            del _loaded[other]


def _keep_within_budget() -> None:
    with _lock:
        total = sum(slot.size for slot in _loaded.values())
        for key, slot in list(_loaded.items())[:-1]:
            if total <= BUDGET:
                break
            if slot.predictor is not None:
                total -= slot.size
                del _loaded[key]
