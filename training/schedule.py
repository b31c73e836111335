"""The learning rate over a run, one-cycle, cosine or constant, and the decay of averaged weights."""

from math import cos, pi

START = 1 / 25  # the first learning rate, as a share of the peak


def one_cycle(step: int, steps: int, warmup: float) -> float:
    """The learning rate at `step` (from 0) of `steps`, as a share of the peak.

    It rises to the peak over the first `warmup` (0 to 1) of the steps and falls to zero by the last.
    """
    done = step / steps
    if done < warmup:
        return START + (1 - START) * (1 - cos(pi * done / warmup)) / 2
    return (1 + cos(pi * (done - warmup) / (1 - warmup))) / 2 if warmup < 1 else 1.0


def share_of_peak(step: int, steps: int, schedule: str, warmup: float) -> float:
    """The learning rate at `step` (from 0) of `steps`, as a share of the peak.

    schedule: "one-cycle"; "cosine", which falls from the peak to zero; or "constant". warmup: of the one-cycle.
    """
    if schedule == "constant":
        return 1.0
    return one_cycle(step, steps, warmup if schedule == "one-cycle" else 0.0)


def ema_decay(step: int, ceiling: float) -> float:
    """The decay of the averaged weights at `step`, which rises from 0.1 to `ceiling`."""
    return min(ceiling, (1 + step) / (10 + step))
