"""`zoo sweep` as a user runs it."""

import csv

import pytest

from app.cli import app
from models import runs, sweeps
from models.errors import ZooError
from tests.app.cli.conftest import exit_code as zoo

QUICK = ["sweep", "mnist-softmax", "--datasets", "digits8x8", "--epochs", "1"]


pytestmark = pytest.mark.usefixtures("own_home")


def test_the_table_ends_in_the_command_for_the_best_setting(capsys, tmp_path):
    file = tmp_path / "results.csv"
    assert zoo(*QUICK, "--lr", "0.000001,0.01", "--seeds", "2", "--csv", str(file)) == 0
    out, err = capsys.readouterr()
    heading, best, worst, *_ = out.splitlines()
    assert heading.split() == ["lr", "accuracy", "loss", "seconds", "state"]
    assert best.split()[0] == "0.01" and "±" in best and worst.split()[0] == "1e-06"
    assert "Best on the validation set: zoo train mnist-softmax --datasets digits8x8 --epochs 1 --lr 0.01" in out
    assert "2 settings, 2 seeds each" in err and "4/4  lr 0.01, seed 1: " in err and "epoch" not in err
    assert [line["lr"] for line in csv.DictReader(file.open())] == ["0.01", "0.01", "1e-06", "1e-06"]
    assert zoo("sweep", "--results", "mnist-softmax-sweep") == 0
    assert capsys.readouterr().out == out


def test_an_interrupted_sweep_says_how_to_go_on_and_does(capsys, monkeypatch):
    from training.sweeps.trial import Trials

    train, calls = Trials._train, []

    def interrupted(self, *arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return train(self, *arguments)

    monkeypatch.setattr(Trials, "_train", interrupted)
    assert zoo(*QUICK, "--lr", "0.01,0.02,0.03") == 130
    out, err = capsys.readouterr()
    assert "Continue: zoo sweep --resume mnist-softmax-sweep" in err
    assert "0.01" in out and "stopped" in out
    assert zoo("sweep", "--resume", "mnist-softmax-sweep") == 0
    assert len(calls) == 4
    states = [run.state for run in runs.runs() if run.sweep == "mnist-softmax-sweep"]
    assert states == ["finished"] * 3


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["mnist-cnn"], "Nothing to try: list values, such as --lr 0.001,0.01, or pass --search 20."),
        (["mnist-cnn", "--lr", "0.1..0.2"], "--lr 0.1..0.2 is a range; add --search N"),
        (["mnist-cnn", "--lr", "1,2", "--metric", "f1"], "--metric is 'f1'; expected accuracy or val_loss."),
        (["mnist-cmm", "--lr", "1,2"], "mnist-cnn"),
        (["mnist-cnn", "--label-column", "x", "--lr", "1,2"], "add --examples FILE"),
        (["mnist-cnn", "--examples", "x", "--datasets", "mnist"], "cannot be combined"),
        (["names-gru", "--examples", "/nowhere.csv", "--lr", "0.1,0.2"], "There is no such file"),
        (["--resume", "nope"], "There is no sweep 'nope'; sweeps on this machine: none yet."),
        (["--resume", "nope", "--lr", "1,2"], "--resume continues the sweep as it was started; omit --lr."),
        (["--resume", "nope", "--seeds", "1"], "--resume continues the sweep as it was started; omit --seeds."),
        (["--resume", "nope", "--metric", "accuracy"], "as it was started; omit --metric."),
        (["--resume", "nope", "--data", "x", "--device", "cpu"], "as it was started; omit --data, --device."),
        (["--resume", "nope", "--text-column", "x", "--label-column", "y"], "omit --text-column, --label-column."),
        (["--results", "nope", "--search", "3"], "--results shows the sweep as it was started; omit --search."),
    ],
)
def test_what_cannot_be_run_is_refused_with_the_way_out(arguments, sentence):
    with pytest.raises(ZooError) as refused:
        app(["sweep", *arguments])
    assert sentence in str(refused.value)
    assert not sweeps.sweeps()


@pytest.mark.parametrize("arguments", [[], ["mnist-cnn", "--resume", "x"], ["mnist-cnn", "--search", "0"]])
def test_wrong_usage_ends_with_code_2(arguments, capsys):
    assert zoo("sweep", *arguments) == 2


def test_own_examples_are_swept_too(tmp_path, capsys):
    rows = [f"{word}{ending},{label}" for label, word in (("a", "oak"), ("b", "elm")) for ending in "abcdefghijkl"]
    file = tmp_path / "words.csv"
    file.write_text("text,label\n" + "\n".join(rows))
    options = ["--examples", str(file), "--epochs", "2", "--lr", "0.01,0.02"]
    assert zoo("sweep", "names-ngrams", *options) == 0
    out = capsys.readouterr().out
    assert f"zoo train names-ngrams --examples {file}" in out


def test_the_folder_of_the_data_is_kept_as_an_absolute_path(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sets").mkdir()
    assert zoo(*QUICK, "--lr", "0.01,0.02", "--data", "sets") == 0
    (sweep,) = sweeps.sweeps()
    assert sweep.data == tmp_path / "sets"
    assert f"--data {tmp_path / 'sets'}" in capsys.readouterr().out
