"""`zoo train`: train an entry, on its own data sets or on your examples."""

import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from models.errors import ZooError
from training.cli.interruptions import check_resumable, interruptions, print_interruption
from training.cli.options import Data, Device, NoAugment, Seed, with_recipe_options
from training.cli.own_examples import train_on_examples
from training.cli.seeds import ALONE, check_single, parsed, train_seeds
from training.cli.testing import test_model
from training.data.dataset import Sources
from training.lock import locked
from training.naming import NO_LICENCE, checked_licence
from training.record import failing
from training.torchrun import is_main, joined, size


@with_recipe_options
def train(
    entry: Annotated[
        str | None,
        typer.Argument(
            metavar="[ENTRY]",
            help="The entry to train, such as mnist-cnn (default: with --examples, one that suits them).",
        ),
    ] = None,
    slug: Annotated[str | None, typer.Option(help="ID of the new model (default: ENTRY-mine).")] = None,
    title: Annotated[str | None, typer.Option(help="Title of the new model (default: the entry's title).")] = None,
    examples: Annotated[
        Path | None,
        typer.Option(
            help="Your own examples: a folder with one folder per label, or a CSV file with texts or values and labels."
        ),
    ] = None,
    text_column: Annotated[
        str | None, typer.Option(metavar="HEADING", help="With a CSV of examples: column of the texts (default: text).")
    ] = None,
    label_column: Annotated[
        str | None,
        typer.Option(metavar="HEADING", help="With a CSV of examples: column of the labels (default: label)."),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(
            help="With --examples: slug of a new task, or of one of yours with the same labels "
            "(default: the value of --slug)."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write the checkpoint to, instead of ZOO_HOME/checkpoints/ID.")
    ] = None,
    license: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Licence of the new model, such as CC-BY-4.0 (default: ask; else unknown)."),
    ] = None,
    data: Data = None,
    device: Device = None,
    seed: Seed = None,
    seeds: Annotated[
        str | None,
        typer.Option(
            metavar="N,N",
            help="Train with each of these seeds, such as 0,1,2, and print mean and spread; the first is the model.",
        ),
    ] = None,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Train the --seeds on Ray, as many at a time as there are cores. local starts it on this machine for "
            "this command; auto is the cluster that this machine belongs to; or HOST:PORT.",
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue the run that was interrupted.")] = False,
    sweep: Annotated[str, typer.Option(hidden=True, help="The sweep that the run belongs to.")] = "",
    run_id: Annotated[str | None, typer.Option(hidden=True, help="The queued run that starts now.")] = None,
    test: Annotated[
        bool, typer.Option("--test/--no-test", help="Test the new model afterwards (default: yes).")
    ] = True,
    augment: NoAugment = None,
    **recipe: Any,
) -> None:
    """Train a model, on its data sets or on your examples.

    The new model is called ENTRY-mine and does not replace the shipped one. Without options, the entry is trained
    as the shipped model was. Ctrl-C keeps the best epoch so far; --resume continues an interrupted run.

    With --examples, the model gets a task of its own and is tested on examples held out from training. With fewer than
    500, it is cross-validated and then trained on all of them. Images go in folders, drawings/LABEL/IMAGE; texts in a
    CSV file with the columns text and label; values in a CSV file with a column for each and one for the label. The
    checkpoint contains none of them. Without ENTRY, one is chosen by the kind and number of the examples: see
    docs/own-models.md.

    \b
    Examples:
      zoo train mnist-cnn
      zoo train mnist-cnn --epochs 3 --lr 0.01 --slug quick
      zoo train mnist-cnn --datasets digits8x8       needs no download
      zoo train mnist-cnn --seeds 0,1,2              mean and spread over three seeds
      zoo train --examples photos/ --slug my-photos --license CC-BY-4.0
      zoo train letters-scratch --examples drawings/ --slug my-runes --title "My runes"
      zoo train names-ngrams --examples words.csv --slug my-words
      zoo train titanic-mlp --examples people.csv --label-column Survived --slug my-people
    """
    if run_id:  # it is stopped by this signal, which a server in the background of a script ignores
        signal.signal(signal.SIGINT, signal.default_int_handler)
    with failing(run_id), joined(device):
        if entry is None and examples is None:
            raise typer.BadParameter("name an entry, or pass --examples PATH", param_hint="ENTRY")
        if task is not None and examples is None:
            raise ZooError("--task names the task of your own examples; add --examples PATH, or omit --task.")
        columns = {"text": text_column, "label": label_column}
        if ray is not None and seeds is None:
            raise ZooError(ALONE)
        if seeds is not None:
            single = {"seed": seed, "examples": examples, "few": recipe["few"], "out": out, "resume": resume or None}
            check_single(single)
            if size() > 1:
                raise ZooError("--seeds trains in one process; start it without torchrun, or train one seed at a time.")
            numbers = parsed(seeds)
        if any(columns.values()) and examples is None:
            raise ZooError("--text-column and --label-column name columns of your own examples; add --examples FILE.")
        if examples is not None and recipe["datasets"] is not None:
            raise ZooError("--examples and --datasets cannot be combined; omit one of them.")
        if examples is not None and size() > 1:
            raise ZooError("Your own examples are trained on in one process; start it without torchrun.")
        if entry is None:
            from training.custom.choice import chosen_entry

            entry, why = chosen_entry(examples, columns)
            print(f"Chose {entry} for {why}; name another entry to train that instead.", file=sys.stderr)
        name = slug or f"{entry}-mine"
        if not is_main():
            from training.train import take_part

            take_part(entry, seed=seed or 0, device=device, sources=Sources(data), **recipe, augment=augment)
            return
        license = checked_licence(license if license is not None else _asked_licence())
        if seeds is not None:
            recipe |= {"augment": augment}
            with locked(name):
                title_before = _title_of_replaced(name, None)
                title = title_before if title is None else title
                train_seeds(entry, name, title, license, data, device, recipe, numbers, ray=ray, test=test)
            return
        run = {"out": out, "seed": seed or 0, "device": device, "sources": Sources(data), "resume": resume}
        run |= {"sweep": sweep, "run_id": run_id}
        recipe |= {"license": license, "augment": augment}
        with locked(name), interruptions(name):
            if resume and not run_id:
                check_resumable(name)
            title_before = _title_of_replaced(name, out)  # warns, whatever the new title is
            title = title_before if title is None else title
            if examples is None:
                from training.train import train as train_entry

                folder = train_entry(entry, name=slug, title=title, **run, **recipe)
                print_interruption(name)
                test_model(folder, run["sources"], skip=not test)
            else:
                train_on_examples(entry, examples, columns, name, title, task, run, recipe, test)
        if out is None:
            unlicensed = " It has no licence yet; zoo push asks for one." if license == NO_LICENCE else ""
            print(
                f"Use it: zoo predict {name} {_input_of(name)}. Compare it with other models: zoo list.{unlicensed}",
                file=sys.stderr,
            )


def _input_of(name: str) -> str:
    """How the input of a model is written on the command line."""
    from models import catalog

    return "--from FILE" if catalog.find(name).task.input == "fields" else "INPUT"


def _asked_licence() -> str | None:
    """The licence that the user types; None if there is nobody to ask, or nothing is typed."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    question = "Licence of the new model, such as CC-BY-4.0 (Enter: none yet)"
    return typer.prompt(question, default="", show_default=False, err=True)


def _title_of_replaced(name: str, out: Path | None) -> str | None:
    """Warn that a model with this name will be replaced; returns its title if the user chose one."""
    from models import catalog

    mine = [model for model in catalog.models() if model.id == name and model.origin == "mine"]
    if out or not mine:
        return None
    print(f"{name} already exists and will be replaced; choose another --slug to keep both.", file=sys.stderr)
    return None if mine[0].title.endswith(f" ({name})") else mine[0].title  # the default title ends in the name
