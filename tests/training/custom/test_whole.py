"""The whole way from one's own examples to a model in the hub, and back.

Train, test, cross-validate, ask, evaluate, remove.

What is run is what the README shows, with few epochs.
"""

import json
import os
import re
import shlex
import shutil
from itertools import islice
from pathlib import Path

import pytest
from PIL import Image

import models
from app.cli.list import list_models
from app.cli.show import show
from app.verify.checks import verify
from models import catalog, runs
from models.checkpoint import Checkpoint
from models.errors import ZooError
from models.store import resolve
from tests.training.custom.conftest import drawings
from training.__main__ import main
from training.custom.plan import plan
from training.evaluate import evaluate, record_evaluation, record_figures

ENGINES = 3  # checks of `zoo verify`: the files and both engines; tests/app covers the interfaces
README = Path(__file__).parents[3] / "README.md"
TESTED = 6  # two of the 13 drawings of each of three labels
BRIEF = ("--epochs", "3", "--no-refit", "--device", "cpu")


def shown(examples: str, path: Path) -> list[str]:
    """The arguments of the `zoo train` command in the README that uses `examples`, with `path` in its place."""
    command = re.search(rf"zoo train ([^`\n]*{re.escape(examples)}[^`\n]*)", README.read_text())[1]
    return shlex.split(command.replace(examples, str(path)))


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A temporary ZOO_HOME in which `my-runes` was trained on 39 drawings in the folder `shapes`."""
    before = os.environ["ZOO_HOME"]
    folder = tmp_path_factory.mktemp("place")
    os.environ["ZOO_HOME"] = str(folder / "home")
    drawings(folder / "shapes", bar=13, cross=13, ring=13)
    _, *arguments = shown("drawings/", folder / "shapes")
    assert main(["mnist-cnn", *arguments, *BRIEF]) == 0  # a smaller net than in the README: a third of the time
    yield folder
    os.environ["ZOO_HOME"] = before


def test_the_model_has_its_own_task_in_the_hub(place):
    model = catalog.find("my-runes")
    assert (model.title, model.origin, model.task.slug, model.task.title) == (
        "My runes",
        "mine",
        "my-runes",
        "My runes",
    )
    assert model.task.labels == ("bar", "cross", "ring") and catalog.tasks()["my-runes"] == model.task
    assert model.config.license == "unknown"  # nobody was asked
    assert model.config.net.name == "mnist-cnn" and "39 drawings with 3 labels" in model.config.description
    assert [listed.id for listed in catalog.models("my-runes")] == ["my-runes"]


def test_the_evaluation_is_complete_and_cross_validated(place):
    checkpoint = Checkpoint.open(catalog.find("my-runes").path)
    checkpoint.check()
    test = checkpoint.evaluation.test["examples"]
    assert test.n == sum(map(sum, test.confusion)) == TESTED and test.interval[0] < test.interval[1]
    assert set(test.per_class) == {"bar", "cross", "ring"} and set(checkpoint.evaluation.validation) == {"examples"}
    assert set(checkpoint.evaluation.ood) == {"noise", "scribbles"} and checkpoint.evaluation.test_runs == 1
    study = checkpoint.evaluation.studies.cross_validation
    assert study.rounds == 5 and study.n == sum(map(sum, study.confusion)) == 39
    assert study.accuracies[0] == test.accuracy and study.interval[0] <= study.accuracy <= study.interval[1]
    assert 0 < study.kept <= 1


def test_the_cross_validated_figure_is_the_headline(place, capsys):
    checkpoint = Checkpoint.open(catalog.find("my-runes").path)
    study, figure = checkpoint.evaluation.studies.cross_validation, catalog.find("my-runes").figure
    assert (figure.accuracy, figure.interval, figure.n, figure.rounds) == (study.accuracy, study.interval, 39, 5)
    assert checkpoint.card.index("in cross-validation") < checkpoint.card.index("this checkpoint was not trained")
    assert "| true label | bar | cross | ring |" in checkpoint.card
    show("my-runes")
    assert "n = 39, cross-validated in 5 rounds" in capsys.readouterr().out
    list_models("my-runes", as_json=True)
    (listed,) = json.loads(capsys.readouterr().out)
    assert listed["figures"]["examples"]["rounds"] == 5 and listed["figures"]["examples"]["n"] == 39


def test_the_threshold_is_fitted_on_the_examples_of_all_rounds(place):
    """Each example was left out once; at most 3% of the 39, so the lowest or the second lowest, are below it."""
    predictor = models.load("my-runes")
    assert predictor.checkpoint.evaluation.studies.cross_validation.kept >= 0.8
    assert predictor.checkpoint.evaluation.ood["scribbles"].abstained > 0.9


def test_the_card_names_the_source_and_no_file_contains_the_path(place):
    checkpoint = Checkpoint.open(catalog.find("my-runes").path)
    (data,) = checkpoint.config.data
    assert f"(bar 13, cross 13, ring 13), SHA-256 of their contents {data.sha256}" in checkpoint.card
    assert "in cross-validation: trained 5 times" in checkpoint.card
    for file in checkpoint.path.iterdir():
        assert str(place).encode() not in file.read_bytes(), file.name


def test_the_model_answers_abstains_and_explains(place):
    predictor = models.load("my-runes")
    ring = predictor.predict(place / "shapes" / "ring" / "0.png")
    assert set(ring.probabilities) == {"bar", "cross", "ring"} and ring.task == "my-runes"
    assert predictor.explain(place / "shapes" / "ring" / "0.png").values.any()
    assert predictor.checkpoint.evaluation.ood["noise"].abstained > 0.5
    assert all(check.holds for check in islice(verify("my-runes", server=None, zoo=None), ENGINES))


def test_the_model_is_evaluated_while_its_examples_exist(place, tmp_path):
    figures = evaluate("my-runes")
    assert figures.dataset == "examples" and figures.figures.n == TESTED
    assert evaluate("my-runes", on="noise").to_dict()["accuracy"] is None
    moved = shutil.move(place / "shapes", tmp_path / "elsewhere")
    try:
        with pytest.raises(ZooError, match="examples that my-runes was trained on are no longer at .*--examples"):
            evaluate("my-runes")
        assert evaluate("my-runes", examples=moved) == figures
        record_evaluation(catalog.find("my-runes").path, examples=moved)
        assert Checkpoint.open(catalog.find("my-runes").path).evaluation.test_runs == 2
        Image.open(moved / "ring" / "0.png").rotate(9, fillcolor=255).save(moved / "ring" / "more.png")
        with pytest.raises(ZooError, match="not those that my-runes was trained on"):
            evaluate("my-runes", examples=moved)
    finally:
        (moved / "ring" / "more.png").unlink(missing_ok=True)
        shutil.move(moved, place / "shapes")
    with pytest.raises(ZooError, match="No examples given; pass --examples PATH"):
        evaluate("mnist-cnn", on="examples")


def test_a_second_model_joins_the_task_only_with_the_same_labels(place):
    examples = place / "shapes"
    joined = plan("mnist-mlp", examples, name="other", title=None, task="my-runes")
    assert joined.task == catalog.find("my-runes").task and joined.entry.task == "my-runes"
    again = plan("mnist-mlp", examples, name="my-runes", title="Anew", task=None)  # replacing a model is allowed
    assert again.task.title == "Anew"
    drawings(place / "two", bar=3, ring=3)
    with pytest.raises(
        ZooError, match=r"The task 'my-runes' already exists \(model my-runes\), and their labels differ in cross"
    ):
        plan("mnist-mlp", place / "two", name="other", title=None, task="my-runes")
    assert plan("mnist-mlp", place / "two", name="my-runes", title=None, task=None).task.labels == ("bar", "ring")


def test_a_run_on_other_examples_is_not_resumed(place, capsys):
    drawings(place / "three", bar=3, ring=3)
    before = runs.update(runs.of_model("my-runes")[0].id, state="stopped")
    (runs.folder(before.id) / "resume.safetensors").touch()
    assert main(["mnist-cnn", "--examples", str(place / "three"), "--slug", "my-runes", "--resume", *BRIEF]) == 1
    assert "changed since the run began" in capsys.readouterr().err
    assert runs.read(before.id) == before
    assert evaluate("my-runes").figures.n == TESTED


def test_a_model_is_trained_on_texts_from_a_table(place, capsys):
    towns = (
        "Hamburg Salzburg Freiburg Lindau Passau Landau Erfurt Frankfurt Klagenfurt Augsburg Regensburg Nassau".split()
    )
    rivers = "Nogoa Aroona Eyre Murrumbidgee Katanning Yarra Warrego Barcoo Paroo Moonie Maranoa Condamine".split()
    lines = ["text,label", *(f"{town},town" for town in towns), *(f"{river},river" for river in rivers), "Nowhere,"]
    (place / "words.csv").write_text("\n".join(lines))
    assert main([*shown("words.csv", place / "words.csv"), *BRIEF]) == 0
    err = capsys.readouterr().err
    assert "24 texts with 2 labels: few, so each is tested once, in 5 rounds of cross-validation." in err
    assert "1 left out: line 26: has no label." in err
    model = catalog.find("my-words")
    checkpoint = Checkpoint.open(model.path)
    assert (model.task.slug, model.task.title, model.task.input) == ("my-words", "My words", "text")
    assert checkpoint.evaluation.studies.cross_validation.n == 24
    assert (
        set(checkpoint.evaluation.ood) == {"languages", "mash"}
        and 'zoo predict my-words "some text"' in checkpoint.card
    )
    assert models.load("my-words").predict("Duisburg").probabilities.keys() == {"town", "river"}
    assert all(check.holds for check in islice(verify("my-words", server=None, zoo=None), ENGINES))
    content = b"".join(file.read_bytes() for file in checkpoint.path.iterdir())
    assert not any(text.encode() in content for text in (*towns, *rivers))


def test_a_cross_validated_model_is_then_trained_on_all_examples(place, capsys):
    """Its figures are those of the rounds, and no figure is measured on what it was trained on."""
    words = {
        "town": "Hamburg Salzburg Freiburg Lindau Passau Landau",
        "river": "Nogoa Aroona Eyre Yarra Warrego Barcoo",
    }
    lines = ["text,label", *(f"{name},{label}" for label, names in words.items() for name in names.split())]
    (place / "twelve.csv").write_text("\n".join(lines))
    arguments = ["names-ngrams", "--examples", str(place / "twelve.csv"), "--slug", "all-words", "--epochs", "2"]
    assert main(arguments) == 0
    err = capsys.readouterr().err
    assert "cross-validated, n = 12" in err and "Not tested" not in err
    model = catalog.find("all-words")
    evaluation = Checkpoint.open(model.path).evaluation
    study = evaluation.studies.cross_validation
    assert study.on_all and not evaluation.test and not evaluation.validation
    assert set(evaluation.ood) == {"languages", "mash"} and evaluation.ood["mash"].auroc is None
    own = models.load("all-words").processor
    assert own.known() == own.fit(" ".join(words.values()).split()).known()  # of all twelve, test part included
    figures = evaluate("all-words").to_dict()
    assert (figures["accuracy"], figures["n"], figures["kept"]) == (study.accuracy, 12, study.kept)
    assert figures["refused"] == 0 and figures["split"] == "cross-validation"
    record_evaluation(model.path)
    again = Checkpoint.open(catalog.find("all-words").path).evaluation
    assert again.studies == evaluation.studies and set(again.ood) == set(evaluation.ood) and not again.test
    assert "his checkpoint was then trained on all examples" in Checkpoint.open(catalog.find("all-words").path).card
    with pytest.raises(ZooError, match="was trained on all of its examples"):
        record_figures(catalog.find("all-words").path, "examples")
    assert all(check.holds for check in islice(verify("all-words", server=None, zoo=None), ENGINES))


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--slug", "mnist-cnn"], "'mnist-cnn' is already used by the Zoo"),
        (["--slug", "models"], "'models' is already used"),
        (["--slug", "a--b"], "The slug 'a--b' is already used by the Zoo; choose another with --slug"),
        (["--slug", "My Runes"], "'My Runes' is not a valid slug"),
        (["--task", "digits"], "The slug 'digits' is already used by the Zoo; choose another with --task"),
        (["--task", "api"], "The slug 'api' is already used by the Zoo; choose another with --task"),
        (["--task", "a--b"], "The slug 'a--b' is already used by the Zoo; choose another with --task"),
        (["--task", "My Runes"], "'My Runes' is not a valid task slug"),
        (["--title", "a\nb"], "title"),
        (["--license", "a\nb"], "licence"),
        (["--title", "x" * 101], "title"),
        (["--datasets", "mnist"], "cannot be combined"),
    ],
    ids=lambda value: " ".join(value)[:30] if isinstance(value, list) else "",
)
def test_invalid_names_are_refused_before_training(place, capsys, arguments, words):
    assert main(["mnist-cnn", "--examples", str(place / "shapes"), *arguments]) == 1
    out, err = capsys.readouterr()
    assert out == "" and words in err and err.count("\n") == 1


def test_a_task_without_examples_is_refused(capsys):
    assert main(["mnist-cnn", "--task", "my-runes"]) == 1
    assert "--examples" in capsys.readouterr().err


def test_removing_a_model_removes_its_task_and_runs(place):
    home = place / "home"
    shutil.copytree(home / "checkpoints" / "my-runes", home / "checkpoints" / "gone")
    config = resolve(home / "checkpoints" / "gone") / "config.json"
    values = json.loads(config.read_text())
    config.write_text(json.dumps({**values, "slug": "gone", "task": {**values["task"], "slug": "gone"}}))
    (home / "runs" / "gone").mkdir()
    assert "gone" in catalog.tasks()
    catalog.remove("gone")
    assert "gone" not in catalog.tasks() and "my-runes" in catalog.tasks()
    assert not list(home.glob("*/*gone*")) and not list(home.glob("*/.removed-*"))


def test_replacing_a_model_is_reported_and_keeps_its_title(place, capsys):
    arguments = ("mnist-cnn", "--examples", str(place / "shapes"), "--slug", "twice", *BRIEF)
    assert main([*arguments, "--title", "Two of them"]) == 0
    err = capsys.readouterr().err
    assert "already" not in err
    accuracy, refusing, advice = err.splitlines()[-4:-1]  # the last line says how to use it
    assert re.fullmatch(r"Accuracy: .* of 100 \(95% interval .* to .*; cross-validated, n = 39\)\.", accuracy)
    assert re.fullmatch(
        r"It answers .* of 100 inputs of its own kind, and refuses .* of 100 white noise, .*\.", refusing
    )
    assert advice.startswith("It ")
    assert main(list(arguments)) == 0
    assert "twice already exists and will be replaced" in capsys.readouterr().err
    assert catalog.find("twice").title == "Two of them"
    assert main([*arguments, "--title", "Third"]) == 0
    assert "twice already exists and will be replaced" in capsys.readouterr().err
    assert catalog.find("twice").title == "Third"
    shutil.rmtree(catalog.find("twice").path)
