"""What a training run records: its settings, its state, and that recording changes no weight."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from models import catalog, runs
from models.errors import ZooError
from training import run as run_module
from training import train as train_module
from training.learner import Learner
from training.record import Record
from training.train import train

FAST = {"datasets": "digits8x8", "epochs": 2, "batch": 64}
BRIEF = {**FAST, "refit": False}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home of its own. Checkpoints hold only the weights: exporting the graph would take most of the time."""

    def save(trained, name, **_):
        folder = tmp_path / "checkpoints" / name
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(folder / "weights.npz", **{key: value.numpy() for key, value in trained.served.state_dict().items()})
        return folder

    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.setattr(train_module, "save", save)
    return tmp_path


def weights(folder) -> dict[str, np.ndarray]:
    """The weights of a checkpoint."""
    return dict(np.load(folder / "weights.npz"))


def test_a_run_records_what_it_was_made_of_and_how_it_went(home):
    train("mnist-cnn", name="quick", seed=3, license="MIT", rotate=0, sweep="first", **FAST)
    run = runs.read("quick")
    assert (run.model, run.entry, run.task, run.seed, run.sweep) == ("quick", "mnist-cnn", "digits", 3, "first")
    assert run.state == "finished" and run.pid is None and run.created <= run.started < run.ended and not run.reason
    assert run.recipe["batch"] == 64 and run.recipe["rotate"] == 0 and run.recipe["elastic"] == 0.6
    assert run.changed == {"datasets": ["digits8x8"], "epochs": 2, "batch": 64, "rotate": 0}
    rows = runs.curve("quick")
    assert [row["part"] for row in rows][:2] == ["validation", "validation"] and rows[-1]["part"] == "refit"
    best = rows[run.epoch - 1]
    assert run.n == 200 and run.accuracy == pytest.approx(best["accuracy"], abs=1e-5)
    assert run.loss == pytest.approx(best["validation loss"], abs=1e-4)
    assert run.interval[0] < run.accuracy < run.interval[1]
    assert all(0 <= row["train accuracy"] <= 1 and 0 < row["lr"] < 0.01 for row in rows)
    assert runs.progress("quick").part in ("validation", "refit")
    assert not list(home.glob("runs/quick/**/resume.safetensors"))  # there is nothing to resume


def test_the_command_repeats_the_run(monkeypatch):
    train("mnist-cnn", name="quick", title="A title", seed=1, mirror=None, scale=0.0, **BRIEF)
    command = runs.read("quick").command
    assert command[0] == "mnist-cnn" and "--no-refit" in command and command[command.index("--scale") + 1] == "0.0"
    from training.__main__ import main

    monkeypatch.setattr("training.cli.train.test_model", lambda *_, **__: True)
    monkeypatch.setattr("training.cli.train._input_of", lambda *_: "INPUT")
    assert main(command) == 0
    first, again = runs.read("quick"), runs.read("quick-2")
    assert first.recipe == again.recipe and first.changed == again.changed and again.command == command
    assert (first.accuracy, first.loss, first.seed) == (again.accuracy, again.loss, again.seed)


def test_recording_changes_no_weight(home, monkeypatch):
    """The random numbers of a run stay those of the versions that recorded nothing."""
    with_record = weights(train("mnist-cnn", name="with", **FAST))
    monkeypatch.setattr(Learner, "train_accuracy", lambda self: 0.0)
    whole = train_module.run
    monkeypatch.setattr(train_module, "run", lambda *a, **options: whole(*a, **{**options, "record": None}))
    without = weights(train("mnist-cnn", name="without", **FAST))
    assert all(np.array_equal(with_record[name], without[name]) for name in without)


def test_every_run_has_a_folder_of_its_own_until_the_model_is_removed(home):
    for _ in range(2):
        train("mnist-cnn", name="quick", **BRIEF)
    train("mnist-cnn", name="other", **BRIEF)
    assert [run.id for run in runs.runs()] == ["other", "quick-2", "quick"]
    catalog.remove("quick")
    assert [run.id for run in runs.runs()] == ["other"]
    assert sorted(path.name for path in (home / "runs").iterdir() if path.is_dir()) == ["other"]


def _interrupt(monkeypatch, at: int) -> None:
    """Ctrl-C in epoch `at`, counted over the parts of a run."""
    epoch, count = Learner.epoch, iter(range(1, 100))

    def interrupted(learner, progress):
        if next(count) == at:
            raise KeyboardInterrupt
        return epoch(learner, progress)

    monkeypatch.setattr(Learner, "epoch", interrupted)


@pytest.mark.parametrize("at", [2, 3])  # in the validated run, in the refit
def test_an_interrupted_run_is_resumed_in_its_folder(at, home):
    expected = weights(train("mnist-cnn", name="whole", **FAST))
    train("mnist-cnn", name="cut", **BRIEF)  # a finished run of the same model stays as it is
    with pytest.MonkeyPatch.context() as patched:
        _interrupt(patched, at)
        train("mnist-cnn", name="cut", **FAST)
    stopped = runs.read("cut-2")
    assert stopped.state == "stopped" and stopped.ended and stopped.accuracy
    runs.annotate("cut-2", "a note")
    resumed = weights(train("mnist-cnn", name="cut", resume=True, **FAST))
    assert [run.id for run in runs.of_model("cut")] == ["cut-2", "cut"]
    assert runs.read("cut-2").state == "finished" and runs.read("cut-2").note == "a note"
    assert runs.read("cut-2").created == stopped.created
    assert all(np.array_equal(resumed[name], expected[name]) for name in expected)


def test_a_run_is_not_resumed_with_other_options_and_the_right_command_is_shown(monkeypatch):
    with pytest.MonkeyPatch.context() as patched:
        _interrupt(patched, 2)
        train("mnist-cnn", name="cut", **BRIEF)
    stopped = runs.read("cut")
    words = r"epochs, lr changed since run cut started. To continue it: zoo train mnist-cnn --slug cut .*--resume\."
    with pytest.raises(ZooError, match=words):
        train("mnist-cnn", name="cut", resume=True, lr=0.5, **{**BRIEF, "epochs": 3})
    assert runs.read("cut") == stopped
    (runs.folder("cut") / "validated" / "resume.safetensors").write_bytes(b"damaged")
    with pytest.raises(ZooError, match="Cannot resume: .* is damaged"):
        train("mnist-cnn", name="cut", resume=True, **BRIEF)
    assert runs.read("cut") == stopped


def test_a_run_interrupted_before_anything_is_kept_is_stopped(monkeypatch):
    _interrupt(monkeypatch, 1)
    with pytest.raises(KeyboardInterrupt):
        train("mnist-cnn", name="cut", **FAST)
    assert runs.read("cut").state == "stopped" and runs.read("cut").accuracy is None


@pytest.mark.parametrize(
    "at, words, code",
    [
        (1, "Interrupted in epoch 1 of 3; no epoch was finished, so nothing was kept.", 130),
        (3, "Interrupted in epoch 3 of 3; the model has the weights of epoch {best}, the best so far.", 0),
        (4, "Interrupted in epoch 1 of {best} of the second run; the model has the weights of epoch {best} of the", 0),
    ],
)
def test_ctrl_c_says_where_what_was_kept_and_how_to_continue(at, words, code, monkeypatch, capsys):
    from training.__main__ import main

    monkeypatch.setattr("training.cli.train.test_model", lambda *_, **__: True)
    monkeypatch.setattr("training.cli.train._input_of", lambda *_: "INPUT")
    typed = ["mnist-cnn", "--slug", "cut", "--datasets", "digits8x8", "--epochs", "3", "--batch", "64"]
    with pytest.MonkeyPatch.context() as patched:
        _interrupt(patched, at)
        assert main(typed) == code
    err, run = capsys.readouterr().err, runs.read("cut")
    assert words.format(best=run.epoch) in err and "Traceback" not in err
    command = " ".join(["zoo train", *run.command]) + (" --resume" if at > 1 else "")
    assert f"To {'continue' if at > 1 else 'start again'}: {command}\n" in err
    if at > 1:
        assert main(command.split()[2:]) == 0 and [each.state for each in runs.runs()] == ["finished"]
        assert "Interrupted" not in capsys.readouterr().err


def test_ctrl_c_while_the_model_is_saved_does_not_claim_that_it_was(monkeypatch, capsys):
    from training.__main__ import main

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(train_module, "save", interrupted)
    typed = ["mnist-cnn", "--slug", "cut", "--datasets", "digits8x8", "--epochs", "1", "--no-refit"]
    assert main(typed) == 130
    words = "Interrupted in epoch 1 of 1; no model was saved.\nTo continue: zoo train mnist-cnn --slug cut"
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("state", ["finished", "stopped", None])
def test_what_cannot_be_resumed_is_refused_and_nothing_is_trained(state, home, capsys):
    from training.__main__ import main

    if state:
        _queued(state=state)
    if state == "stopped":  # without a state to resume from
        (home / "runs" / "later" / "validated").mkdir()
    typed = ["mnist-cnn", "--slug", "later", "--datasets", "digits8x8", "--epochs", "1", "--no-refit", "--resume"]
    assert main(typed) == 1
    words = "nothing to resume; omit" if state == "finished" else "no interrupted run of later to resume; omit --resume"
    assert words in capsys.readouterr().err and len(runs.runs()) == bool(state)


def test_a_model_that_is_being_trained_is_not_removed():
    run = _queued(state="running", pid=os.getpid(), started=time.time())
    with pytest.raises(ZooError, match="later is being trained .*; stop that first"):
        catalog.remove("later")
    assert runs.read("later") == run


def test_a_refit_of_fewer_epochs_and_an_early_end_are_announced(monkeypatch, capsys):
    accuracies = iter([0.5, 0.7, 0.6, 0.6, 0.9])
    monkeypatch.setattr(
        Learner,
        "validate",
        lambda _, checks: {"accuracy": next(accuracies), "validation loss": 1.0} if checks else {},
    )
    train("mnist-cnn", name="early", patience=2, **{**FAST, "epochs": 5})
    err = capsys.readouterr().err
    assert "Stopped early, after epoch 4 of 5: epoch 2 is still the best.\n" in err
    assert "The second run, on the training and validation sets, takes 2 epochs: epoch 2 of 5 was the best" in err
    assert max(row["epoch"] for row in runs.curve("early") if row["part"] == "refit") == 2


def test_a_failed_run_says_why(monkeypatch):
    with pytest.raises(ZooError, match="diverged"):
        train("mnist-cnn", name="wild", **{**FAST, "lr": 99.0})
    run = runs.read("wild")
    assert run.state == "failed" and "diverged at epoch 1: loss is" in run.reason and run.ended
    assert runs.unfinished("wild") is None  # it would diverge again

    def broken(*_, **__):
        raise RuntimeError("shapes cannot be multiplied\nmore")

    monkeypatch.setattr(run_module, "fit", broken)
    with pytest.raises(RuntimeError):
        train("mnist-cnn", name="broken", **FAST)
    assert runs.read("broken").reason == "RuntimeError: shapes cannot be multiplied"


def test_wrong_arguments_leave_no_run(home):
    for wrong in ({"epochs": 0}, {"colour": 0.5}, {"device": "abacus"}):
        with pytest.raises(ZooError):
            train("mnist-cnn", name="wrong", **{**FAST, **wrong})
    assert runs.runs() == []


def test_a_queued_run_with_data_that_do_not_fit_has_failed():
    from training.__main__ import main

    _queued()
    assert main(["mnist-cnn", "--datasets", "unipen-letters", "--slug", "later", "--run-id", "later"]) == 1
    run = runs.read("later")
    assert run.state == "failed" and "does not fit the task" in run.reason and run.note == "mine"


def test_an_interrupted_run_that_cannot_go_on_now_can_be_resumed_later(home, monkeypatch):
    with pytest.MonkeyPatch.context() as patched:
        _interrupt(patched, 2)
        train("mnist-cnn", name="cut", **BRIEF)
    stopped = runs.read("cut")

    def missing(_):
        raise ZooError("The data set is gone.")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(run_module, "prepare", missing)
        with pytest.raises(ZooError, match="is gone"):
            train("mnist-cnn", name="cut", resume=True, **BRIEF)
    assert runs.read("cut") == stopped
    train("mnist-cnn", name="cut", resume=True, **BRIEF)
    assert runs.read("cut").state == "finished"


def _queued(**changes) -> runs.Run:
    fields = {"model": "later", "entry": "mnist-cnn", "task": "digits", "seed": 0, "recipe": {}, "created": time.time()}
    run = runs.Run(**{"id": "later", "state": "queued", "note": "mine", **fields, **changes})
    runs.write(run)
    return run


def test_a_queued_run_starts_with_its_record():
    queued = _queued(sweep="s")
    train("mnist-cnn", name="later", run_id="later", **BRIEF)
    run = runs.read("later")
    assert (run.state, run.note, run.created, run.sweep) == ("finished", "mine", queued.created, "s")
    with pytest.raises(ZooError, match="Run later is finished; choose another id"):
        train("mnist-cnn", name="later", run_id="later", **BRIEF)
    train("mnist-cnn", name="later", run_id="chosen", **BRIEF)
    assert runs.read("chosen").model == "later" and len(runs.runs()) == 2


@pytest.mark.parametrize("wrong", [["--colour", "0.5"], ["--task", "x"], ["--title", ""]])
def test_a_queued_run_that_cannot_start_has_failed(wrong):
    from training.__main__ import main

    _queued()
    assert main(["mnist-cnn", "--slug", "later", "--run-id", "later", *wrong]) == 1
    run = runs.read("later")
    assert run.state == "failed" and run.reason.endswith(".") and run.ended


def test_a_run_whose_process_was_killed_has_failed_and_is_resumed(home):
    script = (
        "import os, signal\nfrom training.learner import Learner\nfrom training.train import train\n"
        "keep = Learner.keep\n"
        "def killed(run, epoch, row):\n"
        "    keep(run, epoch, row)\n    if epoch == 2: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"Learner.keep = killed\ntrain('mnist-cnn', name='cut', **{FAST})\n"
    )
    subprocess.run([sys.executable, "-c", script], env={**os.environ, "ZOO_HOME": str(home)}, check=False)
    assert runs.read("cut").state == "failed" and "process" in runs.read("cut").reason
    train("mnist-cnn", name="cut", resume=True, **FAST)
    assert [run.state for run in runs.runs()] == ["finished"]


def test_a_full_disk_does_not_end_the_run_for_its_progress(home, monkeypatch):
    run = _queued()
    record = Record(replace_state(run))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    fields = {"part": "refit", "epoch": 1, "epochs": 2, "step": 1, "steps": 2, "loss": 1.0, "lr": 0.1}
    record.progress(**fields, seconds_left=None)
    assert runs.progress("later") is None


def replace_state(run: runs.Run) -> runs.Run:
    return run.model_copy(update={"state": "running", "pid": os.getpid()})


def test_a_queued_run_can_be_stopped_where_its_server_ignores_the_signal():
    """A server that a script starts in the background ignores SIGINT, and so do the processes that it starts."""
    from training.__main__ import main

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert main(["mnist-cnn", "--slug", "later", "--run-id", "later", "--title", ""]) == 1
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
