"""Inside a model: the weights of its first layer as images, and a map of its features with the visitor's input."""

import numpy as np
import streamlit as st

from app.hub import inputs
from app.hub.answers.engine import load
from app.hub.answers.stages import stages
from app.hub.markup import plain, png, shown
from app.hub.model import charts, figures
from app.hub.model.mean_images import difference_picture
from app.hub.safety import contained
from app.hub.text_blocks import caption
from models import embedding
from models.catalog import Model
from models.checkpoint import MAP, Checkpoint
from models.processors.base import Stage

MOST = 40  # images of weights
LARGEST = 64  # rows and columns of such an image
NOUNS = {"ink": "drawing", "picture": "photo"}
HOW_TO_ADD = {"ink": "Draw on", "picture": "Add a photo on"}


def has_inside(model: Model) -> bool:
    """Whether there is something to show."""
    return _first_layer(model) is not None or MAP in model.config.files


def inside(model: Model, checkpoint: Checkpoint) -> None:
    """Draw the first layer and the map of features, as far as the model has them."""
    with contained():
        first_layer(model, checkpoint)
    with contained():
        feature_map(model, checkpoint)


def first_layer(model: Model, checkpoint: Checkpoint) -> None:
    """Draw the weights of the first layer: kernels, or one image for each label or unit."""
    found = _first_layer(model)
    if found is None:
        return
    name, side = found
    weights = checkpoint.tensors()[name].astype(np.float32)
    images = weights if weights.ndim == 4 else weights.reshape(len(weights), 1, *side)
    rest = f" Only the first {MOST} of {len(images):,} are shown." if len(images) > MOST else ""
    labels = [model.task.display_name(label) for label in model.task.labels]
    if weights.ndim == 2 and name == embedding.HEAD:
        st.markdown("**The weight of each pixel**")
        stages(_of_labels(images[:MOST, 0], labels))
        caption(f"White is zero; each image has its own scale.{rest}")
        return
    kind, noun = ("kernels", "Kernel") if weights.ndim == 4 else ("units", "Unit")
    size = " by ".join(map(str, images.shape[2:]))
    st.markdown(f"**The {len(images):,} {kind} of the first layer**, {size} weights each")
    pictures = "".join(
        f'<img src="{png(_picture(image))}" alt="{noun} {number}" title="{noun} {number}">'
        for number, image in enumerate(images[:MOST], 1)
    )
    st.html(f'<div class="zoo-kernels">{pictures}</div>')
    if images.shape[1] == 3:
        caption(f"A kernel responds most to patterns like its image. Each image has its own scale.{rest}")
        return
    subject = "Ink" if model.task.input == "ink" else "Light"
    caption(f"{subject} on blue raises the response, on orange it lowers it. Each image has its own scale.{rest}")


def feature_map(model: Model, checkpoint: Checkpoint) -> None:
    """Draw the map of features, and the current input on it."""
    if MAP not in model.config.files:
        return
    found = embedding.read(checkpoint)
    names = [shown(model.task.display_name(label)) for label in model.task.labels]
    noun = NOUNS.get(model.task.input, "input")
    own = None
    with contained():
        raw = inputs.kind(model.task).current(model.task)
        own = None if raw is None else load(model.id).place(raw)
    dataset = plain(figures.dataset_name(model.task, next(iter(model.config.figures))))
    features = "pixels" if _is_linear(model) else "features, the inputs of the last layer"
    st.markdown(f"**Map of {len(found.points)} examples of {dataset}**, by their {features}")
    points = [
        (x, y, names[label], names[answer])
        for (x, y), label, answer in zip(
            found.points.tolist(), found.labels.tolist(), found.predicted.tolist(), strict=True
        )
    ]
    charts.feature_map(points, names, own, f"Your {noun}", tuple(found.explained.tolist()))
    where = (
        f"Your {noun} is ringed."
        if own
        else f"{HOW_TO_ADD.get(model.task.input, 'Enter one on')} the task's page and come back: your {noun} appears "
        "on the map."
    )
    caption(
        f"Examples that the model sees as similar lie close together. The two axes (PCA) show "
        f"{found.explained.sum():.0%} of the variance of all {found.mean.size:,} numbers. {where}"
    )


def _first_layer(model: Model) -> tuple[str, tuple[int, int]] | None:
    """The name of the first layer's weights and the size of the input, if they can be seen as images."""
    shape = model.config.inputs[0].shape
    if len(shape) != 4 or not all(isinstance(size, int) for size in shape[1:]):
        return None
    channels, rows, columns = shape[1:]
    for name, (_, sizes) in model.config.tensors.items():
        if not name.startswith("net.") or not name.endswith("weight") or len(sizes) not in (2, 4):
            continue
        if len(sizes) == 4 and sizes[1] in (1, 3) and max(sizes[2:]) <= LARGEST and min(sizes[2:]) > 1:
            return name, (rows, columns)
        if len(sizes) == 2 and channels == 1 and max(rows, columns) <= LARGEST and sizes[1] == rows * columns:
            return name, (rows, columns)
        return None
    return None


def _is_linear(model: Model) -> bool:
    found = _first_layer(model)
    return found is not None and found[0] == embedding.HEAD


def _of_labels(images: np.ndarray, labels: list[str]) -> list[Stage]:
    """An image for each label, or one for both of two."""
    if len(images) == 1 and len(labels) == 2:
        sentence = f"Ink on blue counts for {labels[0]}, on orange for {labels[1]}."
        return [Stage(f"{labels[0]} or {labels[1]}", sentence, difference_picture(images[0]))]
    return [
        Stage(label, "Blue: for it. Orange: against it.", difference_picture(image))
        for label, image in zip(labels, images, strict=False)
    ]


def _picture(weights: np.ndarray) -> np.ndarray:
    """Weights (channels, rows, columns) as a picture: signs as blue and orange, or three channels as colours."""
    if len(weights) == 1:
        return difference_picture(weights[0])
    low, high = float(weights.min()), float(weights.max())
    span = (high - low) or 1.0
    return np.round(255 * (weights.transpose(1, 2, 0) - low) / span).astype(np.uint8)
