"""Sweeps train for real, on the 8x8 digits of scikit-learn."""

import csv
import io

import pytest

from models import catalog, runs, sweeps
from models.errors import ZooError
from models.sweeps import Sweep
from training.lock import locked
from training.sweeps import trial as trials_module
from training.sweeps.space import space_of
from training.sweeps.sweep import run_sweep
from training.sweeps.trial import Trials, base_of
from training.train import train

QUICK = {"datasets": "digits8x8", "epochs": "1"}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))


def planned(settings, **options):
    texts = {**QUICK, **settings}
    search = options.get("search")
    space = space_of(catalog.entry("mnist-softmax"), texts, search=search is not None)
    names, created = tuple(space.names), float(len(sweeps.sweeps()))
    options = {"seeds": 1, **options}
    name = sweeps.free_name("mnist-softmax")
    plan = Sweep(name=name, entry="mnist-softmax", settings=texts, names=names, created=created, **options)
    sweeps.write(plan)
    return plan, space


def trained(plan, space, ended=lambda *_: None):
    return run_sweep(plan, space, Trials(plan, base_of(plan)), ended)


def test_every_combination_is_trained_with_every_seed_and_the_best_is_first():
    plan, space = planned({"lr": "0.000001,0.01", "batch": "32,64"}, seeds=2)
    seen = []
    rows = trained(plan, space, lambda run, number, total: seen.append((number, total)))
    assert seen == [(number, 8) for number in range(1, 9)]
    assert len(rows) == 4 and [len(row.runs) for row in rows] == [2] * 4
    accuracies = [row.accuracy for row in rows]
    assert accuracies == sorted(accuracies, reverse=True)
    assert rows[0].settings["lr"] == 0.01 and rows[-1].settings["lr"] == 0.000001
    assert all(row.state == "finished" and row.spread is not None and row.seconds > 0 for row in rows)
    best = sweeps.best(plan, rows)
    command = sweeps.command(best)
    assert command.startswith("zoo train mnist-softmax --") and " --lr 0.01" in command and " --epochs 1" in command
    assert not list(catalog.paths.user_checkpoints().glob("*"))  # no model is saved


def test_a_run_of_a_sweep_is_the_run_that_its_command_repeats():
    plan, space = planned({"lr": "0.01,0.02"})
    trained(plan, space)
    command = next(run for run in runs.runs() if run.recipe["lr"] == 0.02).command
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert options == {"--datasets": "digits8x8", "--epochs": "1", "--lr": "0.02"}
    train("mnist-softmax", name="alone", datasets="digits8x8", epochs=1, lr=0.02)
    alone, swept = runs.read("alone"), next(run for run in runs.runs() if run.sweep and run.recipe["lr"] == 0.02)
    assert (alone.accuracy, alone.loss, alone.n) == (swept.accuracy, swept.loss, swept.n)


def test_what_has_ended_is_not_trained_again():
    plan, space = planned({"lr": "0.01,0.02,0.03"})
    rows = []

    def interrupt(run, number, total):
        rows.append(run.id)
        if number == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(plan, space, interrupt)
    trained(plan, space, lambda run, number, total: rows.append(run.id))
    assert len(rows) == len(set(rows)) == 3
    trained(plan, space, lambda *_: pytest.fail("trained again"))


def test_a_failed_run_is_a_row_with_its_reason_and_the_others_go_on(monkeypatch):
    plan, space = planned({"lr": "0.01,0.02"})
    fit = trials_module.Trials._train

    def failing(self, recipe, seed, record, report):
        if recipe.lr == 0.01:
            raise ZooError("The training diverged.")
        return fit(self, recipe, seed, record, report)

    monkeypatch.setattr(trials_module.Trials, "_train", failing)
    rows = trained(plan, space)
    assert [row.state for row in rows] == ["finished", "failed: The training diverged."]
    assert rows[1].accuracy is None and sweeps.best(plan, rows) == rows[0]
    table = list(csv.DictReader(io.StringIO(sweeps.to_csv(plan, rows))))
    assert [(line["lr"], line["state"], line["reason"]) for line in table] == [
        ("0.02", "finished", ""),
        ("0.01", "failed", "The training diverged."),
    ]


@pytest.mark.parametrize("metric", ["accuracy", "val_loss"])
def test_a_search_tries_as_many_settings_as_asked_and_goes_on_where_it_was_interrupted(metric):
    plan, space = planned({"lr": "0.001..0.1", "batch": "32,64"}, search=4, metric=metric)
    ids = []

    def interrupt(run, number, total):
        ids.append(run.id)
        if number == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(plan, space, interrupt)
    rows = trained(plan, space, lambda run, number, total: ids.append(run.id))
    assert sum(len(row.runs) for row in rows) == len(set(ids)) == 4
    assert all(0.001 <= row.settings["lr"] <= 0.1 and row.settings["batch"] in (32, 64) for row in rows)
    assert len({row.settings["lr"] for row in rows}) == 4
    figures = [row.accuracy if metric == "accuracy" else -row.loss for row in rows]
    assert figures == sorted(figures, reverse=True)


def test_a_search_stops_runs_that_are_worse_than_the_others(monkeypatch):
    plan, space = planned({"epochs": "4", "lr": "0.000001..0.01"}, search=9)
    draws = iter([0.01, 0.009, 0.008, 0.007, 0.006, 1e-6, 2e-6, 0.01, 0.0099])
    monkeypatch.setattr("training.sweeps.sweep._from_range", lambda trial, name, limits: next(draws))
    rows = trained(plan, space)
    stopped = [row for row in rows if row.runs[0].state == "stopped"]
    assert {row.settings["lr"] for row in stopped} >= {1e-6, 2e-6}
    assert all("worse than the median of the earlier runs" in row.state for row in stopped)


def test_one_process_at_a_time_runs_a_sweep():
    plan, space = planned({"lr": "0.01,0.02"})
    import threading

    refused = []
    with locked(plan.name):

        def second():
            try:
                trained(plan, space)
            except ZooError as error:
                refused.append(str(error))

        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert refused


def test_damaged_sweeps_are_left_out(tmp_path):
    plan, _ = planned({"lr": "0.01,0.02"})
    damaged = tmp_path / "sweeps" / "other"
    damaged.mkdir(parents=True)
    (damaged / "sweep.json").write_text('{"name": "other"}')
    assert [sweep.name for sweep in sweeps.sweeps()] == [plan.name]
    with pytest.raises(ZooError, match="There is no sweep 'other'; sweeps on this machine: mnist-softmax-sweep"):
        sweeps.read("other")
