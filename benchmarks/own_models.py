"""Measures which entry suits own examples: `ZOO_DATA=DATA python benchmarks/own_models.py [names|sentences ...]`.

Draws examples of some labels from the training sets of the tasks, as many of each label, or takes a set of
`benchmarks/own_sets.py`; trains each entry on all of them, as `zoo train --examples` does after cross-validation; and
tests it on validation examples, as many of each label: other names, sentences, photos or rows, and other writers. No
test set is read. Prints the rows of the table in docs/own-models.md: the mean accuracy over the draws, and in
parentheses that of each. `--size 60` and `--entry reviews-gru` measure only these; both can be repeated. Entries that
read letter by letter or word by word take minutes of CPU time for each draw.
"""

import argparse
import contextlib
import csv
import io
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
import torch
from own_sets import SETS
from PIL import Image

from models.field import Field
from models.inputs import ink
from models.inputs.fields import Value, from_texts
from models.paths import data_home
from training.batches import Batches, outputs
from training.custom.plan import plan
from training.data import dataset
from training.data.dataset import Raw, Sources
from training.data.examples import Examples
from training.data.prepare import processed
from training.preparation import Job, prepare
from training.run import fit_everything
from training.state import State

TESTED = 600  # examples at most
Pairs = list[tuple[Any, str]]  # raw inputs with their labels


@dataclass(frozen=True)
class Study:
    """The entries to compare on `data`: a data set, of which the most frequent `labels` are taken, or one of SETS.

    sizes: numbers of examples of each label.
    """

    title: str
    data: str
    labels: int
    sizes: tuple[int, ...]
    entries: tuple[str, ...]


TABLES = ("titanic-boosting", "titanic-logistic", "titanic-mlp")
READERS = ("reviews-ngrams", "reviews-gru")
STUDIES = {
    "names": [Study("names from 5 countries", "names", 5, (10, 60, 300), ("names-ngrams", "names-gru"))],
    "sentences": [
        Study("sentences of film reviews, negative or positive", "sst-sentences", 2, (10, 60, 300), READERS),
        Study("messages to a shop about 4 matters", "tickets", 4, (10, 60), READERS),
    ],
    "drawings": [
        Study("10 digits", "unipen-digits", 10, (10, 60, 300), ("letters-transfer", "letters-scratch", "mnist-cnn"))
    ],
    "photos": [Study("photos of 5 places", "wonders", 5, (10, 60), ("holidays-efficientnet", "holidays-resnet"))],
    "tables": [
        Study("Titanic, 2 labels", "titanic", 2, (10, 60, 200), TABLES),
        Study("diabetes, 2 labels", "pima", 2, (10, 60, 150), TABLES),
        Study("Otto, 9 labels", "otto", 9, (10, 60, 300), TABLES),
    ],
}


def drawn(raw: Raw, chosen: Sequence[int], each: int, seed: int) -> Pairs:
    """`each` examples of each of the chosen classes, or as many as there are of the rarest of them."""
    random = np.random.default_rng(seed)
    rows = [random.permutation(np.flatnonzero(raw.labels == label)) for label in chosen]
    each = min(each, *map(len, rows))
    return [(raw.inputs[row], str(raw.classes[raw.labels[row]])) for of_label in rows for row in of_label[:each]]


def examples_of(study: Study, size: int, seed: int) -> tuple[Pairs, Pairs]:
    """The examples to train on, and those to test on."""
    if study.data in SETS:
        own = SETS[study.data](seed, study.labels, size)
        return own.train, own.fresh
    train, validation = (dataset(study.data, Sources()).read(split, Sources()) for split in ("train", "validation"))
    chosen = np.argsort(-np.bincount(validation.labels), kind="stable")[: study.labels]
    return drawn(train, chosen, size, seed), drawn(validation, chosen, TESTED // study.labels, seed)


def written(examples: Pairs, folder: Path) -> Path:
    """Write the examples as a user would have them, a CSV file or folders of images; returns the path."""
    first = examples[0][0]
    if isinstance(first, str):
        return _csv(folder / "texts.csv", [("text", "label"), *examples])
    # Strokes are a mapping too.
    if isinstance(first, dict) and "strokes" not in first:
        names = list(dict.fromkeys(name for raw, _ in examples for name in raw))
        rows = [[*(raw.get(name, "") for name in names), label] for raw, label in examples]
        return _csv(folder / "rows.csv", [(*names, "label"), *rows])
    for number, (raw, label) in enumerate(examples):
        (folder / label).mkdir(exist_ok=True)
        if isinstance(raw, Path):
            (folder / label / f"{number}{raw.suffix}").symlink_to(raw)
        else:
            pixels = np.uint8(255 - 255 * ink.read(raw).ink)
            Image.fromarray(pixels).save(folder / label / f"{number}.png")
    return folder


def _csv(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def as_row(raw: dict[str, Any], fields: tuple[Field, ...]) -> dict[str, Value]:
    """The row as a model with these fields takes it: without other columns, and without choices that are new to it."""
    texts = {each.name: str(raw[each.name]) for each in fields if each.name in raw}
    known = {each.name: text for each in fields if (text := texts.get(each.name)) in each.choices or not each.choices}
    return from_texts({name: text for name, text in known.items() if text is not None}, fields)


def accuracy(entry: str, examples: Path, test: Pairs, scratch: Path, seed: int) -> float:
    """Accuracy of the trained entry on the test examples."""
    planned = plan(entry, examples, name="own", title=None, task=None)
    sources = Sources(examples=planned.examples.dataset(whole=True))
    recipe = replace(planned.entry.recipe, val_every=planned.entry.recipe.epochs)
    job = Job(planned.entry, planned.task, recipe, seed, "cpu", sources, scratch, False, entry)
    prepared = replace(prepare(job), validation={})  # they are in the training split too
    # Without progress bars, and without the state for --resume, which takes longer than a small epoch.
    with contextlib.redirect_stderr(io.StringIO()), patch.object(State, "save"):
        net = fit_everything(job, prepared, job.recipe.epochs).net
    net = prepared.frozen.with_head(net) if prepared.frozen else net
    raws, right = [raw for raw, _ in test], 0
    if fields := planned.examples.fields:
        raws = [as_row(raw, fields) for raw in raws]
    for rows, arrays in processed(raws, prepared.processor):
        batches = Batches(Examples(arrays, np.zeros(len(rows), np.int64)), torch.device("cpu"))
        answers = outputs(net.eval(), batches)[0].argmax(dim=1).tolist()
        right += sum(planned.task.labels[a] == test[row][1] for a, row in zip(answers, rows, strict=True))
    return right / len(test)


def measure(study: Study, size: int, entry: str, draws: int) -> str:
    """The row of the table for this size and entry."""
    measured = []
    for seed in range(draws):
        train, test = examples_of(study, size, seed)
        with tempfile.TemporaryDirectory(dir=data_home()) as scratch:
            (Path(scratch) / "own").mkdir()
            path = written(train, Path(scratch) / "own")
            measured.append(accuracy(entry, path, test, Path(scratch) / "run", seed))
    single = ", ".join(f"{one:.1%}" for one in measured)
    return f"| {study.title} | {size:,} | `{entry}` | {np.mean(measured):.1%} ({single}) of {len(test):,} |"


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(STUDIES)} (default: all)")
    parser.add_argument("--size", action="append", type=int, metavar="N", help="only with N examples of each label")
    parser.add_argument("--entry", action="append", metavar="SLUG", help="only these entries")
    parser.add_argument("--draws", type=int, default=2, help="draws of the examples, each with a seed (default: 2)")
    arguments = parser.parse_args()
    if unknown := set(arguments.kinds) - set(STUDIES):
        parser.error(f"unknown kind {min(unknown)}; there are {', '.join(STUDIES)}")
    data_home().mkdir(parents=True, exist_ok=True)
    for kind in arguments.kinds or STUDIES:
        for study in STUDIES[kind]:
            for size in study.sizes:
                for entry in study.entries:
                    if entry in (arguments.entry or study.entries) and size in (arguments.size or study.sizes):
                        print(measure(study, size, entry, arguments.draws), flush=True)


if __name__ == "__main__":
    main()
