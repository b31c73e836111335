"""`python -m training`: `train` is the default command, each job has its own arguments, and exit codes."""

import sys

import pytest

from training import release
from training.__main__ import main
from training.cli.jobs import JOBS
from training.data.dataset import Sources


def test_without_arguments_the_help_is_shown(capsys):
    assert main([]) == 2
    assert main(["--help"]) == 0
    page = capsys.readouterr().out
    assert all(f"\n  {job} " in page for job in ("train", *JOBS)) and "..." not in page.partition("Commands:")[2]


@pytest.mark.parametrize("job", JOBS)
def test_each_job_has_its_own_help(capsys, job):
    assert main([job, "--help"]) == 0
    page = capsys.readouterr().out
    assert f"training {job}" in page and "--epochs" not in page
    assert ("--force" in page) == (job == "zoo")


@pytest.mark.parametrize(
    "arguments", [["mnist-cn"], ["train", "mnist-cn"], ["--epochs", "3", "mnist-cn"]], ids=" ".join
)
def test_an_unknown_job_is_an_entry_to_train(capsys, arguments):
    assert main(arguments) == 1
    assert "did you mean mnist-cnn" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["zoo", "--epochs", "3"], ["confusion-examples", "mnist-cnn"], ["study"], ["mnist-cnn", "--force"]],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2(capsys, arguments):
    assert main(arguments) == 2
    assert "Error:" in capsys.readouterr().err


def test_a_data_set_may_be_named_like_an_option(capsys):
    assert main(["confusion-examples", "--", "mnist-cnn", "--help"]) == 1
    assert "no data set '--help'" in capsys.readouterr().err


def test_arguments_reach_the_job_and_ctrl_c_exits_with_130(capsys, monkeypatch):
    calls = []
    monkeypatch.setattr(release, "train_zoo", lambda slugs, **options: calls.append((slugs, options)))
    assert main(["zoo", "mnist-cnn", "mnist-mlp", "--force", "--device", "cpu"]) == 0 and main(["zoo"]) == 0
    assert calls[0] == (("mnist-cnn", "mnist-mlp"), {"device": "cpu", "sources": Sources(), "force": True})
    assert calls[1] == ((), {"device": None, "sources": Sources(), "force": False})

    def interrupted(slugs, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(release, "train_zoo", interrupted)
    assert main(["zoo"]) == 130
    assert capsys.readouterr().err == "Interrupted; run the same command again to finish.\n"


def test_the_arguments_are_those_of_the_process_by_default(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["python -m training", "mnist-cn"])
    assert main() == 1
    assert "mnist-cnn" in capsys.readouterr().err


def test_without_torch_a_sentence_says_what_to_install(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    jobs = ("training.train", "training.release")
    for name in [name for name, module in sys.modules.items() if name.startswith("training.")]:
        if name in jobs or hasattr(sys.modules[name], "torch"):
            monkeypatch.delitem(sys.modules, name)
    for arguments in (["mnist-mlp"], ["zoo", "mnist-mlp"]):
        assert main(arguments) == 1
        out, err = capsys.readouterr()
        assert out == "" and err.count("\n") == 1
        assert err.startswith("This needs torch, which is not installed. Run make train-tools")
