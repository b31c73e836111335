"""`zoo remove`, and that a running server and the hub notice added and removed models."""

import io
import json
import shutil

import pytest
from streamlit.testing.v1 import AppTest

import models
from app.cli import remove
from models import catalog, paths
from models.errors import ZooError
from tests.app.conftest import ONE, ROOT, sentence


@pytest.fixture
def runes(zoo_home):
    """A model `my-runes`, copied from a shipped one, with its own task that has no examples."""
    folder = shutil.copytree(paths.SHIPPED / "mnist-cnn", zoo_home / "checkpoints" / "my-runes")
    config = json.loads((folder / "config.json").read_text())
    task = {**config["task"], "slug": "my-runes", "title": "My runes", "question": "My runes: which one is drawn?"}
    task |= {"labels": [f"rune {number}" for number in range(10)], "examples": []}
    (folder / "config.json").write_text(json.dumps({**config, "slug": "my-runes", "task": task}))
    (zoo_home / "runs" / "my-runes").mkdir(parents=True)
    yield folder
    for left in (folder, zoo_home / "runs" / "my-runes"):
        shutil.rmtree(left, ignore_errors=True)


def test_a_model_is_removed_with_its_training_state(zoo, zoo_home, runes):
    code, out, err = zoo("remove", "my-runes", "--yes")
    assert (code, out, err) == (0, "", "Removed my-runes.\n")
    assert not runes.exists() and not (zoo_home / "runs" / "my-runes").exists()
    assert not list(zoo_home.glob("*/.removed-*"))
    sentence(zoo("remove", "my-runes", "--yes"), "There is no model 'my-runes'")


def test_the_run_of_a_failed_training_is_removed(zoo, zoo_home):
    run = zoo_home / "runs" / "never-finished"
    run.mkdir(parents=True)
    (run / "resume.safetensors").write_bytes(b"half")
    (run.parent / ".never-finished.lock").touch()
    assert zoo("remove", "never-finished", "--yes") == (0, "", "Removed never-finished.\n")
    assert not run.exists()
    sentence(zoo("remove", ".never-finished.lock", "--yes"), "There is no model")


@pytest.mark.parametrize("answer, gone", [(True, True), (False, False)])
def test_remove_asks_for_confirmation(zoo, runes, monkeypatch, answer, gone):
    monkeypatch.setattr(remove.typer, "confirm", lambda words, err: answer)
    code, _, err = zoo("remove", "my-runes")
    assert runes.exists() is not gone and code == (0 if gone else 1) and err.count("\n") == 1


def test_without_an_answer_nothing_is_removed(zoo, runes, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    code, out, err = zoo("remove", "my-runes")
    assert code == 1 and out.strip() == "" and "--yes" in err and runes.exists()


def test_a_shipped_model_cannot_be_removed(zoo):
    sentence(zoo("remove", "mnist-cnn", "--yes"), "mnist-cnn ships with the Zoo and cannot be removed")
    sentence(zoo("remove", "mnist-cn", "--yes"), "did you mean mnist-cnn")
    assert (paths.SHIPPED / "mnist-cnn" / "config.json").exists()


@pytest.mark.parametrize("id", ["../models", ".", "", "/", "my-runes/../../x"])
def test_no_id_reaches_outside_the_folder(zoo, runes, id):
    code, out, err = zoo("remove", "--yes", "--", id)
    assert code == 1 and out == "" and "There is no model" in err and runes.exists()


def test_a_damaged_model_can_be_removed(zoo, runes):
    (runes / "config.json").write_text("{")
    assert zoo("remove", "my-runes", "--yes")[0] == 0 and not runes.exists()


def test_a_model_that_cannot_be_moved_is_unchanged(runes, monkeypatch):
    def denied(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.replace", denied)
    with pytest.raises(ZooError, match="Could not remove .*Permission denied; it is unchanged"):
        catalog.remove("my-runes")
    assert catalog.find("my-runes").path == runes


def test_a_running_server_notices_added_and_removed_models(runes, rest):
    body = {"strokes": ONE}
    aside = runes.with_name("_aside")
    runes.rename(aside)
    assert rest.post("/api/predict/my-runes", json=body).status_code == 404
    aside.rename(runes)
    assert "my-runes" in {model["id"] for model in rest.get("/api/models").json()["models"]}
    assert rest.post("/api/predict/my-runes", json=body).json()["best"] == "rune 1"
    catalog.remove("my-runes")
    assert rest.post("/api/predict/my-runes", json=body).status_code == 404
    assert "my-runes" not in rest.get("/api/models").text
    with pytest.raises(ZooError, match="There is no model 'my-runes'"):
        models.load("my-runes")


def labels(hub: AppTest) -> list[str]:
    """Return the labels of the links on a page."""
    return [link.proto.label for link in hub.get("page_link")]


def test_a_task_without_examples_has_a_page_until_it_is_removed(runes):
    hub = AppTest.from_file(str(ROOT / "app" / "hub" / "main.py"), default_timeout=60).run()
    assert not hub.exception and "**My runes\\: which one is drawn\\?**" in labels(hub)

    def script() -> None:
        from functools import partial

        import streamlit as st

        from app.hub.views import task
        from models.errors import ZooError

        def show() -> None:
            try:
                task.show("my-runes")
            except ZooError as error:  # as app/hub/main.py does
                st.write(str(error))

        st.navigation([st.Page(partial(show), title="My runes", default=True)]).run()

    page = AppTest.from_function(script, default_timeout=60).run()
    assert not page.exception
    catalog.remove("my-runes")
    assert not page.run().exception and "There is no task 'my-runes'" in page.markdown[-1].value
    assert not hub.run().exception and "My runes" not in " ".join(labels(hub))


def test_the_folder_that_show_prints_holds_the_files(zoo, runes):
    version = runes / "v1"
    version.mkdir()
    for file in list(runes.iterdir()):
        if file != version:
            file.rename(version / file.name)
    (runes / "current").write_text("v1")
    code, out, _ = zoo("show", "my-runes")
    assert code == 0 and str(version) in out and (version / "config.json").exists()
