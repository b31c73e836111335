"""`zoo push` and `zoo pull`: models to and from the Hugging Face Hub."""

from typing import Annotated

import typer

from models.errors import ZooError


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(push)
    app.command()(pull)


def push(
    slug: Annotated[str | None, typer.Argument(metavar="[SLUG]", help="The model, as zoo list prints it.")] = None,
    repo: Annotated[
        str | None, typer.Option(metavar="USER/NAME", help="Where it goes; with --all the user alone.")
    ] = None,
    whole: Annotated[
        bool, typer.Option("--all", help="Every model that ships with the zoo, each to USER/SLUG.")
    ] = False,
    space: Annotated[
        bool, typer.Option("--space", help="Also make a Space that serves the model with Gradio.")
    ] = False,
    private: Annotated[bool, typer.Option("--private", help="Make a new repository private.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would go.")] = False,
) -> None:
    """Push a model to the Hugging Face Hub, in one commit. Log in first: hf auth login

    \b
    Examples:
      zoo push mnist-cnn --repo ada/mnist-cnn --dry-run
      zoo push my-runes --repo ada/runes --space
      zoo push --all --repo ada
    """
    from models import catalog
    from models.huggingface import pushing
    from models.huggingface import space as spaces

    if repo is None or (slug is None) != whole:
        raise typer.BadParameter("name a model and --repo USER/NAME, or --all and --repo USER", param_hint="SLUG")
    if whole:
        pairs = [(model.id, f"{repo}/{model.id}") for model in catalog.models() if model.origin == "shipped"]
    else:
        pairs = [(str(slug), repo)]
    pairs = [(one, pushing.target(id)) for one, id in pairs]
    if not dry_run:
        pushing.needs_login()
    for one, id in pairs:
        content = pushing.files(one, id)
        served = spaces.files(one, id) if space else {}
        if dry_run:
            _would_go(f"{id}", content)
            if space:
                _would_go(f"spaces/{id}", served)
            continue
        done = pushing.send(id, content, f"{one}, from the Zoo", private)
        print(f"Pushed {one} to {done.address} (commit {done.commit[:7]})")
        if space:
            done = pushing.send(id, served, f"{one}, served by the Zoo", private, space=True)
            print(f"It is served at {done.address}")


def _would_go(where: str, content: dict[str, bytes]) -> None:
    from app.cli.table import table

    rows = [("file", "bytes"), *((name, f"{len(data):,}") for name, data in content.items())]
    print(f"To {where} would go {len(content)} files, {sum(map(len, content.values())):,} bytes:")
    print(table(rows, right=(1,)))


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
    from models.huggingface import pulling

    done = pulling.pull(name)
    try:
        model = catalog.find(done.id)
    except ZooError as error:
        raise ZooError(f"{name} was pulled, and cannot be listed: {error}") from error
    what = "Pulled" if done.new else "Nothing new:"
    print(
        f"{what} {done.id} at commit {done.commit[:7]}; it answers {model.task.title!r}. Ask it: zoo predict {done.id}"
    )
