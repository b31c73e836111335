"""Measures which entry suits own examples: `ZOO_DATA=DATA python benchmarks/own_models.py [photos|drawings|texts ...]`.

Draws a few examples per label from the training sets of the tasks, trains each entry on them as `zoo train --examples`
does, without cross-validation, and tests it on at most TESTED validation examples, which are other photos, writers,
names or sentences. Prints the rows of the table in docs/own-models.md. `--size 3x100` and `--entry reviews-gru` measure
only these rows; both can be repeated.
"""

import argparse
import csv
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
import torch
from PIL import Image

from models.inputs import ink
from models.paths import data_home
from training.batches import Batches, outputs
from training.custom.plan import plan
from training.data import dataset
from training.data.dataset import Raw, Sources
from training.data.prepare import processed
from training.run import run

TESTED = 600
# Data set, numbers of labels and of examples per label, and entries.
STUDIES = {
    "texts": [
        ("names", ((3, 20), (3, 100), (3, 1_000)), ("names-ngrams", "names-gru")),
        ("sst", ((3, 20), (3, 100), (3, 1_000)), ("reviews-ngrams", "reviews-gru", "names-ngrams")),
    ],
    "drawings": [("unipen-digits", ((10, 10), (10, 100)), ("letters-transfer", "letters-scratch", "mnist-cnn"))],
    "photos": [("wonders", ((3, 8), (7, 20)), ("holidays-efficientnet", "holidays-resnet"))],
}


def drawn(raw: Raw, labels: int, each: int | None, seed: int) -> list[tuple[object, str]]:
    """`each` examples of each of the most frequent `labels`, or all of them, with their labels."""
    counts = np.bincount(raw.labels)
    chosen = np.argsort(-counts, kind="stable")[:labels]
    random = np.random.default_rng(seed)
    rows = [random.permutation(np.flatnonzero(raw.labels == label))[:each] for label in chosen]
    return [(raw.inputs[row], str(raw.classes[raw.labels[row]])) for row in np.concatenate(rows)]


def written(examples: list[tuple[object, str]], folder: Path) -> Path:
    """Write the examples as a user would have them, a table of texts or folders of images; returns the path."""
    if isinstance(examples[0][0], str):
        with (folder / "texts.csv").open("w", newline="") as file:
            csv.writer(file).writerows([("text", "label"), *examples])
        return folder / "texts.csv"
    for number, (raw, label) in enumerate(examples):
        (folder / label).mkdir(exist_ok=True)
        if isinstance(raw, Path):
            (folder / label / f"{number}{raw.suffix}").symlink_to(raw)
        else:
            pixels = np.uint8(255 - 255 * ink.read(raw).ink)
            Image.fromarray(pixels).save(folder / label / f"{number}.png")
    return folder


def measure(entry: str, examples: Path, test: list[tuple[object, str]], scratch: Path) -> tuple[float, float]:
    """Accuracy on the test examples, and the seconds of training, one run."""
    planned = plan(entry, examples, name="own", title=None, task=None)
    sources = Sources(examples=planned.examples.dataset())
    started = time.perf_counter()
    trained = run(
        planned.entry,
        planned.entry.recipe,
        scratch,
        task=planned.task,
        seed=0,
        device="cpu",
        sources=sources,
        resume=False,
        title=entry,
    )
    seconds = time.perf_counter() - started
    right = 0
    for rows, arrays in processed([raw for raw, _ in test], trained.prepared.processor):
        batches = Batches(_examples(arrays, len(rows)), torch.device("cpu"))
        answers = outputs(trained.served.net.eval(), batches)[0].argmax(dim=1).tolist()
        right += sum(planned.task.labels[a] == test[row][1] for a, row in zip(answers, rows, strict=True))
    return right / len(test), seconds


def _examples(arrays: dict[str, np.ndarray], count: int):
    from training.data.examples import Examples

    return Examples(arrays, np.zeros(count, np.int64))


def main() -> None:
    """Measure the rows that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(STUDIES)} (default: all)")
    parser.add_argument("--size", action="append", metavar="LABELSxEACH", help="only these sizes")
    parser.add_argument("--entry", action="append", metavar="SLUG", help="only these entries")
    arguments = parser.parse_args()
    if unknown := set(arguments.kinds) - set(STUDIES):
        parser.error(f"unknown kind {min(unknown)}; there are {', '.join(STUDIES)}")
    data_home().mkdir(parents=True, exist_ok=True)
    print("| examples | entry | accuracy on other examples | training |", "|---|---|---:|---:|", sep="\n", flush=True)
    for name in arguments.kinds or STUDIES:
        for data, sizes, entries in STUDIES[name]:
            sizes = [size for size in sizes if not arguments.size or f"{size[0]}x{size[1]}" in arguments.size]
            entries = [entry for entry in entries if not arguments.entry or entry in arguments.entry]
            if not (sizes and entries):
                continue
            splits = {split: dataset(data, Sources()).read(split, Sources()) for split in ("train", "validation")}
            for labels, each in sizes:
                examples = drawn(splits["train"], labels, each, seed=0)
                known = {label for _, label in examples}
                test = [pair for pair in drawn(splits["validation"], 10**6, None, seed=1) if pair[1] in known]
                test = [test[row] for row in np.random.default_rng(2).permutation(len(test))[:TESTED]]
                for entry in entries:
                    with tempfile.TemporaryDirectory(dir=data_home()) as scratch:
                        (Path(scratch) / "own").mkdir()
                        path = written(examples, Path(scratch) / "own")
                        accuracy, seconds = measure(entry, path, test, Path(scratch) / "run")
                    size = f"{data}: {labels} x {each}"
                    print(f"| {size} | `{entry}` | {accuracy:.1%} of {len(test)} | {seconds:.0f} s |", flush=True)


if __name__ == "__main__":
    main()
