"""An entry: one model of the zoo, as one file under `models/zoo/` declares it. Nothing here imports torch."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Augment:
    """Random changes to a training batch of images; the ranges are those of a uniform draw unless said otherwise."""

    rotate: float = 10.0  # degrees, either way
    scale: float = 0.1  # share of the size, either way
    shear: float = 0.1  # share of the height by which the top is moved sideways, either way
    shift: float = 2.0  # pixels, either way
    elastic: float = 0.0  # pixels: standard deviation of the moves of 5x5 control points
    thickness: float = 0.0  # share of one pixel by which lines grow or shrink on each side, either way
    mirror: bool = False  # of photos: half of them are mirrored
    colour: float = 0.0  # of photos: share by which brightness and contrast change, either way


@dataclass(frozen=True)
class Recipe:
    """The numbers of a training run; no code."""

    datasets: tuple[str, ...]  # trained on all of them together
    epochs: int = 30
    batch: int = 256
    lr: float = 1e-2  # the peak of the one-cycle schedule
    weight_decay: float = 0.01
    eps: float = 1e-8  # AdamW's; a large one lets the rarely seen rows of a table move little
    label_smoothing: float = 0.05
    ema: float = 0.999  # decay of the averaged weights, reached from below
    warmup: float = 0.3  # share of the steps in which the rate rises
    balance: float = 0.0  # weights are label counts to the power -balance: 0 all examples count alike, 1 all labels do
    adversarial: float = (
        0.0  # of texts: learn also with letters or words moved against the answer, by this share of their length
    )
    few: int | None = None  # of each label, this many examples to train on and as many more to validate on; None: all
    augment: Augment | None = field(default_factory=Augment)
    refit: bool = True  # after the validated run, fit again on train and validation together
    # What the weights of the trunk (of a reader of letters, of all that reads) are taken from: a model, or a backbone (`training.backbone`).
    start_from: str | None = None
    frozen: bool = False  # the trunk stays as it is, only the head is trained
    head_epochs: int = 0  # epochs in which the head alone is trained, before the trunk is let go
    distil: float = (
        0.0  # weight of the likeness to a teacher's features, which the examples then carry (`training.pretrain`)
    )


@dataclass(frozen=True)
class Entry:
    """One model: the task it answers, how its input is prepared, its net, how it is trained, and words for people.

    net: a function that imports torch when called and builds the untrained net; `net(classes=10)`.
    processor: a function that makes the (unfitted) processor.
    seeds: those that are trained and tested for the shipped figures; the first one ships.
    """

    slug: str
    title: str
    task: str
    description: str
    processor: Callable[[], Any]
    net: Callable[..., "nn.Module"]
    recipe: Recipe
    seeds: tuple[int, ...] = (0, 1, 2)
