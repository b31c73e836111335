"""Measures models of few examples: `ZOO_DATA=DATA python benchmarks/small_sets.py [SET ...] [--seeds 0,1]`.

For sets of 3x8, 3x20 and 4x12 examples (labels x examples of each), trains a model as `zoo train --examples` does, with
cross-validation, and asks it about fresh inputs of the same kind and about strangers. Prints, for each set, the
accuracy as cross-validated and on fresh inputs, the share of fresh inputs refused, and the share of each kind of
strangers refused. SET is symbols, digits, letters, photos, places, tickets or names (`benchmarks/own_sets.py`;
default: all).

`--stability` instead trains on six near-identical sets of 60 tickets or names (each leaves out another text of each
label of 63) and prints the accuracy of each on the same 1,200 fresh texts. Each of the seven templates of each label of
tickets occurs three times in the 63, so that no set lacks one; a set that did could not learn it, and it is 4.8% of the
fresh texts.

The thresholds were chosen on seeds from 100 on. One set takes about a minute of CPU time, texts a few seconds.
"""

import argparse
import contextlib
import io
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
import torch
from own_sets import SETS, OwnSet, names, tickets

from models.errors import ZooError
from training.custom.cross_validation import cross_validate
from training.custom.plan import plan
from training.data.dataset import Sources
from training.data.prepare import processed
from training.run import Trained, run

SHAPES = ((3, 8), (3, 20), (4, 12))  # labels, examples of each
STABILITY_SETS = 6
STABILITY_FRESH = 400  # texts of each label


def train(own: OwnSet, scratch: Path) -> tuple[Trained, float]:
    """A model of the set, and its cross-validated accuracy."""
    planned = plan(own.entry, own.save(scratch / "set"), name="small", title=None, task=None)
    sources = Sources(examples=planned.examples.dataset())
    with contextlib.redirect_stderr(io.StringIO()):  # progress bars
        trained = run(
            planned.entry,
            planned.entry.recipe,
            scratch / scratch.name,  # rounds have their folder by this name, and several of these may run at once
            task=planned.task,
            seed=0,
            device="cpu",
            sources=sources,
            resume=False,
        )
        trained, study = cross_validate(planned, trained, "small")
    return trained, study.accuracy


@torch.no_grad()
def ask(trained: Trained, raws: Sequence[Any]) -> tuple[np.ndarray, np.ndarray]:
    """The answers to raw inputs, as indices of labels, and whether each is refused; one that cannot be read is."""
    answers, refused = np.full(len(raws), -1), np.ones(len(raws), bool)
    for rows, arrays in processed(raws, trained.prepared.processor):
        logits, familiarity, *_ = trained.served(*(torch.from_numpy(array) for array in arrays.values()))
        answers[rows] = logits.argmax(dim=1).numpy()
        refused[rows] = familiarity.numpy() < trained.calibration.threshold
    return answers, refused


def fresh_accuracy(trained: Trained, own: OwnSet) -> tuple[float, float]:
    """The accuracy on the fresh inputs, and the share of them that is refused."""
    answers, refused = ask(trained, [raw for raw, _ in own.fresh])
    labels = trained.job.task.labels
    right = [labels[answer] == label for answer, (_, label) in zip(answers, own.fresh, strict=True)]
    return float(np.mean(right)), float(refused.mean())


def measure(name: str, shapes: Sequence[tuple[int, int]], seeds: Sequence[int], entry: str | None = None) -> None:
    """Print the figures of a kind of set for each shape and seed, and their means.

    entry: the net to train, in place of the set's.
    """
    every: dict[str, list[float]] = {}
    for seed in seeds:
        for labels, each in shapes:
            own = SETS[name](seed, labels, each)
            own = replace(own, entry=entry or own.entry)
            with tempfile.TemporaryDirectory() as scratch:
                trained, crossed = train(own, Path(scratch))
            accuracy, refused = fresh_accuracy(trained, own)
            strangers = {kind: float(ask(trained, raws)[1].mean()) for kind, raws in own.strangers.items()}
            figures = {"cross-validated": crossed, "fresh": accuracy, "own refused": refused, **strangers}
            for kind, value in figures.items():
                every.setdefault(kind, []).append(value)
            print(f"{name} {labels}x{each}, {own.entry}, seed {seed}: {_line(figures)}", flush=True)
    print(
        f"{name}, mean of {len(next(iter(every.values())))}: {_line({k: float(np.mean(v)) for k, v in every.items()})}"
    )


def stability(name: str, seed: int) -> None:
    """Print the accuracies of six near-identical sets of 60 texts on the same fresh texts."""
    whole = (
        tickets(seed, 3, 21, STABILITY_FRESH, even=True) if name == "tickets" else names(seed, 3, 21, STABILITY_FRESH)
    )
    accuracies = []
    for number in range(STABILITY_SETS):
        left_out = set(range(number, len(whole.train), 21))
        own = OwnSet(whole.entry, [x for i, x in enumerate(whole.train) if i not in left_out], whole.fresh, {})
        with tempfile.TemporaryDirectory() as scratch:
            trained, crossed = train(own, Path(scratch))
        accuracies.append(fresh_accuracy(trained, own)[0])
        texts = f"set {number + 1}, {len(own.train)} texts"
        print(f"{texts}: cross-validated {crossed:.1%}, fresh {accuracies[-1]:.1%}", flush=True)
    spread = 100 * (max(accuracies) - min(accuracies))
    print(f"{name}, seed {seed}: mean {np.mean(accuracies):.1%}, {spread:.1f} points between the best and the worst")


def _line(figures: dict[str, float]) -> str:
    return ", ".join(f"{kind} {100 * value:.1f}%" for kind, value in figures.items())


def main() -> None:
    """Measure the sets named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"of {', '.join(SETS)} (default: all)")
    parser.add_argument("--seeds", default="0", help="seeds of the sets, separated by commas (default: 0)")
    choices = [f"{labels}x{each}" for labels, each in SHAPES]
    parser.add_argument("--shape", default="", choices=choices, help="only sets of this shape (default: all)")
    parser.add_argument("--entry", metavar="SLUG", help="the entry to train (default: that of the set)")
    parser.add_argument("--stability", action="store_true", help="train on six near-identical sets of tickets or names")
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # the nets are so small that threads cost more than they save
    seeds = [int(seed) for seed in arguments.seeds.split(",")]
    shapes = [shape for shape in SHAPES if arguments.shape in ("", f"{shape[0]}x{shape[1]}")]
    unknown = set(arguments.sets) - set(SETS)
    if unknown:
        parser.error(f"unknown set {min(unknown)}; there are {', '.join(SETS)}")
    if arguments.stability:
        if set(arguments.sets) - {"tickets", "names"}:
            parser.error("--stability is measured on tickets and names only")
        for name in arguments.sets or ("tickets", "names"):
            for seed in seeds:
                stability(name, seed)
        return
    for name in arguments.sets or SETS:
        try:
            measure(name, shapes, seeds, arguments.entry)
        except ZooError as error:  # data that is not on this machine
            print(f"{name}: {error}")


if __name__ == "__main__":
    main()
