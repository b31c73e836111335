"""Pull: the download equals the pushed files; each failure is an error and changes nothing."""

import errno
import hashlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

import models
from models import catalog, loading, paths
from models.errors import HubError, UnknownModel, ZooError
from models.huggingface import cache, names
from models.huggingface import pull as pulling
from models.huggingface.pull import pull
from models.tasks.digits import DRAWINGS
from tests.hub.fixtures import MODEL, TOKEN, pulled

RESOLVE = "/ada/cnn/resolve/"
WEIGHTS = "GET /_cdn/"


def copied(hub, **changes) -> dict[str, bytes]:
    """The files of `ada/cnn` with changed values in config.json."""
    files = {path: blob.data for path, blob in hub.model(MODEL).commits[hub.model(MODEL).refs["main"]].items()}
    config = json.loads(files["config.json"]) | changes
    return files | {"config.json": json.dumps(config).encode()}


def put_incomplete(hub):
    files = copied(hub)
    del files["model.onnx"]
    hub.put("ada/half", files)


FAILURES = {
    "unreachable": (lambda hub: None, "cannot be reached"),
    "unauthorised": (lambda hub: hub.users.pop(TOKEN), "rejected this machine's login"),
    "forbidden": (lambda hub: hub.plant(f"(GET|HEAD) {RESOLVE}", status=403), "does not allow you to read ada/cnn"),
    "gated": (lambda hub: (setattr(hub.model(MODEL), "gated", True), hub.users.update({TOKEN: "eve"})), "is gated"),
    "gone": (
        lambda hub: hub.plant("models/ada/cnn", status=404, headers={"X-Error-Code": "RepoNotFound"}),
        "ada/cnn was not found",
    ),
    "rate-limited": (
        lambda hub: hub.plant("models/ada/cnn", status=429, headers={"Retry-After": "30"}),
        "again in 30 seconds",
    ),
    "rate-limited during the download": (
        lambda hub: hub.plant(f"HEAD {RESOLVE}", status=429, headers={"Retry-After": "9"}),
        "again in 9 seconds",
    ),
    "unavailable": (lambda hub: hub.plant("models/ada/cnn", status=503), "is currently unavailable (503)"),
    "unavailable during the download": (lambda hub: hub.plant(WEIGHTS, status=503), "is currently unavailable (503)"),
    "tampered": (lambda hub: hub.plant(WEIGHTS, body="tamper"), "sha256"),
    "truncated": (lambda hub: hub.plant(WEIGHTS, body="truncate"), "is incomplete"),
    "interrupted": (lambda hub: hub.plant(WEIGHTS, body="cut"), "was interrupted"),
    "endless": (lambda hub: hub.plant(WEIGHTS, body="grow"), "too large"),
    "announced too large": (lambda hub: hub.plant("paths-info", size=2**40), "too large"),
    "not a Hub": (lambda hub: hub.plant("models/ada/cnn", status=200), "does not respond like a Hub"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failed_pull_is_an_error_and_keeps_the_previous_copy(here, hub, failure, monkeypatch):
    from huggingface_hub import constants

    before = models.load(MODEL).predict(DRAWINGS["seven"]).probabilities
    hub.put(MODEL, copied(hub, title="Newer"))
    plant, words = FAILURES[failure]
    if failure == "unreachable":
        monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:1")
    plant(hub)
    with pytest.raises(HubError) as error:
        pull(MODEL)
    message = str(error.value)
    assert words in message and "stays in use" in message and here[:7] in message, message
    assert message.count("\n") == 0 and TOKEN not in message and error.value.__cause__ is None
    loading._loaded.clear()
    assert pulled() == here and catalog.find(MODEL).title == "Course CNN"
    assert models.load(MODEL).predict(DRAWINGS["seven"]).probabilities == before
    assert not list(cache.root(MODEL).glob(".staged-*"))


def test_the_next_pull_after_a_failure_gets_the_new_commit(here, hub):
    hub.put(MODEL, copied(hub, title="Newer"))
    hub.plant(WEIGHTS, status=503, times=1)
    with pytest.raises(HubError, match="503"):
        pull(MODEL)
    assert pull(MODEL).new and catalog.find(MODEL).title == "Newer"
    assert pull(MODEL).new is False


@pytest.mark.parametrize(
    "change, words",
    [
        ({"format": 3}, "expected format 2; update the Zoo"),
        ({"task": None}, "config.json is invalid at 'task'"),
        ({"temperature": -1}, "temperature"),
        ({"threshold": float("nan")}, "threshold"),
        ({"inputs": [{"name": "x", "dtype": "float32", "shape": ["batch", 3, 28, 28]}]}, "inputs"),
        ({"files": {}}, "does not list processor.json"),
    ],
)
def test_a_config_that_is_wrong_is_refused(client, hub, change, words):
    hub.put("ada/odd", copied(hub, **change))
    with pytest.raises(HubError, match=words):
        pull("ada/odd")
    assert not cache.root("ada/odd").exists() and "ada/odd" not in catalog.problems()


def test_incomplete_and_unrelated_repositories_are_refused(client, hub):
    put_incomplete(hub)
    with pytest.raises(HubError, match="ada/half is incomplete: its config.json lists model.onnx"):
        pull("ada/half")
    hub.put("ada/bert", {"config.json": b'{"model_type": "bert"}', "pytorch_model.bin": b"\x80\x04pickle"})
    with pytest.raises(HubError, match="is not a model of the Zoo: its config.json has another format"):
        pull("ada/bert")
    hub.put("ada/empty", {"README.md": b"# nothing yet"})
    with pytest.raises(HubError, match="it has no config.json"):
        pull("ada/empty")
    assert not [line for line in hub.asked if line.endswith(".bin")]


def test_a_graph_that_does_not_give_its_golden_answers_is_refused(client, hub):
    files = copied(hub)
    golden = json.loads(files["golden.json"])
    golden["inputs"][0]["probabilities"].reverse()
    files["golden.json"] = json.dumps(golden).encode()
    config = json.loads(files["config.json"])
    config["files"]["golden.json"] = hashlib.sha256(files["golden.json"]).hexdigest()
    hub.put("ada/liar", files | {"config.json": json.dumps(config).encode()})
    with pytest.raises(HubError, match="does not return its expected answers"):
        pull("ada/liar")


def test_a_full_disk_is_an_error_before_the_download(client, hub, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(pulling.shutil, "disk_usage", lambda path: usage._replace(free=2**20))
    with pytest.raises(HubError, match="The disk is too full for ada/cnn"):
        pull(MODEL)
    monkeypatch.undo()


def test_a_disk_that_fills_during_the_download_is_an_error(client, hub, monkeypatch):
    from huggingface_hub import file_download

    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(file_download, "http_get", full)
    with pytest.raises(HubError, match="The disk is full, so ada/cnn could not be pulled"):
        pull(MODEL)
    assert not cache.root(MODEL).exists()


def test_an_interrupted_download_is_resumed(client, hub):
    hub.plant(WEIGHTS, body="cut", times=1)
    assert pull(MODEL).new


def test_only_files_of_the_format_are_fetched(client, hub):
    hub.put(
        "ada/more", copied(hub) | {"evil.py": b"raise SystemExit", "weights.pkl": b"\x80\x04", "notes/x.json": b"{}"}
    )
    folder = pull("ada/more").folder
    assert {path.name for path in folder.iterdir()} == {path.name for path in (paths.SHIPPED / "mnist-cnn").iterdir()}
    assert not [line for line in hub.asked if "evil" in line or "pkl" in line or "notes" in line]


def test_a_cached_model_never_uses_the_network(here, hub):
    for id in (MODEL, f"{MODEL}@main", f"{MODEL}@{here}", f"{MODEL}@{here[:7]}"):
        assert models.load(id).predict(DRAWINGS["seven"]).model == MODEL
    catalog.models()
    assert hub.asked == []


def test_a_pulled_revision_does_not_change(here, hub):
    first = cache.find(names.parse(f"{MODEL}@{here}"))
    hub.model(MODEL).refs["v1"] = here
    assert pull(f"{MODEL}@v1").new is False
    hub.put(MODEL, copied(hub, title="Newer"))
    assert models.load(f"{MODEL}@main").config.title == "Course CNN"
    newer = pull(MODEL)
    assert newer.new and models.load(MODEL).config.title == "Newer"
    assert models.load(f"{MODEL}@v1").config.title == "Course CNN"
    assert models.load(f"{MODEL}@{here}").checkpoint.path == first


def test_load_downloads_a_missing_model_and_keeps_an_existing_one(here, hub):
    hub.put(MODEL, copied(hub, title="Newer"), branch="next")
    assert models.load(f"{MODEL}@next").config.title == "Newer"
    assert models.load(MODEL).config.title == catalog.find(MODEL).title == "Course CNN"


def test_a_damaged_copy_is_downloaded_again(here, hub):
    folder = cache.find(names.parse(f"{MODEL}@{here}"))
    (folder / "model.onnx").write_bytes(b"")
    again = pull(MODEL)
    assert again.new and again.folder != folder and models.load(MODEL).predict(DRAWINGS["seven"]).label == "7"


def test_files_of_a_killed_pull_are_removed(client, hub):
    left = cache.stage(MODEL)
    (left / "model.onnx").write_bytes(b"half")
    assert catalog.find("mnist-cnn") and MODEL not in {model.id for model in catalog.models()}
    pull(MODEL)
    assert not left.exists()


@pytest.mark.parametrize("text", ["cnn", "a/b/c", "../x", "ada/..", "ada/-x", "a--b/c", "ada/" + "x" * 100])
def test_an_invalid_name_is_refused_before_anything_is_requested(client, hub, text):
    with pytest.raises(ZooError, match="is not the name of a model on the Hub; expected user/name"):
        names.parse(text)
    assert hub.asked == []


@pytest.mark.parametrize("text", ["ada/cnn@", "ada/cnn@../x"])
def test_an_invalid_revision_is_refused_before_anything_is_requested(client, hub, text):
    with pytest.raises(ZooError, match="is not a revision; expected a branch, a tag or a commit hash"):
        names.parse(text)
    assert hub.asked == []


def test_an_offline_process_downloads_nothing(client, hub, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(HubError, match="HF_HUB_OFFLINE"):
        models.load(MODEL)
    with pytest.raises(UnknownModel, match="zoo pull ada/cnn"):
        catalog.find(MODEL)
    assert hub.asked == []


def test_a_model_with_an_unknown_net_runs_from_its_graph(client, hub, monkeypatch):
    net = {"name": "a-net-of-theirs", "arguments": {"classes": 10}, "familiarity": {}}
    hub.put("ada/new-net", copied(hub, net=net))
    pull("ada/new-net")
    monkeypatch.setattr(loading, "best_device", lambda: "cuda")  # where torch would be the default
    predictor = models.load("ada/new-net")
    assert predictor.engine.name == "onnx" and predictor.predict(DRAWINGS["seven"]).label == "7"
    with pytest.raises(ZooError, match="not part of this Zoo; run it with the onnx engine"):
        models.load("ada/new-net", engine="torch")


@pytest.mark.parametrize(
    "change", [{"arguments": {"classes": 2**40}}, {"familiarity": {"features": 2**20, "size": 2**30}}]
)
def test_excessive_net_arguments_are_refused_before_allocation(client, hub, change):
    net = json.loads(copied(hub)["config.json"])["net"]
    hub.put("ada/huge", copied(hub, net=net | change))
    pull("ada/huge")
    with pytest.raises(ZooError, match="not the one with which"):
        models.load("ada/huge", device="cpu", engine="torch")


@pytest.mark.parametrize(
    "change, words",
    [
        ({"inputs": [{"name": "x", "dtype": "float32", "shape": ["batch", 2**40]}]}, "numbers in one array"),
        ({"inputs": [{"name": "x" * 1_000, "dtype": "float32", "shape": ["batch"]}]}, "inputs.0.name"),
        ({"outputs": [{"name": f"o{n}", "dtype": "float32", "shape": ["b"]} for n in range(99)]}, "outputs"),
        ({"license": "x" * 10_000}, "license"),
        ({"net": {"name": "mnist-cnn", "arguments": {"classes": [[10]]}}}, "net.arguments"),
        ({"title": "\x1b]0;mine\x07"}, "control characters"),
        ({"training": {"epochs": 1, "machine": "\x9b2J"}}, "control characters"),
        ({"versions": {str(n): "1" for n in range(1_000)}}, "versions"),
    ],
)
def test_config_values_are_bounded(client, hub, change, words):
    hub.put("ada/odd", copied(hub, **change))
    with pytest.raises(HubError, match=words):
        pull("ada/odd")


def test_labels_are_bounded(client, hub):
    config = json.loads(copied(hub)["config.json"])
    for labels in ([], ["a"], ["a", "a"], ["x" * 300, "b"], [str(n) for n in range(20_000)], ["", "b"]):
        hub.put("ada/odd", copied(hub, task=config["task"] | {"labels": labels}))
        with pytest.raises(HubError, match="labels"):
            pull("ada/odd")


def test_a_home_that_is_not_writable_is_an_error(client, hub, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", "/dev/null/zoo")
    with pytest.raises(HubError, match="/dev/null.* cannot be written: Not a directory. .*ZOO_HOME"):
        pull(MODEL)


def test_an_unknown_error_of_the_client_is_one_sentence(client, hub, monkeypatch):
    from huggingface_hub import HfApi

    class Unheard(Exception):
        pass

    def fail(*_, **__):
        raise Unheard(TOKEN)

    monkeypatch.setattr(HfApi, "model_info", fail)
    with pytest.raises(HubError, match=r"ada/cnn could not be pulled: huggingface_hub failed \(Unheard\)") as error:
        pull(MODEL)
    assert TOKEN not in str(error.value)


def test_names_that_differ_in_case_are_one_model(here, hub):
    other = "Ada/CNN"
    assert catalog.find(other).id == MODEL and models.load(other).predict(DRAWINGS["seven"]).model == MODEL
    assert models.load(f"{other}@main").checkpoint.path.parent.parent.name == "ada" and hub.asked == []
    assert cache.root(other) == cache.root(MODEL) and cache.lock(other) == cache.lock(MODEL)
    catalog.remove(other)
    assert MODEL not in {model.id for model in catalog.models()}


def test_a_model_is_stored_as_its_owner_spells_it(client, hub, monkeypatch):
    from huggingface_hub import HfApi

    ask = HfApi.model_info
    monkeypatch.setattr(HfApi, "model_info", lambda self, id, **options: ask(self, id.lower(), **options))
    assert pull("Ada/CNN").id == MODEL and pull("ada/cnn").new is False
    assert [model.id for model in catalog.models() if model.origin == "hub"] == [MODEL]


def test_concurrent_pulls_wait_for_each_other(client, hub):
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: pull(MODEL), range(4)))
    assert [result.new for result in done].count(True) == 1 and len({result.folder for result in done}) == 1
    assert models.load(MODEL).predict(DRAWINGS["seven"]).label == "7"
