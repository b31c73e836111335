"""`zoo push`: publish a model on the Hugging Face Hub."""

import sys
from typing import Annotated

import typer

from app.cli.training_tools import training_tools
from models.console import table
from models.errors import ZooError


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
    license: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Licence of your own model, such as CC-BY-4.0 (default: ask if it has none)."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be pushed.")] = False,
) -> None:
    """Push a model to the Hugging Face Hub in one commit. Log in first: hf auth login.

    \b
    Examples:
      zoo push mnist-cnn --repo ada/mnist-cnn --dry-run
      zoo push my-runes --repo ada/runes --space --license CC-BY-4.0
      zoo push --all --repo ada
    """
    # Imported here so that `zoo --help` stays fast.
    from app import space as spaces
    from models import catalog
    from models.huggingface import push

    if repo is None or (slug is None) != whole:
        raise typer.BadParameter("pass a model and --repo USER/NAME, or --all and --repo USER", param_hint="SLUG")
    if license is not None and whole:
        raise typer.BadParameter("the shipped models have their licences; omit it", param_hint="--license")
    if whole:
        pairs = [(model.id, f"{repo}/{model.id}") for model in catalog.models() if model.origin == "shipped"]
    else:
        pairs = [(str(slug), repo)]
    pairs = [(slug, push.repository(id)) for slug, id in pairs]
    if not dry_run:
        push.require_login()
    for slug, id in pairs:
        _license(slug, license, dry_run)
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


def _license(slug: str, license: str | None, dry_run: bool) -> None:
    """Give the user's own model `slug` the licence, or the one that the user types if it has none.

    Raises ZooError if it has none and there is nobody to ask, or if it is not the user's own.
    """
    from models import catalog
    from training.naming import NO_LICENCE

    model = catalog.find(slug)
    if license is not None and model.origin != "mine":
        raise ZooError(f"{slug} is not your own model, and its licence is {model.config.license}; omit --license.")
    if dry_run or (license is None and (model.origin != "mine" or model.config.license != NO_LICENCE)):
        return
    if license is None and sys.stdin.isatty() and sys.stderr.isatty():
        license = typer.prompt(f"Licence of {slug}, such as CC-BY-4.0", default="", show_default=False, err=True)
    if not (license or "").strip():
        raise ZooError(
            f"{slug} has no licence, so others may not use it; choose one with --license NAME, such as CC-BY-4.0."
        )
    with training_tools():
        from training.licence import set_licence
        from training.lock import locked

        with locked(slug):
            set_licence(model.path, license)


def _print_files(repository: str, content: dict[str, bytes]) -> None:
    rows = [("file", "bytes"), *((name, f"{len(data):,}") for name, data in content.items())]
    print(f"Would push {len(content)} files, {sum(map(len, content.values())):,} bytes, to {repository}:")
    print(table(rows, right=(1,)))
