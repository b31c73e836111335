"""`zoo train ID --seeds 0,1,2` as a user runs it."""

import sys

import pytest

from app.cli import app
from models import catalog, runs
from models.checkpoint import Checkpoint
from models.errors import ZooError
from tests.app.cli.conftest import exit_code as zoo

QUICK = ["train", "mnist-softmax", "--datasets", "digits8x8", "--epochs", "1", "--license", "CC0-1.0"]


pytestmark = pytest.mark.usefixtures("own_home")


def test_each_seed_is_a_run_and_the_first_is_the_model(capsys, tmp_path):
    assert zoo(*QUICK, "--seeds", "1,0") == 0
    out, err = capsys.readouterr()
    heading, first, second, mean, folder = out.splitlines()
    assert heading.split()[:2] == ["seed", "validation"] and "test on digits8x8" in heading
    assert first.split()[0] == "1" and second.split()[0] == "0" and mean.split()[0] == "mean" and "±" in mean
    assert "Seed 1: validation " in err and "is the run with seed 1, the first" in err
    model = catalog.find("mnist-softmax-mine")
    assert str(model.path).startswith(folder)
    config, evaluation = Checkpoint.open(model.path).config, Checkpoint.open(model.path).evaluation
    assert config.training.seed == 1 and len(evaluation.seeds["digits8x8"].accuracies) == 2
    assert evaluation.seeds["digits8x8"].accuracies[0] == evaluation.test["digits8x8"].accuracy
    found = runs.of_model("mnist-softmax-mine")
    assert sorted(run.seed for run in found) == [0, 1] and {run.state for run in found} == {"finished"}
    assert "ray" not in sys.modules
    tests = (tmp_path / "test-runs.csv").read_text()
    assert zoo(*QUICK, "--seeds", "1,0") == 0  # nothing is trained or tested again
    assert capsys.readouterr().out == out
    assert len(runs.runs()) == 2 and (tmp_path / "test-runs.csv").read_text() == tests


def test_an_interrupted_command_continues(capsys, monkeypatch):
    from training import seeds

    train, calls = seeds.run, []

    def interrupted(*arguments, **options):
        calls.append(options["seed"])
        if len(calls) == 2:
            raise KeyboardInterrupt
        return train(*arguments, **options)

    monkeypatch.setattr(seeds, "run", interrupted)
    assert zoo(*QUICK, "--seeds", "0,1,2", "--no-test") == 130
    assert "Interrupted: 1 of 3 seeds are trained. Run the same command again" in capsys.readouterr().err
    assert zoo(*QUICK, "--seeds", "0,1,2", "--no-test") == 0
    assert calls == [0, 1, 1, 2]
    assert {run.state for run in runs.runs()} == {"finished"} and len(runs.runs()) == 3


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--seeds", "0,1", "--seed", "0"], "--seeds and --seed cannot be combined"),
        (["--seeds", "0,1", "--few", "5"], "--seeds and --few cannot be combined"),
        (["--seeds", "0,1", "--out", "x"], "--seeds and --out cannot be combined"),
        (["--seeds", "0,1", "--resume"], "--seeds and --resume cannot be combined"),
        (["--seeds", "0,1", "--examples", "x"], "--seeds and --examples cannot be combined"),
        (["--seeds", "0"], "expected 2 to 100 whole numbers"),
        (["--seeds", "0,a"], "--seeds is '0,a'; expected 2 to 100 whole numbers"),
        (["--seeds", "0,-1"], "expected 2 to 100 whole numbers"),
        (["--seeds", "2,1,2"], "--seeds lists 2 twice"),
        (["--seeds", "0,1", "--lr", "-1"], "lr"),
        (["--ray", "local"], "name them with --seeds, such as --seeds 0,1,2"),
        (["--seeds", "0,1", "--ray", "ray://10.0.0.1:10001"], "--ray does not take ray:// addresses"),
        (["--seeds", "0,1", "--ray", "everywhere"], "--ray takes local, auto or HOST:PORT"),
    ],
)
def test_wrong_combinations_are_a_sentence(arguments, sentence):
    with pytest.raises(ZooError) as refused:
        app(["train", "mnist-softmax", *arguments])
    assert sentence in str(refused.value)
    assert not runs.runs()
