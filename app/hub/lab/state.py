"""The states and figures of a run in words."""

from models.runs import Run

STATES = {"queued": "waiting", "running": "training", "finished": "finished", "stopped": "stopped", "failed": "failed"}


def seconds(value: float) -> str:
    """A duration in words: `8 s`, `3 min`, `1 h 20 min`."""
    if value < 100:
        return f"{value:.0f} s"
    minutes = round(value / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


def accuracy(run: Run) -> tuple[str, str]:
    """The validation accuracy of a run, and its 95% interval: `98.5%` and `(95.7–99.5)`."""
    if run.accuracy is None:
        return "", ""
    low, high = run.interval or (run.accuracy, run.accuracy)
    return f"{100 * run.accuracy:.1f}%", f"({100 * low:.1f}–{100 * high:.1f})"
