"""How much memory there is, in a container too."""

import pytest

from models import memory


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
