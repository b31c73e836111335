"""letters-transfer: the same 20 examples of each letter, starting from the trunk of a digit model.

`zoo train letters-transfer`.
"""

from dataclasses import replace

from models.entry import Entry
from models.processors.ink import Ink
from models.zoo.letters_scratch import FEW, net

ENTRY = Entry(
    slug="letters-transfer",
    title="Letters from digits",
    task="letters",
    description="The same net and the same 20 examples of each letter as Letters from scratch, but fine-tuned from a "
    "model that reads digits.",
    processor=Ink,
    net=net,
    recipe=replace(FEW, start_from="mnist-conv", head_epochs=15),  # also the best of eight recipes
    seeds=(0,),
    outliers=("random-figures",),
)
