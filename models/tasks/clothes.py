"""clothes: which of ten garments is in the picture? Fashion-MNIST's labels.

The examples are pictures of its test part (see garments/SOURCE.md) and two of our own, drawn for this purpose.
"""

import base64
from pathlib import Path

from models.task import Example, Task

PICTURES = Path(__file__).parent / "garments"  # see SOURCE.md there


def _example(title: str, file: str) -> Example:
    return Example(title, {"image": base64.b64encode((PICTURES / file).read_bytes()).decode()})


TASK = Task(
    slug="clothes",
    title="Clothes",
    question="Which garment is this?",
    noun="one of the ten garments",
    answer="This looks like: **{label}**.",
    prompt="add a picture of a garment on a plain background here",
    input="picture",
    labels=(
        "t-shirt",
        "trouser",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "sneaker",
        "bag",
        "ankle-boot",
    ),
    label_names={
        "t-shirt": "T-shirt or top",
        "trouser": "trousers",
        "ankle-boot": "ankle boot",
    },
    datasets=("fashion",),
    ood_datasets=("mnist", "wonders-none", "synthetic-pictures", "noise"),
    dataset_names={
        "fashion": "small pictures of clothes",
        "mnist": "scanned digits",
        "wonders-none": "photos of other things",
        "synthetic-pictures": "text pages, drawings, gradients and noise",
        "noise": "white noise",
    },
    caveats=(
        "Trained and tested on the 28-pixel product pictures of Fashion-MNIST alone. The models were never tested on "
        "photos of garments, because no licensed set of them was at hand.",
        "A photo should show one garment, laid flat on a plain background, light or dark. What is worn by a person, or "
        "lies on a pattern, is not cut out well.",
        "A shirt, a T-shirt, a pullover and a coat are often told apart only by details that 28 pixels do not show.",
    ),
    examples=(
        _example("an ankle boot", "ankle-boot.png"),
        _example("a T-shirt on a light background", "t-shirt-light.webp"),
        _example("an outline", "outline.png"),
        _example("a pullover", "pullover.png"),
        _example("trousers", "trousers.png"),
        _example("a bag", "bag.png"),
    ),
)
