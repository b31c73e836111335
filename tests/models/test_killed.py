"""Writing, removing and pulling models that is killed at any moment never loses a good model."""

import json
import shutil
from pathlib import Path

import pytest

from models import catalog, paths, writing
from models.checkpoint import Checkpoint
from models.huggingface import cache
from models.huggingface.pull import pull
from tests.hub.fixtures import MODEL, pulled, talk_to
from tests.killed import killed, moments

MOMENTS = 4
SLUG = "names-ngrams"


def files_with(title: str) -> dict[str, bytes]:
    """The files of a model with another title."""
    checkpoint = Checkpoint.open(paths.SHIPPED / SLUG)
    files = {name: checkpoint.read(name) for name in checkpoint.config.files}
    return writing._with_config(checkpoint.config.model_copy(update={"title": title}), files)


def write_version(title: str) -> None:
    """Write a version of the model `mine`."""
    writing.write_version(paths.user_checkpoints() / "mine", files_with(title))


def write(title: str) -> None:
    """Write the model `mine` as plain files, as `zoo train --out` and the training of shipped models do."""
    writing.write(paths.user_checkpoints() / "mine", files_with(title))


def attach(title: str) -> None:
    """Replace the title in the checkpoint `mine`, whichever layout it has."""
    folder = paths.user_checkpoints() / "mine"
    writing.retitle(folder, Checkpoint.open(folder).config.model_copy(update={"title": title}), "")


@pytest.mark.parametrize("before, function", [(write_version, write_version), (write, write), (write, attach)])
def test_a_killed_write_leaves_the_old_model_or_the_new_one(tmp_path, monkeypatch, before, function):
    def home(name) -> Path:
        monkeypatch.setenv("ZOO_HOME", str(tmp_path / name))
        before("Old")
        return tmp_path / name

    for at in moments(MOMENTS, function, "New", home=home("count")):
        folder = home(str(at)) / "checkpoints" / "mine"
        killed(at, function, "New", home=tmp_path / str(at))
        assert catalog.find("mine").title in ("Old", "New") and not catalog.problems()
        Checkpoint.open(folder).check()
        function("Newer")
        assert catalog.find("mine").title == "Newer"
        Checkpoint.open(folder).check()
        assert not list(folder.rglob(".*"))
        if before is write_version:
            assert len([path for path in folder.iterdir() if path.is_dir()]) == 2  # the previous version is kept


def test_a_killed_first_write_leaves_no_model_or_a_whole_one(tmp_path, monkeypatch):
    for at in moments(MOMENTS, write_version, "New", home=tmp_path / "count"):
        monkeypatch.setenv("ZOO_HOME", str(tmp_path / str(at)))
        killed(at, write_version, "New", home=tmp_path / str(at))
        assert not catalog.problems()
        write_version("Newer")
        assert catalog.find("mine").title == "Newer"
        assert [path.name for path in paths.user_checkpoints().iterdir()] == ["mine"]


def test_a_killed_removal_can_be_repeated_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "count"))
    write_version("Old")
    for at in moments(MOMENTS, catalog.remove, "mine", home=tmp_path / "count"):
        monkeypatch.setenv("ZOO_HOME", str(tmp_path / str(at)))
        write_version("Old")
        killed(at, catalog.remove, "mine", home=tmp_path / str(at))
        assert not catalog.problems()
        if any(model.id == "mine" for model in catalog.models()):
            Checkpoint.open(catalog.find("mine").path).check()
        write_version("New")
        catalog.remove("mine")
        assert not list(paths.user_checkpoints().iterdir())


def pull_from(url: str) -> None:
    """Pull `ada/cnn` from the Hub at `url`."""
    talk_to(url)
    pull(MODEL)


def test_a_killed_pull_keeps_the_previous_model_and_the_next_one_succeeds(
    client, hub, pulled_once, tmp_path, monkeypatch
):
    blobs = hub.model(MODEL).commits[hub.model(MODEL).refs["main"]]
    files = {path: blob.data for path, blob in blobs.items()}
    config = json.loads(files["config.json"]) | {"title": "Newer"}
    hub.put(MODEL, files | {"config.json": json.dumps(config).encode()})

    def home(name) -> Path:
        monkeypatch.setenv("ZOO_HOME", str(tmp_path / name))
        shutil.copytree(pulled_once / "hub", tmp_path / name / "hub")
        return tmp_path / name

    for at in moments(MOMENTS, pull_from, hub.url, home=home("count")):
        here = home(str(at))
        killed(at, pull_from, hub.url, home=here)
        assert catalog.find(MODEL).title in ("Course CNN", "Newer") and not catalog.problems()
        Checkpoint.open(catalog.find(MODEL).path).check()
        pull(MODEL)
        assert catalog.find(MODEL).title == "Newer" and pulled() == hub.model(MODEL).refs["main"]
        assert not list(cache.root(MODEL).rglob(".*"))
