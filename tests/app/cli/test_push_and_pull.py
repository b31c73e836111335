"""`zoo push` and `zoo pull`: every interface serves a pulled model, and none of them downloads anything."""

import asyncio
import json
import re
import shutil
import subprocess
import sys
from itertools import islice

import onnxruntime
import pytest
from streamlit.testing.v1 import AppTest

import models
from app.hub.answers.ask import ask
from app.verify import checks
from models import catalog
from models.checkpoint import Checkpoint
from models.errors import HubError, UnknownModel, ZooError
from models.huggingface.pull import pull
from models.writing import retitle
from tests.app.conftest import ONE, ROOT
from tests.hub.fixtures import MODEL, TOKEN, environment, run_zoo

GOLDEN = """
import json, numpy, models
predictor = models.load("ada/cnn@main", device="cpu", engine="onnx")
golden = predictor.checkpoint.golden
for item in golden.inputs:
    actual = predictor.predict(item.raw).probabilities
    numpy.testing.assert_allclose([actual[label] for label in predictor.task.labels], item.probabilities, atol=1e-6)
print(len(golden.inputs), predictor.fingerprint)
"""


def test_a_pushed_model_gives_the_golden_answers_in_another_process(hub, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", GOLDEN],
        cwd=ROOT,
        env=environment(hub, tmp_path),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["10", models.load("mnist-cnn").fingerprint]
    assert done.stderr == ""  # no progress bars, no warnings


def test_every_shipped_model_is_pushed_and_pulled_unchanged(client, hub, zoo_home):
    shipped = [model.id for model in catalog.models() if model.origin == "shipped"]
    done = run_zoo(hub, zoo_home, "push", "--all", "--repo", "ada")
    assert done.returncode == 0 and done.stdout.count("Pushed ") == len(shipped), done.stderr
    assert {id for kind, id in hub.repos if kind == "model"} >= {f"ada/{slug}" for slug in shipped}
    for slug in ("names-ngrams", "letters-scratch", "mnist-mlp"):  # benchmarks/hub.py pulls all of them
        pull(f"ada/{slug}")
        results = list(islice(checks.verify(f"ada/{slug}", server=None, zoo=None), 2))  # the files and ONNX Runtime
        assert [check.holds for check in results] == [True, True], results
        assert catalog.find(f"ada/{slug}").task is catalog.find(slug).task
        assert models.load(f"ada/{slug}").fingerprint == models.load(slug).fingerprint


def test_a_dry_run_lists_files_and_sizes_and_sends_no_request(client, hub, zoo, monkeypatch):
    monkeypatch.delenv("HF_TOKEN")
    code, out, err = zoo("push", "mnist-cnn", "--repo", "ada/new", "--space", "--dry-run")
    assert (code, err) == (0, "") and hub.asked == []
    totals = [int(number.replace(",", "")) for number in re.findall(r"Would push \d+ files, ([\d,]+) bytes", out)]
    each = [int(line.split()[1].replace(",", "")) for line in out.splitlines() if re.match(r"[\w./-]+ +[\d,]+$", line)]
    assert sum(totals) == sum(each) > 1_000_000
    assert "model.onnx" in out and " bytes, to spaces/ada/new:" in out and "serve.py" in out


@pytest.mark.parametrize("arguments", [[], ["mnist-cnn"], ["--all"], ["mnist-cnn", "--all", "--repo", "ada"]])
def test_wrong_usage_of_push_exits_with_2(zoo, arguments):
    code, out, err = zoo("push", *arguments)
    assert code == 2 and out == "" and "--repo" in err


def test_a_missing_login_is_an_error(client, hub, zoo, monkeypatch, tmp_path):
    from huggingface_hub import constants

    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "none"))
    code, out, err = zoo("push", "mnist-cnn", "--repo", "ada/new")
    assert (code, out) == (1, "") and err.count("\n") == 1 and "hf auth login" in err
    assert hub.asked == []


def test_a_model_without_a_licence_is_pushed_only_with_one_that_was_chosen(client, hub, zoo):
    folder = client / "checkpoints" / "my-digits"
    shutil.copytree(catalog.find("mnist-cnn").path, folder)
    before = Checkpoint.open(folder)
    retitle(folder, before.config.model_copy(update={"slug": "my-digits", "license": "unknown"}), before.card)
    code, out, err = zoo("push", "my-digits", "--repo", "ada/mine")
    assert (code, out) == (1, "") and "my-digits has no licence" in err and "--license" in err
    assert zoo("push", "my-digits", "--repo", "ada/mine", "--dry-run")[0] == 0
    assert zoo("push", "mnist-cnn", "--repo", "ada/mine", "--license", "MIT")[0] == 1  # not the user's own
    code, out, err = zoo("push", "my-digits", "--repo", "ada/mine", "--license", "CC-BY-4.0")
    assert (code, err) == (0, "") and out.startswith("Pushed my-digits")
    after = Checkpoint.open(catalog.find("my-digits").path)
    after.check()
    assert after.config.license == "CC-BY-4.0" and "license: cc-by-4.0" in after.card
    session = onnxruntime.InferenceSession(after.read("model.onnx"))
    assert session.get_modelmeta().custom_metadata_map["license"] == "CC-BY-4.0"
    assert after.evaluation == before.evaluation and after.fingerprint == before.fingerprint
    assert zoo("push", "my-digits", "--repo", "ada/mine")[1].startswith("Nothing to push")


def test_a_hub_without_xet_is_an_error_that_names_the_setting(hub, zoo_home):
    hub.objects.clear()
    done = run_zoo(hub, zoo_home, "push", "mnist-cnn", "--repo", "ada/xet", HF_HUB_DISABLE_XET="0")
    assert done.returncode == 1 and done.stdout == "", done.stdout
    assert "does not support Xet" in done.stderr and "set HF_HUB_DISABLE_XET=1" in done.stderr
    assert done.stderr.count("\n") == 1 and TOKEN not in done.stderr


def test_a_model_is_pulled_and_removed(client, hub, zoo):
    code, out, err = zoo("pull", MODEL)
    commit = hub.model(MODEL).refs["main"]
    assert (code, err) == (0, "") and f"Pulled {MODEL} at commit {commit[:7]}" in out
    assert "Already up to date:" in zoo("pull", MODEL)[1]
    assert zoo("show", MODEL)[0] == 0
    code, out, err = zoo("remove", MODEL, "--yes")
    assert (code, err) == (0, f"Removed {MODEL}.\n") and not list((client / "hub").glob("ada*"))
    code, out, err = zoo("predict", MODEL, "x.png")
    assert code == 1 and "zoo pull ada/cnn" in err


def test_a_damaged_pulled_model_can_be_pulled_again_and_removed(here, hub, zoo):
    (catalog.find(MODEL).path / "current").write_text("../x")
    assert MODEL in catalog.problems()
    assert zoo("pull", MODEL)[0] == 0 and catalog.find(MODEL).config.slug == "mnist-cnn"
    (catalog.find(MODEL).path / "current").write_text("../x")
    assert zoo("remove", MODEL, "--yes")[0] == 0 and MODEL not in catalog.problems()


def test_a_pulled_model_is_listed_in_its_task(here):
    assert MODEL in {model.id for model in catalog.models("digits")}
    assert [model.origin for model in catalog.models("digits") if model.id == MODEL] == ["hub"]
    assert {model.id for model in catalog.models("digits")} > {"mnist-cnn", "mnist-mlp"}


@pytest.mark.parametrize("task", [{"slug": "digits", "labels": [f"rune {n}" for n in range(10)]}, {"slug": "runes"}])
def test_other_labels_make_a_new_task(here, task):
    folder = catalog.find(MODEL).path
    path = folder / (folder / "current").read_text() / "config.json"
    config = json.loads(path.read_text())
    config["task"] |= task
    path.write_text(json.dumps(config))
    assert catalog.find(MODEL).task.slug == "ada--cnn" and "ada--cnn" in catalog.tasks()


def test_rest_serves_a_pulled_model(here, rest):
    assert MODEL in {model["id"] for model in rest.get("/api/models").json()["models"]}
    assert rest.get(f"/api/models/{MODEL}").json()["origin"] == "hub"
    answer = rest.post(f"/api/predict/{MODEL}", json={"strokes": ONE}).json()
    assert answer["best"] == "1" and answer["model"] == MODEL


def model_page() -> AppTest:
    """The page of `ada/cnn`."""

    def script() -> None:
        import streamlit as st

        from app.hub.views import model

        st.navigation([st.Page(model.show, title="Models", default=True)]).run()

    page = AppTest.from_function(script, default_timeout=60)
    page.query_params["model"] = MODEL
    return page.run()


def test_the_model_page_shows_a_pulled_model(here):
    page = model_page()
    text = "".join(element.proto.body for element in page.get("html"))
    assert not page.exception and "Course CNN" in text and TOKEN not in str(page)


def test_no_page_request_or_command_fetches_anything(client, hub, zoo, rest):
    """Not even in a process that may use the network, such as this one."""
    from app import gradio_endpoints
    from app.api.batches import Batches

    for address in (MODEL, f"{MODEL}@main"):
        assert rest.post(f"/api/predict/{address}", json={"strokes": ONE}).status_code == 404
        assert rest.get(f"/api/models/{address}").status_code == 404
    with pytest.raises(Exception, match="zoo pull ada/cnn"):
        asyncio.run(gradio_endpoints.endpoint(None, Batches())(MODEL, {"strokes": ONE}))
    for arguments in (["predict", MODEL, "x.png"], ["show", MODEL], ["verify", MODEL], ["evaluate", MODEL]):
        assert zoo(*arguments)[0] == 1
    page = model_page()
    assert not page.exception
    assert "zoo pull ada/cnn" in "".join(element.proto.body for element in page.get("html"))
    assert hub.asked == []


def test_a_server_never_downloads(client, hub, monkeypatch):
    from app import settings

    for name in (
        "HF_HUB_OFFLINE",
        "GRADIO_ANALYTICS_ENABLED",
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS",
        "OPENBLAS_NUM_THREADS",
        "NO_PROXY",
        "no_proxy",
    ):
        monkeypatch.setenv(name, "")
    settings.quiet()
    with pytest.raises(HubError, match="zoo pull ada/cnn"):
        models.load(MODEL)
    assert hub.asked == []


def test_a_removed_model_is_not_downloaded_for_a_page(here, hub, monkeypatch):
    model = catalog.find(MODEL)
    catalog.remove(MODEL)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")  # as in the server
    assert "zoo pull" in ask([model], {"strokes": ONE})[0].error
    with pytest.raises(UnknownModel):
        catalog.find(MODEL)
    with pytest.raises(ZooError):
        catalog.removable_folder(MODEL)
    assert hub.asked == []
