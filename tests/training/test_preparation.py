"""What a run trains on fits its task and its net, or is refused before there is a run."""

import pytest

from models import runs
from training.__main__ import main

UNFIT = [  # arguments that only the data or the weights show to be wrong; words of the error
    (["mnist-cnn", "--datasets", "unipen-letters"], "does not fit the task 'digits': it has labels that the task"),
    (
        ["mnist-cnn", "--datasets", "diabetes-outside"],
        "does not fit the task 'digits': it has no labels. Data sets that fit: mnist",
    ),
    (["mnist-cnn", "--datasets", "noise"], "has no train split"),
    (["mnist-cnn", "--datasets", "digits8x8", "--start-from", "none"], "no model 'none'"),
    (["mnist-cnn", "--datasets", "digits8x8", "--start-from", "mnist-mlp"], "do not fit this net: its layers"),
    (["mnist-softmax", "--datasets", "digits8x8", "--start-from", "mnist-cnn"], "omit --start-from"),
    (["mnist-cnn", "--datasets", "digits8x8", "--few", "300"], "--few 300 needs 600 of each label"),
]


@pytest.mark.parametrize("typed, words", UNFIT)
def test_data_or_weights_that_do_not_fit_leave_no_run(typed, words, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    assert main([*typed, "--slug", "wrong"]) == 1
    assert words in capsys.readouterr().err
    assert runs.runs() == [] and not (tmp_path / "runs" / "wrong").exists()
