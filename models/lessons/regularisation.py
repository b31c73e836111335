"""What keeps a net from memorising: the variants of a small study, and its results.

`python -m training study regularisation` trains the variants and writes `regularisation.json` beside this file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

RESULTS = Path(__file__).with_suffix(".json")

Losses = list[list[Annotated[float, Field(ge=0)]]]  # by seed, after each epoch
Shares = list[list[Annotated[float, Field(ge=0, le=1)]]]


@dataclass(frozen=True)
class Variant:
    """One way of training the same net; everything that is not named here is the same for all.

    decay: of the weights per step, as a factor of the learning rate. adam: AdamW in place of SGD with momentum.
    dropout: the share of each hidden layer's units left out in a step. patience: epochs without a lower validation loss
    after which training stops; 0 for never. normalise: whether pixels have mean 0 and standard deviation 1. reference:
    the variant that it changes, a slug; empty for none.
    """

    slug: str
    title: str
    description: str
    adam: bool = False
    decay: float = 0.0
    dropout: float = 0.0
    batch_norm: bool = False
    patience: int = 0
    normalise: bool = True
    reference: str = "none"

    def epoch(self, losses: Sequence[float]) -> int:
        """The index of the epoch whose weights count: the last, or with early stopping that of the lowest loss."""
        return list(losses).index(min(losses)) if self.patience else len(losses) - 1


VARIANTS = (
    Variant("none", "No regularisation", "Stochastic gradient descent with momentum.", reference=""),
    Variant(
        "weight-decay",
        "Weight decay",
        "Every step also makes all weights a little smaller (L2).",
        decay=5e-3,
    ),
    Variant(
        "dropout", "Dropout", "In each step, a random half of the units of every hidden layer is left out.", dropout=0.5
    ),
    Variant(
        "batch-norm",
        "Batch norm",
        "Every hidden layer's outputs are scaled to mean 0 and standard deviation 1 in each batch.",
        batch_norm=True,
    ),
    Variant(
        "early-stopping",
        "Early stopping",
        "Training ends after 5 epochs without a lower validation loss; the best epoch's weights count.",
        patience=5,
    ),
    Variant(
        "raw-pixels",
        "Pixels not normalised",
        "The net gets the pixels as they are, 0 for paper and 1 for ink, instead of mean 0 and standard deviation 1.",
        normalise=False,
    ),
    Variant("adam", "Adam", "The Adam optimiser, without weight decay.", adam=True),
    Variant(
        "adam-weight-decay",
        "AdamW",
        "Adam with decoupled weight decay: each step also shrinks the weights, independently of the gradient.",
        adam=True,
        decay=1.0,
        reference="adam",
    ),
)


class Spread(BaseModel):
    """The mean over the seeds with its 95% interval (Student's t)."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    mean: float
    low: float
    high: float


class Runs(BaseModel):
    """What was measured for a variant, each by seed and after each epoch; runs that stopped early are shorter.

    train, validation: mean losses in nats, without dropout. accuracy: share of validation digits that are right.
    at_end: accuracy at the epoch whose weights count; gain: how much higher it is than that of the reference, paired by
    seed (None without a reference).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    train: Losses = Field(min_length=1)
    validation: Losses
    accuracy: Shares
    at_end: Spread
    gain: Spread | None = None

    @model_validator(mode="after")
    def _has_the_same_epochs_everywhere(self) -> "Runs":
        lengths = [[len(run) for run in runs] for runs in (self.train, self.validation, self.accuracy)]
        if not lengths[0] == lengths[1] == lengths[2] or not all(lengths[0]):
            raise ValueError("every seed must have its losses and accuracies for the same epochs")
        return self


class Results(BaseModel):
    """The study. examples, validation: numbers of digits. runs: by slug of the variant."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    examples: int
    validation: int
    seeds: list[int]
    epochs: int
    runs: dict[str, Runs]


@cache
def results() -> Results:
    """The results that ship with the Zoo."""
    return Results.model_validate_json(RESULTS.read_text())
