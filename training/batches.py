"""Batches from memory: the examples lie on the device once, and a batch is an indexing of them."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from training.data.examples import Examples

EVALUATION_BATCH = 1000
NUMBERS = 4_000_000  # in the inputs of an evaluation batch: fewer photos than characters at a time
POOL = 30  # batches whose texts are sorted by length together


class Batches:
    """The examples as tensors on `device`: `inputs` name -> (N, ...), `labels` (N,)."""

    def __init__(self, examples: Examples, device: torch.device):
        self.inputs = {
            name: torch.from_numpy(np.ascontiguousarray(a)).to(device) for name, a in examples.inputs.items()
        }
        self.labels = torch.from_numpy(examples.labels).to(device)
        self.device = device

    def __len__(self) -> int:
        return len(self.labels)

    def shuffled(self, size: int, generator: torch.Generator) -> Iterator[tuple[dict[str, torch.Tensor], torch.Tensor]]:
        """One epoch of batches of exactly `size` in random order.

        The few left over at the end wait for another epoch.
        """
        order = torch.randperm(len(self), generator=generator, device=generator.device).to(self.device)
        batches = order[: self.steps(size) * size].split(size)
        if "lengths" in self.inputs:
            batches = self._of_near_lengths(batches, generator)
        for rows in batches:
            yield self.rows(rows)

    def _of_near_lengths(self, batches: Sequence[torch.Tensor], generator: torch.Generator) -> list[torch.Tensor]:
        """The rows of every POOL batches dealt out anew by length, so that little padding is computed.

        Batches in random order.
        """
        dealt: list[torch.Tensor] = []
        for first in range(0, len(batches), POOL):
            pool = torch.cat(batches[first : first + POOL])
            dealt += pool[self.inputs["lengths"][pool].argsort(stable=True)].split(len(batches[0]))
        order = torch.randperm(len(dealt), generator=generator, device=generator.device)
        return [dealt[i] for i in order.tolist()]

    def steps(self, size: int) -> int:
        """How many batches an epoch has; a set smaller than a batch is one batch."""
        return max(1, len(self) // size)

    def in_order(self, size: int | None = None) -> Iterator[tuple[dict[str, torch.Tensor], torch.Tensor]]:
        """All examples in their order, `size` at a time, or as many as EVALUATION_BATCH and NUMBERS allow."""
        size = size or min(EVALUATION_BATCH, max(1, NUMBERS // max(1, self.inputs["x"][:1].numel())))
        for start in range(0, len(self), size):
            yield self.rows(slice(start, start + size))

    def rows(self, rows) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """The inputs and labels of some rows. Texts (those with `lengths`) are cut to the longest of the batch."""
        batch = {name: tensor[rows] for name, tensor in self.inputs.items()}
        if "lengths" in batch:
            full, longest = self.inputs["x"].shape[1], int(batch["lengths"].max())
            batch = {n: t[:, :longest] if t.ndim > 1 and t.shape[1] == full else t for n, t in batch.items()}
        return batch, self.labels[rows]


@torch.no_grad()
def outputs(net: torch.nn.Module, batches: Batches) -> tuple[torch.Tensor, torch.Tensor]:
    """What `net` says of every example in order: logits (N, L) and features (N, D), in evaluation mode, on the CPU."""
    net.eval()
    logits, features = [], []
    for inputs, _ in batches.in_order():
        some_logits, some_features = net(**inputs)
        logits.append(some_logits.float().cpu())
        features.append(some_features.float().cpu())
    return torch.cat(logits), torch.cat(features)
