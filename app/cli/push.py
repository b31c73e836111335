"""`zoo push`: a model to the Hugging Face Hub."""

from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(push)


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
    """Push a model to the Hugging Face Hub, in one commit. Log in first: hf auth login.

    \b
    Examples:
      zoo push mnist-cnn --repo ada/mnist-cnn --dry-run
      zoo push my-runes --repo ada/runes --space
      zoo push --all --repo ada
    """
    from app import space as spaces
    from models import catalog
    from models.huggingface import push

    if repo is None or (slug is None) != whole:
        raise typer.BadParameter("name a model and --repo USER/NAME, or --all and --repo USER", param_hint="SLUG")
    if whole:
        pairs = [(model.id, f"{repo}/{model.id}") for model in catalog.models() if model.origin == "shipped"]
    else:
        pairs = [(str(slug), repo)]
    pairs = [(one, push.target(id)) for one, id in pairs]
    if not dry_run:
        push.needs_login()
    for one, id in pairs:
        content = push.files(one, id)
        served = spaces.files(one, id) if space else {}
        if dry_run:
            _would_go(f"{id}", content)
            if space:
                _would_go(f"spaces/{id}", served)
            continue
        done = push.send(id, content, f"{one}, from the Zoo", private)
        print(f"Pushed {one} to {done.address} (commit {done.commit[:7]})")
        if space:
            done = push.send(id, served, f"{one}, served by the Zoo", private, space=True)
            print(f"It is served at {done.address}")


def _would_go(where: str, content: dict[str, bytes]) -> None:
    from app.cli.table import table

    rows = [("file", "bytes"), *((name, f"{len(data):,}") for name, data in content.items())]
    print(f"To {where} would go {len(content)} files, {sum(map(len, content.values())):,} bytes:")
    print(table(rows, right=(1,)))
