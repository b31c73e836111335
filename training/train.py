"""Trains an entry of the Zoo and writes its checkpoint. The steps of a run are in `training/run.py`."""

import json
import platform
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from models import catalog, paths
from models.activations import FILE as ACTIVATIONS
from models.checkpoint import FORMAT
from models.config import Array, Config, Data, NetConfig, Training
from models.entry import Entry
from models.evaluation import CrossValidation, Evaluation, Studies
from models.snapshots import FILE as SNAPSHOTS
from models.task import Task
from models.writing import pack, write, write_version
from training import recipe as recipes
from training.activations import activations_onnx
from training.card import card
from training.command import arguments
from training.data.dataset import DEFAULT, Sources
from training.data.prepare import provenance
from training.device import device_of
from training.export import axes, metadata_of, shapes_of, to_onnx
from training.float16 import tensors_of
from training.golden import golden
from training.history import to_csv
from training.lock import locked
from training.naming import checked_licence, checked_title, free_name
from training.preparation import Job
from training.record import failing, recorded
from training.run import Trained, follow, run
from training.snapshots import snapshots_file
from training.torchrun import size

PACKAGES = ("torch", "onnx", "onnxruntime", "numpy")


def train(
    slug: str | Entry,
    *,
    name: str | None = None,
    title: str | None = None,
    task: Task | None = None,
    out: Path | None = None,
    seed: int = 0,
    device: str | None = None,
    sources: Sources = DEFAULT,
    resume: bool = False,
    license: str | None = None,
    sweep: str = "",
    run_id: str | None = None,
    **overrides: Any,
) -> Path:
    """Train entry `slug` and write its checkpoint; returns the folder.

    name: the id of the new model (default: `<slug>-mine`). title: its title (default: the entry's, with the id).
    out: a folder to write to instead of ZOO_HOME/checkpoints/<name>. task: one that is not in the catalog
    (`training.custom`). sources: where the data sets are. resume: continue the last, interrupted run of this name.
    license: the model's, chosen by its author (default: unknown). sweep: the one that the run belongs to. run_id: of a
    queued run that starts now, or of the new run (default: chosen, see `models.runs`). overrides: hyperparameters of
    the recipe (`epochs=3`, `rotate=5`, `datasets="digits8x8"`).
    Ctrl-C keeps the best epoch so far and writes the checkpoint. Raises ZooError.
    """
    with failing(run_id):
        entry = slug if isinstance(slug, Entry) else as_own(catalog.entry(slug), license)
        name, chosen_title = free_name(name or f"{entry.slug}-mine", out), checked_title(title)
        recipe, device = recipes.changed(entry, overrides), device_of(device)
        options = {"slug": name, "title": title, "out": out, "license": checked_licence(license), "data": sources.root}
        options |= {"device": device if device != device_of(None) else None, "seed": seed}
        details = {"seed": seed, "command": arguments(entry.slug, options, overrides), "resume": resume}
        details |= {"task": task.slug if task else entry.task, "run_id": run_id, "sweep": sweep}
        with locked(name), recorded(name, entry, recipe, entry.recipe, **details) as record:
            job = {"seed": seed, "device": device, "sources": sources, "resume": record.resumed}
            trained = run(entry, recipe, record.folder, task=task, record=record, **job)
            folder = save(trained, name, title=chosen_title, out=out)
            record.interrupted = trained.interrupted
        return folder


def take_part(slug: str, *, seed: int = 0, device: str | None = None, sources: Sources, **overrides: Any) -> None:
    """Take part in the training of `train` in the main process (`training.torchrun`), and write nothing.

    The arguments are those of `train` that the weights depend on.
    """
    entry = catalog.entry(slug)
    recipe = recipes.changed(entry, overrides)
    with TemporaryDirectory() as work:
        follow(
            Job(
                entry, catalog.task(entry.task), recipe, seed, device_of(device), sources, Path(work), False, entry.slug
            )
        )


def as_own(entry: Entry, license: str | None) -> Entry:
    """The entry for a user's own model, without what its description says about the shipped one."""
    description = f"Trained like {entry.slug}, by the model's author."
    return replace(entry, description=description, license=checked_licence(license))


def save(
    trained: Trained,
    name: str,
    *,
    title: str | None = None,
    out: Path | None = None,
    cross_validation: CrossValidation | None = None,
) -> Path:
    """Write the checkpoint of a trained net as the user's model `name`, or to the folder `out`; returns the folder."""
    folder = out or paths.user_checkpoints() / name
    files = checkpoint_files(trained, name, title=title, cross_validation=cross_validation)
    (write if out else write_version)(folder, files)
    return folder


def checkpoint_files(
    trained: Trained,
    name: str,
    key: str | None = None,
    *,
    title: str | None = None,
    cross_validation: CrossValidation | None = None,
) -> dict[str, bytes]:
    """The files of the checkpoint of a trained net, before any test. key: see `models.config.Training`."""
    job, prepared, calibration, served = trained.job, trained.prepared, trained.calibration, trained.served
    entry, sample = job.entry, prepared.sample
    evaluation = Evaluation(
        best_epoch=trained.validated.history[trained.validated.epoch - 1],
        studies=Studies(cross_validation=cross_validation),
    )
    metadata = metadata_of(name, prepared.processor.to_dict(), job.task.labels, entry.license)
    onnx = to_onnx(served, sample, metadata)
    shapes = zip(sample.items(), axes(sample), strict=True)
    inputs = tuple(Array(name=n, dtype=str(array.dtype), shape=shape) for (n, array), shape in shapes)
    outputs = tuple(Array(name=n, dtype="float32", shape=shape) for n, shape in shapes_of(served, sample).items())
    config = Config(
        format=FORMAT,
        slug=name,
        title=title or (entry.title if name == entry.slug else f"{entry.title} ({name})"),
        description=entry.description,
        task=json.loads(json.dumps(job.task.to_dict())),
        net=NetConfig(name=entry.slug, arguments=prepared.sizes, familiarity=calibration.arguments),
        temperature=calibration.temperature,
        threshold=calibration.threshold,
        inputs=inputs,
        outputs=outputs,
        tensors={},
        parameters=sum(parameter.numel() for parameter in served.net.parameters()),
        license=entry.license,
        data=tuple(Data(**source) for source in provenance(prepared.recipe.datasets, job.sources)),
        versions={package: version(package) for package in PACKAGES},
        figures=evaluation.headline,
        training=_training(trained, key),
    )
    return pack(
        config,
        processor=prepared.processor.to_dict(),
        tensors=tensors_of(served),
        onnx=onnx,
        evaluation=evaluation,
        golden=golden(job.task, prepared.processor, onnx, calibration.temperature),
        history=to_csv(trained.validated.history),
        card=card(config, evaluation),
        optional={
            ACTIVATIONS: activations_onnx(served.net, sample, metadata),
            SNAPSHOTS: None if prepared.frozen else snapshots_file(trained.fitted.snapshots, onnx),
        },
    )


def _training(trained: Trained, key: str | None) -> Training:
    threads = torch.get_num_threads()
    return Training(
        epochs=len(trained.validated.history),
        best_epoch=trained.validated.epoch,
        seconds=round(trained.seconds, 1),
        seed=trained.job.seed,
        refitted=trained.fitted is not trained.validated,
        interrupted=trained.interrupted,
        machine=f"{platform.system()} {platform.machine()}, {trained.job.device}, "
        f"{threads} thread{'s' if threads != 1 else ''}"
        f"{f', {size()} processes' if size() > 1 else ''}",
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        recipe=json.loads(json.dumps(asdict(trained.prepared.recipe))),
        key=key,
    )
