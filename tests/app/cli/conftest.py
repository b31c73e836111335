"""Commands run in a ZOO_HOME of their own."""

import pytest

from app.cli import app


@pytest.fixture
def own_home(tmp_path, monkeypatch):
    """A temporary ZOO_HOME for one test."""
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))


def exit_code(*arguments: str) -> int:
    """The exit code of a command; ZooErrors are raised."""
    with pytest.raises(SystemExit) as stop:
        app(list(arguments))
    return stop.value.code or 0
