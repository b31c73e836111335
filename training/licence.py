"""Gives a user's own model another licence: in its config, in its card and in the metadata of its graphs."""

from pathlib import Path

import onnx

from models.checkpoint import Checkpoint
from models.writing import attach, retitle
from training.card import card
from training.naming import checked_licence


def set_licence(folder: Path, licence: str) -> None:
    """Write `licence` into the checkpoint in `folder`; weights and figures stay the same. Raises ZooError."""
    checkpoint = Checkpoint.open(folder)
    licence = checked_licence(licence)
    config = checkpoint.config.model_copy(update={"license": licence})
    retitle(folder, config, card(config, checkpoint.evaluation))
    for name in filter(lambda name: name.endswith(".onnx"), config.files):
        graph = onnx.load_from_string(checkpoint.read(name))
        metadata = {entry.key: entry.value for entry in graph.metadata_props}
        onnx.helper.set_model_props(graph, metadata | {"license": licence})
        attach(folder, name, graph.SerializeToString())
