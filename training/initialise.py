"""Prepares the start of a run: the fitted processor, and the net with its random or pretrained initial weights."""

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from models import catalog
from models.entry import Entry, Recipe
from models.errors import ZooError
from models.nets.classifier import Classifier
from models.nets.photo import Head, PhotoClassifier
from models.nets.reader import RecurrentReader
from models.nets.word_reader import WordReader
from models.processors.base import Processor
from models.processors.table import Table
from models.processors.words import Words
from models.task import Task
from training.backbone import take_over
from training.data.dataset import Sources
from training.data.examples import Examples
from training.data.prepare import raw_inputs
from training.fit import fit
from training.frozen import Frozen
from training.word_vectors import fill, frequent, is_vectors

WITH_TRUNK = (Classifier, PhotoClassifier, RecurrentReader, WordReader)
MAX_PAIRED = 300  # letters of an alphabet whose pairs are counted; as many take 360 kB of a checkpoint
HEAD_LR = 1e-2  # peak learning rate of a head trained alone


def fitted_processor(entry: Entry, recipe: Recipe, sources: Sources, task: Task | None = None) -> Processor:
    """The entry's processor, fitted on the raw training inputs if there is something to fit. Raises ZooError.

    task: whose fields the processor reads (default: the entry's).
    """
    processor = entry.processor()
    if isinstance(processor, Table):
        processor = processor.of((task or catalog.task(entry.task)).fields)
    if is_vectors(recipe.start_from) and not isinstance(processor, Words):
        raise ZooError(
            f"{entry.slug} does not read words, so it cannot start from {recipe.start_from}; omit --start-from."
        )
    extra_words = frequent() if is_vectors(recipe.start_from) else ()
    raws = (
        raw for name in recipe.datasets for raw in raw_inputs(name, "train", sources)
    )  # lazy: read only if it is fitted
    return processor.fit(raws, extra_words)


def symbols_of(processor: Processor) -> dict[str, int]:
    """The vocabulary size for `fit_familiarity`, as `words` or `letters`, including padding and the unknown token.

    Letters of a large alphabet, such as Chinese, count as words: most of their pairs are in no training text.
    """
    sizes = processor.sizes()
    if sizes.get("letters", 0) > MAX_PAIRED:
        return {"words": sizes["letters"]}
    return {name: count for name, count in sizes.items() if name in ("words", "letters")}


def new_net(entry: Entry, recipe: Recipe, sizes: dict[str, Any], seed: int, processor: Processor) -> nn.Module:
    """The untrained net of an entry, with the pretrained trunk, reader or word vectors named by `recipe.start_from`.

    sizes: arguments of the net. Raises ZooError if the weights do not fit the net.
    """
    torch.manual_seed(seed)
    net = entry.net(**sizes)
    if is_vectors(recipe.start_from):
        fill(net, processor.known(), recipe.start_from)
    elif recipe.start_from:
        if not isinstance(net, WITH_TRUNK):
            raise ZooError(
                f"The net of {entry.slug} has no trunk that could start from {recipe.start_from}; omit --start-from."
            )
        if isinstance(net, RecurrentReader):
            take_over(net.start(), recipe.start_from, processor.known())
        else:
            take_over(net.trunk, recipe.start_from)
    return net


def net_to_train(entry: Entry, recipe: Recipe, sizes: dict[str, Any], seed: int, processor: Processor) -> nn.Module:
    """The net to train: the whole net, or only its head if the trunk is frozen."""
    net = new_net(entry, recipe, sizes, seed, processor)
    return Head(net.head) if recipe.frozen else net


def warm_head(net: nn.Module, train: Examples, recipe: Recipe, folder: Path, options: dict[str, Any]) -> None:
    """Train only the head of `net` for `recipe.head_epochs`, so that a random head does not disturb the trunk.

    train: the training examples. folder: for the state of this run. options: keyword arguments of `fit`.

    Ctrl-C raises KeyboardInterrupt.
    """
    if recipe.head_epochs and not recipe.frozen:
        features = Frozen(copy.deepcopy(net), options["device"]).through(train)
        head_recipe = replace(recipe, epochs=recipe.head_epochs, lr=HEAD_LR, augment=None)
        options = {"folder": folder, "title": "the head", "part": "head", **options}
        if fit(Head(net.head), features, None, head_recipe, **options).interrupted:
            raise KeyboardInterrupt
