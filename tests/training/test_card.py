"""The model card: it contains every figure of the evaluation and nothing that was not measured."""

import re
from ast import literal_eval

import pytest

import models
from models import catalog
from models.checkpoint import Checkpoint
from models.config import Training
from models.evaluation import Evaluation
from training.card import _epochs, card

NOT_TRAINED = "Examples on which this checkpoint was not trained:"
SHIPPED = [model for model in catalog.models() if model.origin == "shipped"]


@pytest.mark.parametrize(
    ("training", "sentence"),
    [
        ({"epochs": 8, "best_epoch": 3}, "8 epochs; the weights of epoch 3 were kept"),
        (
            {"epochs": 8, "best_epoch": 3, "refitted": True},
            "8 epochs, the best of which was 3; then 3 epochs on training and validation data together",
        ),
        (
            {"epochs": 1, "best_epoch": 1, "refitted": True},
            "1 epoch, then 1 epoch on training and validation data together",
        ),
        ({"epochs": 3, "recipe": {"epochs": 8}}, "8 epochs; the weights of epoch 3 were kept"),
        ({"epochs": 3}, "3 epochs; the weights of epoch 3 were kept"),
    ],
)
def test_the_card_names_the_epochs(training, sentence):
    assert _epochs(Training(**training)) == sentence


@pytest.mark.parametrize("model", SHIPPED, ids=lambda model: model.id)
def test_a_shipped_card_follows_from_its_evaluation(model):
    checkpoint = Checkpoint.open(model.path)
    assert checkpoint.card == card(checkpoint.config, checkpoint.evaluation)


@pytest.mark.parametrize(
    "model", [model for model in SHIPPED if model.task.input == "fields"], ids=lambda model: model.id
)
def test_the_card_of_a_tabular_model_shows_its_fields(model):
    text = Checkpoint.open(model.path).card
    command, python = re.search(
        r"run `zoo predict (.*?)`, or `models.load\(.*?\).predict\((.*?)\)` in Python", text
    ).groups()
    fields = literal_eval(python)
    assert len(fields) == 2 and all(f"--field {name}={value}" in command for name, value in fields.items())
    assert models.load(model.id, engine="onnx").predict(fields).label in model.task.labels


def rows(text: str, heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading, without its header."""
    table = re.search(rf"{heading}.*?\n\|[^\n]*\n\|[-|]+\n((?:\|[^\n]*\n)+)", text, re.DOTALL)[1]
    return [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table.splitlines()]


@pytest.mark.parametrize("model", SHIPPED, ids=lambda model: model.id)
def test_every_figure_is_on_the_card(model):
    checkpoint = Checkpoint.open(model.path)
    evaluation, text = checkpoint.evaluation, checkpoint.card
    table = {row[0]: row for row in rows(text, NOT_TRAINED if evaluation.studies.cross_validation else "## Figures")}
    assert set(table) == set(evaluation.test)
    for name, figures in evaluation.test.items():
        low, high = figures.interval
        assert table[name][1:4] == [
            f"{figures.n:,}",
            f"{100 * figures.accuracy:.2f}%",
            f"{100 * low:.2f}%-{100 * high:.2f}%",
        ]
        assert table[name][7].startswith(f"{figures.nll:.4f} ")
    ood = {row[0]: row[1:] for row in rows(text, "## Out-of-distribution inputs")} if evaluation.ood else {}
    assert ood == {
        name: [
            f"{each.n:,}",
            f"{100 * each.abstained:.1f}%",
            f"{100 * each.refused:.1f}%",
            "" if each.auroc is None else f"{each.auroc:.3f}",
        ]
        for name, each in evaluation.ood.items()
    }
    if study := evaluation.studies.cross_validation:
        assert f"accuracy {100 * study.accuracy:.2f}% (95% interval" in text
        assert f"area under the ROC curve {study.auroc:.3f} (" in text and f"NLL {study.nll:.3f} (" in text
    for name, seeds in evaluation.seeds.items():
        assert f"- {name}: mean {100 * seeds.mean:.2f}%, standard deviation {100 * seeds.std:.2f} points" in text
    if study := evaluation.studies.attribution_check:
        assert f"over {study.n:,} inputs of {study.dataset}" in text
        shares = rows(text, "## Attribution check")
        assert [row[1] for row in shares] == [f"{at.strongest:.2f}" for at in study.shares]
        assert [row[3] for row in shares] == [f"{at.baseline:.2f}" for at in study.shares]


def test_the_card_contains_only_measured_figures():
    checkpoint = Checkpoint.open(catalog.find("mnist-mlp").path)
    text = card(checkpoint.config, Evaluation())
    assert re.findall("^## (.*)$", text, re.MULTILINE) == ["Training", "Use it"]
    assert "nan" not in text.lower() and "None" not in text


def test_calibration_is_compared_with_its_chance_range():
    checkpoint = Checkpoint.open(SHIPPED[0].path)
    first, figures = next(iter(checkpoint.evaluation.test.items()))
    measured = figures.model_copy(update={"ece_equal_10": 0.0123, "ece_equal_10_by_chance": (0.008, 0.024)})
    sentence = (
        f"On {first}, the calibration error over ten bins of equal size is 1.23%; a perfectly calibrated model with "
        "the same "
        "confidences would have 0.80% to 2.40% (95% of simulations)."
    )
    assert sentence in card(checkpoint.config, Evaluation(test={first: measured}))
    unmeasured = figures.model_copy(update={"ece_equal_10": None})
    assert "ten bins" not in card(checkpoint.config, Evaluation(test={first: unmeasured}))
