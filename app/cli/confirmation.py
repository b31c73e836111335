"""The question that is asked before something is removed."""

import typer

from models.errors import ZooError


def confirm(question: str, refusal: str) -> None:
    """Ask `question`. Raises ZooError with `refusal`, such as "nothing was removed", if the answer is no, or none."""
    try:
        confirmed = typer.confirm(question, err=True)
    except typer.Abort as stop:
        raise ZooError(f"There was no answer, so {refusal}; add --yes to skip the confirmation.") from stop
    if not confirmed:
        raise ZooError(f"{refusal[0].upper()}{refusal[1:]}.")
