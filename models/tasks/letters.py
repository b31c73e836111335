"""letters: which letter, a to z, is drawn? Upper and lower case count as the same letter.

The examples are our own drawings.
"""

import json
from pathlib import Path

from models.task import Example, Task

DRAWINGS = json.loads(Path(__file__).with_suffix(".json").read_text())

TASK = Task(
    slug="letters",
    title="Letters",
    question="Which letter is this?",
    noun="a letter",
    answer="This looks like the letter **{label}**.",
    prompt="draw a letter here",
    input="ink",
    labels=tuple("abcdefghijklmnopqrstuvwxyz"),
    datasets=("unipen-letters",),
    ood_datasets=("noise", "scribbles", "doodles", "unipen-digits", "fashion"),
    dataset_names={
        "unipen-letters": "letters drawn with a pen",
        "noise": "white noise",
        "scribbles": "scribbles",
        "doodles": "doodles",
        "unipen-digits": "digits",
        "fashion": "photos of clothing",
    },
    caveats=("Some letters look the same out of context, such as an l and an i, or an n and a small capital N.",),
    examples=tuple(Example(title, strokes) for title, strokes in DRAWINGS.items()),
)
