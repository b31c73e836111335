"""`python -m training ablation reviews-gru`: measures what each part of a recipe contributes, on validation sets only.

The unchanged recipe is run with several seeds, whose spread shows the effect of chance, and then with one change at a
time. Each run trains for EPOCHS epochs and is evaluated after the last, so accuracies are lower than the shipped
figures. Finished runs are stored in ZOO_HOME/runs, so an interrupted study can be continued. At the end, or after
Ctrl-C, the study is recorded in the checkpoint's `evaluation.json`, under `studies`.
"""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import torch
from safetensors.torch import load_file, save
from torch import Tensor, nn

from models import catalog, paths
from models.checkpoint import Checkpoint
from models.entry import Entry
from models.errors import ZooError
from models.evaluation import Ablation
from models.evaluation import Change as ChangeFigures
from models.nets.word_reader import WordReader
from models.paths import write_atomically
from training.batches import Batches, outputs
from training.data.dataset import DEFAULT, Sources
from training.data.examples import Examples
from training.data.prepare import prepare
from training.device import device_of
from training.evaluate import record_study
from training.fit import fit
from training.initialise import fitted_processor, new_net
from training.release import key_of
from training.word_vectors import is_vectors

EPOCHS = 2
SEEDS = (0, 1)
VALIDATED_ON = ("sst-sentences", "sst-unseen", "sst-nodes")
BUCKETS = 16_384  # rows in the table of hashed character n-grams
LENGTHS = (3, 4, 5)  # letters in a character n-gram


@dataclass(frozen=True)
class Change:
    """One change to the recipe.

    name: its description in the results. recipe: values that replace those of the recipe. rebuild: changes the
    untrained net, called with (net, vocabulary). distilled: whether the targets are the mean probabilities predicted by
    the baseline nets of all SEEDS.
    """

    name: str
    recipe: dict[str, Any] = field(default_factory=dict)
    rebuild: Callable[[WordReader, list[str]], None] | None = None
    distilled: bool = False


class Half(nn.Module):
    """A head that sees one half of the features, with the other half set to zero.

    The first half is the maximum of the recurrent states over the text, the second half their mean.
    """

    def __init__(self, head: nn.Linear, first: bool):
        super().__init__()
        self.head = head
        half = head.in_features // 2
        self.register_buffer(
            "mask", torch.cat([torch.full((half,), float(first)), torch.full((half,), float(not first))])
        )

    def forward(self, features: Tensor) -> Tensor:
        return self.head(features * self.mask)


class Subwords(nn.Module):
    """Word vectors plus the mean vector of each word's hashed character n-grams, which start at zero.

    After Bojanowski et al., "Enriching Word Vectors with Subword Information", TACL 2017.
    """

    def __init__(self, table: nn.Embedding, words: list[str]):
        super().__init__()
        self.table = table
        self.ngrams = nn.EmbeddingBag(BUCKETS, table.embedding_dim, mode="mean", padding_idx=0)
        nn.init.zeros_(self.ngrams.weight)
        buckets = [sorted({crc32(gram.encode()) % (BUCKETS - 1) + 1 for gram in _ngrams(word)}) for word in words]
        rows = torch.zeros(table.num_embeddings, max(map(len, buckets)), dtype=torch.int64)
        for row, of_word in enumerate(buckets, start=2):  # rows 0 and 1 are padding and the unknown mark
            rows[row, : len(of_word)] = torch.tensor(of_word)
        self.register_buffer("rows", rows)

    def forward(self, x: Tensor) -> Tensor:
        different, where = torch.unique(x, return_inverse=True)
        return self.table(x) + self.ngrams(self.rows[different])[where]


def _ngrams(word: str) -> list[str]:
    """The character n-grams of a word, with "<" and ">" marking its ends."""
    whole = f"<{word[:30]}>"
    return [whole[i : i + n] for n in LENGTHS for i in range(len(whole) - n + 1)]


def _without_word_dropout(net: WordReader, vocabulary: list[str]) -> None:
    net.blank = 0.0


def _without_vector_dropout(net: WordReader, vocabulary: list[str]) -> None:
    net.trunk.first.p = 0.0


def _only_maximum(net: WordReader, vocabulary: list[str]) -> None:
    net.head = Half(net.head, first=True)


def _only_mean(net: WordReader, vocabulary: list[str]) -> None:
    net.head = Half(net.head, first=False)


def _with_subwords(net: WordReader, vocabulary: list[str]) -> None:
    net.words = Subwords(net.words, vocabulary)


BASELINE = Change("")
CHANGES = (
    Change("random word vectors instead of GloVe's", {"start_from": None}),
    Change("no averaging of the weights", {"ema": 0.0}),
    Change("no dropout of whole words", rebuild=_without_word_dropout),
    Change("no dropout within the word vectors", rebuild=_without_vector_dropout),
    Change("only the maximum of the states, not the mean", rebuild=_only_maximum),
    Change("only the mean of the states, not the maximum", rebuild=_only_mean),
    Change("hashed character n-grams in addition to word vectors", rebuild=_with_subwords),
    Change("distilled from the unchanged nets, averaged", distilled=True),
)


def ablation(slug: str, *, device: str | None = None, sources: Sources = DEFAULT) -> Ablation:
    """Do the missing runs of the study of entry `slug`, record the study in its checkpoint, and return it.

    Raises ZooError if the entry does not start from word vectors, KeyboardInterrupt if the baseline is incomplete.
    """
    entry = catalog.entry(slug)
    if not is_vectors(entry.recipe.start_from):
        raise ZooError(
            f"{slug} does not start from word vectors; the ablation is for entries that do, such as reviews-gru."
        )
    path = paths.data_home() / "runs" / f"ablation-{slug}-{_key(entry)}.json"
    accuracies: dict[str, list[float]] = json.loads(path.read_text()) if path.exists() else {}
    study = _Study(entry, device_of(device), sources, path.with_suffix(""))
    runs = [(f"seed {seed}", BASELINE, seed) for seed in SEEDS]
    runs += [(change.name, change, SEEDS[0]) for change in CHANGES]
    with suppress(KeyboardInterrupt):
        for name, change, seed in runs:
            if name not in accuracies:
                accuracies[name] = study.accuracies(change, seed)
                print(f"{name}: {', '.join(f'{accuracy:.4f}' for accuracy in accuracies[name])}", flush=True)
                write_atomically(path, json.dumps(accuracies, indent=1))
    if any(name not in accuracies for name, change, _ in runs if change == BASELINE):
        raise KeyboardInterrupt  # without the baseline there is nothing to compare the changes with
    names = [change.name for change in CHANGES if change.name in accuracies]
    result = Ablation(
        datasets=list(VALIDATED_ON),
        epochs=EPOCHS,
        seeds=list(SEEDS),
        baseline=[accuracies[f"seed {seed}"] for seed in SEEDS],
        changes=[ChangeFigures(description=name, accuracies=accuracies[name]) for name in names],
    )
    record_study(catalog.find(slug).path, ablation=result)
    return result


def refresh_descriptions(folder: Path) -> None:
    """Give the changes of the study in the checkpoint in `folder` their current descriptions; figures are kept."""
    study = Checkpoint.open(folder).evaluation.studies.ablation
    if study is None or len(study.changes) != len(CHANGES):  # none, or an incomplete study
        return
    pairs = zip(study.changes, CHANGES, strict=True)
    changes = [figures.model_copy(update={"description": change.name}) for figures, change in pairs]
    record_study(folder, ablation=study.model_copy(update={"changes": changes}))


def _key(entry: Entry) -> str:
    """A hash of the entry's recipe and the study's settings, so that old accuracies are not mixed with new ones."""
    settings = [key_of(entry), EPOCHS, SEEDS, [(change.name, change.recipe) for change in CHANGES]]
    return hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:8]


class _Study:
    """The data that all runs share, prepared once.

    folder: the state of the runs, and the baseline nets' predictions on the training examples.
    """

    def __init__(self, entry: Entry, device: str, sources: Sources, folder: Path):
        self.entry, self.device, self.folder = entry, device, folder
        self.recipe = replace(entry.recipe, epochs=EPOCHS, refit=False)
        self.processor = fitted_processor(entry, entry.recipe, sources)
        labels = catalog.task(entry.task).labels
        self.sizes = {"classes": len(labels), **self.processor.sizes()}
        self.train = Examples.join(
            [prepare(name, "train", self.processor, labels, sources) for name in entry.recipe.datasets]
        )
        self.checks = [prepare(name, "validation", self.processor, labels, sources) for name in VALIDATED_ON]

    def accuracies(self, change: Change, seed: int) -> list[float]:
        """Train with this change; returns the accuracy after the last epoch on each validation set of VALIDATED_ON."""
        recipe = replace(self.recipe, **change.recipe)
        train = Examples(self.train.inputs, self._mean_predictions()) if change.distilled else self.train
        net = new_net(self.entry, recipe, self.sizes, seed, self.processor)
        if change.rebuild:
            change.rebuild(net, list(self.processor.known()))
        title = change.name or f"baseline, seed {seed}"
        fit(net, train, None, recipe, folder=self.folder, seed=seed, device=self.device, title=title)
        if change == BASELINE:
            write_atomically(
                self._predictions_file(seed), save({"probabilities": self._logits(net, train).softmax(dim=1)})
            )
        return [float((self._logits(net, split).argmax(dim=1).numpy() == split.labels).mean()) for split in self.checks]

    def _logits(self, net: nn.Module, examples: Examples) -> Tensor:
        return outputs(net, Batches(examples, torch.device(self.device)))[0]

    def _mean_predictions(self) -> np.ndarray:
        """The baseline nets' probabilities for the training examples, (N, labels), averaged over SEEDS."""
        return np.mean([load_file(self._predictions_file(seed))["probabilities"].numpy() for seed in SEEDS], axis=0)

    def _predictions_file(self, seed: int) -> Path:
        return self.folder / f"seed-{seed}.safetensors"
