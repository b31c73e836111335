"""/healthz says what does not work, with status 200 and without the machine's paths."""

import json
import os

import pytest

from app import health
from tests.app.conftest import ask


def test_a_damaged_model_is_named_and_the_server_lives(server, zoo_home):
    assert json.loads(ask(server.address, "/healthz")[2])["problems"] == []
    folder = zoo_home / "checkpoints" / "broken"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{")
    try:
        status, _, body = ask(server.address, "/healthz")
        assert status == 200 and json.loads(body)["status"] == "ok"
        assert json.loads(body)["problems"] == ["'broken' cannot be used; `zoo list` on the server says why."]
        assert str(zoo_home) not in body
    finally:
        (folder / "config.json").unlink()
        folder.rmdir()


def test_a_home_that_cannot_be_written_is_named(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "file" / "zoo"))
    (problem,) = health.problems("ready")
    assert problem.startswith("The folder of ZOO_HOME cannot be written")
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "new" / "zoo"))
    assert health.problems("ready") == []
    monkeypatch.setattr(os, "access", lambda *_: False)  # a read-only file system
    assert len(health.problems("ready")) == 1


@pytest.mark.parametrize(("state", "count"), [("failed", 1), ("loading", 0), ("off", 0)])
def test_widgets_that_failed_are_named(state, count):
    assert len([problem for problem in health.problems(state) if "widgets" in problem]) == count
