"""The studies on a model page, from synthetic evaluations: summaries, charts with descriptions, and damaged data."""

import json
import shutil

import pytest
from pydantic import ValidationError

from app.hub.model import studies
from models import writing
from models.checkpoint import Checkpoint
from models.evaluation import Ablation, AttributionCheck, Evaluation, LearningCurve, Studies
from models.paths import SHIPPED
from tests.app.hub.conftest import html

CURVE = {
    "sizes": [5, 20, 200],
    "seeds": [0, 1, 2],
    "models": {
        "mnist-cnn": {"mean": [0.3, 0.6, 0.91], "low": [0.2, 0.5, 0.9], "high": [0.4, 0.7, 0.92]},
        "gone": {"mean": [0.5, 0.7, 0.92], "low": [0.4, 0.6, 0.91], "high": [0.6, 0.8, 0.93]},
    },
    "difference": {"mean": [0.2, 0.1, 0.01], "low": [0.1, 0.05, -0.01], "high": [0.3, 0.15, 0.03]},
}
CHECK = {
    "dataset": "mnist",
    "n": 2000,
    "shares": [
        {
            "share": share,
            "strongest": 10 * share,
            "random": share,
            "baseline": 2 * share,
            "over_random": [9 * share, 8 * share, 10 * share],
            "over_baseline": [8 * share, -share, 9 * share],
        }
        for share in (0.1, 0.3)
    ],
}
PIECES = {
    "datasets": ["mnist", "digits8x8"],
    "epochs": 3,
    "seeds": [0, 1],
    "baseline": [[0.48, 0.7], [0.5, 0.71]],
    "changes": [
        {"description": "weights are not averaged", "accuracies": [0.47, 0.7]},
        {"description": "twice as wide", "accuracies": [0.49, 0.8]},
    ],
}


@pytest.fixture
def page(model_page, zoo_home):
    """A function that returns the page of a user's model with the given studies in its evaluation."""
    folder = zoo_home / "checkpoints" / "studied"

    def run(values):
        opened = Checkpoint.open(SHIPPED / "mnist-cnn")
        shutil.copytree(opened.path, folder)
        studied = opened.evaluation.model_copy(update={"studies": Studies.model_validate(values)})
        writing.record(folder, studied, studied.headline)
        model_page.query_params["model"] = "studied"
        model_page.run()
        assert not model_page.exception
        return model_page

    yield run
    shutil.rmtree(folder, ignore_errors=True)


def text_of(page) -> str:
    return "\n".join(element.value.replace("\\", "") for element in page.markdown) + html(page)


def charts(page) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in page.get("vega_lite_chart")]


CROSSED = {
    "rounds": 3,
    "n": 60,
    "accuracy": 0.9,
    "interval": [0.8, 0.95],
    "accuracies": [0.85, 0.9, 0.95],
    "per_class": {"0": {"recall": 0.8, "precision": 0.5, "n": 30}, "1": {"recall": 1.0, "precision": 0.9, "n": 30}},
    "confusion": [[24, 6], [0, 30]],
}


def test_cross_validation_has_a_summary_a_chart_and_a_table(page):
    shown = page({"cross_validation": CROSSED})
    text = text_of(shown)
    assert (
        "Trained three times" in text
        and "each of the 60 examples was tested once: 90.0% correct (95% interval 80.0–95.0%)" in text
    )
    assert "The folds range from 85.0% to 95.0%." in text
    assert '<th scope="row">1</th><td>100.0%</td><td>90.0%</td><td>30</td>' in text
    chart = next(chart for chart in charts(shown) if "Fold" in json.dumps(chart))
    assert chart["description"].startswith("Trained three times")


def test_cross_validation_is_the_headline_of_figures_and_mistakes(page):
    text = text_of(page({"cross_validation": {**CROSSED, "dataset": "mnist", "kept": 0.95}}))
    assert "Accuracy in cross-validation (60 examples)" in text and "90.0% (80.0\u201395.0)" in text
    assert "**90.0% correct** in cross-validation. By label:" in text and "95.0% of" in text
    assert "Most frequent mistakes: **0** mistaken for **1**: 6\u00d7." in text
    assert "Over 3 rounds of cross-validation" in text


def test_an_ablation_has_a_summary_a_chart_and_a_table(page):
    shown = page({"ablation": PIECES})
    text = text_of(shown)
    assert "recipe is right on 48.0% to 50.0% of" in text and "1 of the 2 changes did worse than that." in text
    assert '<th scope="row">weights are not averaged</th><td>47.0%</td><td>70.0%</td>' in text
    chart = next(chart for chart in charts(shown) if "Change" in json.dumps(chart))
    assert chart["description"].startswith("Depending on the seed")
    level = {**PIECES, "changes": [{"description": "nothing", "accuracies": [0.49, 0.7]}]}
    assert "None of the changes" in studies.ablation_summary(Ablation.model_validate(level), "digits")


def test_a_learning_curve_has_a_summary_a_chart_and_a_table(page):
    shown = page({"learning_curve": CURVE})
    text = text_of(shown)
    assert "With 5 examples per label, Course CNN is right 30.0% of the time and gone 50.0%" in text
    assert "The difference is significant with 5 and 20 examples." in text
    assert '<th scope="row">200</th><td>91.0 (90.0 to 92.0)</td><td>92.0 (91.0 to 93.0)</td>' in text
    chart = next(chart for chart in charts(shown) if "Examples per label" in json.dumps(chart))
    assert "With 5 examples" in chart["description"]
    scale = chart["layer"][0]["encoding"]["color"]["scale"]
    assert scale["domain"] == ["Course CNN", "gone"]
    assert len(set(scale["range"])) == 2


def test_the_attribution_check_has_a_summary_a_chart_and_a_table(page):
    shown = page({"attribution_check": CHECK})
    text = text_of(shown)
    assert (
        "Removing the 30% of an input with the strongest evidence for the answer lowers the answer's score by 3.00"
        in text
    )
    assert (
        "the same amount at random lowers it by 0.30. The highlighted parts clearly matter more than random ones."
        in text
    )
    assert "0.80 (-0.10 to 0.90)" in text
    chart = next(chart for chart in charts(shown) if "Drop in the answer" in json.dumps(chart))
    assert len(chart["layer"][0]["encoding"]["strokeDash"]["scale"]["domain"]) == 3
    assert chart["description"].startswith("Removing the")


def test_evidence_no_better_than_chance_is_reported_as_such():
    shares = [{**CHECK["shares"][0], "over_random": [0.1, -0.1, 0.3]}]
    summary = studies.attribution_summary(AttributionCheck.model_validate({**CHECK, "shares": shares}))
    assert summary.endswith("parts do not clearly matter more than random ones.")


def test_a_difference_that_is_nowhere_significant_is_reported_as_such():
    level = {"mean": [0, 0, 0], "low": [-1, -1, -1], "high": [1, 1, 1]}
    curve = LearningCurve.model_validate({**CURVE, "difference": level})
    assert "not significant at any size" in studies.learning_curve_summary(curve, {"mnist-cnn": "A", "gone": "B"})


@pytest.mark.parametrize(
    "damaged",
    [
        {"learning_curve": {**CURVE, "sizes": [5, 20]}},
        {"learning_curve": {**CURVE, "sizes": [0, 20, 200]}},
        {"learning_curve": {**CURVE, "models": {}}},
        {"learning_curve": []},
        {"attribution_check": {**CHECK, "shares": []}},
        {"cross_validation": {**CROSSED, "accuracies": [1.0]}},
        {"cross_validation": {**CROSSED, "interval": [0.5]}},
        {"ablation": {**PIECES, "baseline": [[0.5]]}},
        {"attribution_check": {**CHECK, "shares": [{**CHECK["shares"][0], "random": "much"}]}},
        {"unknown": {}},
    ],
    ids=str,
)
def test_a_damaged_study_is_refused_with_the_checkpoint(damaged):
    with pytest.raises(ValidationError):
        Evaluation.model_validate({"studies": damaged})


def test_without_studies_there_is_no_section(page):
    assert "examples per label, " not in text_of(page({}))
