"""Records of runs: what is written is read back, damage is left out, and ids never leave the folder."""

import os
import subprocess
import sys

import pytest

from models import runs
from models.errors import ZooError
from models.process import is_running


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    return tmp_path


def a_run(id="quick", **changes) -> runs.Run:
    """A finished run, with its record written."""
    fields = {"model": id, "entry": "mnist-cnn", "task": "digits", "seed": 0, "recipe": {"lr": 0.01}, "created": 1.0}
    run = runs.Run(**{"id": id, "state": "finished", **fields, **changes})
    runs.write(run)
    return run


def ended_process() -> int:
    """The number of a process that is gone."""
    return int(subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], stdout=subprocess.PIPE).stdout)


def test_a_record_is_read_back_and_the_newest_comes_first():
    first, second = a_run(accuracy=0.5, interval=(0.4, 0.6)), a_run("quick-2", created=2.0)
    assert runs.read("quick") == first and runs.runs() == [second, first]


def test_without_runs_there_are_none(home):
    assert runs.runs() == [] and not list(home.iterdir())  # reading creates nothing


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"id": "bad"}', b"0" * 1_100_000])
def test_a_damaged_record_is_left_out_and_can_be_removed(home, content):
    a_run()
    (home / "runs" / "bad").mkdir()
    (home / "runs" / "bad" / "run.json").write_bytes(content)
    assert [run.id for run in runs.runs()] == ["quick"]
    with pytest.raises(ZooError, match="is damaged; zoo runs remove bad"):
        runs.read("bad")
    runs.remove("bad")
    assert not (home / "runs" / "bad").exists()


def test_a_record_that_names_another_folder_is_damaged(home):
    a_run()
    (home / "runs" / "quick").rename(home / "runs" / "copied")
    assert runs.runs() == []


@pytest.mark.parametrize("id", ["", ".", "..", "../checkpoints", "/", "a/b", "A", "-x", "x\n", "x" * 101, "é", "\0"])
def test_no_id_reaches_outside_the_folder(id):
    for call in (runs.read, runs.remove, runs.folder, runs.curve, runs.progress, lambda id: runs.annotate(id, "")):
        with pytest.raises(ZooError, match="There is no run"):
            call(id)


def test_an_unknown_run_suggests_similar_ones():
    a_run()
    with pytest.raises(ZooError, match="There is no run 'quik'; did you mean quick"):
        runs.read("quik")
    with pytest.raises(ZooError, match="There is no run 'nothing'; see zoo runs"):
        runs.remove("nothing")


def test_a_running_run_whose_process_is_gone_has_failed():
    a_run(state="running", pid=ended_process(), started=5.0)
    run = runs.read("quick")
    assert (run.state, run.ended) == ("failed", 5.0) and run.reason.startswith("The process ended")
    assert runs.runs() == [run]


def test_a_process_that_began_after_the_run_is_another_one():
    assert is_running(os.getpid())
    if sys.platform == "linux":
        assert not is_running(os.getpid(), since=1_000_000.0)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_process_that_was_not_waited_for_has_ended():
    child = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read(); print('ended')"], stdin=-1, stdout=-1
    )
    assert is_running(child.pid)
    child.communicate()
    ended = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    ended.stdout.read()  # until it has ended
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    assert not is_running(ended.pid)
    ended.wait()


@pytest.mark.parametrize("pid", [2**31 - 1, 2**70])
def test_an_impossible_process_does_not_run(pid):
    assert not is_running(pid)


def test_a_running_run_cannot_be_removed():
    a_run(state="running", pid=os.getpid())
    with pytest.raises(ZooError, match="is still running"):
        runs.remove("quick")


def test_notes_are_kept_with_the_run():
    a_run()
    assert runs.annotate("quick", " with less dropout\n").note == "with less dropout" == runs.read("quick").note
    with pytest.raises(ZooError, match="at most 2,000"):
        runs.annotate("quick", "x" * 2_001)


def test_every_run_of_a_model_has_an_id_of_its_own(home):
    assert runs.free_id("quick") == "quick"
    (home / "runs" / "quick").mkdir(parents=True)  # by a version of the Zoo that wrote no record
    assert runs.free_id("quick") == "quick"
    for expected in ("quick", "quick-2", "quick-3"):
        assert runs.free_id("quick") == expected
        a_run(expected, model="quick")
    assert runs.free_id("quick-2") == "quick-2-2"
    a_run("x" * 100)
    assert runs.free_id("x" * 100) == f"{'x' * 98}-2"


def test_the_run_of_a_shipped_model_is_not_taken(home):
    (home / "runs" / "mnist-cnn-seed0").mkdir(parents=True)
    (home / "runs" / "mnist-cnn-seed0" / "key").write_text("abc")
    assert runs.free_id("mnist-cnn-seed0") == "mnist-cnn-seed0-2"


def test_the_latest_unfinished_run_with_a_state_is_resumed(home):
    for number, (id, state) in enumerate(
        (("m", "stopped"), ("m-2", "stopped"), ("m-3", "failed"), ("m-4", "finished"))
    ):
        a_run(id, model="m", state=state, created=float(number))
        if id != "m-3":
            (home / "runs" / id / "resume.safetensors").touch()
    assert runs.unfinished("m").id == "m-2" and runs.unfinished("other") is None


def test_the_curve_has_the_rows_of_both_parts(home):
    a_run()
    assert runs.curve("quick") == []
    for part, text in (
        ("validated", "epoch,loss,accuracy,lr\n1,2.5,0.5,0.1\n2,1.5,,0.2\nx,1,1,1\n3,nan,1e999,0.3,9\n"),
        ("refit", "epoch,loss\n1,2\n"),
    ):
        (home / "runs" / "quick" / part).mkdir()
        (home / "runs" / "quick" / part / "history.csv").write_text(text)
    assert runs.curve("quick") == [
        {"part": "validation", "epoch": 1, "loss": 2.5, "accuracy": 0.5, "lr": 0.1},
        {"part": "validation", "epoch": 2, "loss": 1.5, "lr": 0.2},
        {"part": "validation", "epoch": 3, "lr": 0.3},
        {"part": "refit", "epoch": 1, "loss": 2},
    ]
    (home / "runs" / "quick" / "refit" / "history.csv").write_bytes(b"\xff\x00\n" * 50)
    assert len(runs.curve("quick")) == 3


def test_a_damaged_progress_is_none(home):
    a_run()
    assert runs.progress("quick") is None
    (home / "runs" / "quick" / "progress.json").write_text("{")
    assert runs.progress("quick") is None
