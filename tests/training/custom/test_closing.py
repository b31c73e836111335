"""The lines at the end of `zoo train --examples`."""

from dataclasses import replace

import pytest

from models import catalog
from models.evaluation import CrossValidation, Evaluation, OodFigures, Studies
from training.custom.closing import closing_lines, nothing_learned, worst_pair

TASK = replace(catalog.task("reviews"), dataset_names={"languages": "sentences in six languages"})
LABELS = ("account", "billing", "returns")


def _evaluation(confusion: list[list[int]], kept: float = 0.95) -> Evaluation:
    n, right = sum(map(sum, confusion)), sum(confusion[i][i] for i in range(3))
    study = CrossValidation(
        rounds=5,
        n=n,
        accuracy=right / n,
        interval=(0.51, 0.74),
        kept=kept,
        accuracies=[0.6, 0.7],
        per_class={label: {"precision": 0.5, "recall": 0.5, "n": 20} for label in LABELS},
        confusion=confusion,
    )
    ood = {"languages": OodFigures(n=100, abstained=0.9, refused=0.08), "mash": OodFigures(n=3, abstained=1, refused=0)}
    return Evaluation(studies=Studies(cross_validation=study), ood=ood)


def test_three_lines_say_how_good_it_is_what_it_refuses_and_what_would_help():
    lines = closing_lines(
        _evaluation([[12, 4, 4], [9, 10, 1], [2, 2, 16]]), TASK, {"account": 20, "billing": 20, "returns": 20}
    )
    assert lines == [
        "Accuracy: about 63 of 100 (95% interval 51 to 74; cross-validated, n = 60).",
        "It answers 95 of 100 inputs of its own kind, and refuses 98 of 100 sentences in six languages, "
        "100 of 100 mash.",
        "It confuses billing with account (13 of 60); 20 more of each would help.",
    ]


@pytest.mark.parametrize(("count", "more"), [(3, 10), (12, 20), (60, 60), (5_000, 100)])
def test_the_number_of_examples_suggested_is_bounded(count, more):
    lines = closing_lines(_evaluation([[9, 1, 0], [0, 9, 0], [0, 0, 9]]), TASK, dict.fromkeys(LABELS, count))
    assert lines[-1].endswith(f"{more} more of each would help.")


def test_without_mistakes_the_advice_is_about_the_interval():
    lines = closing_lines(_evaluation([[9, 0, 0], [0, 9, 0], [0, 0, 9]]), TASK, dict.fromkeys(LABELS, 9))
    assert lines[-1] == "It made no mistake; more examples would make the interval narrower."
    assert lines[0].startswith("Accuracy: 100 of 100 ")


def test_shares_are_not_rounded_to_certainty():
    lines = closing_lines(_evaluation([[400, 1, 0], [0, 400, 0], [0, 0, 400]], kept=0.999), TASK, {})
    assert lines[0].startswith("Accuracy: over 99 of 100") and "over 99 of 100 inputs" in lines[1]


def test_an_untested_model_has_no_lines():
    assert closing_lines(Evaluation(), TASK, {}) == []


def test_mistakes_in_both_directions_count_together():
    assert worst_pair(list("abc"), [[9, 3, 0], [2, 9, 0], [4, 0, 9]]) == ("a", "b", 5)
    assert worst_pair(list("ab"), [[9, 0], [0, 9]]) is None


@pytest.mark.parametrize(
    ("accuracy", "epoch", "advice"),
    [(0.5, 3, "more epochs (--epochs) or more examples."), (0.4, 2, "more examples, or clearer ones."), (0.9, 3, None)],
)
def test_a_model_no_better_than_the_most_frequent_label_is_a_warning(accuracy, epoch, advice):
    warning = nothing_learned({"accuracy": accuracy, "epoch": epoch}, 3, {"ham": 5, "spam": 5})
    assert warning is None if advice is None else warning.endswith(f"would give 50%. It needs {advice}")
