"""The snapshots of a small net during training, `snapshots.safetensors`.

    steps                int32 (M + 1,): batches seen at each moment, rising; the first is 0, before training
    batches_an_epoch     int32 (1,)
    net.<name>           float16 (M, ...): one row per moment, for every weight of the net; familiarity has none

The last moment is the trained net, whose weights are in model.safetensors and not stored again.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

FILE = "snapshots.safetensors"
MOST = 24  # moments, with the trained net
STEPS, BATCHES = "steps", "batches_an_epoch"
PREFIX = "net."


@dataclass(frozen=True)
class Snapshots:
    """steps: batches seen at each moment, the trained net last; batches: of an epoch; weights: name -> (M, ...)."""

    steps: tuple[int, ...]
    batches: int
    weights: dict[str, np.ndarray]

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each moment, such as "before training" and "after epoch 3"."""
        return tuple(map(self._name, range(len(self.steps))))

    def _name(self, moment: int) -> str:
        step = self.steps[moment]
        if moment == len(self.steps) - 1:
            return f"finished, after epoch {step / self.batches:g}"
        if step == 0:
            return "before training"
        if step % self.batches:
            return f"after {step:,} batch{'es' if step > 1 else ''}"
        return f"after epoch {step // self.batches}"

    def to_bytes(self) -> bytes:
        """The content of the file."""
        from safetensors.numpy import save  # only needed for writing

        rows = {name: np.ascontiguousarray(rows, np.float16) for name, rows in self.weights.items()}
        return save(rows | {STEPS: np.array(self.steps, np.int32), BATCHES: np.array([self.batches], np.int32)})


def parse(data: bytes, tensors: Mapping[str, tuple[str, tuple[int, ...]]]) -> Snapshots:
    """The content of the file, checked. tensors: dtype and shape of the checkpoint's weights. Raises ValueError."""
    # Only when somebody rewinds a model.
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        found = load(data)
    except (SafetensorError, ValueError, TypeError, KeyError) as error:
        raise ValueError(f"cannot be read: {error}") from error
    steps, batches = (found.pop(name, np.empty(0)) for name in (STEPS, BATCHES))
    if (batches.dtype, batches.shape) != (np.int32, (1,)) or batches[0] < 1:
        raise ValueError(f"has no valid {BATCHES!r}")
    if steps.dtype != np.int32 or steps.ndim != 1 or not 2 <= len(steps) <= MOST:
        raise ValueError(f"must have {STEPS!r} for 2 to {MOST} moments")
    if steps[0] or (np.diff(steps) <= 0).any():
        raise ValueError(f"must have {STEPS!r} that rise from 0")
    shapes = {
        name: (len(steps) - 1, *shape)
        for name, (dtype, shape) in tensors.items()
        if name.startswith(PREFIX) and dtype.startswith("float")
    }
    if found.keys() != shapes.keys():
        differing = min(found.keys() ^ shapes.keys())
        raise ValueError(f"does not contain the weights of the net: {differing!r:.80} differs")
    for name, tensor in found.items():
        if (tensor.dtype, tensor.shape) != (np.float16, shapes[name]):
            raise ValueError(f"has {name!r:.80} as {tensor.dtype} {tensor.shape}, expected float16 {shapes[name]}")
        if not np.isfinite(tensor).all():
            raise ValueError(f"has NaN or infinity in {name!r:.80}")
    return Snapshots(tuple(steps.tolist()), int(batches[0]), found)
