"""The mean images of a model that compares pixels, and the difference of the first two: all that it goes by."""

import numpy as np
import streamlit as st

from app.hub.answers.stages import stages
from app.hub.markup import plain
from models.catalog import Model
from models.checkpoint import Checkpoint
from models.processors.base import Stage

TENSOR = "net.means"  # of `models.nets.linear.MeanImages`
MOST = 10  # images shown
BLUE, ORANGE = np.array((31, 95, 191)), np.array((200, 90, 10))  # of evidence for and against


def mean_images(model: Model, checkpoint: Checkpoint) -> None:
    """Draw the images; nothing for models without them."""
    if TENSOR not in checkpoint.config.tensors:
        return
    means = checkpoint.tensors()[TENSOR].astype(np.float32)
    if means.ndim != 3 or len(means) < 2:
        return
    names = [plain(model.task.display_name(label)) for label in model.task.labels]
    pictures = [
        Stage(f"Mean {name}", f"The mean of all training images of {name}.", ink_picture(mean))
        for name, mean in list(zip(names, means, strict=True))[:MOST]
    ]
    sentence = f"Blue: more ink in {names[0]}; orange: more ink in {names[1]}."
    pictures.append(Stage("Difference", sentence, difference_picture(means[0] - means[1])))
    st.markdown("**What the model compares a drawing with**")
    stages(pictures)


def ink_picture(ink: np.ndarray) -> np.ndarray:
    """Ink from 0 to 1, (rows, columns), as a picture dark on white, uint8."""
    return np.round(255 * (1 - np.clip(ink, 0, 1))).astype(np.uint8)


def difference_picture(difference: np.ndarray) -> np.ndarray:
    """Values (rows, columns) as a picture, uint8 (rows, columns, 3): blue if positive, orange if negative."""
    strength = difference / (float(np.abs(difference).max()) or 1.0)
    colour = np.where(strength[..., None] > 0, BLUE, ORANGE)
    return np.round(255 + (colour - 255) * np.abs(strength)[..., None]).astype(np.uint8)
