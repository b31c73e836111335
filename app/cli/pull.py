"""`zoo pull`: a model from the Hugging Face Hub."""

from typing import Annotated

import typer

from models.errors import ZooError


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(pull)


def pull(
    name: Annotated[str, typer.Argument(metavar="USER/NAME[@REVISION]", help="The model on the Hub.")],
) -> None:
    """Fetch a model of the zoo's kind from the Hugging Face Hub, or what it is by now; a running hub shows it at once.

    \b
    Examples:
      zoo pull ada/mnist-cnn
      zoo pull ada/mnist-cnn@v1
    """
    from models import catalog
    from models.huggingface import pull

    done = pull.pull(name)
    try:
        model = catalog.find(done.id)
    except ZooError as error:
        raise ZooError(f"{name} was pulled, and cannot be listed: {error}") from error
    what = "Pulled" if done.new else "Nothing new:"
    print(
        f"{what} {done.id} at commit {done.commit[:7]}; it answers {model.task.title!r}. Ask it: zoo predict {done.id}"
    )
