"""A model is trained by one process at a time."""

import subprocess
import sys
import threading

import pytest

from models.errors import ZooError
from training.lock import locked

HOLD = """
import sys
from training.lock import locked

with locked("mine"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_training_of_one_name_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(ZooError, match="mine is being trained or tested by another process"), locked("mine"):
            pass
        with locked("another"):
            pass
        other.kill()  # as kill -9 does: nothing is left to clean up
        other.wait()
        with locked("mine"):
            pass


def test_within_the_lock_it_may_be_held_again_but_not_by_another_thread(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    refused = []

    def another():
        try:
            with locked("mine"):
                refused.append(False)
        except ZooError:
            refused.append(True)

    with locked("mine"):
        with locked("mine"):
            pass
        thread = threading.Thread(target=another)
        thread.start()
        thread.join()
    assert refused == [True]
    another()
    assert refused == [True, False]


def test_a_home_that_cannot_be_written_is_one_sentence(monkeypatch):
    monkeypatch.setenv("ZOO_HOME", "/dev/null/zoo")
    wrong = pytest.raises(ZooError, match="cannot be written: Not a directory; choose another folder with ZOO_HOME.")
    with wrong, locked("mine"):
        pass
