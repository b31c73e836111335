"""Records snapshots of a small net while it is trained, for the slider on the task page (`models/snapshots.py`).

The averaged weights are recorded before training, at some batches of the first epoch (one, then ever further apart,
because most is learned there) and after each epoch. At the end, as many as the file may hold are kept, and those after
the best epoch are left out. Recording draws no random numbers, so the trained weights are the same without it.
"""

from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load, save

from models.checkpoint import limit
from models.engines import graph
from models.paths import write_atomically
from models.snapshots import FILE, MOST, PREFIX, Snapshots
from training.learner import Learner
from training.torchrun import is_main

FEWEST = 8  # moments that must fit into the file, or nothing is recorded: the net is too large
WITHIN = 11  # moments within the first epoch
RESERVED = 6  # of them, those kept if there are more epochs than fit, but a third of all at most
MOST_EPOCHS = 100  # after which nets are recorded; of longer runs, evenly chosen ones
HEADER = 2**14  # bytes of the file besides the weights
LARGEST = 60_000.0  # of a weight in float16


class Recorder:
    """Records the averaged weights of a run. `step` is called after each batch, `epoch` after each epoch."""

    def __init__(self, run: Learner, folder: Path, epochs: int):
        self.run, self.path = run, folder / FILE
        self.moments: dict[int, dict[str, np.ndarray]] = {}
        self.every = -(-epochs // MOST_EPOCHS)
        size = sum(tensor.numel() for tensor in run.net.state_dict().values() if tensor.is_floating_point())
        self.most = min(MOST - 1, (limit(FILE) - HEADER) // max(1, 2 * size))
        self.is_on = is_main() and self.most >= FEWEST - 1
        batches = run.steps_an_epoch
        # The batch norm statistics of averaged weights are computed at the end of an epoch.
        within = () if run.has_batch_norm else np.geomspace(1, max(1, batches), WITHIN + 1).round()[:-1]
        self.within = {int(step) for step in within if step < batches}

    def start(self, resume: bool) -> None:
        """Record the net before training, or continue with the moments of the interrupted run."""
        if not resume or not self.run.step:
            self._record()
            return
        try:
            saved = load(self.path.read_bytes())
            steps = saved.pop("steps").tolist()
        except (OSError, SafetensorError, ValueError, KeyError):
            self.is_on = False  # of an older version of the Zoo, or damaged
            return
        rows = ((i, step) for i, step in enumerate(steps) if step <= self.run.step)
        self.moments = {step: {name: tensor[i] for name, tensor in saved.items()} for i, step in rows}

    def step(self, step: int) -> None:
        """Record the net after batch `step`, from 1, if it is one of the chosen ones."""
        if step in self.within:
            self._record()

    def epoch(self, epoch: int) -> None:
        """Record the net after an epoch, from 1, and write the file for `--resume`."""
        if epoch % self.every == 0 or epoch == 1:
            self._record()
        if self.is_on:
            write_atomically(self.path, save(_stacked(self.moments)))

    def until(self, epoch: int) -> Snapshots | None:
        """The moments before the end of `epoch`, the last of which is the trained net; None for a large net."""
        batches = self.run.steps_an_epoch
        last = epoch * batches
        steps = chosen([step for step in self.moments if step < last], batches, self.most)
        if not self.is_on or not steps:
            return None
        stacked = _stacked({step: self.moments[step] for step in steps})
        del stacked["steps"]
        return Snapshots((*steps, last), batches, {PREFIX + name: rows for name, rows in stacked.items()})

    @torch.no_grad()
    def _record(self) -> None:
        if not self.is_on:
            return
        weights = {
            name: tensor.detach().float().cpu().numpy()
            for name, tensor in self.run.average.module.state_dict().items()
            if tensor.is_floating_point()
        }
        if max(float(np.abs(array).max(initial=0)) for array in weights.values()) < LARGEST:
            self.moments[self.run.step] = {name: array.astype(np.float16) for name, array in weights.items()}
        else:
            self.is_on = False


def chosen(steps: list[int], batches: int, most: int) -> list[int]:
    """At most `most` of the steps: the first, and those after an epoch; some within the first epoch, as far as fit.

    steps: rising, from 0. batches: of an epoch.
    """
    within = [step for step in steps if 0 < step < batches]
    epochs = [step for step in steps if step >= batches]
    room = most - 1
    first = _evenly(within, max(min(RESERVED, room // 3), room - len(epochs)))
    return [*steps[:1], *first, *_evenly(epochs, room - len(first))]


def _evenly(steps: list[int], count: int) -> list[int]:
    """`count` of the steps, evenly spaced, the first among them."""
    if count >= len(steps):
        return steps
    return [steps[i] for i in np.linspace(0, len(steps), count, endpoint=False).astype(int)] if count > 0 else []


def _stacked(moments: dict[int, dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The weights of all moments by name, (M, ...), and `steps`, (M,)."""
    names = next(iter(moments.values()))
    rows = {name: np.stack([weights[name] for weights in moments.values()]) for name in names}
    return {**rows, "steps": np.array(list(moments), np.int64)}


def snapshots_file(snapshots: Snapshots | None, onnx: bytes) -> bytes | None:
    """The content of `snapshots.safetensors`; None for a large net, or one whose graph has not all of its weights.

    snapshots: of the run whose net is served. onnx: the exported graph.
    """
    if snapshots is None:
        return None
    inside = graph.initializers(onnx)
    return snapshots.to_bytes() if all({n, f"{n}.half"} & inside for n in snapshots.weights) else None
