"""Shows the progress of a run: on a terminal, a bar with loss, accuracy and time left; elsewhere, a few lines."""

import math
import time
from math import ceil
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from training.record import Record

MAX_LINES = 20  # per run, without a terminal
EVERY = 10  # steps between reading the loss, which on a GPU waits for the computation


class Progress:
    """A context manager; call `step` after every batch and `epoch` after every epoch.

    title: "" for a bar that disappears at the end, and no lines elsewhere. steps: per epoch. done: epochs already
    finished, of a resumed run. record: of the run, to which the progress is written too. part: of the run, see
    `models.runs.Progress`.
    """

    def __init__(
        self, title: str, epochs: int, steps: int, done: int = 0, record: Record | None = None, part: str = ""
    ):
        self.title, self.epochs, self.steps = title, epochs, steps
        self.record, self.part = record, part
        self.console = Console(stderr=True)
        self.bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}{task.fields[loss]}{task.fields[figures]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(elapsed_when_finished=False),
            console=self.console,
            disable=not self.console.is_terminal,
            transient=not title,
        )
        self.task = self.bar.add_task(
            title, total=epochs * steps, completed=done * steps, epoch=done + 1, epochs=epochs, loss="", figures=""
        )
        self.count = self.first = done * steps
        self.finished = done
        self.started = time.monotonic()
        self.last: tuple[Any, float | None] = (math.nan, None)  # loss and learning rate of the last step

    def __enter__(self) -> "Progress":
        self.started = time.monotonic()
        self.bar.start()
        return self

    def __exit__(self, *error) -> None:
        self.bar.stop()
        if self.record:
            self._record()

    def step(self, loss, lr: float | None = None) -> None:
        """Count a finished batch. loss: a tensor or number, read only every few steps. lr: the learning rate."""
        self.count += 1
        self.last = (loss, lr)
        if self.record and self.record.is_due():
            self._record()
        if not self.bar.disable and self.count % EVERY == 0:
            self.bar.update(self.task, completed=self.count, loss=f"  loss {float(loss):.4f}")

    def _record(self) -> None:
        loss, lr = float(self.last[0]), self.last[1]
        done = self.count - self.first
        left = (time.monotonic() - self.started) / done * (self.epochs * self.steps - self.count) if done else None
        epoch = min(self.finished + 1, self.epochs)
        self.record.progress(
            part=self.part,
            epoch=epoch,
            epochs=self.epochs,
            step=self.count - (epoch - 1) * self.steps,
            steps=self.steps,
            loss=loss if math.isfinite(loss) else None,
            lr=lr,
            seconds_left=None if left is None else round(left, 1),
        )

    def epoch(self, row: dict[str, float]) -> None:
        """Show a finished epoch. row: its row of the history; a net that is not trained has no loss."""
        self.finished = int(row["epoch"])
        loss = f"  loss {row['loss']:.4f}" if "loss" in row else ""
        figures = f"  accuracy {100 * row['accuracy']:.2f}%" if "accuracy" in row else ""
        if (
            self.bar.disable
            and self.title
            and (row["epoch"] % ceil(self.epochs / MAX_LINES) == 0 or row["epoch"] == self.epochs)
        ):
            self.console.print(
                f"{self.title}: epoch {row['epoch']:.0f}/{self.epochs}{loss}{figures}  {row['seconds']:.0f} s",
                highlight=False,
            )
        following = min(int(row["epoch"]) + 1, self.epochs)
        self.bar.update(self.task, completed=self.count, epoch=following, loss=loss, figures=figures)
