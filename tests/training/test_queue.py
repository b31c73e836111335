"""The queue of training runs: what it refuses, and real trainings that are waited for, removed, stopped and kept."""

import json
import shutil
import signal
import time

import pytest

from models import catalog, paths, runs, sweeps
from models.errors import ZooError
from training import queue

PATIENCE = 240  # seconds; importing PyTorch on a busy machine takes long
SMALL = ["mnist-softmax", "--datasets", "digits8x8", "--no-test"]


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A ZOO_HOME of its own, which the worker inherits."""
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    yield tmp_path
    for run in runs.runs():  # what a failed test has left
        if run.state in ("queued", "running"):
            queue.stop(run.id, keep=False)


@pytest.fixture
def unworked(home, monkeypatch):
    """No worker starts, so that everything waits."""
    monkeypatch.setattr(queue, "start_worker", lambda: None)


def until(condition, what: str):
    """The first true result of `condition`."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if result := condition():
            return result
        time.sleep(0.1)
    pytest.fail(f"{what}: {[(run.id, run.state, run.reason) for run in runs.runs()]}")


def state(id: str) -> str:
    """The state of a run; "gone" without a record."""
    return next((run.state for run in runs.runs() if run.id == id), "gone")


def test_runs_wait_in_order_and_can_be_removed(unworked):
    first = queue.enqueue([*SMALL, "--slug", "first", "--epochs", "2", "--lr", "0.5"])
    second = queue.enqueue([*SMALL, "--slug", "second", "--seed", "7"], sweep="together")
    assert [run.id for run in queue.queued()] == ["first", "second"]
    assert first.changed == {"datasets": ["digits8x8"], "epochs": 2, "lr": 0.5} and first.recipe["batch"] > 0
    assert (second.seed, second.sweep, second.state, second.task) == (7, "together", "queued", "digits")
    queue.stop("first", keep=False)
    assert [run.id for run in queue.queued()] == ["second"] and state("first") == "gone"
    assert not queue.is_working()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["mnist-cn"], "mnist-cnn"),
        ([*SMALL, "--epochs", "0"], "from 1 to"),
        (["mnist-softmax", "--datasets", "digit8x8"], "no data set"),
        ([*SMALL, "--epochs", "many"], "many"),
        ([*SMALL, "--slug", "../../etc"], "not a valid slug"),
        ([*SMALL, "--slug", "mnist-cnn"], "already used"),
        ([*SMALL, "--no-such-option"], "no-such-option"),
        ([*SMALL, "; rm -rf /"], "unexpected extra argument"),
        (["--examples", "photos"], "needs an entry"),
        ([*SMALL, "--adversarial", "1"], "no effect"),
    ],
)
def test_what_zoo_train_would_refuse_is_refused(unworked, command, words):
    with pytest.raises(ZooError, match=words):
        queue.enqueue(command)
    assert not runs.runs()


def test_the_queue_has_an_end(unworked, monkeypatch):
    monkeypatch.setattr(queue, "MAX_QUEUED", 1)
    queue.enqueue([*SMALL, "--slug", "first"])
    with pytest.raises(ZooError, match="already waiting"):
        queue.enqueue([*SMALL, "--slug", "second"])


@pytest.mark.parametrize("keep", [True, False])
def test_a_late_click_does_not_stop_a_later_run(unworked, keep):
    """In a second tab, the buttons of a run that has ended or is removed may still be there."""
    queue.enqueue([*SMALL, "--slug", "mine"])
    for _ in range(2):
        queue.stop("mine", keep)
    assert not runs.folder("mine").exists()
    ended = queue.enqueue([*SMALL, "--slug", "mine"])
    (runs.folder("mine") / queue.LOG).touch()
    runs.write(ended.model_copy(update={"state": "finished"}))
    queue.stop("mine", keep)
    assert queue.stopping("mine") == ""
    queue.stop_sweep("removed")
    assert not sweeps.folder_of("removed").exists()


def test_what_is_being_discarded_is_not_kept(unworked):
    queue.enqueue([*SMALL, "--slug", "mine"])
    (runs.folder("mine") / queue.LOG).touch()
    for keep, asked in ((True, "keep"), (True, "keep"), (False, "discard"), (True, "discard")):
        queue.stop("mine", keep)
        assert queue.stopping("mine") == asked


def test_what_a_killed_worker_had_begun_waits_again(unworked):
    run = queue.enqueue([*SMALL, "--slug", "first"])
    (runs.folder(run.id) / queue.LOG).touch()
    assert queue.queued() == []
    queue._reset()
    assert [run.id for run in queue.queued()] == ["first"]


def test_trainings_are_worked_off_stopped_kept_and_discarded(home):
    """Several runs in one worker: one finishes, one fails, one is stopped and kept, one is discarded."""
    queue.enqueue([*SMALL, "--slug", "short", "--epochs", "2", "--no-refit"])
    queue.enqueue([*SMALL, "--slug", "impossible", "--examples", str(home / "nothing")])
    queue.enqueue([*SMALL, "--slug", "kept", "--epochs", "100000"])
    queue.enqueue([*SMALL, "--slug", "discarded", "--epochs", "100000"])
    queue.enqueue([*SMALL, "--slug", "removed"])
    queue.stop("removed", keep=True)

    until(lambda: state("short") == "finished", "the short run finishes")
    short = runs.read("short")
    assert short.accuracy is not None and len(runs.curve("short")) == 2 and catalog.find("short").config.figures == {}
    assert json.loads((runs.folder("short") / "run.json").read_text())["seed"] == 0

    until(lambda: state("impossible") == "failed", "the impossible run fails")
    assert "cannot be combined" in runs.read("impossible").reason

    until(lambda: state("kept") == "running" and runs.curve("kept"), "the third run has an epoch")
    assert queue.is_working() and state("discarded") == "queued" and queue.is_of_queue("kept")
    queue.stop("kept", keep=True)
    until(lambda: state("kept") == "stopped", "the third run is stopped")
    assert catalog.find("kept").config.training.interrupted and queue.stopping("kept") in ("", "keep")

    until(lambda: state("discarded") == "running", "the fourth run starts")
    queue.stop("discarded", keep=False)
    until(lambda: state("discarded") == "gone" and not queue.is_working(), "the fourth run is gone, and the worker too")
    assert {run.id for run in runs.runs()} == {"short", "impossible", "kept"}
    assert "discarded" not in {model.id for model in catalog.models()}


def test_a_run_that_is_being_kept_can_still_be_discarded(tmp_path):
    script = """
import pathlib, signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
for asked in ("keep", "discard"):
    pathlib.Path(sys.argv[1] + ".new").write_text(asked)
    pathlib.Path(sys.argv[1] + ".new").replace(sys.argv[1])
    time.sleep(2)
time.sleep(20)
"""
    code, asked = queue._run(["-c", script, str(tmp_path / queue.STOP)], tmp_path)
    assert (code, asked) == (-signal.SIGKILL, "discard")


def test_a_sweep_is_worked_off_too(home):
    settings = {"datasets": "digits8x8", "epochs": "1", "lr": "0.01,0.1"}
    sweep = sweeps.Sweep(name="both", entry="mnist-softmax", settings=settings, names=("lr",), seeds=1, created=1.0)
    queue.enqueue_sweep(sweep)
    until(lambda: queue.state_of_sweep("both") == "ended" and not queue.is_working(), "the sweep ends")
    rows = sweeps.rows(sweep)
    assert [row.state for row in rows] == ["finished", "finished"] and {row.settings["lr"] for row in rows} == {
        0.01,
        0.1,
    }
    assert queue.queued_sweeps() == [] and not (sweeps.folder_of("both") / queue.STOP).exists()


def test_a_waiting_sweep_can_be_removed(unworked):
    queue.enqueue_sweep(sweeps.Sweep(name="s", entry="mnist-cnn", settings={}, names=(), seeds=1, created=1.0))
    assert queue.state_of_sweep("s") == "queued" and [sweep.name for sweep in queue.queued_sweeps()] == ["s"]
    queue.stop_sweep("s")
    assert sweeps.sweeps() == [] and queue.state_of_sweep("s") == "ended"


@pytest.mark.parametrize("earlier", [True, False])
def test_discarding_a_run_leaves_an_earlier_model_of_its_name(unworked, earlier):
    folder = paths.user_checkpoints() / "mine"
    shutil.copytree(paths.SHIPPED / "mnist-softmax", folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "slug": "mine"}))
    run = queue.enqueue([*SMALL, "--slug", "mine"])
    saved = (folder / "config.json").stat().st_mtime
    runs.write(run.model_copy(update={"state": "stopped", "started": saved + (60 if earlier else -60)}))
    queue._discard(runs.read(run.id))
    assert ("mine" in {model.id for model in catalog.models()}) == earlier and state(run.id) == "gone"
