"""Fixtures and helpers for tests that talk to a Hub on this machine.

`tests/conftest.py` loads this file as a plugin.
"""

import copy
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models import loading, paths
from models.huggingface import cache
from tests.hub.server import Hub

ROOT = Path(__file__).parents[2]
TOKEN = "hf_token_of_ada"
MODEL = "ada/cnn"


@pytest.fixture(scope="session")
def local_hub():
    """A Hub on which `ada/cnn` is mnist-cnn, pushed by the command line in another process."""
    with Hub() as hub:
        done = run_zoo(hub, paths.data_home(), "push", "mnist-cnn", "--repo", MODEL)
        assert done.returncode == 0, done.stderr
        yield hub


@pytest.fixture
def hub(local_hub):
    """The same Hub without planted failures and recorded requests."""
    local_hub.heal()
    local_hub.asked.clear()
    repos, users = copy.deepcopy(local_hub.repos), dict(local_hub.users)
    yield local_hub
    local_hub.heal()
    local_hub.repos, local_hub.users = repos, users


@pytest.fixture
def client(hub, monkeypatch, tmp_path):
    """Let this process talk to the Hub as ada, with an empty ZOO_HOME and no delays; return the ZOO_HOME."""
    from huggingface_hub import file_download
    from huggingface_hub.utils import _http

    for module in (file_download, _http):
        monkeypatch.setattr(module, "time", TimeWithoutSleep)
    talk_to(hub.url, monkeypatch.setattr)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    loading._loaded.clear()
    return tmp_path / "home"


def talk_to(url: str, set_value: Callable[[Any, str, Any], None] = setattr) -> None:
    """Let `huggingface_hub` in this process talk to the Hub at `url`: it reads the environment on import only."""
    from huggingface_hub import constants

    template = url + "/{repo_id}/resolve/{revision}/{filename}"
    set_value(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    for name, value in (("ENDPOINT", url), ("HF_HUB_DISABLE_XET", True), ("HF_HUB_OFFLINE", False)):
        set_value(constants, name, value)


@pytest.fixture(scope="session")
def pulled_once(local_hub, tmp_path_factory):
    """A ZOO_HOME with `ada/cnn`, pulled by the command line."""
    folder = tmp_path_factory.mktemp("pulled")
    done = run_zoo(local_hub, folder, "pull", MODEL)
    assert done.returncode == 0 and "Pulled ada/cnn at commit" in done.stdout, done.stderr
    return folder


@pytest.fixture
def here(client, pulled_once):
    """As `client`, with `ada/cnn` pulled; return the commit."""
    shutil.copytree(pulled_once / "hub", client / "hub")
    return pulled()


class TimeWithoutSleep:
    """The module `time` without delays between retries."""

    import time as _time

    time, monotonic, perf_counter = _time.time, _time.monotonic, _time.perf_counter

    @staticmethod
    def sleep(seconds: float) -> None:
        pass


def environment(hub: Hub, zoo_home: Path, **more: str) -> dict[str, str]:
    """The environment of a process that talks to the Hub as ada."""
    hub_access = {"HF_ENDPOINT": hub.url, "HF_HUB_DISABLE_XET": "1", "HF_TOKEN": TOKEN, "ZOO_HOME": str(zoo_home)}
    quiet = {"HF_HUB_DISABLE_UPDATE_CHECK": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HOME": str(zoo_home / "hf")}
    inherited = {name: value for name, value in os.environ.items() if name != "HF_HUB_OFFLINE"}
    return {**inherited, **hub_access, **quiet, "PYTHONPATH": str(ROOT), **more}


def run_zoo(hub: Hub, zoo_home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess:
    """Run `zoo ...` in a new process."""
    command = [sys.executable, "-m", "app.cli", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment(hub, zoo_home, **more), capture_output=True, text=True, timeout=300
    )


def pulled(id: str = MODEL) -> str | None:
    """Return the commit in use."""
    return cache.commit(cache.root(id))
