"""`models.load`: from many threads, within its memory budget, on the requested engine and device."""

import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from models import ZooError, load, loading, paths, writing
from models.tasks.digits import DRAWINGS


@pytest.fixture(autouse=True)
def nothing_loaded():
    """Start with nothing loaded."""
    loading._loaded.clear()


def test_concurrent_threads_share_one_loaded_predictor(monkeypatch):
    loads = []
    real = loading._predictor
    monkeypatch.setattr(loading, "_predictor", lambda *a: loads.append(threading.get_ident()) or real(*a))
    with ThreadPoolExecutor(16) as pool:
        predictors = list(pool.map(lambda _: load("mnist-cnn"), range(64)))
        labels = list(pool.map(lambda p: p.predict(DRAWINGS["seven"]).label, predictors))
    assert len(loads) == 1 and len({id(p) for p in predictors}) == 1
    assert set(labels) == {"7"}


def test_the_least_recently_used_predictor_is_dropped(monkeypatch):
    size = (paths.SHIPPED / "mnist-cnn" / "model.onnx").stat().st_size
    monkeypatch.setattr(loading, "BUDGET", size)
    first = load("mnist-cnn", engine="onnx")
    load("mnist-mlp", engine="onnx")
    assert len(loading._loaded) == 1
    assert load("mnist-cnn", engine="onnx") is not first


def test_a_replaced_checkpoint_is_loaded_again(tmp_path):
    shipped = paths.SHIPPED / "mnist-cnn"
    files = {path.name: path.read_bytes() for path in shipped.iterdir()}
    writing.write_version(tmp_path / "mine", files)
    first = load(tmp_path / "mine")
    assert load(tmp_path / "mine") is first
    writing.write_version(tmp_path / "mine", files)
    assert load(tmp_path / "mine") is not first
    assert len(loading._loaded) == 1  # the old one is dropped


def test_a_failed_load_is_tried_again(tmp_path):
    folder = shutil.copytree(paths.SHIPPED / "mnist-cnn", tmp_path / "mine")
    hidden = (folder / "model.onnx").rename(tmp_path / "hidden")
    with pytest.raises(ZooError):
        load(folder)
    hidden.rename(folder / "model.onnx")
    assert load(folder).predict(DRAWINGS["one"]).label == "1"


def test_engine_and_device_are_those_requested(monkeypatch):
    assert load("mnist-cnn", device="cpu").engine.name == "onnx"
    torch_on_cpu = load("mnist-cnn", device="cpu", engine="torch")
    assert (torch_on_cpu.engine.name, torch_on_cpu.engine.device) == ("torch", "cpu")
    for wrong, words in [
        ({"engine": "tensorflow"}, "onnx or torch"),
        ({"device": "tpu"}, "cpu, cuda or mps"),
        ({"device": "cuda", "engine": "onnx"}, "torch engine"),
    ]:
        with pytest.raises(ZooError, match=words):
            load("mnist-cnn", **wrong)


@pytest.mark.skipif(os.path.exists("/proc/driver/nvidia/version"), reason="this machine has an NVIDIA card")
def test_a_driver_without_a_usable_card_falls_back_to_the_cpu(monkeypatch):
    """The failed try is remembered: torch is asked once, and the device is offered no more."""
    tries = []
    real = loading._predictor
    monkeypatch.setattr(loading, "_predictor", lambda *args: tries.append(args[-1]) or real(*args))
    monkeypatch.setattr(loading, "_missing", set())
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")  # nvidia-smi
    monkeypatch.setattr(loading, "_accelerator", loading._accelerator.__wrapped__)  # not what it remembers
    assert ("torch", "cuda") in loading.choices()
    for slug in ("mnist-cnn", "mnist-mlp", "names-rnn"):
        assert load(slug).engine.name == "onnx"
    assert tries.count("cuda") == 1
    assert loading.best_device() == "cpu" and ("torch", "cuda") not in loading.choices()
    with pytest.raises(ZooError, match="cannot use the device 'cuda'"):
        load("mnist-cnn", device="cuda")


def test_a_full_graphics_card_is_not_a_missing_one(monkeypatch):
    def build(checkpoint):
        raise RuntimeError("CUDA out of memory")

    monkeypatch.setattr("models.engines.torch.build", build)
    monkeypatch.setattr("models.engines.torch.is_available", lambda device: True)
    monkeypatch.setattr(loading, "_missing", set())
    monkeypatch.setattr(loading, "best_device", lambda: "cuda")
    assert load("mnist-mlp").engine.name == "onnx" and not loading._missing


def test_a_net_with_a_missing_dependency_falls_back_to_onnx(monkeypatch):
    def build(checkpoint):
        raise ModuleNotFoundError("No module named 'timm'", name="timm")

    monkeypatch.setattr("models.engines.torch.build", build)
    monkeypatch.setattr(loading, "best_device", lambda: "cuda")
    assert load("mnist-mlp").engine.name == "onnx"
    with pytest.raises(ZooError, match="mnist-mlp needs timm .* onnx engine"):
        load("mnist-mlp", device="cpu", engine="torch")
