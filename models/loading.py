"""`models.load`: loads a predictor by id or folder, once for all threads, within a memory budget."""

import platform
import shutil
import threading
from collections import OrderedDict
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from models import catalog, memory
from models.checkpoint import Checkpoint, stamp
from models.errors import UnusableDevice, ZooError
from models.huggingface import cache as hub_cache
from models.huggingface import names
from models.predictor import Predictor

BUDGET = 1024 * 2**20  # bytes of loaded weight files; the least recently used are evicted first
SHARE = 16  # on a small machine, this part of its memory: a loaded model takes several times the size of its file

_missing: set[str] = set()  # devices that were tried and are not available
_lock = threading.Lock()
_loaded: "OrderedDict[tuple[Any, ...], _Slot]" = OrderedDict()


class _Slot:
    """A cache entry for one predictor.

    Its lock is held while it loads, so that other threads wait instead of loading it again.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.predictor: Predictor | None = None
        self.size = 0


def load(id: str | Path, device: str | None = None, engine: Literal["onnx", "torch"] | None = None) -> Predictor:
    """Load the predictor of a model. Thread-safe.

    id: `"mnist-cnn"`, a folder as a `pathlib.Path`, or `"user/name@revision"` on the Hub. A revision is
        downloaded once; after that it stays the same and needs no network.
    device: "cpu", "cuda", "mps", or None for the best available.
    engine: "onnx" (needs no torch, CPU only) or "torch"; None chooses onnx on a CPU, torch otherwise.

    Raises UnknownModel, BadCheckpoint, HubError, or ZooError for an unknown or unavailable device or engine.
    """
    if isinstance(id, Path):
        return _load(id, None, engine, device)
    if "/" in id:
        return _load(_pulled(id), hub_cache.canonical(id.partition("@")[0]), engine, device)
    return _load(catalog.find(id).path, id, engine, device)


def load_found(model: catalog.Model) -> Predictor:
    """Load the predictor of a model of the catalog: as `load`, but never downloads. Raises BadCheckpoint."""
    return _load(model.path, model.id, None, None)


def _load(folder: Path, name: str | None, engine: str | None, device: str | None) -> Predictor:
    chosen_engine, chosen_device = _choice(engine, device)
    try:
        return _cached(folder, name, chosen_engine, chosen_device)
    except UnusableDevice as error:
        if error.missing:
            _missing.add(chosen_device)  # a driver without a GPU, or a build of torch without support for it
        if device is not None or engine is not None:
            raise
        return _cached(folder, name, "onnx", "cpu")


def _pulled(id: str) -> Path:
    """The folder of a model of the Hub, downloaded only if it is not in the cache."""
    name = names.parse(id)
    folder = hub_cache.find(name)
    if folder is None:
        # Only for a model that was never pulled.
        from models.huggingface.pull import pull

        folder = pull(id, use=False).folder
    return folder


def _cached(folder: Path, name: str | None, engine: str, device: str) -> Predictor:
    """The predictor from the cache, loaded if necessary; other threads that need it wait."""
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
            _evict_replaced(key)
            _evict_over_budget()
            memory.give_back()  # reading and checking a model takes more than the model
        return slot.predictor


def best_device() -> str:
    """The best device: "cuda" or "mps" if the hardware and torch are present, else "cpu".

    It does not import torch, so a device may turn out to be missing when the first model is loaded; then it is not
    named again.
    """
    return "cpu" if (device := _accelerator()) in _missing else device


@cache
def _has_torch() -> bool:
    return find_spec("torch") is not None


@cache
def _accelerator() -> str:
    """The device that the hardware and the installed packages promise."""
    if _has_torch():
        if Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi"):
            return "cuda"
        if platform.system() == "Darwin" and platform.machine() == "arm64":
            return "mps"
    return "cpu"


def choices() -> list[tuple[str, str]]:
    """Every (engine, device) available on this machine, the default first."""
    available = [_choice(None, None), ("onnx", "cpu")]
    if _has_torch():
        available.append(("torch", "cpu"))
    return list(dict.fromkeys(available))  # type: ignore[arg-type]


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
    checkpoint.tensors()  # for the onnx engine too: rejects NaN and missing or unknown weights
    if engine == "onnx":
        # The engine that is used, and no other: torch may not be installed.
        from models.engines.onnx import OnnxEngine

        return Predictor(checkpoint, OnnxEngine(checkpoint), name)
    from models.engines.torch import TorchEngine

    return Predictor(checkpoint, TorchEngine(checkpoint, device), name)


def _evict_replaced(key: tuple[Any, ...]) -> None:
    """Drop predictors loaded from this folder before its checkpoint was replaced."""
    with _lock:
        for other in [other for other in _loaded if other[:-1] == key[:-1] and other != key]:
            del _loaded[other]


def _evict_over_budget() -> None:
    with _lock:
        total, budget = sum(slot.size for slot in _loaded.values()), min(BUDGET, memory.limit() // SHARE)
        for key, slot in list(_loaded.items())[:-1]:
            if total <= budget:
                break
            if slot.predictor is not None:
                total -= slot.size
                del _loaded[key]
