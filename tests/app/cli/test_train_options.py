"""`zoo train`: its options, what it writes and prints."""

import json
import shutil

import pytest

from tests.app.conftest import sentence
from training import evaluate as evaluating
from training.data.dataset import Sources


def test_train_writes_a_new_model(zoo, zoo_home, monkeypatch, verifier):
    tested = []
    monkeypatch.setattr(evaluating, "record_available", lambda *given: tested.append(given) or ("mnist", "fashion"))
    options = ["--datasets", "digits8x8", "--epochs", "1", "--no-refit", "--device", "cpu", "--slug", "tiny"]
    code, out, err = zoo("train", "mnist-cnn", *options)
    assert code == 0, err
    try:
        assert out.strip() == str(zoo_home / "checkpoints" / "tiny") and "zoo predict tiny" in err
        assert (
            tested == [(zoo_home / "checkpoints" / "tiny", Sources())]
            and "Not tested on mnist, fashion, because " in err
        )
        assert "tiny" in [model["id"] for model in json.loads(zoo("list", "--json")[1])]
        assert zoo("verify", "tiny")[0] == 0
    finally:
        shutil.rmtree(zoo_home / "checkpoints" / "tiny", ignore_errors=True)
    sentence(zoo("train", "mnist-cnn", "--slug", "mnist-mlp"), "mnist-mlp")


def test_train_parses_options_by_type(zoo, monkeypatch, tmp_path):
    from training import train as training
    from training.recipe import flag, options

    calls = []
    monkeypatch.setattr("training.cli.train.test_model", lambda *_, **__: True)  # the folder is empty
    monkeypatch.setattr("training.cli.train._input_of", lambda name: "INPUT")
    monkeypatch.setattr("training.cli.train.check_resumable", lambda name: None)
    monkeypatch.setattr(training, "train", lambda *entry, **options: calls.append((entry, options)) or tmp_path)
    values = ["--few", "20", "--no-refit", "--lr", "0.1", "--datasets", "mnist,digits8x8", "--rotate", "5", "--resume"]
    assert zoo("train", "mnist-cnn", *values)[0] == zoo("train", *values, "mnist-cnn")[0] == 0
    expected = {"few": 20, "refit": False, "lr": 0.1, "datasets": "mnist,digits8x8", "rotate": 5.0, "resume": True}
    assert calls[0] == calls[1] and calls[0][0] == ("mnist-cnn",) and expected.items() <= calls[0][1].items()
    page = zoo("train", "--help")[1]
    for name, field in options().items():
        assert f"  {flag(name)} " in page and field.description in " ".join(page.split())
    assert "Recipe (default:" in page and "Augmentation of images" in page
    assert "(from 1 to 100,000)" in " ".join(page.split())  # the page may break this line


def test_ctrl_c_in_training_exits_with_130(zoo, monkeypatch):
    from training import train as training

    def interrupted(*entry, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "train", interrupted)
    sentence(zoo("train", "mnist-cnn"), "Interrupted before anything was saved", code=130)


def test_impossible_options_and_options_without_effect_are_refused(zoo):
    sentence(zoo("train", "mnist-cnn", "--epochs", "0"), "--epochs is 0; expected a whole number from 1 to 100,000.")
    sentence(zoo("train", "mnist-cnn", "--lr", "1000"), "--lr is 1000.0; expected a number above 0 and below 100.")
    sentence(zoo("train", "mnist-cnn", "--lr", "nan"), "--lr is nan; expected a number above 0 and below 100.")
    sentence(zoo("train", "mnist-cnn", "--mirror"), "--mirror has no effect on mnist-cnn", "holidays-resnet")
    sentence(
        zoo("train", "mnist-cnn", "--title", ""), "The title '' is not valid; use one line of 1 to 100 characters."
    )
    sentence(zoo("train", "mnist-cnn", "--task", "mine"), "--task", "--examples PATH")
    sentence(
        zoo("evaluate", "mnist-cnn", "--examples", "drawings"), "--examples works only for models trained on your own"
    )


@pytest.mark.parametrize(
    "option, value, expected",
    [
        ("--lr", "abc", "a number above 0 and below 100"),
        ("--epochs", "2.5", "a whole number from 1 to 100,000"),
        ("--rotate", "", "a number from 0 to 180"),
        ("--seed", "-1", "a whole number from 0 to 4,294,967,295"),
        ("--seed", "9" * 30, "a whole number from 0 to 4,294,967,295"),
    ],
)
def test_what_is_no_number_is_wrong_usage_and_names_what_is_expected(zoo, option, value, expected):
    code, out, err = zoo("train", "mnist-cnn", f"{option}={value}")
    assert (code, out) == (2, "")
    assert err.splitlines()[-1] == f"Error: Invalid value for '{option}': {value!r:.40} is not {expected}."


@pytest.mark.parametrize(
    "arguments, hint",
    [
        (["mnist-cnn", "--batch-size", "3"], "No such option: --batch-size; did you mean --batch?"),
        (["mnist-cnn", "--learning-rate=3"], "No such option: --learning-rate; did you mean --lr?"),
        (["mnist-cnn", "-lr", "3"], "No such option: -lr; did you mean --lr?"),
        (["--dropout", "0.1", "mnist-mlp"], "--dropout; dropout is part of the net: see models/zoo/mnist_mlp.py."),
        (["mnist-cnn", "--qqq", "3"], "No such option: --qqq"),
    ],
)
def test_train_suggests_what_an_unknown_option_may_mean(zoo, arguments, hint):
    code, out, err = zoo("train", *arguments)
    assert code == 2 and out == "" and hint in err and "Possible options" not in err


def test_train_turns_augmentation_off(zoo, monkeypatch, tmp_path):
    from training import train as training

    calls = []
    monkeypatch.setattr("training.cli.train.test_model", lambda *_, **__: True)
    monkeypatch.setattr("training.cli.train._input_of", lambda name: "INPUT")
    monkeypatch.setattr(training, "train", lambda *entry, **options: calls.append(options["augment"]) or tmp_path)
    zoo("train", "mnist-cnn", "--no-augment"), zoo("train", "mnist-cnn")
    assert calls == [False, None] and "--no-augment" in zoo("train", "--help")[1]
    assert zoo("train", "mnist-cnn", "--augment")[0] == 2
