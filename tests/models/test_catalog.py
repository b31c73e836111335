"""What there is: found in folders, joined to tasks by labels, near names suggested, damage kept to the damaged one."""

import errno
import json
import os
import shutil
from pathlib import Path

import pytest

from models import catalog, load, paths
from models.errors import BadCheckpoint, UnknownModel, ZooError

SEVEN = [[[80, 70], [120, 68], [190, 68], [170, 110], [150, 160], [135, 220]]]


def placed(tmp_path, monkeypatch, slug: str, /, **task):
    """A copy of a shipped model in a home of its own, with its task changed."""
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    folder = shutil.copytree(paths.SHIPPED / "mnist-cnn", tmp_path / "checkpoints" / slug)
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
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "empty"))
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


def pointed(content: bytes):
    return lambda folder: (folder / "current").write_bytes(content)


def task_with(**task):
    def change(folder):
        config = json.loads((folder / "config.json").read_text())
        config["task"].update(task)
        (folder / "config.json").write_text(json.dumps(config))

    return change


@pytest.mark.parametrize(
    "change, word",
    [
        (task_with(slug="models", labels=["a", "b"]), "taken"),
        (task_with(slug="../x"), "slug"),
        (task_with(slug=5), "is not text of at most 2,000 letters"),
        (task_with(input="sound"), "input"),
        (task_with(answer="{label} {label.__class__}"), "braces"),
        (task_with(answer="{label.__class__}"), "braces"),
        (task_with(answer="It is {}"), "braces"),
        (task_with(title="x" * 100_000), "letters"),
        (task_with(labels="ab"), "labels"),
        (task_with(labels=[["a"], ["b"]]), "is not text of at most 2,000 letters"),
        (task_with(examples=[5]), "task"),
        (task_with(examples=[{"title": "a file", "raw": "/etc/passwd"}]), "example"),
        (task_with(dataset_names=["mnist"]), "dataset_names"),
        (pointed(b"\xff\xfe"), "does not name"),
        (pointed(b"a\0b"), "does not name"),
        (pointed(b"../x"), "does not name"),
        (pointed(b"x" * 1_000), "does not name a folder next to it"),
        (pointed(b"gone"), "cannot be read"),
        (lambda folder: (folder / "config.json").write_text("[" * 200_000), "not JSON"),
        (lambda folder: (folder / "config.json").write_bytes(b"\xff"), "not JSON"),
        (lambda folder: (folder / "config.json").unlink(), "cannot be read"),
    ],
)
def test_one_bad_folder_is_a_problem_and_nothing_more(tmp_path, monkeypatch, change, word):
    change(placed(tmp_path, monkeypatch, "bad"))
    assert "bad" not in {model.id for model in catalog.models()} and catalog.models("digits")
    assert word in catalog.problems()["bad"]


def test_two_of_ones_own_share_a_task_only_where_the_labels_are_the_same(tmp_path, monkeypatch):
    placed(tmp_path, monkeypatch, "a", slug="shapes", labels=["circle", "square"])
    placed(tmp_path, monkeypatch, "b", slug="shapes", labels=["square", "circle"])
    placed(tmp_path, monkeypatch, "c", slug="shapes", labels=["circle", "star"])
    placed(tmp_path, monkeypatch, "d", slug="c", labels=["up", "down"])
    assert {model.id for model in catalog.models("shapes")} == {"a", "b"}
    assert [model.id for model in catalog.models("c")] == ["c"]
    assert [model.id for model in catalog.models("d")] == ["d"]


def test_a_task_that_finds_no_free_name_is_a_problem(tmp_path, monkeypatch):
    placed(tmp_path, monkeypatch, "letters", labels=["a", "b"])
    assert "taken" in catalog.problems()["letters"]


@pytest.fixture
def reads(monkeypatch):
    """One item for each time that the folders were read."""
    seen = []
    original = catalog._read
    monkeypatch.setattr(catalog, "_read", lambda roots: seen.append(roots) or original(roots))
    monkeypatch.setattr(catalog, "_last", None)
    return seen


def test_the_folders_are_read_again_only_after_a_change(tmp_path, monkeypatch, reads):
    folder = placed(tmp_path, monkeypatch, "mine")
    monkeypatch.setattr(catalog, "SETTLING", 0)
    for _ in range(3):
        assert catalog.find("mine") and catalog.models("digits") and not catalog.problems()
    assert len(reads) == 1

    os.utime(folder / "config.json")
    assert catalog.find("mine") and len(reads) == 2
    placed(tmp_path, monkeypatch, "another")
    assert catalog.find("another") and len(reads) == 3
    shutil.rmtree(folder)
    with pytest.raises(UnknownModel):
        catalog.find("mine")
    assert len(reads) == 4
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "elsewhere"))
    with pytest.raises(UnknownModel):
        catalog.find("another")
    assert len(reads) == 5


def test_right_after_a_change_the_folders_are_read_every_time(tmp_path, monkeypatch, reads):
    """The clock of a file system is coarse: another change may get the time of the first."""
    placed(tmp_path, monkeypatch, "mine")
    monkeypatch.setattr(catalog, "SETTLING", 3_600_000_000_000)
    for _ in range(3):
        catalog.find("mine")
    assert len(reads) == 3


@pytest.mark.parametrize(
    ("closed", "id"),
    [
        ("checkpoints/mine", "mine"),
        ("checkpoints", "checkpoints"),
        ("hub/ada/cnn", "ada/cnn"),
        ("hub", "hub"),
    ],
)
def test_a_folder_that_may_not_be_entered_is_named_and_left_out(tmp_path, monkeypatch, closed, id):
    placed(tmp_path, monkeypatch, "mine")
    pulled = shutil.copytree(paths.SHIPPED / "mnist-cnn", tmp_path / "hub/ada/cnn/version")
    (pulled.parent / "current").write_text("version")
    assert not catalog.problems() and catalog.find("ada/cnn")

    def guarded(call):  # root, as which tests may run, can enter any folder
        def checked(path=".", *args, **kwargs):
            inside = not isinstance(path, int) and (tmp_path / closed) in Path(os.fsdecode(path)).parents
            if inside or (call is not os_stat and Path(os.fsdecode(path)) == tmp_path / closed):
                raise PermissionError(errno.EACCES, "Permission denied", path)
            return call(path, *args, **kwargs)

        return checked

    os_stat = os.stat
    for name in ("stat", "scandir", "listdir"):
        monkeypatch.setattr(os, name, guarded(getattr(os, name)))
    monkeypatch.setattr(catalog, "_last", None)
    assert "Permission denied" in catalog.problems()[id] and len(catalog.problems()) == 1
    assert load("mnist-cnn").predict(SEVEN).best == "7"
    with pytest.raises((BadCheckpoint, UnknownModel)):
        catalog.find("ada/cnn" if closed.startswith("hub") else "mine")
