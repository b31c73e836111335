"""Rows a second of `zoo predict --out` in one process and on Ray: `python -m benchmarks.scale`.

Draws names from random letters and photos from random clouds, seeded. Each is answered in one process and by Ray on
this machine, with one worker and with two. For Ray, the rate counts from when as many chunks are answered as there are
workers, and the start up to the first answer is shown apart. At the end: what Ray itself takes for each chunk, measured
with chunks of one name. Run it on an otherwise idle machine.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import models
from app.cli import csv_output, inputs, ray_predict
from models import catalog, cluster

SIZE = 640, 480  # width and height of a photo in pixels
WORKERS = 1, 2
ALONE = 200  # chunks of one name


def names_file(folder: Path, count: int) -> Path:
    """A table of names of 3 to 12 letters."""
    random = np.random.default_rng(0)
    letters = np.array(list("aaabcdeeefghiiijklmnooprstuvwz"))
    drawn = ("".join(random.choice(letters, random.integers(3, 13))).capitalize() for _ in range(count))
    file = folder / "names.csv"
    file.write_text("text\n" + "".join(f"{name}\n" for name in drawn))
    return file


def photo_folder(folder: Path, count: int) -> Path:
    """JPEG files of coloured clouds."""
    random = np.random.default_rng(0)
    photos = folder / "photos"
    photos.mkdir()
    for number in range(count):
        clouds = Image.fromarray(random.integers(0, 256, (6, 8, 3), np.uint8))
        clouds.resize(SIZE, Image.Resampling.BICUBIC).save(photos / f"{number:06}.jpg", quality=90)
    return photos


def measure(model: str, source: Path, folder: Path) -> None:
    """Print the rates of one model for a table of texts or a folder of photos."""
    print(f"{model}, {source.name}", flush=True)
    predictor = models.load(model, device="cpu")
    with ExitStack() as stack:
        started = time.perf_counter()
        rows, _ = csv_output.write(predictor, _rows(model, source, stack, False), folder / "out.csv")
        one = rows / (time.perf_counter() - started)
    print(f"  one process: {rows:,} rows, {one:,.0f} a second", flush=True)
    for workers in WORKERS:
        with ExitStack() as stack:
            rows_again = _rows(model, source, stack, True)
            chunks = [*map(ray_predict.pack, ray_predict.chunks(rows_again, catalog.find(model).task))]
        start, rate = _on_ray(model, chunks, workers)
        print(
            f"  Ray, {workers} workers: {rate:,.0f} a second, {rate / one:.2f} times one process; start {start:.1f} s"
        )


def _rows(model: str, source: Path, stack: ExitStack, unread: bool) -> Iterator[tuple[Any, Any]]:
    task = catalog.find(model).task
    if source.is_dir():
        return inputs.named([str(source)], task, source.parent / "out.csv", unread=unread)
    return stack.enter_context(inputs.rows(str(source), None, task)).rows


def _on_ray(model: str, chunks: list[bytes], workers: int) -> tuple[float, float]:
    """Seconds until the first answer, and rows a second once every worker has answered."""
    started = time.perf_counter()
    arrived: list[tuple[float, int]] = []
    with cluster.connected(cores=workers) as nodes:
        cluster.check(nodes, model=model)
        job = ray_predict.job(model, None, None, None)
        for answers in ray_predict.answers(job, list(enumerate(chunks)), workers):
            arrived.append((time.perf_counter(), answers.rows))
    if len(arrived) <= workers:
        raise SystemExit(f"{len(arrived)} chunks are too few for {workers} workers; pass more names or photos.")
    seconds = arrived[-1][0] - arrived[workers - 1][0]
    return arrived[0][0] - started, sum(rows for _, rows in arrived[workers:]) / seconds


def overhead(model: str) -> None:
    """Print what Ray takes for a chunk, with one worker."""
    chunks = [ray_predict.pack([("Ada", "Ada")])] * ALONE
    _, rate = _on_ray(model, chunks, 1)
    predictor = models.load(model, device="cpu")
    started = time.perf_counter()
    for _ in range(ALONE):
        predictor.predict_batch(["Ada"])
    own = (time.perf_counter() - started) / ALONE
    print(f"Ray itself: {(1 / rate - own) * 1000:.1f} ms for each chunk")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--names", type=int, default=100_000, help="how many (default: 100,000)")
    parser.add_argument("--photos", type=int, default=5_000, help="how many (default: 5,000)")
    parser.add_argument("--name-model", default="names-ngrams")
    parser.add_argument("--photo-model", default="holidays-efficientnet")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        measure(options.name_model, names_file(folder, options.names), folder)
        measure(options.photo_model, photo_folder(folder, options.photos), folder)
    overhead(options.name_model)
    print(f"{os.cpu_count()} processor cores, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
