"""`zoo runs`: the table, its order and filters, comparisons, notes and removal."""

import io
import json

import pytest

from app.cli import confirmation
from models import run_table, runs
from tests.app.conftest import sentence


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    return tmp_path


def a_run(id, seed=0, recipe=(), changed=(), accuracy=0.9, **fields) -> runs.Run:
    """A finished run of mnist-cnn, with its record written; the later the call, the newer."""
    usual = {"model": "m", "entry": "mnist-cnn", "task": "digits", "created": float(len(runs.runs()))}
    figures = {"n": 200, "accuracy": accuracy, "interval": (0.85, 0.95), "loss": 0.25, "epoch": 3}
    recipe = {"datasets": ["digits8x8"], "lr": 0.01, "refit": True, "few": None, **dict(recipe)}
    written = {"state": "finished", "started": 10.0, "ended": 25.0, **usual, **figures, **fields}
    run = runs.Run(id=id, seed=seed, recipe=recipe, changed=dict(changed), **written)
    runs.write(run)
    return run


def column(out: str, name: str) -> list[str]:
    """The cells of a column without gaps, from the left."""
    lines = [line.split() for line in out.splitlines()]
    return [line[lines[0].index(name)] for line in lines[1:]]


def test_without_runs_the_command_says_how_to_make_one(zoo):
    assert zoo("runs") == (0, "There are no runs yet. Train a model: zoo train mnist-cnn --datasets digits8x8\n", "")
    assert zoo("runs", "--json")[1] == "[]\n" and zoo("runs", "--sort", "lr")[0] == 0


def test_the_table_has_the_hyperparameters_that_differ_as_columns(zoo):
    a_run("m", changed={"datasets": ["digits8x8"]})
    head, row = zoo("runs")[1].splitlines()
    assert head.split() == "id entry datasets seed accuracy 95% interval loss epoch seconds state".split()
    assert row.split() == "m mnist-cnn digits8x8 0 90.0% 85.0-95.0 0.2500 3 15 finished".split()
    a_run("m-2", recipe={"lr": 0.5}, changed={"datasets": ["digits8x8"], "lr": 0.5}, note="a note")
    out = zoo("runs")[1]
    assert out.splitlines()[0].split()[:4] == ["id", "entry", "lr", "seed"]  # not datasets, which is always the same
    assert column(out, "id") == ["m-2", "m"] and column(out, "lr") == ["0.5", "0.01"] and "a note" in out


def test_a_failed_run_is_a_row_with_its_reason(zoo):
    a_run("m", state="failed", reason="diverged at epoch 3: loss is NaN", accuracy=None, interval=None, loss=None)
    out = zoo("runs")[1]
    assert "failed" in out and "diverged at epoch 3" in out and "accuracy" not in out
    long = runs.update("m", reason="x" * 70, note="mine").reason
    assert f"{'x' * 57}...\n" in zoo("runs")[1] and "mine" in zoo("runs")[1]
    a_run("m-2")
    assert long in zoo("runs", "compare", "m", "m-2")[1]


def test_a_running_run_shows_its_epoch(zoo, home):
    import os

    a_run("m", state="running", pid=os.getpid(), started=None, ended=None)
    progress = runs.Progress(
        part="refit", epoch=2, epochs=9, step=1, steps=2, loss=None, lr=None, seconds_left=None, at=0.0
    )
    (home / "runs" / "m" / "progress.json").write_text(progress.model_dump_json())
    assert "running: refit, epoch 2 of 9" in zoo("runs")[1]


@pytest.mark.parametrize(
    "arguments, expected",
    [
        (["--sort", "accuracy"], ["b", "a", "c", "d"]),
        (["--sort", "accuracy", "--reverse"], ["c", "a", "b", "d"]),
        (["--sort", "lr"], ["c", "d", "b", "a"]),
        (["--sort", "id"], ["a", "b", "c", "d"]),
        (["--sort", "few"], ["b", "d", "c", "a"]),  # only b has a value
        (["--reverse"], ["a", "b", "c", "d"]),
        (["--filter", "lr=1e-2"], ["d", "b", "a"]),
        (["--filter", "lr=0.01", "--filter", "seed=1"], ["b"]),
        (["--filter", "refit=no"], ["c"]),
        (["--filter", "--refit=false"], ["c"]),
        (["--filter", "state=failed"], ["d"]),
        (["--filter", "few=none"], ["d", "c", "a"]),
        (["--filter", "datasets=digits8x8,mnist"], ["c"]),
    ],
)
def test_sorting_and_filtering(zoo, arguments, expected):
    a_run("a", accuracy=0.5)
    a_run("b", seed=1, accuracy=0.75, recipe={"few": 20})
    a_run("c", accuracy=0.25, recipe={"lr": 0.001, "refit": False, "datasets": ["digits8x8", "mnist"]})
    a_run("d", state="failed", accuracy=None)
    assert [run["id"] for run in json.loads(zoo("runs", "--json", *arguments)[1])] == expected


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--sort", "lrr"], "Runs have no 'lrr'; did you mean lr?"),
        (["--sort", "xyz"], "expected one of id, model"),
        (["--filter", "lr"], "write NAME=VALUE"),
        (["--filter", "colour=1"], "Runs have no 'colour'"),
        (["compare", "m"], "two or more different runs"),
        (["compare", "m", "m"], "two or more different runs"),
        (["compare", "m", "mm"], "There is no run 'mm'; did you mean m?"),
        (["note", "nothing", "x"], "There is no run 'nothing'; see zoo runs"),
        (["note", "m", "x" * 2001], "at most 2,000"),
        (["remove", "--yes", "m", "nothing"], "There is no run 'nothing'"),
        (["remove", "--yes", "../m"], "There is no run"),
    ],
)
def test_mistakes_are_one_sentence(zoo, arguments, words):
    a_run("m")
    sentence(zoo("runs", *arguments), words)
    assert runs.read("m")


def test_a_filter_that_nothing_matches_says_so(zoo):
    a_run("m")
    assert zoo("runs", "--filter", "seed=7")[1].startswith("No runs match")


def test_a_comparison_shows_what_differs_and_the_mean_over_seeds(zoo):
    a_run("m", accuracy=0.9)
    a_run("m-2", accuracy=0.8, recipe={"lr": 0.5})
    out = zoo("runs", "compare", "m", "m-2")[1]
    assert out.splitlines()[1].split() == ["lr", "0.01", "0.5"] and "datasets" not in out and "Mean" not in out
    a_run("m-3", seed=1, accuracy=0.8)
    out = zoo("runs", "compare", "m", "m-3")[1]
    assert "the same" in out and "Mean accuracy of m, m-3: 85.0% ± 7.1 (standard deviation over seeds 0, 1)" in out
    answer = json.loads(zoo("runs", "compare", "m", "m-2", "m-3", "--json")[1])
    assert answer["differing"] == ["lr"] and [run["id"] for run in answer["runs"]] == ["m", "m-2", "m-3"]
    assert answer["groups"] == [
        {"runs": ["m", "m-3"], "mean": pytest.approx(0.85), "std": pytest.approx(0.0707, abs=1e-4)}
    ]


def test_a_comparison_across_tasks_says_that_figures_are_not_comparable(zoo):
    a_run("m")
    a_run("n", entry="names-gru", task="names", recipe={"lr": 0.1})
    code, out, err = zoo("runs", "compare", "m", "n")
    assert code == 0 and "names-gru" in out and "not comparable" in err


def test_a_repeated_seed_counts_once():
    first, again, other = a_run("a"), a_run("b", accuracy=0.1), a_run("c", seed=1)
    assert run_table.groups([again, first]) == []
    (group,) = run_table.groups([first, again, other])
    assert [run.id for run in group.runs] == ["a", "c"]


def test_notes(zoo):
    a_run("m")
    assert zoo("runs", "note", "m", "fewer layers") == (0, "", "")
    assert runs.read("m").note == "fewer layers" and "fewer layers" in zoo("runs")[1]
    zoo("runs", "note", "m", "")
    assert runs.read("m").note == ""


def test_a_run_is_removed_after_a_question(zoo, home, monkeypatch):
    for id in ("m", "m-2", "m-3"):
        a_run(id)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    code, out, err = zoo("runs", "remove", "m")
    assert code == 1 and "--yes" in err and runs.read("m")
    monkeypatch.setattr(confirmation.typer, "confirm", lambda words, err: "m, m-2" in words)
    assert zoo("runs", "remove", "m", "m-2", "m")[2] == "Removed run m.\nRemoved run m-2.\n"
    sentence(zoo("runs", "remove", "m-3"), "Nothing was removed")
    assert [run.id for run in runs.runs()] == ["m-3"] and not (home / "runs" / "m").exists()


def test_the_help_of_each_command_has_an_example(zoo):
    for words in (["runs"], ["runs", "compare"], ["runs", "note"], ["runs", "remove"]):
        code, page, _ = zoo(*words, "--help")
        assert code == 0 and f"\n    zoo {' '.join(words)} " in page or "\n    zoo runs\n" in page
