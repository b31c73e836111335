"""mnist-best: mnist-residual trained three times as long. Train it with `zoo train mnist-best`."""

from dataclasses import replace

from models.zoo.mnist_residual import ENTRY as RESIDUAL
from models.zoo.mnist_residual import net

ENTRY = replace(
    RESIDUAL,
    slug="mnist-best",
    title="Residual net, trained longer",
    description="The Residual net, the best of the digit models on validation digits, trained for 24 epochs instead "
    "of 8.",
    net=net,
    recipe=replace(RESIDUAL.recipe, epochs=24),
    seeds=(0,),
)
