"""`zoo pull`: download a model from the Hugging Face Hub."""

from typing import Annotated

import typer

from models.errors import ZooError


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(pull)


def pull(
    name: Annotated[str, typer.Argument(metavar="USER/NAME[@REVISION]", help="The model on the Hub.")],
) -> None:
    """Download or update a model from the Hugging Face Hub.

    A running server shows it at once.

    \b
    Examples:
      zoo pull ada/mnist-cnn
      zoo pull ada/mnist-cnn@v1
    """
    # Imported here so that `zoo --help` stays fast.
    from models import catalog
    from models.huggingface import pull

    done = pull.pull(name)
    try:
        model = catalog.find(done.id)
    except ZooError as error:
        raise ZooError(f"{name} was pulled but cannot be listed: {error}") from error
    what = "Pulled" if done.new else "Already up to date:"
    print(f"{what} {done.id} at commit {done.commit[:7]}; task {model.task.title!r}. Try it: zoo predict {done.id}")
