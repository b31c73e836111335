"""What a run starts from: the fitted processor, and the untrained net with the weights that its recipe takes from elsewhere."""

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from models.entry import Entry, Recipe
from models.errors import ZooError
from models.nets.classifier import Classifier
from models.nets.photo import Head, PhotoClassifier
from models.nets.reader import RecurrentReader
from models.nets.word_reader import WordReader
from models.processors.base import Processor
from models.processors.words import Words
from training.backbone import take_over
from training.data.dataset import Sources
from training.data.examples import Examples
from training.data.prepare import raw_inputs
from training.fit import fit
from training.frozen import Frozen
from training.word_vectors import fill, frequent, is_vectors

WITH_TRUNK = (Classifier, PhotoClassifier, RecurrentReader, WordReader)
HEAD_RATE = 1e-2  # peak learning rate of a head by itself


def fitted_processor(entry: Entry, recipe: Recipe, sources: Sources) -> Processor:
    """The entry's processor; one that has something to learn (a vocabulary) is fitted on the raw training inputs."""
    processor = entry.processor()
    if is_vectors(recipe.start_from) and not isinstance(processor, Words):
        raise ZooError(
            f"{entry.slug} does not read words, so it cannot start from {recipe.start_from}; omit --start-from."
        )
    more = frequent() if is_vectors(recipe.start_from) else ()
    raws = (raw for name in recipe.datasets for raw in raw_inputs(name, "train", sources))  # read only if it is fitted
    return processor.fit(raws, more)


def symbols_of(processor: Processor) -> dict[str, int]:
    """What `fit_familiarity` counts in a text, words or letters: how many there are, with padding and the unknown mark."""
    return {name: count for name, count in processor.sizes().items() if name in ("words", "letters")}


def new_net(entry: Entry, recipe: Recipe, sizes: dict[str, Any], seed: int, processor: Processor) -> nn.Module:
    """The untrained net of an entry; its trunk, its reader or its word vectors come from where the recipe says.

    sizes: arguments of the net. Raises ZooError where the weights do not fit the net.
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
    """The net that is trained: the entry's, or where its trunk is frozen the head alone."""
    net = new_net(entry, recipe, sizes, seed, processor)
    return Head(net.head) if recipe.frozen else net


def warm_head(net: nn.Module, train: Examples, recipe: Recipe, folder: Path, options: dict[str, Any]) -> None:
    """Train the head of `net` alone for `recipe.head_epochs`, so that random weights do not spoil the trunk.

    Ctrl-C raises KeyboardInterrupt.
    """
    if recipe.head_epochs and not recipe.frozen:
        features = Frozen(copy.deepcopy(net), options["device"]).through(train)
        brief = replace(recipe, epochs=recipe.head_epochs, lr=HEAD_RATE, augment=None)
        if fit(Head(net.head), features, None, brief, folder=folder, title="the head", **options).interrupted:
            raise KeyboardInterrupt
