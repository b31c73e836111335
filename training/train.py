"""Train an entry of the zoo: data, fit, temperature, familiarity, threshold, fit again on everything, export, checkpoint.

The validation part is held out first. That run fixes the number of epochs, the temperature and the threshold; where the
recipe says `refit`, the net is then trained again on train and validation together, and these three are carried over.
"""

import copy
import json
import platform
import shutil
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models import catalog, paths
from models.checkpoint import FORMAT
from models.config import Array, Config, Data, NetConfig, Training
from models.entry import Entry, Recipe
from models.errors import ZooError
from models.evaluation import Evaluation
from models.nets.classifier import Classifier
from models.nets.familiarity import Served
from models.nets.photo import Head, PhotoClassifier
from models.nets.reader import RecurrentReader
from models.nets.word_reader import WordReader
from models.processors.base import Processor
from models.processors.words import Words
from models.task import Task
from models.writing import pack, write, write_version
from training import recipe as recipes
from training.activations import activations_onnx
from training.backbone import sizes_of, take_over
from training.calibrate import fit_temperature, fit_threshold
from training.card import card
from training.data.examples import Examples
from training.data.prepare import prepare, raw_inputs, sources
from training.export import axes, metadata_of, shapes_of, to_onnx
from training.familiarity import answers, fit_familiarity
from training.fit import Fitted, fit
from training.float16 import tensors_of
from training.frozen import Frozen
from training.golden import golden
from training.history import to_csv
from training.naming import checked_title, free_name
from training.word_vectors import fill, frequent, is_vectors

LICENCE = "Apache-2.0"
HEAD_RATE = 1e-2  # peak learning rate of a head by itself
WITH_TRUNK = (Classifier, PhotoClassifier, RecurrentReader, WordReader)
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
    data: Path | None = None,
    resume: bool = False,
    **overrides: Any,
) -> Path:
    """Train entry `slug` and write its checkpoint; returns the folder.

    name: the id of the new model, `<slug>-mine` unless said; title: what people read, the entry's with the id unless said.
    out: a folder to write to in place of ZOO_HOME/checkpoints/<name>. task: one that is not in the catalog (training/custom).
    overrides: any number of the recipe (`epochs=3`, `rotate=5`, `datasets="digits8x8"`). data: the data root.
    resume: go on where the last run of this name was cut off. Ctrl-C keeps the best so far and writes the checkpoint.
    """
    entry = slug if isinstance(slug, Entry) else catalog.entry(slug)
    name, title = free_name(name or f"{entry.slug}-mine", out), checked_title(title)
    recipe = recipes.changed(entry, overrides)
    work = paths.data_home() / "runs" / name
    trained = run(entry, recipe, work, task=task, seed=seed, device=device_of(device), data=data, resume=resume)
    folder = out or paths.user_checkpoints() / name
    files = checkpoint_files(trained, name, data, title=title)
    (write if out else write_version)(folder, files)
    return folder


@dataclass
class Trained:
    """A net with all that was fitted after it. fitted: the run that is kept; validated: the one with validation held out."""

    entry: Entry
    task: Task
    recipe: Recipe
    seed: int
    served: Served
    sizes: dict[str, int]  # arguments of the entry's net
    arguments: dict[str, Any]  # of Familiarity
    processor: Processor
    temperature: float
    threshold: float
    validated: Fitted
    fitted: Fitted
    examples: dict[str, np.ndarray]  # a few real inputs, for the export
    device: str
    looking: float  # seconds that a frozen trunk looked at the examples


def run(
    entry: Entry,
    recipe: Recipe,
    work: Path,
    *,
    task: Task | None = None,
    seed: int,
    device: str,
    data: Path | None,
    resume: bool,
    title: str | None = None,
) -> Trained:
    """Everything up to the net that is kept; the state for `resume` lies in `work`, where an older one goes without it.

    title: what the progress calls it, the entry's slug unless said.
    """
    task, title = task or catalog.task(entry.task), title or entry.slug
    processor = fitted_processor(entry, recipe, data)
    parts = {
        part: {name: prepare(name, part, processor, task.labels, data) for name in recipe.datasets}
        for part in ("train", "validation")
    }
    for name, examples in parts["train"].items():
        if (examples.labels < 0).any():
            raise ZooError(
                f"{name!r} has labels that are none of the task {task.slug!r}; train on {', '.join(task.datasets)}."
            )
    if recipe.few:
        parts = _few(parts["train"], recipe.few, seed)
    train = Examples.join(list(parts["train"].values()))
    states = {name: work / name for name in ("validated", "refit", "head", "head-refit")}
    if not resume:
        for folder in states.values():
            shutil.rmtree(folder, ignore_errors=True)
    options = {"seed": seed, "device": device, "resume": resume}
    sizes = {"classes": len(task.labels), **processor.sizes(), **sizes_of(recipe.start_from)}
    some = {name: array[:64] for name, array in train.inputs.items()}
    symbols = symbols_of(processor)
    frozen = Frozen(new_net(entry, recipe, sizes, seed, processor), device) if recipe.frozen else None
    if frozen:
        recipe = replace(recipe, augment=None)  # what the trunk makes of the examples is no picture any more
        parts = {part: {name: frozen.through(one) for name, one in sets.items()} for part, sets in parts.items()}
        train = Examples.join(list(parts["train"].values()))
    net = learner(entry, recipe, sizes, seed, processor)
    _warm_head(net, train, recipe, work / "head", options)
    validated = fit(net, train, parts["validation"], recipe, folder=states["validated"], title=title, **options)
    familiarity, arguments = fit_familiarity(net, train, device, seed, **symbols)
    said = {name: answers(net, familiarity, part, device) for name, part in parts["validation"].items()}
    logits = np.concatenate([logits for logits, _ in said.values()])
    temperature = fit_temperature(logits, np.concatenate([part.labels for part in parts["validation"].values()]))
    threshold = fit_threshold({name: familiar for name, (_, familiar) in said.items()})
    fitted = validated
    if recipe.refit and not validated.interrupted:
        train = Examples.join([train, *parts["validation"].values()])
        net = learner(entry, recipe, sizes, seed, processor)
        as_long = replace(recipe, epochs=validated.epoch)  # its own cycle, run out to its end
        try:
            _warm_head(net, train, recipe, work / "head-refit", options)
            again = fit(net, train, None, as_long, folder=states["refit"], title=f"{title}, on all", **options)
            if again.interrupted:
                raise KeyboardInterrupt
            familiarity, arguments = fit_familiarity(again.net, train, device, seed, **symbols)
            fitted = again
        except KeyboardInterrupt:
            validated.interrupted = True  # and its net is kept: it is finished, half a refit is not
    whole = frozen.with_head(fitted.net) if frozen else fitted.net
    served = Served(whole, familiarity).to("cpu", memory_format=torch.contiguous_format).eval()
    return Trained(
        entry,
        task,
        recipe,
        seed,
        served,
        sizes,
        arguments,
        processor,
        temperature,
        threshold,
        validated,
        fitted,
        some,
        device,
        frozen.seconds if frozen else 0.0,
    )


def checkpoint_files(
    trained: Trained,
    name: str,
    data: Path | None,
    key: str | None = None,
    *,
    title: str | None = None,
) -> dict[str, bytes]:
    """The files of the checkpoint of a trained net, not tested yet. key: see `models.config.Training`."""
    entry, served, task = trained.entry, trained.served, trained.task
    state = trained.processor.to_dict()
    onnx = to_onnx(served, trained.examples, metadata_of(name, state, task.labels, LICENCE))
    seconds = (
        trained.looking
        + trained.validated.seconds
        + (trained.fitted.seconds if trained.fitted is not trained.validated else 0)
    )
    config = Config(
        format=FORMAT,
        slug=name,
        title=title or (entry.title if name == entry.slug else f"{entry.title} ({name})"),
        description=entry.description,
        task=json.loads(json.dumps(task.to_dict())),
        net=NetConfig(name=entry.slug, arguments=trained.sizes, familiarity=trained.arguments),
        temperature=trained.temperature,
        threshold=trained.threshold,
        inputs=tuple(
            Array(name=n, dtype=str(a.dtype), shape=shape)
            for (n, a), shape in zip(trained.examples.items(), axes(trained.examples), strict=True)
        ),
        outputs=tuple(
            Array(name=n, dtype="float32", shape=shape) for n, shape in shapes_of(served, trained.examples).items()
        ),
        tensors={},
        parameters=sum(p.numel() for p in served.net.parameters()),
        license=LICENCE,
        data=tuple(Data(**source) for source in sources(trained.recipe.datasets, data)),
        versions={package: version(package) for package in PACKAGES},
        figures={},
        training=Training(
            epochs=len(trained.validated.history),
            best_epoch=trained.validated.epoch,
            seconds=round(seconds, 1),
            seed=trained.seed,
            refitted=trained.fitted is not trained.validated,
            interrupted=trained.validated.interrupted or trained.fitted.interrupted,
            machine=f"{platform.system()} {platform.machine()}, {trained.device}, {torch.get_num_threads()} threads",
            date=f"{datetime.now(UTC):%Y-%m-%d}",
            recipe=json.loads(json.dumps(asdict(trained.recipe))),
            key=key,
        ),
    )
    best = trained.validated.history[trained.validated.epoch - 1]
    evaluation = Evaluation(best_epoch=best)
    return pack(
        config,
        processor=state,
        tensors=tensors_of(served),
        onnx=onnx,
        evaluation=evaluation,
        golden=golden(task, trained.processor, onnx, trained.temperature),
        history=to_csv(trained.validated.history),
        card=card(config, evaluation),
        activations=activations_onnx(served.net, trained.examples, metadata_of(name, state, task.labels, LICENCE)),
    )


def fitted_processor(entry: Entry, recipe: Recipe, data: Path | None) -> Processor:
    """The entry's processor; one that has something to learn (a vocabulary) is fitted on the raw train inputs."""
    processor = entry.processor()
    if is_vectors(recipe.start_from) and not isinstance(processor, Words):
        raise ZooError(f"{entry.slug} reads no words, so it cannot start from {recipe.start_from}; leave it out.")
    more = frequent() if is_vectors(recipe.start_from) else ()
    raws = (raw for name in recipe.datasets for raw in raw_inputs(name, "train", data))  # read only if it is fitted
    return processor.fit(raws, more)


def symbols_of(processor: Processor) -> dict[str, int]:
    """What `fit_familiarity` counts in a text: words or letters, and how many there are, padding and the unknown one included."""
    return {name: count for name, count in processor.sizes().items() if name in ("words", "letters")}


def _few(train: dict[str, Examples], count: int, seed: int) -> dict[str, dict[str, Examples]]:
    """Of each label of each set's train part, `count` examples drawn by `seed` to train on and `count` more to validate on."""
    drawn = {"train": {}, "validation": {}}
    for name, examples in train.items():
        order = np.random.default_rng(seed).permutation(len(examples))
        rows = [order[examples.labels[order] == label][: 2 * count] for label in np.unique(examples.labels)]
        short = min(len(some) for some in rows)
        if short < 2 * count:
            raise ZooError(f"{name!r} has a label with {short} examples; {2 * count} are needed for --few {count}.")
        drawn["train"][name] = examples.take(np.concatenate([some[:count] for some in rows]))
        drawn["validation"][name] = examples.take(np.concatenate([some[count:] for some in rows]))
    return drawn


def new_net(entry: Entry, recipe: Recipe, sizes: dict[str, int], seed: int, processor: Processor) -> torch.nn.Module:
    """The untrained net of an entry, with the weights that the recipe starts from: a trunk, a reader or word vectors.

    sizes: arguments of the net.
    """
    torch.manual_seed(seed)
    net = entry.net(**sizes)
    if is_vectors(recipe.start_from):
        fill(net, processor.known(), recipe.start_from)
    elif recipe.start_from:
        if not isinstance(net, WITH_TRUNK):
            raise ZooError(
                f"The net of {entry.slug} has no trunk that could start from {recipe.start_from}; leave it out."
            )
        if isinstance(net, RecurrentReader):
            take_over(net.start(), recipe.start_from, processor.known())
        else:
            take_over(net.trunk, recipe.start_from)
    return net


def learner(entry: Entry, recipe: Recipe, sizes: dict[str, int], seed: int, processor: Processor) -> torch.nn.Module:
    """What goes through the loop: the whole net, or of one with a frozen trunk the head."""
    net = new_net(entry, recipe, sizes, seed, processor)
    return Head(net.head) if recipe.frozen else net


def _warm_head(net: torch.nn.Module, train: Examples, recipe: Recipe, work: Path, options: dict[str, Any]) -> None:
    """Train the head of `net` alone for `recipe.head_epochs`, so that what it does at random spoils no trunk. Ctrl-C stops the run."""
    if recipe.head_epochs and not recipe.frozen:
        frozen = Frozen(copy.deepcopy(net), options["device"])
        brief = replace(recipe, epochs=recipe.head_epochs, lr=HEAD_RATE, augment=None)
        if fit(
            Head(net.head), frozen.through(train), None, brief, folder=work, title="the head", **options
        ).interrupted:
            raise KeyboardInterrupt


def device_of(device: str | None) -> str:
    """The device to train on: the one named, if it is there; where none is, CUDA if there is one, else the CPU."""
    if device is None:
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise ZooError("There is no CUDA device here, or this torch was built without CUDA; train with --device cpu.")
    if device == "mps" and not torch.backends.mps.is_available():
        raise ZooError("There is no Apple GPU here, or this torch was built without it; train with --device cpu.")
    if device not in ("cpu", "cuda", "mps"):
        raise ZooError(f"The device {device!r} is unknown; expected cpu, cuda or mps.")
    return device
