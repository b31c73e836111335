"""Refits familiarity after a change to its measures; the net stays the same.

`python -m training familiarity reviews-gru`.

The net's weights, temperature, training curve and studies are kept. Familiarity and threshold are fitted as in
training, the graph and golden answers are exported again, and the model is tested once on each test set. For ink, the
limit of the note on two characters is fitted again as well. If the net was refitted on the training and validation sets
together, the run before the refit is repeated, because the threshold must be fitted on examples that the net was not
trained on. A familiarity learned from outliers (`training/outliers.py`) needs no repeated run: it has not seen the
validation photos, whatever the net has.
"""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from torch import nn

from models import catalog, paths
from models.checkpoint import OPTIONAL, Checkpoint
from models.config import Config
from models.entry import Recipe
from models.errors import ZooError
from models.nets.familiarity import Served
from models.processors.ink import Ink
from models.processors.photo import Photo
from models.writing import pack, write
from training.calibrate import fit_threshold
from training.card import card
from training.data.dataset import DEFAULT, Sources
from training.device import device_of
from training.evaluate import record_evaluation
from training.export import metadata_of, to_onnx
from training.float16 import tensors_of
from training.golden import golden
from training.initialise import fitted_processor
from training.learned_familiarity import learn
from training.preparation import Job, prepare
from training.run import calibrate, familiarity_of, fit_validated


def refit_familiarity(folder: Path, sources: Sources = DEFAULT, device: str | None = None) -> Config:
    """Refit familiarity and threshold of the shipped checkpoint in `folder`, in place; returns its new config.

    Raises ZooError if the training cannot be repeated exactly. Ctrl-C changes nothing.
    """
    before = Checkpoint.open(folder)
    config, task, processor = before.config, before.task, before.processor
    entry, seed = catalog.entry(config.net.name), config.training.seed
    exposed = bool(entry.outliers) and isinstance(processor, Photo)
    refitted, recorded = config.training.refitted, config.training.recipe
    if not exposed and (entry.recipe.frozen or (refitted and entry.recipe.head_epochs)):
        raise ZooError(f"The training of {config.slug} cannot be repeated in one run; train it again.")
    if refitted and recorded_recipe(recorded) != entry.recipe:
        raise ZooError(f"{config.slug} was not trained with its entry's current recipe; train it again.")
    work = paths.data_home() / "runs" / f"{config.slug}-familiarity"
    recipe = replace(entry.recipe, datasets=tuple(source.name for source in config.data))
    if exposed:
        recipe = replace(recipe, frozen=False)  # the head's features are not needed
    job = Job(entry, task, recipe, seed, device_of(device), sources, work, True, config.slug)
    if isinstance(processor, Ink):  # its limit for the note on two characters depends on the data; its arrays do not
        processor = fitted_processor(entry, recipe, sources)
    prepared = prepare(job, processor)
    net = _net_of(before)
    if exposed:
        if not prepared.exposure:
            raise ZooError(f"The outliers of {config.slug} are not on this machine: {', '.join(entry.outliers)}.")
        familiarity, arguments, familiar = learn(net, prepared.exposure, job.device, seed, entry.recipe.frozen)
        threshold = fit_threshold(familiar)
    elif refitted:  # fit the threshold with the net before the refit, which was not trained on the validation set
        validated = fit_validated(job, prepared)
        if validated.interrupted:
            raise KeyboardInterrupt  # the next call continues
        threshold = calibrate(validated.net.cpu(), prepared, seed, "cpu").threshold
        familiarity, arguments = familiarity_of(net, prepared, prepared.everything, seed, "cpu", is_own=False)
    else:
        calibration = calibrate(net, prepared, seed, "cpu")
        familiarity, arguments, threshold = calibration.familiarity, calibration.arguments, calibration.threshold
    served = Served(net, familiarity)
    served = served.to("cpu", memory_format=torch.contiguous_format).eval()
    state = processor.to_dict()
    onnx = to_onnx(served, prepared.sample, metadata_of(config.slug, state, task.labels, config.license))
    fitted = config.net.model_copy(update={"familiarity": arguments})
    current_task = json.loads(json.dumps(catalog.task(entry.task).to_dict()))  # its test sets may be others now
    config = config.model_copy(update={"net": fitted, "threshold": threshold, "task": current_task})
    files = pack(
        config,
        processor=state,
        tensors=tensors_of(served),
        onnx=onnx,
        evaluation=before.evaluation,
        golden=golden(task, processor, onnx, config.temperature),
        history=before.history,
        card=card(config, before.evaluation),
        optional={name: before.read(name) for name in OPTIONAL if before.has(name)},
    )
    write(folder, files)
    record_evaluation(folder, sources)
    shutil.rmtree(work, ignore_errors=True)  # the data may differ next time
    return Checkpoint.open(folder).config


def recorded_recipe(recorded: dict[str, Any]) -> Recipe | None:
    """The recipe that a checkpoint records, with the defaults of hyperparameters newer than it.

    None if it has hyperparameters or values that there are no longer.
    """
    try:
        return Recipe(**recorded)
    except ValidationError:
        return None


def _net_of(checkpoint: Checkpoint) -> nn.Module:
    """The checkpoint's net without its familiarity, which may have other tensors now. Raises ZooError."""
    config = checkpoint.config
    net = catalog.entry(config.net.name).net(**config.net.arguments)
    tensors = {name: torch.from_numpy(tensor.copy()) for name, tensor in checkpoint.tensors().items()}
    try:
        net.load_state_dict({name[4:]: tensor for name, tensor in tensors.items() if name.startswith("net.")})
    except RuntimeError as error:
        raise ZooError(f"The net of {config.slug} is no longer that of its checkpoint; train it again.") from error
    return net.eval()
