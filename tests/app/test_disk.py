"""Full disks, folders that cannot be written, and clocks that were set back: one sentence, or no difference."""

import errno
import os
import shutil
import sys
import time
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

import models
from app import doctor
from app.hub.model.download import zipped
from app.verify import records
from app.verify.records import Check
from models import catalog, paths
from models.checkpoint import Checkpoint
from tests.app.conftest import sentence

FULL = OSError(errno.ENOSPC, "No space left on device")
READ_ONLY = OSError(errno.EROFS, "Read-only file system")
TRAIN = ("train", "mnist-mlp", "--datasets", "digits8x8", "--epochs", "1", "--slug", "on-a-bad-disk")


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """An empty ZOO_HOME."""
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(params=[FULL, READ_ONLY], ids=["full", "read-only"])
def disk(home, monkeypatch, request) -> str:
    """Let no file be stored; return what the sentence must contain."""

    def fail(*_):
        raise OSError(request.param.errno, request.param.strerror)

    monkeypatch.setattr(os, "fsync", fail)
    return request.param.strerror


@pytest.mark.parametrize("arguments", [TRAIN, ("speed", "names-ngrams")], ids=["train", "speed"])
def test_a_command_that_cannot_store_a_file_says_so(zoo, disk, home, arguments):
    code, _, err = zoo(*arguments)
    last = err.splitlines()[-1]
    assert code == 1 and last.startswith(f"Could not write {home}") and disk in last
    assert ("Free some space" in last) is (disk == FULL.strerror)
    assert not list(home.rglob(".*.??????*"))  # no temporary file is left


def test_predictions_that_cannot_be_stored_are_one_sentence(zoo, tmp_path, monkeypatch):
    def full(*_):
        raise FULL

    monkeypatch.setattr("app.batch.write", full)
    out = tmp_path / "answers.csv"
    sentence(zoo("predict", "names-ngrams", "Nakamura", "--out", out), "No space left on device", "--out")
    assert not list(tmp_path.iterdir())
    # Neither can the temporary file be removed there.
    sentence(zoo("predict", "names-ngrams", "Nakamura", "--out", "/dev/null/answers.csv"), "Could not write", "--out")


def test_a_test_run_that_cannot_be_logged_is_one_sentence(zoo, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", "/dev/null/zoo")
    result = zoo("evaluate", "mnist-mlp", "--on", "digits8x8")
    sentence(result, "Could not log the test run in /dev/null/zoo", "Choose another folder with ZOO_HOME")


def test_an_error_of_the_disk_in_a_library_is_one_sentence(zoo, monkeypatch):
    def denied(*_):
        raise PermissionError(errno.EACCES, "Permission denied", "/somewhere/else")

    monkeypatch.setattr(catalog, "models", denied)
    sentence(zoo("list"), "/somewhere/else cannot be used: Permission denied. Choose another folder.")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits of this kind")
def test_a_limit_on_the_size_of_files_is_one_sentence(zoo, home):
    import resource
    import signal

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        code, _, err = zoo(*TRAIN)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert code == 1 and "File too large" in err.splitlines()[-1]


def test_doctor_reports_a_full_disk_and_a_home_that_cannot_be_created(home, monkeypatch):
    assert doctor._home().state == "ok"
    monkeypatch.setenv("ZOO_HOME", "/dev/null/zoo")
    line = doctor._home()
    assert line.state == "fix" and line.detail == "/dev/null/zoo cannot be created in /dev/null"
    monkeypatch.setenv("ZOO_HOME", str(home))
    home.mkdir()
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9, 0))
    line = doctor._home()
    assert line.state == "fix" and "Free some space" in line.fix


# The clock was set back: files have times in the future.


def test_models_with_a_time_in_the_future_are_listed_and_read_again_only_when_they_change(home, monkeypatch):
    folder = shutil.copytree(paths.SHIPPED / "names-ngrams", home / "checkpoints" / "mine")
    ahead = time.time() + 86_400
    for path in (folder, *folder.iterdir()):
        os.utime(path, (ahead, ahead))
    monkeypatch.setattr(catalog, "_last", None)
    monkeypatch.setattr(catalog, "SETTLING", 0)  # no need to wait until the times are old enough
    assert catalog.find("mine").title == "Letter groups"
    first = catalog._last
    assert first.settled and catalog.find("mine") and catalog._last is first
    config = (folder / "config.json").read_text()
    paths.write_atomically(folder / "config.json", config.replace('"Letter groups"', '"Renamed"'))
    assert catalog.find("mine").title == "Renamed"
    assert models.load("mine").predict("Nakamura").model == "mine"


def test_a_record_is_kept_although_older_ones_have_times_in_the_future(home, monkeypatch):
    checkpoint = Checkpoint.open(paths.SHIPPED / "names-ngrams")
    monkeypatch.setattr(records, "MAX_FILES", 2)
    for number in range(3):
        monkeypatch.setattr(records, "versions", lambda number=number: {"zoo": str(number)})
        records.save(checkpoint, [Check(what="files", holds=True, detail=str(number))])
        for path in (home / "verified").iterdir():
            os.utime(path, (time.time() + 86_400,) * 2)
    assert records.verified(checkpoint).checks[0].detail == "2"


def test_a_checkpoint_can_be_downloaded_before_1980(monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 0.0)
    data = zipped(Checkpoint.open(paths.SHIPPED / "names-ngrams"), "mine")
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None and "mine/config.json" in archive.namelist()
        assert archive.getinfo("mine/config.json").external_attr >> 16 == 0o644
