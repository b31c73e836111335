"""Texts that are not surnames, on which a model should abstain: random key presses and common English words."""

import hashlib
from pathlib import Path

import numpy as np

from training.data.dataset import Dataset, Raw, Sources, sha256_of

COUNT = 1_000
KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
WORDS = Path(__file__).with_name("english_words.txt")


def mash(count: int = COUNT, seed: int = 0) -> list[str]:
    """Random texts of 4 to 12 letters, each from one row of the keyboard."""
    random = np.random.default_rng(seed)
    texts = []
    for _ in range(count):
        row = KEYS[random.integers(len(KEYS))]
        texts.append("".join(row[i] for i in random.integers(len(row), size=random.integers(4, 13))))
    return texts


def _read_mash(split: str, sources: Sources) -> Raw:
    texts = mash()
    return Raw(texts, None, (), hashlib.sha256("\n".join(texts).encode()).hexdigest())


def _read_words(split: str, sources: Sources) -> Raw:
    return Raw(WORDS.read_text(encoding="ascii").split(), None, (), sha256_of(WORDS))


DATASETS = (
    Dataset(
        "mash",
        "Random key presses",
        "training/data/no_names.py",
        "Apache-2.0",
        _read_mash,
        splits=("test",),
        made_up=True,
    ),
    Dataset(
        "english-words",
        "The 1,000 most frequent English words of four or more letters that are not surnames in the lists",
        "https://nlp.stanford.edu/projects/glove/ (the vocabulary of GloVe 6B, in its order of frequency)",
        "PDDL 1.0",
        _read_words,
        splits=("test",),
        made_up=True,
    ),
)
