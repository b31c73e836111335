"""Familiarity fitted anew: `python -m training familiarity reviews-gru`, where how it is told has changed and the net has not.

The net's weights, temperature, training curve and studies stay. Familiarity and threshold are fitted as in training, the graph is
exported again, with golden answers, and the test parts are run once more, for what is kept and what is stopped. Of a net that was fitted
again on train and validation together, the run before that is repeated, since a threshold is fitted on what a net has not seen.
"""

import json
import shutil
from dataclasses import asdict
from pathlib import Path

from models import catalog, paths
from models.checkpoint import Checkpoint
from models.config import Config
from models.engines.torch import build
from models.entry import Recipe
from models.errors import ZooError
from models.nets.familiarity import Served
from models.writing import pack, write
from training.calibrate import fit_threshold
from training.card import card
from training.data.examples import Examples
from training.data.prepare import prepare
from training.evaluate import record_evaluation
from training.export import metadata_of, to_onnx
from training.familiarity import answers, fit_familiarity
from training.fit import fit
from training.float16 import tensors_of
from training.golden import golden
from training.recipe import defaults
from training.train import device_of, learner, symbols_of


def renew_familiarity(folder: Path, data: Path | None = None, device: str | None = None) -> Config:
    """Fit familiarity and threshold of the shipped checkpoint in `folder` anew, in place; returns its new config.

    Raises ZooError for one whose training cannot be repeated as it was. Ctrl-C leaves it as it is.
    """
    before = Checkpoint.open(folder)
    config, task, processor = before.config, before.task, before.processor
    entry, seed = catalog.entry(config.net.name), config.training.seed
    if config.training.recipe.get("few") or entry.recipe.frozen or entry.recipe.head_epochs:
        raise ZooError(f"{config.slug} was not trained in one run on all of its train part; train it anew.")
    refitted, recorded = config.training.refitted, config.training.recipe
    usual = defaults(Recipe)  # of a hyperparameter that is newer than the checkpoint
    now = json.loads(json.dumps(asdict(entry.recipe)))
    if refitted and {**usual, **recorded} != now:
        raise ZooError(f"{config.slug} was trained by another recipe than its entry's of today; train it anew.")
    net = build(before).net.eval()
    symbols, names = symbols_of(processor), [source.name for source in config.data]
    train, validation = (
        {name: prepare(name, part, processor, task.labels, data) for name in names} for part in ("train", "validation")
    )
    train = Examples.join(list(train.values()))
    seen, judged = train, net
    work = paths.data_home() / "runs" / f"{config.slug}-familiarity"
    if refitted:  # the threshold is that of the net before, which had not seen the validation part
        seen = Examples.join([train, *validation.values()])
        untrained = learner(entry, entry.recipe, config.net.arguments, seed, processor)
        options = {"folder": work, "seed": seed, "device": device_of(device), "resume": True, "title": config.slug}
        again = fit(untrained, train, validation, entry.recipe, **options)
        if again.interrupted:
            raise KeyboardInterrupt  # the next call goes on
        judged = again.net.cpu()
    familiarity, arguments = fit_familiarity(net, seen, "cpu", seed, **symbols)
    by = familiarity if judged is net else fit_familiarity(judged, train, "cpu", seed, **symbols)[0]
    threshold = fit_threshold({name: answers(judged, by, part, "cpu")[1] for name, part in validation.items()})
    served = Served(net, familiarity)
    state = processor.to_dict()
    some = {name: array[:64] for name, array in train.inputs.items()}
    onnx = to_onnx(served, some, metadata_of(config.slug, state, task.labels, config.license))
    fitted = config.net.model_copy(update={"familiarity": arguments})
    config = config.model_copy(update={"net": fitted, "threshold": threshold})
    files = pack(
        config,
        processor=state,
        tensors=tensors_of(served),
        onnx=onnx,
        evaluation=before.evaluation,
        golden=golden(task, processor, onnx, config.temperature),
        history=before.history,
        card=card(config, before.evaluation),
        activations=before.read("activations.onnx") if before.has("activations.onnx") else None,
    )
    write(folder, files)
    record_evaluation(folder, data)
    shutil.rmtree(work, ignore_errors=True)  # another time the data may be others
    return Checkpoint.open(folder).config
