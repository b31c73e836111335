"""three-or-seven: is it a 3 or a 7? The first question of the fast.ai course. The examples are those of digits."""

from models.task import Example, Task
from models.tasks.digits import DRAWINGS

TASK = Task(
    slug="three-or-seven",
    title="Three or seven",
    question="Is this a 3 or a 7?",
    noun="a 3 or a 7",
    answer="This looks like a **{label}**.",
    prompt="draw a 3 or a 7 here",
    input="ink",
    labels=("3", "7"),
    datasets=("mnist-37", "unipen-37"),
    ood_datasets=("mnist-not-37", "unipen-not-37", "unipen-letters", "noise", "scribbles", "doodles", "fashion"),
    dataset_names={
        "mnist-37": "scanned threes and sevens",
        "unipen-37": "threes and sevens drawn with a pen",
        "mnist-not-37": "other scanned digits",
        "unipen-not-37": "other digits drawn with a pen",
        "unipen-letters": "letters",
        "noise": "white noise",
        "scribbles": "scribbles",
        "doodles": "doodles",
        "fashion": "photos of clothing",
    },
    caveats=("A 2 or a 9 is neither a 3 nor a 7; the models should answer \u201cnone of these\u201d to it.",),
    examples=tuple(Example(title, DRAWINGS[title]) for title in ("three", "seven", "eight", "one", "two")),
)
