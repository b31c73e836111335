"""Writes the table of models into README.md from the checkpoints.

`python docs/readme.py`. tests/test_docs.py fails on drift.
"""

import re
from pathlib import Path

from models import catalog

README = Path(__file__).parent.parent / "README.md"
BETWEEN = re.compile(r"(<!-- the zoo: .*? -->\n).*?(<!-- end of the zoo -->)", re.DOTALL)


def table() -> str:
    """The shipped models as a Markdown table, with the figures of their `config.json`."""
    rows = [
        "| task | model | accuracy on the test set (95% interval) | parameters | training time |",
        "|---|---|---|---:|---:|",
    ]
    for model in catalog.models():
        if model.origin != "shipped":
            continue
        figures = [f"{name}: {_share(figure)}" for name, figure in model.config.figures.items()]
        seconds = model.config.training.seconds
        took = f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"
        cells = (model.task.title, f"`{model.id}`", "<br>".join(figures), f"{model.config.parameters:,}", took)
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def _share(figure) -> str:
    low, high = figure.interval
    folds = f" in {figure.rounds} folds" if figure.rounds else ""
    return f"{figure.accuracy:.2%} ({low:.2%} to {high:.2%}) of {figure.n:,}{folds}"


def written(text: str) -> str:
    """The text of the README with a current table."""
    return BETWEEN.sub(lambda match: match[1] + table() + match[2], text)


if __name__ == "__main__":
    README.write_text(written(README.read_text()))
