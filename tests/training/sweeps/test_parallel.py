"""Sweeps on a Ray cluster of two nodes, whose disk is another than the command's."""

import pytest

from models import runs, sweeps
from models.runs import Run
from tests.training.sweeps.test_sweep import planned, trained
from training.sweeps import parallel
from training.sweeps.sweep import is_over
from training.sweeps.trial import Trials, base_of


@pytest.fixture(scope="module", autouse=True)
def home_of_the_nodes(tmp_path_factory):
    """Set before the nodes start, which keep their environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOO_HOME", str(tmp_path_factory.mktemp("nodes")))
        yield


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch, home_of_the_nodes, two_nodes):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))


def on_ray(plan, space, nodes, ended=lambda *_: None):
    return parallel.run_sweep(plan, space, Trials(plan, base_of(plan)), ended, nodes.address)


def test_all_combinations_give_the_rows_of_one_machine(two_nodes, capfd):
    settings = {"lr": "0.001,0.01,99", "optimizer": "sgd"}
    alone = trained(*planned(settings, seeds=2))
    plan, space = planned(settings, seeds=2)
    seen = []
    rows = on_ray(plan, space, two_nodes, lambda run, number, total: seen.append((number, total)))
    assert seen == [(number, 6) for number in range(1, 7)]
    assert [row.settings for row in rows] == [row.settings for row in alone]
    assert [row.state for row in rows] == [row.state for row in alone]
    for row, other in zip(rows, alone, strict=True):
        assert [run.seed for run in row.runs] == [0, 1]
        assert row.accuracy == (other.accuracy if other.accuracy is None else pytest.approx(other.accuracy, abs=0.02))
        for run in row.runs:
            assert run.sweep == plan.name and runs.read(run.id) == run
            assert runs.curve(run.id) or run.state == "failed"
    assert len({run.id for row in rows for run in row.runs}) == 6
    on_ray(plan, space, two_nodes, lambda *_: pytest.fail("it was trained again"))
    assert capfd.readouterr().out == ""


def test_a_search_tries_as_many_settings_as_asked_and_goes_on(two_nodes):
    settings = {"lr": "0.001..0.1", "batch": "32,64"}
    plan, space = planned(settings, search=3)
    seen = []
    rows = on_ray(plan, space, two_nodes, lambda run, number, total: seen.append((number, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert rows and all(0.001 <= row.settings["lr"] <= 0.1 and row.state == "finished" for row in rows)
    longer = plan.model_copy(update={"search": 5})
    seen.clear()
    on_ray(longer, space, two_nodes, lambda run, number, total: seen.append((number, total)))
    assert seen == [(4, 5), (5, 5)]


def test_a_run_whose_process_was_ended_is_trained_again():
    run = Run(id="a", model="a", entry="a", task="a", seed=0, recipe={}, state="failed", created=0.0)
    assert is_over(run) and not is_over(run.model_copy(update={"reason": runs.GONE}))
    assert not is_over(None) and not is_over(run.model_copy(update={"state": "stopped"}))


def test_a_node_that_is_killed_loses_no_run(two_nodes):
    plan, space = planned({"lr": "0.01,0.02,0.03,0.04", "epochs": "30"})
    killed = []

    def ended(*_):
        if not killed:
            killed.append(two_nodes.kill(two_nodes.second))

    rows = on_ray(plan, space, two_nodes, ended)
    assert killed and len(rows) == 4 and all(row.state == "finished" for row in rows)
    assert sweeps.best(plan, rows)
