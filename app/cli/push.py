"""`zoo push`: publish a model on the Hugging Face Hub."""

from typing import Annotated

import typer

from app.cli.table import table


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(push)


def push(
    slug: Annotated[str | None, typer.Argument(metavar="[SLUG]", help="The model, as zoo list prints it.")] = None,
    repo: Annotated[
        str | None, typer.Option(metavar="USER/NAME", help="The repository; with --all only the user.")
    ] = None,
    whole: Annotated[bool, typer.Option("--all", help="Push every shipped model, each to USER/SLUG.")] = False,
    space: Annotated[
        bool, typer.Option("--space", help="Also create a Space that serves the model with Gradio.")
    ] = False,
    private: Annotated[bool, typer.Option("--private", help="If the repository is new, create it as private.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be pushed.")] = False,
) -> None:
    """Push a model to the Hugging Face Hub in one commit. Log in first: hf auth login.

    \b
    Examples:
      zoo push mnist-cnn --repo ada/mnist-cnn --dry-run
      zoo push my-runes --repo ada/runes --space
      zoo push --all --repo ada
    """
    # Imported here so that `zoo --help` stays fast.
    from app import space as spaces
    from models import catalog
    from models.huggingface import push

    if repo is None or (slug is None) != whole:
        raise typer.BadParameter("pass a model and --repo USER/NAME, or --all and --repo USER", param_hint="SLUG")
    if whole:
        pairs = [(model.id, f"{repo}/{model.id}") for model in catalog.models() if model.origin == "shipped"]
    else:
        pairs = [(str(slug), repo)]
    pairs = [(slug, push.repository(id)) for slug, id in pairs]
    if not dry_run:
        push.require_login()
    for slug, id in pairs:
        content = push.files(slug, id)
        served = spaces.files(slug, id) if space else {}
        if dry_run:
            _print_files(id, content)
            if space:
                _print_files(f"spaces/{id}", served)
            continue
        done = push.send(id, content, f"{slug}, from the Zoo", private)
        if done.changed:
            print(f"Pushed {slug} to {done.address} (commit {done.commit[:7]})")
        else:
            print(f"Nothing to push: {done.address} already has this version of {slug}")
        if space:
            done = push.send(id, served, f"{slug}, served by the Zoo", private, space=True)
            print(f"It is served at {done.address}")


def _print_files(repository: str, content: dict[str, bytes]) -> None:
    rows = [("file", "bytes"), *((name, f"{len(data):,}") for name, data in content.items())]
    print(f"Would push {len(content)} files, {sum(map(len, content.values())):,} bytes, to {repository}:")
    print(table(rows, right=(1,)))
