"""Writes the table of models into README.md from the checkpoints.

`python docs/readme.py`. tests/test_docs.py fails on drift.
"""

import re
from pathlib import Path

from models import catalog
from models.catalog import Model
from models.checkpoint import Checkpoint

README = Path(__file__).parent.parent / "README.md"
BETWEEN = re.compile(r"(<!-- the zoo: .*? -->\n).*?(<!-- end of the zoo -->)", re.DOTALL)


def table() -> str:
    """The shipped models as a Markdown table, with the figures of their `config.json`."""
    rows = [
        "| task | model | accuracy on the test set (95% interval) | seeds | parameters | training time |",
        "|---|---|---|---|---:|---:|",
    ]
    for model in catalog.models():
        if model.origin != "shipped":
            continue
        figures = [f"{name}: {_share(figure)}" for name, figure in model.config.figures.items()]
        seconds = model.config.training.seconds
        took = f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"
        cells = [model.task.title, f"`{model.id}`", "<br>".join(figures), _seeds(model)]
        rows.append("| " + " | ".join([*cells, f"{model.config.parameters:,}", took]) + " |")
    return "\n".join(rows) + "\n"


def _share(figure) -> str:
    low, high = figure.interval
    folds = f" in {figure.rounds} folds" if figure.rounds else ""
    return f"{figure.accuracy:.2%} ({low:.2%} to {high:.2%}) of {figure.n:,}{folds}"


def _seeds(model: Model) -> str:
    """The number of seeds, with the mean accuracy on the first test set if there are several."""
    figures = next(iter((Checkpoint.open(model.path).evaluation.seeds or {}).values()), None)
    return f"{len(figures.accuracies)}: mean {figures.mean:.2%}" if figures else "1"


def written(text: str) -> str:
    """The text of the README with a current table."""
    return BETWEEN.sub(lambda match: match[1] + table() + match[2], text)


if __name__ == "__main__":
    README.write_text(written(README.read_text()))
