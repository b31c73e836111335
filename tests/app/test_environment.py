"""Unusual environments: a command works in them, or says in one sentence what is wrong."""

import os
import pwd
import re
import subprocess
import sys

import pytest

from app import settings
from app.verify.local_server import LocalServer
from models import paths
from models.errors import ZooError
from tests.app.conftest import ROOT


def run(*arguments, cwd=None, **environment):
    """Exit code, stdout and stderr of a command in a process of its own."""
    process = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return process.returncode, process.stdout, process.stderr


COMMANDS = {
    "list": ("-m", "app.cli", "list"),
    "predict": ("-m", "app.cli", "predict", "names-ngrams", "Nakamura"),
    "server": ("-m", "app.server"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_home_of_an_unknown_user_is_refused(command):
    code, out, err = run(*COMMANDS[command], ZOO_HOME="~nosuch/zoo", PORT="0")
    assert code == 1 and out == ""
    assert err == "~nosuch/zoo cannot be resolved, because that user has no home directory; set ZOO_HOME to a folder.\n"


def test_doctor_names_a_home_that_is_no_path():
    code, out, err = run("-m", "app.cli", "doctor", ZOO_HOME="~nosuch/zoo")
    assert code == 1 and err == ""
    assert "set ZOO_HOME to a folder" in out and re.search("^ok +Python", out) and "Chromium" in out


def test_without_a_temporary_folder_the_server_does_not_start(monkeypatch):
    def none():
        raise FileNotFoundError(2, "No usable temporary directory found in [...]")

    monkeypatch.setattr("tempfile.gettempdir", none)
    with pytest.raises(ZooError, match="No temporary folder is writable; set TMPDIR to one that is."):
        settings.check_folders()


def test_a_user_without_a_home_directory_is_told_what_to_set(monkeypatch):
    def nobody(uid):
        raise KeyError(uid)

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("ZOO_HOME")
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    with pytest.raises(ZooError, match="set ZOO_HOME to a folder"):
        paths.data_home()


@pytest.mark.parametrize("command", ["list", "predict"])
@pytest.mark.parametrize("home", ["x" * 300, "/dev/null/zoo", "/proc/zoo", "relative"])
def test_shipped_models_answer_whatever_the_home_is(tmp_path, command, home):
    code, out, err = run(*COMMANDS[command], cwd=tmp_path, ZOO_HOME=home)
    assert code == 0 and ("mnist-cnn" in out or "Japanese" in out), err
    assert "Traceback" not in err


def test_a_deleted_working_directory_does_no_harm(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f"import os, sys; os.rmdir({str(gone)!r}); sys.argv[0] = 'zoo'; from app import cli; cli.main()"
    code, out, err = run("-c", script, "predict", "names-ngrams", "Nakamura", cwd=gone)
    assert code == 0 and "Japanese" in out, err


def test_uploads_go_to_a_folder_of_our_own_that_is_removed(tmp_path):
    with LocalServer({"TMPDIR": str(tmp_path)}) as server:
        assert server.widgets
        [folder] = tmp_path.glob("zoo-widgets-*")
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not list(tmp_path.glob("zoo-widgets-*"))
