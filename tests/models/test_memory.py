"""How much memory there is, in a container too."""

import numpy as np
import pytest

import models
from models import catalog, memory
from models.engines import onnx
from tests.conftest import missing


@pytest.fixture(autouse=True)
def fresh():
    memory.limit.cache_clear()
    yield
    memory.limit.cache_clear()


@pytest.mark.parametrize(
    ("own", "file"),
    [
        ("0::/zoo", "zoo/memory.max"),  # version 2
        ("0::/", "memory.max"),
        ("0::/of/the/host", "memory.max"),  # as some containers see it
        ("5:cpu,cpuacct:/zoo\n4:memory:/zoo", "memory/zoo/memory.limit_in_bytes"),  # version 1
    ],
)
def test_a_container_limits_the_memory(tmp_path, monkeypatch, own, file):
    (tmp_path / "self").write_text(own)
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(memory, "CGROUPS", tmp_path)
    monkeypatch.setattr(memory, "OWN", tmp_path / "self")
    (tmp_path / file).write_text("max\n")
    machine = memory.limit()
    assert machine > 2**28
    memory.limit.cache_clear()
    (tmp_path / file).write_text(f"{2**27}\n")
    assert memory.limit() == 2**27


def test_without_control_groups_it_is_the_machines(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "OWN", tmp_path / "none")
    assert memory.limit() > 2**28


@pytest.mark.parametrize("id", ["mnist-cnn", "holidays-efficientnet", "names-gru"])
def test_large_batches_go_through_the_graph_in_parts_and_are_answered_alike(id, monkeypatch):
    """ONNX Runtime keeps the memory of the largest batch: 300 MB for 8 photos."""
    if id not in {model.id for model in catalog.models()}:
        missing(f"there is no {id}")
    predictor = models.load(id, engine="onnx")
    raws = [example.raw for example in catalog.find(id).task.examples[:2]] * 3
    arrays = predictor.processor.process_batch([predictor.read(raw) for raw in raws])
    engine = predictor.engine
    sizes = []

    class Session:
        def run(self, outputs, part):
            sizes.append(max(map(len, part.values())))
            return session.run(outputs, part)

    session = engine._session
    monkeypatch.setattr(engine, "_session", Session())
    in_parts = engine.run(arrays)
    assert max(sizes) * max(array[0].size for array in arrays.values()) <= onnx.AT_ONCE or set(sizes) == {1}
    monkeypatch.setattr(onnx, "AT_ONCE", 2**30)
    at_once = engine.run(arrays)
    for name, values in at_once.items():
        assert in_parts[name].shape == values.shape and np.allclose(in_parts[name], values, atol=1e-4)
    monkeypatch.setattr(onnx, "AT_ONCE", 1)
    sizes.clear()
    engine.run(arrays)
    assert sizes == [1] * len(raws)
