"""An entry: one model of the zoo, as one file under `models/zoo/` declares it. Nothing here imports torch.

Recipe and Augment are pydantic dataclasses: the type, bounds and description of each hyperparameter are here and
nowhere else. The options of `zoo train`, their help and the errors about impossible values are generated from them
(`training/recipe.py`). Dataclasses, so that `dataclasses.replace` works for recipes as for entries; it checks the
bounds.
"""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

if TYPE_CHECKING:
    from torch import nn

    from models.processors.base import Processor

STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)
# As it is written: `release.key_of` hashes recipes as JSON, and 9 and 9.0 give different keys.
Number = int | float


@dataclass(frozen=True, config=STRICT)
class Augment:
    """Random changes to the images of a training batch.

    All amounts but `elastic` and `erase` are drawn uniformly, in both directions.
    """

    rotate: Number = Field(10.0, ge=0, le=180, description="Rotation, in degrees")
    scale: Number = Field(0.1, ge=0, lt=1, description="Scaling, as a share of the size")
    shear: Number = Field(0.1, ge=0, le=1, description="Horizontal shear, as a share of the height")
    shift: Number = Field(2.0, ge=0, le=100, description="Translation, in pixels")
    elastic: Number = Field(
        0.0,
        ge=0,
        le=100,
        description="Elastic distortion, in pixels: standard deviation of the shifts of 5 x 5 control points",
    )
    thickness: Number = Field(
        0.0, ge=0, le=1, description="Drawings only: line thickness, in pixels added or removed on each side"
    )
    mirror: bool = Field(False, description="Photos only: mirror half of them")
    colour: Number = Field(0.0, ge=0, le=1, description="Photos only: brightness and contrast, as a share of both")
    erase: Number = Field(0.0, ge=0, le=1, description="Share of the images in which a random rectangle is erased")


@dataclass(frozen=True, config=STRICT)
class Recipe:
    """The hyperparameters of a training run; no code."""

    datasets: tuple[str, ...] = Field(min_length=1, description="Data sets to train on, separated by commas")
    epochs: int = Field(30, ge=1, le=100_000, description="Passes over the training set")
    batch: int = Field(256, ge=2, le=65_536, description="Examples per batch")
    lr: float = Field(1e-2, gt=0, lt=100, description="Peak learning rate of the schedule")
    schedule: Literal["one-cycle", "cosine", "constant"] = Field(
        "one-cycle",
        description="Learning rate: one-cycle rises to the peak and falls, cosine only falls, constant does not change",
    )
    optimizer: Literal["adamw", "adam", "sgd"] = Field(
        "adamw", description="adamw, adam (without weight decay) or sgd (gradient descent)"
    )
    momentum: float = Field(0.0, ge=0, lt=1, description="Momentum of sgd")
    weight_decay: float = Field(0.01, ge=0, lt=10, description="Weight decay of AdamW")
    # A large one lets the rarely seen rows of an embedding table move little.
    eps: float = Field(1e-8, gt=0, lt=1, description="Epsilon of AdamW and Adam")
    label_smoothing: float = Field(0.05, ge=0, lt=1, description="Share of the target that is spread over all labels")
    ema: float = Field(0.999, ge=0, lt=1, description="Decay of the moving average of the weights")
    warmup: float = Field(
        0.3, ge=0, lt=1, description="one-cycle only: share of the steps during which the learning rate rises"
    )
    # A label's weight is its count to the power -balance.
    balance: float = Field(
        0.0, ge=0, le=1, description="Weighting of labels: 0 counts all examples alike, 1 counts all labels alike"
    )
    adversarial: float = Field(
        0.0,
        ge=0,
        lt=10,
        description="Texts only: adversarial perturbation of the embeddings, as a share of their length",
    )
    few: int | None = Field(
        None, ge=1, description="Train on this many examples per label and validate on as many more, instead of on all"
    )
    augment: Augment | None = Field(default_factory=Augment, description="Random changes to training images, or none")
    refit: bool = Field(True, description="After the validated run, train again on the training and validation sets")
    keep_best: bool = Field(
        True, description="Keep the epoch that is best on the validation set; if there are few examples, the last one"
    )
    patience: int | None = Field(
        None,
        ge=1,
        description="Stop after this many validations without an improvement; the best epoch is kept",
    )
    val_every: int = Field(1, ge=1, description="Epochs between two validations; the last epoch is always validated")
    start_from: str | None = Field(
        None,
        description="Model or backbone whose weights the trunk starts from (in text models, all but the head); "
        '"" for none',
    )
    frozen: bool = Field(False, description="Keep the weights of the trunk and train only the head")
    head_epochs: int = Field(
        0, ge=0, le=100_000, description="Epochs of training only the head, before the whole net is trained"
    )
    distil: float = Field(
        0.0, ge=0, description="Backbones only: weight of the distance to a teacher's features (training/pretrain.py)"
    )


@dataclasses.dataclass(frozen=True)
class Entry:
    """One model: the task it answers, how its input is prepared, its net, how it is trained, and its description.

    net: a function that imports torch when called and builds the untrained net; `net(classes=10)`.
    processor: a function that makes the (unfitted) processor.
    seeds: those that are trained and tested for the shipped figures; the first one ships.
    license: of the shipped checkpoint; a user chooses another for their own.
    outliers: data sets of ink or pictures that are not of the task, from which familiarity is learned
        (`training/outlier_exposure.py` for ink, `training/outliers.py` for photos). They are not in the recipe, because
        the net is not trained on them. They are left out for a user's own examples.
    boosted: whether the net is trees, which are fitted without batches and steps (`training/boosting.py`).
    centres: of the training features, in familiarity (`training/familiarity.py`); fewer make a smaller checkpoint.
    """

    slug: str
    title: str
    task: str
    description: str
    processor: Callable[[], "Processor"]
    net: Callable[..., "nn.Module"]
    recipe: Recipe
    seeds: tuple[int, ...] = (0, 1, 2)
    license: str = "Apache-2.0"
    outliers: tuple[str, ...] = ()
    centres: int = 2_000
    boosted: bool = False
