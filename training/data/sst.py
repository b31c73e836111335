"""The Stanford Sentiment Treebank: sentences of film reviews as trees with one of five sentiments at every node.

It has 8,544 training, 1,101 validation ("dev") and 2,210 test sentences.

    sst            train: the 159,274 distinct phrases of the training trees; validation: the sentences of the dev trees
    sst-sentences  the whole sentences of each split
    sst-unseen     nodes of the dev or test trees whose phrase, ignoring case, is in no training tree (37,216 for test)
    sst-nodes      all nodes of the dev or test trees, with leaves and repeated phrases (82,600 for test)

Annotators labelled phrases, not nodes, so 54% of the test nodes are training phrases with the same label, and 68.5% are
neutral. A phrase is its words joined by spaces, with brackets and slashes unescaped.
"""

import gzip
import hashlib
import re
import zipfile
from functools import cache
from pathlib import Path

import numpy as np

from models.errors import ZooError
from models.paths import data_home
from models.tasks.reviews import SENTIMENTS
from training.data.dataset import Dataset, Raw, Sources
from training.data.fetched import fetched

ADDRESS = "https://nlp.stanford.edu/sentiment/trainDevTestTrees_PTB.zip"
ARCHIVE = "5c613a4f673fc74097d523a2c83f38e0cc462984d847b82c7aaf36b01cbbbfcc"
LICENCE = (
    "none stated in the archive; Socher et al., EMNLP 2013, sentences from Rotten Tomatoes reviews (Pang and Lee, 2005)"
)
TREES = {  # SHA-256 of the unpacked text
    "train": "e2f3f41b0b1e6d4dddc0effe3bfc2d27ed8928079aa9a03d652311614fc5feb7",
    "dev": "0e9336aed6e4730e19f58d00a77b3f0297efdb755f7b5e598c98a05e3f97ea40",
    "test": "6e54806dee95cf80cd918e7dfb3f6770f6df24bf826f289a4d1f709e1c8f6761",
}
FILE = {"train": "train", "validation": "dev", "test": "test"}  # the trees of each split
UNESCAPED = {"-LRB-": "(", "-RRB-": ")"}

Node = tuple[str, int]  # phrase, sentiment
Tree = list[Node]  # the nodes, the whole sentence last


def nodes(line: str) -> Tree:
    """Parse a tree in the format of the files, `(3 (2 Good) (2 film))`; each node comes after its descendants."""
    finished: Tree = []
    open_nodes: list[tuple[int, list[str]]] = []
    for mark in re.findall(r"\(\d|\)|[^\s()]+", line):
        if mark.startswith("("):
            open_nodes.append((int(mark[1:]), []))
        elif mark != ")":
            open_nodes[-1][1].append(UNESCAPED.get(mark, mark.replace("\\/", "/")))
        else:
            sentiment, words = open_nodes.pop()
            finished.append((" ".join(words), sentiment))
            if open_nodes:
                open_nodes[-1][1].extend(words)
    if open_nodes or not finished:
        raise ValueError(f"no tree: {line:.60}")
    return finished


def read_phrases(split: str, sources: Sources) -> Raw:
    """The distinct phrases of the training trees; for validation, whole sentences."""
    if split != "train":
        return read_sentences(split, sources)
    return _raw(split, list(dict.fromkeys(node for tree in _trees(split, sources) for node in tree)))


def read_sentences(split: str, sources: Sources) -> Raw:
    """The whole sentences."""
    return _raw(split, [tree[-1] for tree in _trees(split, sources)])


def read_unseen(split: str, sources: Sources) -> Raw:
    """The nodes whose phrase, ignoring case, is in no training tree."""
    seen = {phrase.lower() for tree in _trees("train", sources) for phrase, _ in tree}
    return _raw(split, [node for tree in _trees(split, sources) for node in tree if node[0].lower() not in seen])


def read_nodes(split: str, sources: Sources) -> Raw:
    """All nodes."""
    return _raw(split, [node for tree in _trees(split, sources) for node in tree])


def _raw(split: str, nodes: list[Node]) -> Raw:
    phrases, sentiments = zip(*nodes, strict=True)
    return Raw(phrases, np.array(sentiments, np.int64), SENTIMENTS, TREES[FILE[split]])


def _trees(split: str, sources: Sources) -> list[Tree]:
    return _parsed(*_find(FILE[split], sources))


@cache
def _parsed(path: Path, name: str) -> list[Tree]:
    try:
        content = _unpacked(path, name)
    except (OSError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise ZooError(f"{path} is damaged ({error}); delete it and download it again.") from error
    if hashlib.sha256(content).hexdigest() != TREES[name]:
        raise ZooError(
            f"{path} does not contain the {name} trees as published (the SHA-256 differs); delete it and fetch "
            "it again."
        )
    return [nodes(line) for line in content.decode("utf-8").splitlines()]


def _unpacked(path: Path, name: str) -> bytes:
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        return archive.read(f"trees/{name}.txt")


def _find(name: str, sources: Sources) -> tuple[Path, str]:
    """The file with the trees `name`, alone or in the archive, in the data folder or in ZOO_HOME; else downloaded."""
    archive = ADDRESS.rsplit("/", 1)[-1]
    for folder in (*([sources.folder / "sst"] if sources.folder else []), data_home() / "data" / "sst"):
        for path in (folder / f"{name}.txt.gz", folder / archive):
            if path.exists():
                return path, name
    way_out = (
        f"Connect to the network and try again, or put {archive} into DATA/sst and set --data or ZOO_DATA to DATA."
    )
    return fetched(ADDRESS, ARCHIVE, "sst", way_out, sources), name


DATASETS = (
    Dataset("sst", "Phrases of film reviews", ADDRESS, LICENCE, read_phrases, splits=("train", "validation")),
    Dataset("sst-sentences", "Sentences of film reviews", ADDRESS, LICENCE, read_sentences),
    Dataset(
        "sst-unseen", "Phrases never seen in training", ADDRESS, LICENCE, read_unseen, splits=("validation", "test")
    ),
    Dataset(
        "sst-nodes",
        "All phrases of the trees of film reviews",
        ADDRESS,
        LICENCE,
        read_nodes,
        splits=("validation", "test"),
    ),
)
