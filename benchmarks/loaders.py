"""Measures how many digits a second reach the training loop: PyTorch's DataLoader against tensors in memory.

    ZOO_DATA=DATA python benchmarks/loaders.py

The DataLoader reads MNIST through torchvision, with ToTensor and Normalize for each picture, as courses do, with 0, 1,
2 and 4 worker processes and batches of 64 to 4,096. In memory, the same pictures are one tensor, from which a batch is
taken by its indices, in random order too (`training/batches.py`). Workers are started by a pass before that is not
counted. Each setting is
measured in turn, ROUNDS times; the median counts. `--write` writes the results for the lesson /lessons/loading. Run it
on an otherwise idle machine.
"""

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import torch
from torch.utils.data import DataLoader, Dataset, Subset
from torchvision import datasets, transforms

from models import catalog
from models.lessons import loaders
from models.lessons.loaders import BATCHES, MEMORY, WORKERS, Results
from models.paths import data_home, data_root, write_atomically
from training.batches import Batches
from training.data.dataset import Sources
from training.data.prepare import prepare

ROUNDS = 3


def main() -> None:
    options = _options()
    warnings.filterwarnings("ignore", message="This DataLoader will create")  # 4 workers are meant to be too many
    torch.set_num_threads(1)  # nothing is computed; the workers share the cores
    with tempfile.TemporaryDirectory() as folder:
        pictures = Subset(_pictures(Path(folder)), range(options.count))
        train = prepare("mnist", "train", catalog.entry("mnist-cnn").processor(), _labels(), Sources())
        in_memory = Batches(train.take(range(options.count)), torch.device("cpu"))
        rates = {setting: [] for setting in _settings()}
        for number in range(ROUNDS):
            for source, batch in rates:
                started, count = _timed(source, batch, pictures, in_memory)
                rates[source, batch].append(count / started)
            print(f"round {number + 1} of {ROUNDS}", file=sys.stderr)
    medians: dict[str, dict[int, float]] = {}
    for (source, batch), found in rates.items():
        medians.setdefault(source, {})[batch] = round(statistics.median(found))
    results = Results(
        rates=medians,
        count=options.count,
        machine=f"{os.cpu_count()} processor cores, {platform.system()}, PyTorch {torch.__version__.partition('+')[0]}",
    )
    for source, by_batch in results.rates.items():
        print(f"{source:>10}: " + "  ".join(f"{batch}: {rate:,.0f}/s" for batch, rate in by_batch.items()))
    print(f"tensors in memory against the fastest DataLoader: {results.ratio:.0f} times; load {os.getloadavg()[0]:.1f}")
    if options.write:
        write_atomically(loaders.FILE, results.model_dump_json(indent=1) + "\n")


def _settings() -> Iterator[tuple[str, int]]:
    for source in (*map(str, WORKERS), MEMORY):
        for batch in BATCHES:
            yield source, batch


def _timed(source: str, batch: int, pictures: Dataset, in_memory: Batches) -> tuple[float, int]:
    """Seconds of one pass, and the number of pictures in it."""
    if source == MEMORY:
        generator = torch.Generator().manual_seed(0)
        return _drained(lambda: in_memory.shuffled(batch, generator))
    workers = int(source)
    loader = DataLoader(pictures, batch, shuffle=True, num_workers=workers, persistent_workers=workers > 0)
    if workers:
        _drained(lambda: loader)  # the first pass starts the workers
    return _drained(lambda: loader)


def _drained(batches: Callable[[], Iterable]) -> tuple[float, int]:
    """Seconds to make batches and go through them, and the number of pictures in them."""
    started, count = time.perf_counter(), 0
    for _, labels in batches():
        count += len(labels)
    return time.perf_counter() - started, count


def _pictures(folder: Path) -> Dataset:
    """torchvision's MNIST, from the files on this machine."""
    prepared = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    source = next(path for path in (data_root(), data_home() / "data") if path and (path / "MNIST" / "raw").is_dir())
    for file in (source / "MNIST" / "raw").glob("*.gz"):
        (raw / file.name).symlink_to(file)
    return datasets.MNIST(folder, train=True, transform=prepared, download=True)  # unpacks them


def _labels() -> tuple[str, ...]:
    return catalog.task("digits").labels


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=12_000, help="pictures in a pass (default: 12,000)")
    parser.add_argument("--write", action="store_true", help="write the results for the lesson")
    return parser.parse_args()


if __name__ == "__main__":
    main()
