"""Push: one commit with the files of the format and a valid card; failures are named without leaking the token."""

import logging

import pytest

from models import catalog, paths
from models.checkpoint import Checkpoint
from models.errors import HubError, UnknownModel, ZooError
from models.huggingface import card
from models.huggingface import push as pushing
from models.huggingface.push import push
from tests.hub.fixtures import MODEL, TOKEN


def test_one_commit_holds_the_files_of_the_format_and_nothing_pickled(hub):
    repo = hub.model(MODEL)
    first, pushed = repo.commits.values()
    assert repo.messages == ["initial commit", "mnist-cnn, from the Zoo"]
    assert pushed.keys() - first.keys() == {path.name for path in (paths.SHIPPED / "mnist-cnn").iterdir()}
    assert all(
        name.endswith((".json", ".csv", ".md", ".onnx", ".safetensors")) for name in pushed.keys() - first.keys()
    )
    assert {name for name, blob in pushed.items() if blob.lfs} == {
        "activations.onnx",
        "map.safetensors",
        "model.onnx",
        "model.safetensors",
        "snapshots.safetensors",
    }
    for name in pushed.keys() - first.keys() - {"README.md"}:
        assert pushed[name].data == (paths.SHIPPED / "mnist-cnn" / name).read_bytes()


@pytest.mark.parametrize("model", [m for m in catalog.models() if m.origin == "shipped"], ids=lambda model: model.id)
def test_the_card_has_metadata_that_the_hub_understands(model):
    from huggingface_hub import ModelCard

    checkpoint = Checkpoint.open(model.path)
    data = ModelCard(card.card(checkpoint, f"ada/{model.id}")).data
    assert data.pipeline_tag == card.PIPELINES[model.task.input]
    assert (data.license, data.library_name) == ("apache-2.0", "onnx")
    assert "zoo" in data.tags and model.task.slug in data.tags
    assert data.datasets == [one.name for one in checkpoint.config.data]
    accuracies = {r.dataset_type: r.metric_value for r in data.eval_results if r.metric_type == "accuracy"}
    assert accuracies == {name: figure.accuracy for name, figure in checkpoint.evaluation.headline.items()}


def test_the_card_says_how_to_get_it_from_there_and_keeps_its_words(hub):
    text = hub.model(MODEL).commits[hub.model(MODEL).refs["main"]]["README.md"].data.decode()
    assert f'models.load("{MODEL}")' in text and f"zoo pull {MODEL}" in text
    assert text.count("\n---\n") == 1 and "# Course CNN" in text and "| mnist | 10,000 |" in text


@pytest.mark.parametrize("name, said", [("Apache-2.0", "apache-2.0"), ("all mine: do not copy", "other")])
def test_a_licence_the_hub_does_not_know_is_named_beside_other(name, said):
    assert card.licence(name)["license"] == said and (said != "other" or card.licence(name)["license_name"] == name)


FAILURES = {
    "unauthorised": (lambda hub: hub.users.clear(), "rejected this machine's login"),
    "forbidden": (lambda hub: hub.users.update({TOKEN: "eve"}), "does not allow you to create ada/new (403)"),
    "rate-limited": (
        lambda hub: hub.plant("POST /api/repos/create", status=429, headers={"Retry-After": "7"}),
        "again in 7 seconds",
    ),
    "unavailable": (lambda hub: hub.plant("/preupload/", status=503), "is currently unavailable (503)"),
    "interrupted upload": (
        lambda hub: (hub.objects.clear(), hub.plant("PUT /_lfs/", status=500)),
        "is currently unavailable (500)",
    ),
    "may not create": (
        lambda hub: hub.plant("POST /api/repos/create", status=403),
        "does not allow you to create ada/new (403)",
    ),
    "needs a plan": (lambda hub: hub.plant("POST /api/repos/create", status=402), "asks for a paid plan (402)"),
    "commit rejected": (lambda hub: hub.plant("/commit/", status=403), "does not allow you to write to ada/new"),
    "not a Hub": (lambda hub: hub.plant("POST /api/repos/create", status=404), "ada/new was not found"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_is_named_and_leaves_no_half_commit(client, hub, failure):
    plant, words = FAILURES[failure]
    plant(hub)
    with pytest.raises(HubError) as error:
        push("mnist-cnn", "ada/new")
    assert words in str(error.value) and "\n" not in str(error.value)
    repo = hub.repos.get(("model", "ada/new"))
    assert repo is None or repo.messages == ["initial commit"]


def test_where_nobody_is_logged_in_nothing_is_asked(client, hub, monkeypatch, tmp_path):
    from huggingface_hub import constants

    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    with pytest.raises(HubError, match="This machine is not logged in to .* `hf auth login`"):
        push("mnist-cnn", "ada/new")
    assert hub.asked == []


def test_a_model_of_another_kind_is_not_written_over(client, hub):
    commit = hub.put("ada/bert", {"config.json": b'{"model_type": "bert"}', "model.safetensors": b"theirs"})
    with pytest.raises(HubError, match="has a model of another kind"):
        push("mnist-cnn", "ada/bert")
    assert hub.model("ada/bert").refs["main"] == commit


def test_a_public_repository_does_not_become_private(client, hub):
    first = push("mnist-cnn", "ada/open")
    assert first.changed
    with pytest.raises(HubError, match="exists on .* and is public, which --private does not change"):
        push("mnist-mlp", "ada/open", private=True)
    assert hub.model("ada/open").refs["main"] == first.commit
    assert push("mnist-cnn", "ada/closed", private=True).changed and hub.model("ada/closed").private


def test_pushing_the_same_again_is_no_commit(client, hub):
    first, again = push("mnist-cnn", "ada/new"), push("mnist-cnn", "ada/new")
    assert first.changed and not again.changed and again.commit == first.commit
    assert push("mnist-mlp", "ada/new").changed


def test_what_is_not_here_or_damaged_is_not_pushed(client, hub):
    with pytest.raises(UnknownModel, match="did you mean mnist-cnn"):
        push("mnist-cn", "ada/new")
    with pytest.raises(ZooError, match="expected user/name"):
        push("mnist-cnn", "cnn")
    with pytest.raises(ZooError, match="main branch"):
        push("mnist-cnn", "ada/cnn@v1")
    assert hub.asked == []


def test_the_same_again_makes_no_second_commit(client, hub):
    before = hub.model(MODEL).refs["main"]
    assert push("mnist-cnn", MODEL).commit == before


def test_a_new_repository_can_be_private(client, hub):
    push("mnist-cnn", "ada/secret", private=True)
    assert hub.model("ada/secret").private


def test_no_token_reaches_a_log_or_an_error(client, hub, caplog):
    """A server that says the token back in all it can say."""
    caplog.set_level(logging.DEBUG)
    echo = {"X-Error-Message": f"bad {TOKEN}", "X-Request-Id": TOKEN, "X-HF-Warning": f"odd; {TOKEN}"}
    for status in (400, 401, 403, 404, 429, 500):
        hub.plant("POST /api/repos/create", status=status, headers=echo)
        with pytest.raises(HubError) as error:
            push("mnist-cnn", "ada/new")
        hub.heal()
        chain = error.value
        while chain is not None and not chain.__suppress_context__:
            assert TOKEN not in str(chain)
            chain = chain.__cause__ or chain.__context__
        assert TOKEN not in str(error.value) and error.value.__cause__ is None and error.value.__suppress_context__
    ours = [record for record in caplog.records if record.name.partition(".")[0] in ("zoo", "models", "app")]
    assert not [record for record in ours if TOKEN in record.getMessage()]


def test_files_are_the_same_that_go(client, hub):
    assert pushing.files("mnist-cnn", MODEL).keys() == {path.name for path in (paths.SHIPPED / "mnist-cnn").iterdir()}


def test_what_was_pulled_goes_on_to_another_place_with_a_card_of_that_place(here, hub):
    push(MODEL, "ada/again")
    text = hub.model("ada/again").commits[hub.model("ada/again").refs["main"]]["README.md"].data.decode()
    assert text.count("## From the Hub") == 1 and "zoo pull ada/again" in text and f"zoo pull {MODEL}" not in text
