"""What there is: found in folders, joined to tasks by labels, near names suggested, damage kept to the damaged one."""

import json
import shutil

import pytest

from models import catalog, home
from models.errors import BadCheckpoint, UnknownModel, ZooError


def placed(tmp_path, monkeypatch, slug: str, **task):
    """A copy of a shipped model in a home of its own, with its task changed."""
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    folder = shutil.copytree(home.SHIPPED / "mnist-cnn", tmp_path / "checkpoints" / slug)
    config = json.loads((folder / "config.json").read_text())
    config["task"].update(task)
    config["slug"] = slug
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def test_every_entry_belongs_to_a_task():
    assert all(entry.task in catalog.all_tasks() for entry in catalog.entries().values())


def test_a_task_without_a_model_is_known_but_not_offered(monkeypatch):
    monkeypatch.setattr(catalog, "_scan", dict)
    assert "digits" not in catalog.tasks() and catalog.task("digits").title == "Digits"


@pytest.mark.parametrize(
    "look, wrong, near",
    [("find", "mnist-cn", "mnist-cnn"), ("entry", "mnist_mlp", "mnist-mlp"), ("task", "digit", "digits")],
)
def test_an_unknown_name_suggests_a_near_one(look, wrong, near):
    with pytest.raises(UnknownModel, match=f"did you mean .*{near}"):
        getattr(catalog, look)(wrong)


def test_ones_own_model_stands_beside_the_shipped_ones(tmp_path, monkeypatch):
    before = {model.id for model in catalog.models("digits")}
    placed(tmp_path, monkeypatch, "mine", labels=list("9876543210"))  # the same set in another order
    assert {model.id for model in catalog.models("digits")} == before | {"mine"}
    assert catalog.find("mine").origin == "mine"


def test_other_labels_make_a_task_of_their_own(tmp_path, monkeypatch):
    placed(tmp_path, monkeypatch, "shapes", labels=[f"shape {i}" for i in range(10)])
    assert catalog.find("shapes").task.slug == "shapes"
    assert "shapes" in catalog.tasks() and catalog.models("shapes")[0].id == "shapes"


def test_a_damaged_folder_does_not_hide_the_others(tmp_path, monkeypatch):
    folder = placed(tmp_path, monkeypatch, "broken")
    (folder / "config.json").write_text("{")
    assert catalog.models("digits")
    assert "not JSON" in catalog.problems()["broken"]
    with pytest.raises(BadCheckpoint, match="not JSON"):
        catalog.find("broken")


def test_a_replaced_checkpoint_is_seen_at_once(tmp_path, monkeypatch):
    folder = placed(tmp_path, monkeypatch, "mine")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "title": "Another title"}))
    assert catalog.find("mine").title == "Another title"


def test_two_of_one_slug_raise(monkeypatch):
    from models.zoo import mnist_mlp

    monkeypatch.setattr(mnist_mlp, "ENTRY", catalog.entry("mnist-cnn"))
    catalog._declared.cache_clear()
    with pytest.raises(ZooError, match="taken"):
        catalog.entries()
    monkeypatch.undo()
    catalog._declared.cache_clear()
