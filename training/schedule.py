"""The one-cycle learning rate: up along a cosine to its peak, then down along a cosine to zero by the last step."""

from math import cos, pi

START = 1 / 25  # of the peak, at the first step


def one_cycle(step: int, steps: int, warmup: float) -> float:
    """Share of the peak rate at `step` (from 0) of `steps`, the first `warmup` (0..1) of which rise."""
    done = step / steps
    if done < warmup:
        return START + (1 - START) * (1 - cos(pi * done / warmup)) / 2
    return (1 + cos(pi * (done - warmup) / (1 - warmup))) / 2 if warmup < 1 else 1.0


def ema_decay(step: int, ceiling: float) -> float:
    """Decay of the averaged weights at `step`: rises from 0.1 to `ceiling` as the average has more steps behind it."""
    return min(ceiling, (1 + step) / (10 + step))
