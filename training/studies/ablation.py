"""`python -m training ablation reviews-gru`: what each part of a recipe contributes, measured on validation sets alone.

The recipe is run as it is with several seeds, whose spread tells what is chance, and then with one thing changed at a time: left
out, or added to it. All runs are EPOCHS long and looked at after their last one, so they are short of the shipped figures. What is
done is kept in ZOO_HOME/runs, so that a run that was cut off goes on; at the end, or after Ctrl-C with what is done, the study stands
in the `evaluation.json` of the checkpoint, under `studies`.
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
from models.entry import Entry
from models.errors import ZooError
from models.evaluation import Ablation, Change
from models.nets.word_reader import WordReader
from models.paths import write_atomically
from training.batches import Batches, outputs
from training.data.dataset import DEFAULT, Sources
from training.data.examples import Examples
from training.data.prepare import prepare
from training.evaluate import record_study
from training.fit import fit
from training.initialise import fitted_processor, new_net
from training.release import key_of
from training.run import device_of
from training.word_vectors import is_vectors

EPOCHS = 2
SEEDS = (0, 1)
VALIDATED_ON = ("sst-sentences", "sst-unseen", "sst-nodes")
BUCKETS = 16_384  # of the hashed pieces of words
LETTERS = (3, 4, 5)  # in a piece


@dataclass(frozen=True)
class Piece:
    """One part of the recipe that is changed.

    words: what people read; recipe: values that replace the recipe's; rebuild: changes the untrained net, called with
    (net, vocabulary); taught: whether it learns from the mean of the nets of all SEEDS.
    """

    words: str
    recipe: dict[str, Any] = field(default_factory=dict)
    rebuild: Callable[[WordReader, list[str]], None] | None = None
    taught: bool = False


class Half(nn.Module):
    """One half of the features, the other at zero, before the head: the largest states come first, then their mean."""

    def __init__(self, head: nn.Linear, first: bool):
        super().__init__()
        self.head = head
        half = head.in_features // 2
        self.register_buffer(
            "kept", torch.cat([torch.full((half,), float(first)), torch.full((half,), float(not first))])
        )

    def forward(self, features: Tensor) -> Tensor:
        return self.head(features * self.kept)


class Subwords(nn.Module):
    """Word vectors to which the mean vector of a word's hashed n-grams of 3 to 5 letters is added; these start at zero.

    After Bojanowski et al., "Enriching Word Vectors with Subword Information", TACL 2017.
    """

    def __init__(self, table: nn.Embedding, words: list[str]):
        super().__init__()
        self.table = table
        self.pieces = nn.EmbeddingBag(BUCKETS, table.embedding_dim, mode="mean", padding_idx=0)
        nn.init.zeros_(self.pieces.weight)
        found = [sorted({crc32(piece.encode()) % (BUCKETS - 1) + 1 for piece in _pieces(word)}) for word in words]
        rows = torch.zeros(table.num_embeddings, max(map(len, found)), dtype=torch.int64)
        for row, some in enumerate(found, start=2):  # after padding and the unknown mark
            rows[row, : len(some)] = torch.tensor(some)
        self.register_buffer("rows", rows)

    def forward(self, x: Tensor) -> Tensor:
        different, where = torch.unique(x, return_inverse=True)
        return self.table(x) + self.pieces(self.rows[different])[where]


def _pieces(word: str) -> list[str]:
    whole = f"<{word[:30]}>"
    return [whole[i : i + n] for n in LETTERS for i in range(len(whole) - n + 1)]


def _no_word_left_out(net: WordReader, vocabulary: list[str]) -> None:
    net.blank = 0.0


def _whole_vectors(net: WordReader, vocabulary: list[str]) -> None:
    net.trunk.first.p = 0.0


def _largest_alone(net: WordReader, vocabulary: list[str]) -> None:
    net.head = Half(net.head, first=True)


def _mean_alone(net: WordReader, vocabulary: list[str]) -> None:
    net.head = Half(net.head, first=False)


def _with_subwords(net: WordReader, vocabulary: list[str]) -> None:
    net.words = Subwords(net.words, vocabulary)


AS_IT_IS = Piece("")
PIECES = (
    Piece("words start from random vectors in place of GloVe's", {"start_from": None}),
    Piece("weights are not averaged", {"ema": 0.0}),
    Piece("no word is left out in training", rebuild=_no_word_left_out),
    Piece("no dropout of the words' vectors", rebuild=_whole_vectors),
    Piece("the largest states alone, without their mean", rebuild=_largest_alone),
    Piece("the mean of the states alone, without the largest", rebuild=_mean_alone),
    Piece("hashed pieces of words beside the vectors", rebuild=_with_subwords),
    Piece("learned from the nets above, averaged (distillation)", taught=True),
)


def pieces(slug: str, *, device: str | None = None, sources: Sources = DEFAULT) -> Ablation:
    """Run what is missing of the study of entry `slug`, a reader of words, and record it in its checkpoint; returns what it found.

    Raises ZooError for an entry that reads no words.
    """
    entry = catalog.entry(slug)
    if not is_vectors(entry.recipe.start_from):
        raise ZooError(
            f"{slug} does not start from word vectors; the ablation is for entries that do, such as reviews-gru."
        )
    path = paths.data_home() / "runs" / f"pieces-{slug}-{_key(entry)}.json"
    found: dict[str, list[float]] = json.loads(path.read_text()) if path.exists() else {}
    study = _Study(entry, device_of(device), sources, path.with_suffix(""))
    runs = [*((f"seed {seed}", AS_IT_IS, seed) for seed in SEEDS), *((one.words, one, SEEDS[0]) for one in PIECES)]
    with suppress(KeyboardInterrupt):
        for name, piece, seed in runs:
            if name not in found:
                found[name] = study.accuracies(piece, seed)
                print(f"{name}: {', '.join(f'{one:.4f}' for one in found[name])}", flush=True)
                write_atomically(path, json.dumps(found, indent=1))
    if any(name not in found for name, piece, _ in runs if piece == AS_IT_IS):
        raise KeyboardInterrupt  # there is nothing to hold the changes against
    changes = [Change(description=p.words, accuracies=found[p.words]) for p in PIECES if p.words in found]
    result = Ablation(
        datasets=list(VALIDATED_ON),
        epochs=EPOCHS,
        seeds=list(SEEDS),
        baseline=[found[f"seed {seed}"] for seed in SEEDS],
        changes=changes,
    )
    record_study(catalog.find(slug).path, ablation=result)
    return result


def _key(entry: Entry) -> str:
    told = [key_of(entry), EPOCHS, SEEDS, [(piece.words, piece.recipe) for piece in PIECES]]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:8]


class _Study:
    """The data of all runs, made once. folder: where the runs lie, and what the nets of SEEDS say of the training examples."""

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

    def accuracies(self, piece: Piece, seed: int) -> list[float]:
        """Train with this piece changed; the accuracy of the last epoch's net on the validation part of each of VALIDATED_ON."""
        recipe = replace(self.recipe, **piece.recipe)
        train = Examples(self.train.inputs, self._mean_said()) if piece.taught else self.train
        net = new_net(self.entry, recipe, self.sizes, seed, self.processor)
        if piece.rebuild:
            piece.rebuild(net, list(self.processor.known()))
        title = piece.words or f"as it is, seed {seed}"
        fit(net, train, None, recipe, folder=self.folder, seed=seed, device=self.device, title=title)
        if piece == AS_IT_IS:
            write_atomically(self._said(seed), save({"probabilities": self._answers(net, train).softmax(dim=1)}))
        return [float((self._answers(net, part).argmax(dim=1).numpy() == part.labels).mean()) for part in self.checks]

    def _answers(self, net: nn.Module, examples: Examples) -> Tensor:
        return outputs(net, Batches(examples, torch.device(self.device)))[0]

    def _mean_said(self) -> np.ndarray:
        """Probabilities (N, labels) of the training examples, the mean over SEEDS."""
        return np.mean([load_file(self._said(seed))["probabilities"].numpy() for seed in SEEDS], axis=0)

    def _said(self, seed: int) -> Path:
        return self.folder / f"seed-{seed}.safetensors"
