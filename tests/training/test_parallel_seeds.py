"""Several seeds on a Ray cluster of two nodes, whose disk is another than the command's."""

import pytest

from models import paths, runs
from models.errors import ZooError
from training import parallel_seeds, seeds
from training.seeds import Model

QUICK = Model("mnist-softmax", "mine", overrides={"datasets": "digits8x8", "epochs": 2})


@pytest.fixture(scope="module", autouse=True)
def home_of_the_nodes(tmp_path_factory):
    """Set before the nodes start, which keep their environment."""
    folder = tmp_path_factory.mktemp("nodes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOO_HOME", str(folder))
        yield folder


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch, home_of_the_nodes, two_nodes):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))


def test_the_seeds_are_those_of_one_machine(two_nodes, home_of_the_nodes, capfd):
    alone = {seed: seeds.train_seed(QUICK, seed) for seed in (0, 1)}
    for run in alone.values():
        runs.remove(run.id)
    trained = dict(parallel_seeds.train_seeds(QUICK, [0, 1], two_nodes.address))
    assert sorted(trained) == [0, 1] and len({run.id for run in trained.values()}) == 2
    for seed, run in trained.items():
        assert run.seed == seed and runs.read(run.id) == run == seeds.earlier(QUICK, seed)
        assert run.accuracy == pytest.approx(alone[seed].accuracy, abs=0.02)
        assert seeds.is_trained(run) and len(runs.curve(run.id)) >= 2
    folder = seeds.keep_first(QUICK, [trained[0], trained[1]])
    assert folder == paths.user_checkpoints() / "mine" and list(folder.iterdir())
    assert not list((home_of_the_nodes / "runs").glob("mine*"))  # nothing stays on the nodes
    assert not list((paths.data_home() / "runs").glob(".ray-*"))
    assert "mine" not in capfd.readouterr().out


def test_an_interrupted_seed_goes_on_as_the_same_run(two_nodes, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(seeds, "run", interrupted)
        seeds.train_seed(QUICK, 3)
    ((seed, run),) = parallel_seeds.train_seeds(QUICK, [3], two_nodes.address)
    assert seed == 3 and run.state == "finished" and [each.id for each in runs.runs()] == [run.id]


def test_an_error_of_a_training_is_its_sentence(two_nodes):
    diverging = Model("mnist-softmax", "mine", overrides={**QUICK.overrides, "lr": 99.0, "optimizer": "sgd"})
    with pytest.raises(ZooError, match="diverged|learning rate"):
        list(parallel_seeds.train_seeds(diverging, [0], two_nodes.address))


def test_a_node_that_is_killed_loses_no_seed(two_nodes):
    longer = Model("mnist-softmax", "mine", overrides={**QUICK.overrides, "epochs": 30})
    trained = {}
    for seed, run in parallel_seeds.train_seeds(longer, range(4), two_nodes.address):
        if not trained:
            two_nodes.kill(two_nodes.second)
        trained[seed] = run
    assert sorted(trained) == [0, 1, 2, 3] and all(map(seeds.is_trained, trained.values()))
