"""holidays: which of the "new seven wonders of the world" is in a photo?

The examples are scikit-learn's two photos, which show none of them.
"""

import base64
from pathlib import Path

from models.task import Example, Task

PHOTOS = Path(__file__).parent / "photos"  # see SOURCE.md there


def _example(title: str, file: str) -> Example:
    return Example(title, {"image": base64.b64encode((PHOTOS / file).read_bytes()).decode()})


TASK = Task(
    slug="holidays",
    title="Holiday photos",
    question="Which wonder of the world is this?",
    noun="one of the seven wonders",
    answer="This looks like **{label}**.",
    prompt="add a photo here",
    input="picture",
    labels=(
        "chichen-itza",
        "christ-the-redeemer",
        "colosseum",
        "great-wall",
        "machu-picchu",
        "petra",
        "taj-mahal",
    ),
    label_names={
        "chichen-itza": "Chichén Itzá",
        "christ-the-redeemer": "Christ the Redeemer",
        "colosseum": "the Colosseum",
        "great-wall": "the Great Wall",
        "machu-picchu": "Machu Picchu",
        "petra": "Petra",
        "taj-mahal": "the Taj Mahal",
    },
    datasets=("wonders",),
    ood_datasets=("wonders-none", "synthetic-pictures"),
    dataset_names={
        "wonders": "holiday photos of the seven wonders",
        "wonders-none": "photos of other things",
        "synthetic-pictures": "text pages, drawings, gradients and noise",
    },
    caveats=(
        "The training photos come from web searches and have no stated licence. The rights stay with the "
        "photographers, so the photos "
        "are not included, and the data set cannot be rebuilt exactly.",
        "Photos of the same places are in the Kaggle data set Wonders of the World Image Classification (balabaskar) "
        "and in the "
        "GitHub repository Hoodiinii/7-Wonders-Of-The-World-Recognition-System. You can also use photos of your own, "
        "in one folder per place.",
        "For Petra alone, the training and test photos come from the same collection, so its accuracy is too "
        "optimistic.",
    ),
    examples=(_example("a temple in Beijing", "china.webp"), _example("a flower", "flower.webp")),
)
