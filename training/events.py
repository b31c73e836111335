"""Writes event files for TensorBoard into the folder of a run: `tensorboard --logdir ZOO_HOME/runs`.

The validated run has the name of the run's folder, the refit `<run>/refit`. Without the package tensorboard, nothing is
written. No random numbers of the training are drawn, so the weights are the same with and without.
"""

import contextlib
import copy
import io
import math
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import nn

from training.batches import Batches, outputs
from training.learner import Learner
from training.metrics import confusion
from training.record import Record

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

FOLDERS = {"validation": ".", "refit": "refit"}  # part of a run -> folder below that of the run
SCALARS = {
    "loss": "loss/train",
    "validation loss": "loss/validation",
    "train accuracy": "accuracy/train",
    "accuracy": "accuracy/validation",
    "lr": "lr",
}
FLUSH = 5  # seconds
HISTOGRAMS = 20  # times, at most, that the weights are written in a run
VALUES = 10_000  # weights, at most, of a tensor in a histogram
LARGEST_GRAPH = 5_000_000  # parameters of a net whose graph is written; tracing a larger one takes seconds
IMAGE = 480  # pixels of the confusion matrix, without the margin
MOST_LABELS = 30  # written beside the confusion matrix


class Events:
    """The event file of one part of a run; a context manager that closes it.

    record: of the run; without one, or for parts other than those of FOLDERS, nothing is written. done: epochs of a
    resumed run that are in an older file already. epochs: of the whole run.
    """

    def __init__(self, record: Record | None, part: str, done: int, epochs: int):
        self.record, self.part, self.every = record, part, math.ceil(epochs / HISTOGRAMS)
        self.is_new = not done
        self.writer = _writer(record, part, done) if record and part in FOLDERS else None

    def __enter__(self) -> "Events":
        return self

    def __exit__(self, *error: object) -> None:
        if self.writer:
            with contextlib.suppress(OSError):  # of a full disk; the curves are in history.csv too
                self.writer.close()

    def start(self, run: Learner) -> None:
        """Write the graph of the net."""
        if self.writer and self.is_new:
            self._add_graph(run)

    def epoch(self, run: Learner | None, row: dict[str, float]) -> None:
        """Write the figures of an epoch, `row` of its history, and every few epochs the averaged weights.

        run: None for a net without weights that are trained in steps.
        """
        if not self.writer:
            return
        step = int(row["epoch"])
        for name, tag in SCALARS.items():
            if name in row:
                self._add(lambda tag=tag, value=row[name]: self.writer.add_scalar(tag, value, step))
        if run and (step % self.every == 0 or step == 1):
            for name, weights in run.average.module.named_parameters():
                values = _some(weights)
                if len(values) and np.isfinite(values).all():
                    self._add(
                        lambda tag=f"weights/{name}", values=values: self.writer.add_histogram(tag, values, step, 64)
                    )

    def end(self, net: nn.Module, checks: dict[str, Batches], best: dict[str, float]) -> None:
        """Write the confusion matrix of the validation set, and the hyperparameters with the figures of the best epoch.

        net: with the weights of that epoch. best: its row of the history.
        """
        if not self.writer or not checks or self.part != "validation":
            return
        labels = self.record.labels
        counts = sum(_confusion(net, batches, len(labels)) for batches in checks.values())
        image, step = _drawn(counts, labels), int(best["epoch"])
        self._add(lambda: self.writer.add_image("confusion matrix", image, step, dataformats="HWC"))
        for name, figure in (("accuracy", "accuracy"), ("loss", "validation loss")):
            if figure in best:
                self._add(lambda tag=f"best/{name}", value=best[figure]: self.writer.add_scalar(tag, value, step))
        for summary in _hyperparameters(self.record):
            self._add(lambda summary=summary: self.writer.file_writer.add_summary(summary))

    def _add(self, write: Any) -> None:
        """Write; a file that cannot be written is given up."""
        if self.writer:
            try:
                write()
            except OSError:
                self.writer = None

    def _add_graph(self, run: Learner) -> None:
        """Write the graph of the net if it can be traced, without a trace of that in the output or the training."""
        net = copy.deepcopy(run.net).eval().cpu()
        if sum(weights.numel() for weights in net.parameters()) > LARGEST_GRAPH:
            return
        inputs, _ = run.batches.rows(slice(0, 2))
        inputs.pop("teacher", None)
        arrays = tuple(array.cpu() for array in inputs.values())
        quiet = contextlib.redirect_stdout(io.StringIO())
        with quiet, warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
            warnings.simplefilter("ignore")
            try:
                self.writer.add_graph(_ByPosition(net, tuple(inputs)), arrays, use_strict_trace=False)
            except Exception:  # torch.jit raises many kinds of errors for what it cannot trace
                return


class _ByPosition(nn.Module):
    """Adapts a net that takes its inputs by name to the tracer, which passes them by position."""

    def __init__(self, net: nn.Module, names: tuple[str, ...]):
        super().__init__()
        self.net, self.names = net, names

    def forward(self, *arrays: torch.Tensor) -> torch.Tensor:
        return self.net(**dict(zip(self.names, arrays, strict=True)))[0]


def _writer(record: Record, part: str, done: int) -> "SummaryWriter | None":
    """A writer; None without the package, or if the folder cannot be written."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    try:
        # What an interrupted run wrote about the epoch that was not finished is hidden.
        return SummaryWriter(record.folder / FOLDERS[part], flush_secs=FLUSH, purge_step=done + 1 if done else None)
    except OSError:
        return None


def _hyperparameters(record: Record) -> tuple[Any, Any, Any]:
    """The summaries of TensorBoard's page of hyperparameters: the experiment, the start and the end of the session."""
    from torch.utils.tensorboard.summary import hparams

    run = record.run
    # Its names of figures are those of the scalars that `end` writes.
    settings = {"entry": run.entry, "seed": run.seed, **run.recipe}
    plain = {
        name: value if isinstance(value, bool | int | float | str) else ",".join(value) if value else "none"
        for name, value in settings.items()
    }
    return hparams(plain, {"best/accuracy": 0.0, "best/loss": 0.0})


def _some(weights: torch.Tensor) -> np.ndarray:
    """At most VALUES of the weights, evenly spaced."""
    flat = weights.detach().flatten()
    return flat[:: max(1, len(flat) // VALUES)].float().cpu().numpy()


def _confusion(net: nn.Module, batches: Batches, classes: int) -> np.ndarray:
    """Counts of validation examples, one row per label, one column per answer, (L, L)."""
    answers = outputs(net, batches)[0].argmax(dim=1).numpy()
    return np.asarray(confusion(batches.labels.cpu().numpy(), answers, classes))


def _drawn(counts: np.ndarray, labels: tuple[str, ...]) -> np.ndarray:
    """The confusion matrix as an image (H, W, 3) of 8-bit colours: the darker, the larger the share of the row."""
    size = len(counts)
    cell = max(1, min(48, IMAGE // size))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    shade = np.rint(255 * (1 - shares)).astype(np.uint8).repeat(cell, axis=0).repeat(cell, axis=1)
    named = size <= MOST_LABELS and cell >= 12
    margin = 100 if named else 0
    width = max(margin + size * cell, 320 * named)  # of the line at the top, too
    image = Image.new("RGB", (width, 20 * named + size * cell), "white")
    image.paste(Image.fromarray(shade).convert("RGB"), (margin, 20 * named))
    if named:
        draw = ImageDraw.Draw(image)
        draw.text((4, 4), "rows: label, columns: answer, in the same order", fill="black")
        for row, label in enumerate(labels):
            draw.text((4, 20 + row * cell + cell // 2 - 6), label[:15], fill="black")
            for column, count in enumerate(counts[row]):
                colour = "white" if shares[row, column] > 0.5 else "black"
                if count and cell >= 24:
                    draw.text((margin + column * cell + 4, 20 + row * cell + cell // 2 - 6), str(count), fill=colour)
    return np.asarray(image)
