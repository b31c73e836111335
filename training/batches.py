"""Batches from memory: the examples are moved to the device once, and each batch indexes them."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from training.data.examples import Examples

EVALUATION_BATCH = 1000
MAX_VALUES = 4_000_000  # in the inputs of an evaluation batch, which limits batches of photos
ALL = slice(None)
POOL = 30  # batches whose texts are sorted by length together, to reduce padding


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

    def shuffled(
        self, size: int, generator: torch.Generator, share: slice = ALL
    ) -> Iterator[tuple[dict[str, torch.Tensor], torch.Tensor]]:
        """One epoch of batches of exactly `size` examples in random order; an incomplete last batch is dropped.

        share: the rows of each batch that are returned.
        """
        order = torch.randperm(len(self), generator=generator, device=generator.device).to(self.device)
        batches = order[: self.steps(size) * size].split(size)
        if "lengths" in self.inputs:
            batches = self._grouped_by_length(batches, generator)
        for rows in batches:
            yield self.rows(rows[share])

    def _grouped_by_length(self, batches: Sequence[torch.Tensor], generator: torch.Generator) -> list[torch.Tensor]:
        """Regroup the rows of every POOL batches by length, to reduce padding; the new batches are in random order."""
        grouped: list[torch.Tensor] = []
        for first in range(0, len(batches), POOL):
            pool = torch.cat(batches[first : first + POOL])
            grouped += pool[self.inputs["lengths"][pool].argsort(stable=True)].split(len(batches[0]))
        order = torch.randperm(len(grouped), generator=generator, device=generator.device)
        return [grouped[i] for i in order.tolist()]

    def steps(self, size: int) -> int:
        """The number of batches in an epoch, at least 1."""
        return max(1, len(self) // size)

    @property
    def evaluation_size(self) -> int:
        """The number of examples in a batch for evaluation: as many as EVALUATION_BATCH and MAX_VALUES allow."""
        return min(EVALUATION_BATCH, max(1, MAX_VALUES // max(1, self.inputs["x"][:1].numel())))

    def in_order(self, size: int | None = None) -> Iterator[tuple[dict[str, torch.Tensor], torch.Tensor]]:
        """All examples in order, `size` at a time (default: as many as EVALUATION_BATCH and MAX_VALUES allow)."""
        size = size or self.evaluation_size
        for start in range(0, len(self), size):
            yield self.rows(slice(start, start + size))

    def rows(self, rows) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """The inputs and labels of some rows (a slice or indices). Texts are cut to the longest of the batch."""
        batch = {name: tensor[rows] for name, tensor in self.inputs.items()}
        if "lengths" in batch:
            full, longest = self.inputs["x"].shape[1], int(batch["lengths"].max())
            batch = {n: t[:, :longest] if t.ndim > 1 and t.shape[1] == full else t for n, t in batch.items()}
        return batch, self.labels[rows]


@torch.no_grad()
def outputs(net: torch.nn.Module, batches: Batches) -> tuple[torch.Tensor, torch.Tensor]:
    """Run `net` on all examples in evaluation mode; returns logits (N, L) and features (N, D) on the CPU."""
    net.eval()
    logits, features = [], []
    for inputs, _ in batches.in_order():
        batch_logits, batch_features = net(**inputs)
        logits.append(batch_logits.float().cpu())
        features.append(batch_features.float().cpu())
    return torch.cat(logits), torch.cat(features)
