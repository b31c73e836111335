"""The types of a checkpoint's `evaluation.json`, its measured figures. Shares and accuracies are fractions of 1.

No unknown key, no NaN, everything bounded. `models/format1.py` has the names of version 1.
"""

from collections.abc import Sequence
from math import sqrt
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.config import Figure

Name = Annotated[str, Field(max_length=300)]
Share = Annotated[float, Field(ge=0, le=1)]
Interval = tuple[float, float]  # the ends of a 95% interval
Difference = tuple[
    float, float, float
]  # a mean of differences, or a difference of means, and the ends of its 95% interval
MAX_SETS = 100  # data sets
MAX_LABELS = 10_000
MAX_POINTS = 12  # sizes, shares, folds, seeds or changes in a study; more could not be drawn
# 97.5% quantiles of Student's t by degrees of freedom, from 2 and 2 seeds to 5 and 5
STUDENT = {2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


class ClassFigures(_Strict):
    """Precision and recall of one label (0 if undefined), and its number of examples."""

    precision: Share
    recall: Share
    n: int = Field(ge=0)


class Bin(_Strict):
    """Answers of similar confidence: their mean confidence, accuracy and number."""

    confidence: Share
    accuracy: Share
    n: int = Field(ge=0)


class Figures(_Strict):
    """Figures on one split of one of the task's own data sets.

    kept, refused: shares of the inputs that were answered without abstaining, and that could not be read.
    accuracy_kept: accuracy among those answered; confidently_wrong: the share of all inputs that were answered wrongly
    with a probability of 0.9 or more.
    nll: mean negative log-likelihood in nats.
    auroc: area under the ROC curve of the second label, for tasks with two labels.
    ece: expected calibration error over 15 bins of equal width; ece_equal: over 15 bins of equal size;
    ece_equal_10: over 10 bins of equal size.
    ece_equal_10_by_chance: 95% range of this error for a perfectly calibrated model with the same confidences.
    `_before`: before temperature scaling.
    per_class: by label, in the order of the logits.
    confusion: counts, one row per true label, one column per predicted label.
    """

    n: int = Field(ge=1)
    accuracy: Share
    interval: Interval
    kept: Share
    refused: Share
    accuracy_kept: Share | None = None
    confidently_wrong: Share | None = None
    macro_f1: Share | None = None
    nll: float
    nll_interval: Interval | None = None
    nll_before: float
    auroc: Share | None = None
    auroc_interval: Interval | None = None
    ece: Share
    ece_before: Share
    ece_equal: Share | None = None
    ece_equal_before: Share | None = None
    ece_equal_10: Share | None = None
    ece_equal_10_by_chance: Interval | None = None
    per_class: dict[Name, ClassFigures] = Field(min_length=2, max_length=MAX_LABELS)
    confusion: list[list[Annotated[int, Field(ge=0)]]] = Field(max_length=MAX_LABELS)
    reliability: list[Bin] = Field([], max_length=MAX_SETS)

    @model_validator(mode="after")
    def _is_square(self) -> "Figures":
        size = len(self.per_class)
        if len(self.confusion) != size or any(len(row) != size for row in self.confusion):
            raise ValueError(f"the confusion matrix must be {size} x {size}, as there are {size} labels")
        return self


class OodFigures(_Strict):
    """Figures on an out-of-distribution data set, whose inputs do not belong to the task.

    abstained, refused: shares of the inputs on which the model abstained, and that could not be read.
    auroc: area under the ROC curve of familiarity, in-distribution against these inputs; None if it was not measured.
    """

    n: int = Field(ge=1)
    abstained: Share
    refused: Share
    auroc: Share | None = None


class SeedFigures(_Strict):
    """Test accuracy of each seed of the recipe, their mean and standard deviation."""

    accuracies: list[Share] = Field(min_length=2, max_length=MAX_SETS)
    mean: Share
    std: float = Field(ge=0)


def difference(first: Sequence[float], second: Sequence[float]) -> Difference | None:
    """The difference of the means over seeds, first - second, and the ends of its 95% interval.

    Two-sample Student's t with one variance for both. None for fewer than two seeds.
    """
    freedom = len(first) + len(second) - 2
    if min(len(first), len(second)) < 2 or freedom not in STUDENT:
        return None
    means = [sum(values) / len(values) for values in (first, second)]
    squares = sum((value - mean) ** 2 for values, mean in zip((first, second), means, strict=True) for value in values)
    half = STUDENT[freedom] * sqrt(squares / freedom * (1 / len(first) + 1 / len(second)))
    between = means[0] - means[1]
    return between, between - half, between + half


class Curve(_Strict):
    """A value at each size: the mean over seeds and the ends of its 95% interval."""

    mean: list[float]
    low: list[float]
    high: list[float]


class LearningCurve(_Strict):
    """The result of `training/studies/learning_curve.py`: accuracy of two models by training examples per label.

    difference: second model minus first, paired by seed.
    """

    sizes: list[Annotated[int, Field(gt=0)]] = Field(min_length=1, max_length=MAX_POINTS)
    seeds: list[int] = Field(max_length=MAX_POINTS)
    models: dict[Name, Curve] = Field(min_length=2, max_length=2)
    difference: Curve

    @model_validator(mode="after")
    def _has_a_value_for_each_size(self) -> "LearningCurve":
        for curve in (*self.models.values(), self.difference):
            if any(len(values) != len(self.sizes) for values in (curve.mean, curve.low, curve.high)):
                raise ValueError("a curve must have one value for each size")
        return self


class CrossValidation(_Strict):
    """The result of a cross-validation: each example is tested once, by a net not trained on it.

    Of `training/custom/cross_validation.py` for own examples, of `training/studies/folds.py` for small data sets; only
    the latter has nll, auroc (for two labels) and fold_seed, the seed of the first division into folds; its accuracies
    are those of the divisions if there are several, otherwise those of the rounds.
    kept: the share of the examples that were answered without abstaining, at the threshold of the other rounds.
    dataset: the data set whose examples were tested. on_all: whether the model was then trained on all of them, so
    that none are left to test it on.
    """

    dataset: Name = "examples"
    on_all: bool = False
    rounds: int = Field(ge=2)
    n: int = Field(gt=0)
    accuracy: Share
    interval: Interval
    kept: Share | None = None
    fold_seed: int | None = None
    nll: float | None = None
    nll_interval: Interval | None = None
    auroc: Share | None = None
    auroc_interval: Interval | None = None
    accuracies: list[Share] = Field(min_length=2, max_length=MAX_POINTS)
    per_class: dict[Name, ClassFigures] = Field(max_length=MAX_LABELS)
    confusion: list[list[Annotated[int, Field(ge=0)]]] = Field(max_length=MAX_LABELS)


class Change(_Strict):
    """One change to a recipe, and its accuracy on each data set."""

    description: str = Field(max_length=100)
    accuracies: list[Share]


class Ablation(_Strict):
    """The result of `training/studies/ablation.py` on validation sets: the unchanged recipe by seed, each change."""

    datasets: list[Name] = Field(min_length=1, max_length=MAX_POINTS)
    epochs: int = Field(ge=1)
    seeds: list[int] = Field(max_length=MAX_POINTS)
    baseline: list[list[Share]] = Field(min_length=1, max_length=MAX_POINTS)
    changes: list[Change] = Field(min_length=1, max_length=MAX_POINTS)

    @model_validator(mode="after")
    def _has_an_accuracy_for_each_data_set(self) -> "Ablation":
        if any(
            len(row) != len(self.datasets) for row in (*self.baseline, *(change.accuracies for change in self.changes))
        ):
            raise ValueError("a row must have one accuracy for each data set")
        return self


class Removal(_Strict):
    """The drop of the answer's log-probability (nats) when a share of an input is removed, and paired differences.

    strongest: by attribution; random: at random; baseline: in an order that needs no net.
    """

    share: Share
    strongest: float
    random: float
    baseline: float
    over_random: Difference
    over_baseline: Difference


class AttributionCheck(_Strict):
    """The result of `training/studies/attribution_check.py`.

    unit: what is removed; baseline: what the baseline removes first.
    """

    dataset: Name
    unit: Name | None = None
    baseline: Name | None = None
    n: int = Field(gt=0)
    shares: list[Removal] = Field(min_length=1, max_length=MAX_POINTS)


class Studies(_Strict):
    """The studies of a model; None for one that was not carried out."""

    learning_curve: LearningCurve | None = None
    cross_validation: CrossValidation | None = None
    ablation: Ablation | None = None
    attribution_check: AttributionCheck | None = None


class Evaluation(_Strict):
    """The content of evaluation.json.

    best_epoch: the row of history.csv whose weights are saved; test_runs: how often the test set was run.
    """

    test: dict[Name, Figures] = Field({}, max_length=MAX_SETS)
    validation: dict[Name, Figures] = Field({}, max_length=MAX_SETS)
    ood: dict[Name, OodFigures] = Field({}, max_length=MAX_SETS)
    seeds: dict[Name, SeedFigures] = Field({}, max_length=MAX_SETS)
    studies: Studies = Studies()
    best_epoch: dict[Name, float] = Field({}, max_length=MAX_SETS)
    test_runs: int = Field(0, ge=0)

    @property
    def headline(self) -> dict[str, Figure]:
        """The accuracy by data set; over all rounds where the model was cross-validated."""
        figures = {name: Figure(accuracy=f.accuracy, interval=f.interval, n=f.n) for name, f in self.test.items()}
        if study := self.studies.cross_validation:
            values = study.model_dump(include={"accuracy", "interval", "n", "rounds"})
            figures[study.dataset] = Figure(**values)
        return figures

    def to_json(self) -> str:
        """The content of the file, without what was not measured."""
        return self.model_dump_json(indent=1, exclude_none=True)
