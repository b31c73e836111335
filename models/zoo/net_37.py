"""net-37: one hidden layer of 30 units, the simple net of the fast.ai course. Train it with `zoo train net-37`."""

from dataclasses import replace

from models.entry import Augment
from models.zoo.linear_37 import ENTRY as LINEAR


def net(classes: int = 2):
    """x: float32 (N, 1, 28, 28), ink in 0 to 1."""
    from torch import nn

    from models.nets.classifier import Classifier

    trunk = nn.Sequential(
        nn.Flatten(),  # (N, 784)
        nn.Linear(784, 30),
        nn.ReLU(),  # (N, 30)
    )
    return Classifier(trunk, head=nn.Linear(30, classes))


ENTRY = replace(
    LINEAR,
    slug="net-37",
    title="One hidden layer",
    description="Two linear layers with a ReLU between them: thirty hidden units, each of which looks at all pixels.",
    net=net,
    recipe=replace(
        LINEAR.recipe,
        epochs=30,
        lr=5e-3,
        optimizer="adamw",
        label_smoothing=0.05,
        augment=Augment(rotate=7, scale=0.07, shear=0.07, shift=1, elastic=0.5),
    ),
    centres=200,
)
