"""`python -m training mnist-cnn --epochs 20`, which is `zoo train mnist-cnn --epochs 20`: train one model, with `--examples` of one's own.

For maintainers: `python -m training zoo` trains all that ship, by all their seeds; `backbone` makes the trunks that
some start from; `study`, `pieces` and `evidence` make the studies; `activations` adds `activations.onnx` to checkpoints of small
convolutional nets; `familiarity` fits anew what tells strangers from the task's own; `cells` keeps for a model's page what lies
behind its counts.
Every number of the entry's recipe is an option; without options the recipe is what the shipped checkpoint was trained by.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import Field, fields
from pathlib import Path
from types import NoneType
from typing import Any, get_args

from models.entry import Augment, Recipe
from models.errors import ZooError
from models.evaluation import CrossValidation, Figures

ABOUT = """Train a model; it becomes <entry>-mine beside the shipped one.

What is not given is the entry's own recipe, by which the shipped model was trained.
Ctrl-C keeps the best so far; --resume goes on where a run was cut off."""

EXAMPLES = """Examples:
  {prog} mnist-cnn
  {prog} mnist-cnn --epochs 3 --lr 0.01 --slug quick
  {prog} mnist-cnn --datasets digits8x8        needs no download
  {prog} letters-scratch --examples drawings/ --slug my-runes --title "My runes"
  {prog} names-ngrams --examples words.csv --slug my-words

Of --examples a model becomes a task of its own, tested on what was held back. Images lie as drawings/<label>/<image>,
texts in a CSV with the columns text and label. None of them goes into the model's folder."""

HELP = {
    "datasets": "data sets to train on, divided by commas",
    "epochs": "passes over the training data",
    "batch": "examples in a batch",
    "lr": "peak learning rate",
    "weight_decay": "AdamW's weight decay",
    "eps": "AdamW's epsilon",
    "label_smoothing": "share of the target spread over all labels",
    "ema": "decay of the averaged weights",
    "warmup": "share of the steps in which the rate rises",
    "adversarial": "of texts: learn also with letters or words moved against the answer, by this share of their length",
    "few": "examples of each label to train on (and as many more to validate on); all unless said",
    "balance": "0: every example counts alike; 1: every label does",
    "refit": "train again on train and validation together",
    "start_from": 'a model whose trunk (of a reader of letters, all that reads) is taken over, or a backbone (training/backbone.py); "" for none',
    "head_epochs": "epochs in which the head alone is trained, before the trunk is let go",
    "distil": "weight of the likeness to a teacher's features (of backbones)",
    "mirror": "augmentation of photos: mirror half of them",
    "colour": "augmentation of photos: share of brightness and contrast, either way",
    "frozen": "leave the trunk as it is and train the head alone",
    "rotate": "augmentation: degrees, either way",
    "scale": "augmentation: share of the size, either way",
    "shear": "augmentation: share of the height, either way",
    "shift": "augmentation: pixels, either way",
    "elastic": "augmentation: pixels, standard deviation of the control points' moves",
    "thickness": "augmentation: share of a pixel by which lines grow or shrink on each side",
}


def main(arguments: Sequence[str] | None = None, prog: str = "python -m training") -> int:
    """Train an entry. Exit code 0, 1 for what the user can mend, 2 for wrong usage, 130 after Ctrl-C in the first epoch."""
    return _said(_train, _parser(prog).parse_args(arguments))


def _train(options: argparse.Namespace) -> None:
    given = {name: value for name, value in vars(options).items() if name not in ("entry", "examples", "task")}
    before = _title_of_before(options.name or f"{options.entry}-mine", options.out)
    given["title"] = options.title or before
    if options.examples is not None:
        _train_own(options, given)
    elif options.task is not None:
        raise ZooError(
            "--task names the task of your own examples; name where they lie with --examples, or leave it out."
        )
    else:
        from training.train import train

        _test(train(options.entry, **given), options)
    if options.out is None:
        print(
            f"Ask it: zoo predict {options.name or f'{options.entry}-mine'} INPUT. Compare it: zoo list.",
            file=sys.stderr,
        )


def _train_own(options: argparse.Namespace, given: dict[str, Any]) -> None:
    from training import recipe
    from training.custom.plan import plan
    from training.custom.sources import remember
    from training.data import beside
    from training.naming import free_name

    if options.datasets is not None:
        raise ZooError("Train on --examples or on --datasets, not on both.")
    name = given["name"] = free_name(options.name or f"{options.entry}-mine", options.out)
    numbers = {number: given.pop(number) for number in recipe.names()}
    made = plan(options.entry, options.examples, name=name, title=given["title"], task=options.task, **numbers)
    print(made.own.summary, *made.own.warnings, sep="\n", file=sys.stderr)
    remember(name, options.examples, made.own, options.resume)
    from models.checkpoint import Checkpoint
    from training.custom.cross_validation import (  # with torch, which takes its time: what is wrong was said before
        cross_validate,
        is_little,
    )
    from training.train import train

    with beside(made.own.dataset()):
        folder = train(made.entry, task=made.task, **given)
        trained = Checkpoint.open(folder)
        _warn_of_nothing_learnt(trained.evaluation.best_epoch, trained.config.training.epochs, made.own.counts)
        tested = _test(folder, options)
    if tested and is_little(made):
        try:
            seconds = trained.config.training.seconds
            print(
                f"Cross-validating it: {made.own.rounds - 1} more trainings of about {seconds:.0f} s; Ctrl-C leaves that out.",
                file=sys.stderr,
            )
            cross_validate(made, folder, seed=options.seed, device=options.device)
            _say_right("cross-validated", Checkpoint.open(folder).evaluation.studies.cross_validation)
        except KeyboardInterrupt:
            print("Not cross-validated; the model is kept.", file=sys.stderr)


def _title_of_before(name: str, out: Path | None) -> str | None:
    """Say that a model of that name will be replaced, and return the title it has."""
    from models import catalog

    before = None if out else next((one for one in catalog.models() if one.id == name and one.origin == "mine"), None)
    if before is None:
        return None
    print(f"{name} is there already and will be replaced; choose another --slug to keep both.", file=sys.stderr)
    return None if before.title.endswith(f" ({name})") else before.title  # that is what one without a title is called


def _warn_of_nothing_learnt(best: dict[str, float], epochs: int, counts: dict[str, int]) -> None:
    """Say so where always giving the most frequent label would be as good. best: the row of the best epoch's history."""
    label, share = max(counts, key=counts.get), max(counts.values()) / sum(counts.values())
    if best["accuracy"] <= share:
        out = "more examples, or clearer ones" if best["epoch"] < epochs else "more epochs (--epochs) or more examples"
        print(
            f"It has learnt next to nothing: right on {best['accuracy']:.0%} of the validation part, where always saying "
            f"{label} would be right on {share:.0%}. It needs {out}.",
            file=sys.stderr,
        )


def _test(folder: Path, options: argparse.Namespace) -> bool:
    """Test the new model on what data is here; False after Ctrl-C."""
    from models.checkpoint import Checkpoint
    from training.evaluate import record_what_is_here

    print(folder, flush=True)
    try:
        print("Testing it; Ctrl-C leaves it untested.", file=sys.stderr)
        missing = record_what_is_here(folder, options.data)
        if missing:
            print(f"Not tested on {', '.join(missing)}, whose data is not here.", file=sys.stderr)
    except KeyboardInterrupt:
        print("Not tested; the model is kept.", file=sys.stderr)
        return False
    for name, figure in Checkpoint.open(folder).evaluation.test.items():
        _say_right(f"on {name}", figure)
    return True


def _say_right(where: str, figure: Figures | CrossValidation) -> None:
    low, high = figure.interval
    print(f"Right {where}: {figure.accuracy:.1%} ({low:.1%} to {high:.1%}) of {figure.n:,}", file=sys.stderr)


def maintain(arguments: Sequence[str]) -> int:
    """Do one of JOBS; the exit codes are those of `main`."""
    parser = argparse.ArgumentParser(prog="python -m training", description="For maintainers.", allow_abbrev=False)
    parser.add_argument("job", choices=JOBS)
    parser.add_argument(
        "only",
        nargs="*",
        help="zoo: entries, all unless said; backbone: backbones, all unless said; study: studies; cells: a model and a test set; the others: models",
    )
    parser.add_argument("--data", type=Path, help="the data root; ZOO_DATA unless said")
    parser.add_argument("--device", help="cpu, cuda or mps; cuda where there is one, else cpu, unless said")
    parser.add_argument("--force", action="store_true", help="with zoo: also what is up to date")
    options = parser.parse_args(arguments)
    return _said(JOBS[options.job], options)


def _zoo(options: argparse.Namespace) -> None:
    from training.release import train_zoo

    train_zoo(tuple(options.only), device=options.device, data=options.data, force=options.force)


def _study(options: argparse.Namespace) -> None:
    from training.studies.learning_curve import study

    for name in options.only:
        print(study(name, device=options.device, data=options.data).model_dump_json(indent=1))


def _pieces(options: argparse.Namespace) -> None:
    from training.studies.ablation import pieces

    for slug in options.only:
        print(pieces(slug, device=options.device, data=options.data).model_dump_json(indent=1))


def _evidence(options: argparse.Namespace) -> None:
    from training.studies.attribution_check import attribution_check

    for id in options.only:
        print(attribution_check(id, data=options.data).model_dump_json(indent=1))


def _backbone(options: argparse.Namespace) -> None:
    from training import pretrain, spelling

    makers = {pretrain.TRUNK: pretrain.make_backbone, spelling.NAME: spelling.make_reader}
    for name in options.only:
        if name not in makers:
            raise ZooError(f"No backbone {name!r:.80} is made here; there are: {', '.join(makers)}.")
    for name in options.only or makers:
        print(makers[name](device=options.device, data=options.data))


def _activations(options: argparse.Namespace) -> None:
    from models import catalog
    from training.activations import add_activations

    for model in [catalog.find(id) for id in options.only] or catalog.models():
        if options.only or model.origin == "shipped":
            print(f"{model.id}: {'activations.onnx' if add_activations(model.path) else 'has no layers to show'}")


def _cells(options: argparse.Namespace) -> None:
    from training.confusion_examples import make_cells

    if len(options.only) != 2:
        raise ZooError("Name a model and one of its test sets: python -m training cells mnist-cnn mnist.")
    id, name = options.only
    made = make_cells(id, name, options.data, told=lambda done, count: print(done, count, flush=True))
    print(made, file=sys.stderr)


def _familiarity(options: argparse.Namespace) -> None:
    from models import paths
    from training.refit_familiarity import renew_familiarity

    for slug in options.only:
        print(
            f"{slug}: threshold {renew_familiarity(paths.SHIPPED / slug, options.data, options.device).threshold:.3f}"
        )


def _refresh(options: argparse.Namespace) -> None:
    from models import catalog
    from training.release import refresh

    for slug in options.only or catalog.entries():
        print(refresh(slug))


JOBS = {
    "refresh": _refresh,
    "zoo": _zoo,
    "backbone": _backbone,
    "study": _study,
    "pieces": _pieces,
    "evidence": _evidence,
    "activations": _activations,
    "familiarity": _familiarity,
    "cells": _cells,
}


def _said(do: Callable[[argparse.Namespace], None], options: argparse.Namespace) -> int:
    """Do it; what goes wrong is one sentence on stderr and an exit code."""
    try:
        do(options)
    except ZooError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped before anything could be kept.", file=sys.stderr)
        return 130
    return 0


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog,
        description=ABOUT,
        epilog=EXAMPLES.format(prog=prog),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("entry", help="the entry to train, such as mnist-cnn")
    parser.add_argument("--slug", dest="name", help="id of the new model; <entry>-mine unless said")
    parser.add_argument("--title", help="what people read in its place; the entry's title unless said")
    parser.add_argument(
        "--examples",
        type=Path,
        metavar="PATH",
        help="your own: a folder of class folders, or for texts a CSV (text,label)",
    )
    parser.add_argument(
        "--task", help="with --examples: the task they make or, with the same labels, join; as --slug unless said"
    )
    parser.add_argument(
        "--out", type=Path, help="folder to write the checkpoint to, in place of ZOO_HOME/checkpoints/<id>"
    )
    parser.add_argument("--data", type=Path, help="the data root; ZOO_DATA unless said")
    parser.add_argument("--device", help="cpu, cuda or mps; cuda where there is one, else cpu, unless said")
    parser.add_argument("--seed", type=int, default=0, help="of weights, order and augmentation (0)")
    parser.add_argument("--resume", action="store_true", help="go on where the last run was cut off")
    numbers = parser.add_argument_group("recipe (what is not given is the entry's own)")
    for field in (*fields(Recipe), *fields(Augment)):
        if field.name != "augment":
            names = (f"--{field.name.replace('_', '-')}", *(("--backbone",) if field.name == "start_from" else ()))
            numbers.add_argument(*names, help=HELP.get(field.name), **_kind(field))
    return parser


def _kind(field: Field) -> dict[str, Any]:
    """How argparse reads a number of this type; those of `int | None` and `tuple[str, ...]` are int and str."""
    kind = next(kind for kind in (*get_args(field.type), field.type) if kind is not NoneType)
    if kind is bool:
        return {"action": argparse.BooleanOptionalAction}
    return {"type": kind, "metavar": {int: "N", float: "X"}.get(kind, "NAME")}


if __name__ == "__main__":
    sys.exit(maintain(sys.argv[1:]) if sys.argv[1:2] and sys.argv[1] in JOBS else main())
