"""letters-best: trained on the letters of all training writers. `zoo train letters-best`."""

from models.entry import Augment, Entry, Recipe
from models.processors.ink import Ink
from models.zoo.letters_scratch import net

ENTRY = Entry(
    slug="letters-best",
    title="Letters by 186 writers",
    task="letters",
    description="Trained on 55,992 letters by 186 people, and tested on letters by 36 other people.",
    processor=Ink,
    net=net,
    recipe=Recipe(
        datasets=("unipen-letters",),
        epochs=16,
        batch=128,
        lr=4e-3,
        weight_decay=0.05,
        label_smoothing=0.1,
        augment=Augment(rotate=12, scale=0.15, shear=0.3, shift=1.5, elastic=1.0, thickness=0.5),
        refit=False,
    ),
    seeds=(0,),
    outliers=("random-figures",),
)
