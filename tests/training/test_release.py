"""`python -m training zoo`: three seeds, each tested once, seed 0 shipped with the spread, skipped when up to date."""

from dataclasses import replace

import pytest

from models import catalog, paths
from models.checkpoint import MAP, Checkpoint
from models.task import Task
from models.writing import record
from training import backbone, release
from training.feature_map import add_map
from training.release import is_up_to_date, key_of, ship, train_zoo


@pytest.fixture
def entry(tmp_path, monkeypatch):
    """mnist-mlp on the digits of scikit-learn, with temporary folders for the clone and ZOO_HOME."""
    monkeypatch.setattr(paths, "SHIPPED", tmp_path / "shipped")
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "home"))
    task = catalog.task("digits")
    small: Task = replace(task, datasets=("digits8x8",), ood_datasets=("noise",))
    monkeypatch.setattr(catalog, "task", lambda slug: small)
    shipped = catalog.entry("mnist-mlp")
    recipe = replace(shipped.recipe, datasets=("digits8x8",), epochs=2, batch=100, refit=True)
    return replace(shipped, recipe=recipe, seeds=(0, 1, 2), outliers=())


def test_each_seed_is_tested_once_and_the_first_ships(entry, monkeypatch):
    assert not is_up_to_date(entry)
    folder = ship(entry)
    checkpoint = Checkpoint.open(folder)
    checkpoint.check()
    figures = checkpoint.evaluation.seeds["digits8x8"]
    assert len(figures.accuracies) == 3
    assert figures.accuracies[0] == checkpoint.evaluation.test["digits8x8"].accuracy
    assert figures.mean == pytest.approx(sum(figures.accuracies) / 3)
    assert checkpoint.config.training.seed == 0 and checkpoint.config.training.refitted
    runs = (paths.data_home() / "test-runs.csv").read_text().splitlines()
    assert len(runs) == 1 + 3 * 2  # a header; three seeds on two data sets
    assert is_up_to_date(entry)
    assert not is_up_to_date(replace(entry, recipe=replace(entry.recipe, epochs=3)))
    assert not is_up_to_date(replace(entry, seeds=(0, 1)))
    assert not is_up_to_date(replace(entry, seeds=(0,)))
    monkeypatch.setattr(release, "run", None)  # a call would fail
    add_map(folder)
    evaluation = checkpoint.evaluation
    more = {**evaluation.test, "digits-paper": evaluation.test["digits8x8"]}
    record(folder, evaluation.model_copy(update={"test": more}), evaluation.headline, "a card")
    ship(replace(entry, seeds=(0, 1)))  # the same weights: what was measured later stays
    again = Checkpoint.open(folder)
    again.check()
    assert again.has(MAP) and "digits-paper" in again.evaluation.test
    assert len(again.evaluation.seeds["digits8x8"].accuracies) == 2
    assert (paths.data_home() / "test-runs.csv").read_text().splitlines() == runs


def test_on_another_machine_a_shipped_seed_is_not_trained_again(entry, monkeypatch, tmp_path):
    shipped = Checkpoint.open(ship(replace(entry, seeds=(0,))))
    assert not shipped.evaluation.seeds
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "another"))
    train, trained = release.run, []

    def noted(*arguments, seed, **options):
        trained.append(seed)
        return train(*arguments, seed=seed, **options)

    monkeypatch.setattr(release, "run", noted)
    two = replace(entry, seeds=(0, 1))
    again = Checkpoint.open(ship(two))
    again.check()
    assert trained == [1] and is_up_to_date(two)
    assert again.config.files["model.safetensors"] == shipped.config.files["model.safetensors"]
    accuracies = again.evaluation.seeds["digits8x8"].accuracies
    assert len(accuracies) == 2 and accuracies[0] == shipped.evaluation.test["digits8x8"].accuracy
    assert len((paths.data_home() / "test-runs.csv").read_text().splitlines()) == 1 + 2  # a header; seed 1 on two sets
    ship(replace(entry, seeds=(1, 0)))  # another first seed ships
    assert trained == [1, 0] and Checkpoint.open(paths.SHIPPED / entry.slug).config.training.seed == 1
    ship(two, force=True)
    assert trained == [1, 0] and Checkpoint.open(paths.SHIPPED / entry.slug).config.training.seed == 0


def test_a_shipped_seed_without_figures_is_tested(entry, monkeypatch):
    """As after Ctrl-C between the writing of the checkpoint and the test."""
    one = replace(entry, seeds=(0,))
    whole = release.record_evaluation
    monkeypatch.setattr(release, "record_evaluation", lambda *_, **__: None)
    assert not Checkpoint.open(ship(one)).evaluation.test
    monkeypatch.setattr(release, "record_evaluation", whole)
    assert Checkpoint.open(ship(one)).evaluation.test["digits8x8"].n


def test_models_that_are_up_to_date_are_skipped(entry, monkeypatch):
    shipped = []
    monkeypatch.setattr(release, "ship", lambda entry, **options: shipped.append(entry.slug))
    monkeypatch.setattr(release, "is_up_to_date", lambda entry: entry.slug == "mnist-cnn")
    train_zoo(("mnist-cnn", "mnist-mlp"))
    assert shipped == ["mnist-mlp"]
    train_zoo(("mnist-cnn",), force=True)
    assert shipped == ["mnist-mlp", "mnist-cnn"]


def test_the_key_depends_on_recipe_and_net(entry):
    assert key_of(entry) == key_of(replace(entry, title="Another", description="Others."))
    assert key_of(entry) != key_of(replace(entry, recipe=replace(entry.recipe, lr=0.1)))


def test_the_key_depends_on_the_backbone(entry, tmp_path, monkeypatch):
    monkeypatch.setattr(backbone, "FOLDER", tmp_path)
    keys = [key_of(replace(entry, recipe=replace(entry.recipe, start_from="backbone/some")))]
    for content in (b"one", b"another"):
        (tmp_path / "some.safetensors").write_bytes(content)
        keys.append(key_of(replace(entry, recipe=replace(entry.recipe, start_from="backbone/some"))))
    assert len({*keys, key_of(entry)}) == 4


@pytest.mark.parametrize("slug", list(catalog.entries()))
def test_shipped_models_were_trained_by_their_current_entry(slug):
    assert is_up_to_date(catalog.entry(slug))
