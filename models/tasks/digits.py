"""digits: which digit, 0 to 9, is drawn? The examples are our own drawings, as strokes in pixels of the 280 px pad."""

import json
from pathlib import Path

from models.task import Example, Task

DRAWINGS = json.loads(Path(__file__).with_suffix(".json").read_text())

TASK = Task(
    slug="digits",
    title="Digits",
    question="Which digit is this?",
    noun="a digit",
    answer="This looks like the digit **{label}**.",
    prompt="draw a digit here",
    input="ink",
    labels=tuple("0123456789"),
    datasets=("mnist", "unipen-digits", "digit-forms", "digits8x8"),
    ood_datasets=("noise", "scribbles", "doodles", "digit-pairs", "unipen-letters", "fashion"),
    dataset_names={
        "mnist": "scanned digits",
        "unipen-digits": "digits drawn with a pen",
        "digit-forms": "European 1, 7, 4 and 0",
        "digits8x8": "tiny scanned digits",
        "digits-paper": "photos of digits on paper",
        "noise": "white noise",
        "scribbles": "scribbles",
        "doodles": "doodles",
        "digit-pairs": "two digits at once",
        "paper-empty": "photos of empty paper",
        "unipen-letters": "letters",
        "fashion": "photos of clothing",
    },
    examples=tuple(Example(title, strokes) for title, strokes in DRAWINGS.items()),
)
