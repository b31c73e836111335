"""The maintainers' commands of `python -m training`: shipped checkpoints, backbones, studies and extra files."""

import sys
from typing import Annotated

import typer

from models.errors import ZooError
from training.cli.options import Data, Device, interruptible
from training.data.dataset import Sources

INTERRUPTED = "Interrupted; run the same command again to finish."
Slugs = Annotated[list[str], typer.Argument(metavar="SLUG", help="Entries.")]
Ids = Annotated[list[str], typer.Argument(metavar="ID", help="Models.")]


def add_to(app: typer.Typer) -> None:
    """Register the jobs as commands of `app`."""
    for name, job in JOBS.items():
        app.command(name)(job)


def zoo(
    slugs: Annotated[list[str] | None, typer.Argument(metavar="SLUG", help="Entries (default: all).")] = None,
    data: Data = None,
    device: Device = None,
    force: Annotated[bool, typer.Option("--force", help="Train entries and seeds that are up to date too.")] = False,
) -> None:
    """Train the shipped models.

    Trains all seeds of an entry and tests each once; the first one ships. Skips entries that are up to date, and the
    first seed if only others are missing; continues interrupted runs.
    """
    with interruptible(INTERRUPTED):
        from training.release import train_zoo

        train_zoo(tuple(slugs or ()), device=device, sources=Sources(data), force=force)


def refresh(
    slugs: Annotated[list[str] | None, typer.Argument(metavar="SLUG", help="Entries (default: all).")] = None,
) -> None:
    """Rewrite the texts of shipped checkpoints.

    Title, description, task, licences of the data, descriptions of an ablation and card are taken from the code;
    weights and figures stay the same.
    """
    from models import catalog
    from training.release import refresh
    from training.studies.ablation import refresh_descriptions

    for slug in slugs or catalog.entries():
        folder = refresh(slug)
        refresh_descriptions(folder)
        print(folder)


def backbone(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Backbones (default: all).")] = None,
    data: Data = None,
    device: Device = None,
) -> None:
    """Train the backbones that some entries start from.

    They are written to models/backbones, as are the mean features of photos of all sorts, for the familiarity of a
    user's own photos.
    """
    with interruptible(INTERRUPTED):
        from training import mean_features, pretrain, spelling

        makers = {pretrain.TRUNK: pretrain.make_backbone, spelling.NAME: spelling.make_reader}
        makers[mean_features.NAME] = mean_features.make_mean_features
        for name in names or ():
            if name not in makers:
                raise ZooError(f"Unknown backbone {name!r:.80}; expected one of: {', '.join(makers)}.")
        for name in names or makers:
            print(makers[name](device=device, sources=Sources(data)))


def study(
    names: Annotated[list[str], typer.Argument(metavar="NAME", help="Studies: letters, regularisation.")],
    data: Data = None,
    device: Device = None,
) -> None:
    """Run a study: learning curves, or memorising.

    letters: trains two entries, with and without transfer, on different numbers of examples, and stores their test
    accuracies in both checkpoints. regularisation: trains a net on few digits in several ways, for the lesson.
    """
    with interruptible(INTERRUPTED):
        from training.studies import learning_curve, regularisation

        known = (*learning_curve.STUDIES, regularisation.NAME)
        if unknown := [name for name in names if name not in known]:
            raise ZooError(f"There is no study {unknown[0]!r:.80}; there are: {', '.join(known)}.")
        for name in names:
            if name == regularisation.NAME:
                regularisation.study(report=lambda line: print(line, flush=True), sources=Sources(data))
            else:
                print(learning_curve.study(name, device=device, sources=Sources(data)).model_dump_json(indent=1))


def ablation(slugs: Slugs, data: Data = None, device: Device = None) -> None:
    """Measure what each part of a recipe contributes.

    For models of sentences, on the validation sets; the result is stored in the checkpoint.
    """
    with interruptible(INTERRUPTED):
        from training.studies.ablation import ablation as run_ablation

        for slug in slugs:
            print(run_ablation(slug, device=device, sources=Sources(data)).model_dump_json(indent=1))


def attribution_check(ids: Ids, data: Data = None) -> None:
    """Measure whether attributions are faithful.

    Removes the parts of test inputs with the strongest attribution and stores in the checkpoint how far the
    probability of the answer falls, compared with other parts.
    """
    with interruptible(INTERRUPTED):
        from training.studies.attribution_check import attribution_check

        for id in ids:
            print(attribution_check(id, sources=Sources(data)).model_dump_json(indent=1))


def cross_validate(
    slugs: Slugs,
    fold_seed: Annotated[int, typer.Option(help="Of the first division; only the default is recorded.")] = 100,
    divisions: Annotated[int, typer.Option(help="The number of divisions into ten folds.", min=1, max=12)] = 5,
    data: Data = None,
) -> None:
    """Cross-validate entries of small data sets.

    Prints the figures over all folds and divisions, and stores them in the shipped checkpoint, unless other options
    than the data are given.
    """
    with interruptible(INTERRUPTED):
        from training.studies.folds import cross_validate

        for slug in slugs:
            plain = (fold_seed, divisions) == (100, 5)
            study = cross_validate(slug, fold_seed, divisions, Sources(data), store=plain)
            print(slug, study.model_dump_json(exclude={"per_class", "confusion"}))


def activations(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Models (default: the shipped ones).")] = None,
) -> None:
    """Add activations.onnx to checkpoints.

    Only small convolutional nets have one.
    """
    with interruptible(INTERRUPTED):
        from models import catalog
        from training.activations import add_activations

        shipped = [model for model in catalog.models() if model.origin == "shipped"]
        for model in [catalog.find(id) for id in ids] if ids else shipped:
            print(f"{model.id}: {'activations.onnx' if add_activations(model.path) else 'no layers to show'}")


def snapshots(slugs: Slugs, data: Data = None, device: Device = None) -> None:
    """Add snapshots.safetensors to shipped small nets.

    Repeats their training; the snapshots are added only if it gives the same weights.
    """
    with interruptible(INTERRUPTED):
        from models import paths
        from training.repeat import add_snapshots

        for slug in slugs:
            print(f"{slug}: {len(add_snapshots(paths.SHIPPED / slug, Sources(data), device).steps)} moments")


def feature_map(ids: Ids, data: Data = None) -> None:
    """Add map.safetensors to shipped checkpoints.

    It holds the features of test examples in a plane, for models whose page shows a map; the examples are not stored.
    """
    with interruptible(INTERRUPTED):
        from models import catalog
        from training.feature_map import add_map

        for id in ids:
            made = add_map(catalog.find(id).path, Sources(data))
            print(f"{id}: {len(made.points)} points, {made.explained.sum():.0%} of the variance")


def familiarity(slugs: Slugs, data: Data = None, device: Device = None) -> None:
    """Refit familiarity in shipped checkpoints.

    The net stays as it is; the threshold is refitted too, and the model is tested once.
    """
    with interruptible(INTERRUPTED):
        from models import paths
        from training.refit_familiarity import refit_familiarity

        for slug in slugs:
            config = refit_familiarity(paths.SHIPPED / slug, Sources(data), device)
            print(f"{slug}: threshold {config.threshold:.3f}")


def confusion_examples(
    id: Annotated[str, typer.Argument(metavar="ID", help="The model.")],
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="One of its test sets.")],
    data: Data = None,
) -> None:
    """Store the examples behind a confusion table.

    The model's page shows them. Prints its progress, one line at a time.
    """
    with interruptible(INTERRUPTED):
        from training.confusion_examples import make_cells

        path = make_cells(id, dataset, Sources(data), report=lambda done, count: print(done, count, flush=True))
        print(path, file=sys.stderr)


def two_characters(
    split: Annotated[str, typer.Option(help="validation or test.")] = "validation",
    fit: Annotated[bool, typer.Option("--fit", help="Fit the weights of the score again and print them.")] = False,
    data: Data = None,
) -> None:
    """Measure the note on two characters in one drawing.

    Prints the share of single digits and of pairs of digits that get it.
    """
    with interruptible(INTERRUPTED):
        from training.studies import two_characters as study

        if fit:
            weights, bias = study.fit(Sources(data))
            print(", ".join(f"{weight:.2f}" for weight in weights), f"bias {bias:.2f}")
        for name, share in study.shares(split, Sources(data)).items():
            print(f"{name}: {share:.1%} of {study.COUNT}")


def left_out(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="A photo model with a frozen trunk.")],
    device: Device = None,
    data: Data = None,
) -> None:
    """Leave out each class when familiarity is learned.

    Prints the share of the photos of the class that is rejected, for choosing how familiarity is learned.
    """
    with interruptible(INTERRUPTED):
        from training.studies import left_out as study

        shares = study.left_out(slug, device=device, sources=Sources(data))
        for name, share in {**shares, "mean": sum(shares.values()) / len(shares)}.items():
            print(f"{name}: {share:.1%}")


def work() -> None:
    """Process the queue of the lab.

    Trains the waiting runs and sweeps one at a time, until none is left. The page of the lab starts it; it ends at once
    if another process is already doing so.
    """
    from training import queue

    queue.work()


JOBS = {
    "zoo": zoo,
    "refresh": refresh,
    "backbone": backbone,
    "study": study,
    "ablation": ablation,
    "attribution-check": attribution_check,
    "cross-validate": cross_validate,
    "activations": activations,
    "snapshots": snapshots,
    "map": feature_map,
    "familiarity": familiarity,
    "two-characters": two_characters,
    "left-out": left_out,
    "confusion-examples": confusion_examples,
    "work": work,
}
