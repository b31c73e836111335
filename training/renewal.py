"""Familiarity fitted anew: `python -m training familiarity reviews-gru`, where how it is told has changed and the net has not.

The net's weights, temperature, training curve and studies stay. Familiarity and threshold are fitted as in training, the graph is
exported again, with golden answers, and the test parts are run once more, for what is kept and what is stopped.
"""

from pathlib import Path

from models.checkpoint import Checkpoint
from models.config import Config
from models.engines.torch import build
from models.errors import ZooError
from models.nets.familiarity import Served
from models.writing import pack, write
from training.calibrate import fit_threshold
from training.card import card
from training.evaluate import record_evaluation
from training.examples import Examples
from training.export import metadata_of, to_onnx
from training.familiarity import answers, fit_familiarity
from training.golden import golden
from training.half import tensors_of
from training.prepare import prepare
from training.train import words_of


def renew_familiarity(folder: Path, data: Path | None = None) -> Config:
    """Fit familiarity and threshold of the shipped checkpoint in `folder` anew, in place; returns its new config."""
    before = Checkpoint.open(folder)
    config, task, processor = before.config, before.task, before.processor
    if config.training.get("refitted") or config.training.get("recipe", {}).get("few"):
        raise ZooError(
            f"{config.slug} was not trained on just its train part, which a threshold is fitted after; train it anew."
        )
    net = build(before).net.eval()
    names = [source.name for source in config.data]
    train = Examples.join([prepare(name, "train", processor, task.labels, data) for name in names])
    familiarity, arguments = fit_familiarity(net, train, "cpu", config.training["seed"], words=words_of(processor))
    threshold = fit_threshold(
        {
            name: answers(net, familiarity, prepare(name, "validation", processor, task.labels, data), "cpu")[1]
            for name in names
        }
    )
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
        layers=before.read("layers.onnx") if before.has("layers.onnx") else None,
    )
    write(folder, files)
    record_evaluation(folder, data)
    return Checkpoint.open(folder).config
