"""otto: in which of nine categories of a shop is a product? The examples are mean values of each class, no products."""

from models.field import Field
from models.task import Example, Task

FIELDS = tuple(Field(f"feat_{number}", f"Feature {number}", high=20, step=1) for number in range(1, 94))
LABELS = tuple(f"Class_{number}" for number in range(1, 10))
# Of each class, the features whose mean over its training products rounds to 1 or more, with that mean.
MEANS = (
    "7:1 8:2 13:1 16:1 17:2 18:1 20:1 22:1 24:5 25:1 30:1 32:2 36:2 44:1 48:2 53:1 54:1 55:1 60:1 62:1 64:1 "
    "66:1 67:7 70:1 71:1 73:1 75:1 76:2 78:1 79:1 83:1 84:1 86:1 87:1 91:1",
    "9:2 14:4 15:3 16:2 24:1 25:3 32:1 33:1 40:3 48:2 54:1 62:1 64:2 67:2 70:1 72:2 85:1 86:1 88:1",
    "9:3 14:3 15:2 16:1 24:2 25:2 32:2 33:1 40:3 43:1 48:2 54:1 56:1 62:1 64:3 67:2 70:1 72:1 85:1 86:2 88:2",
    "1:1 14:3 15:3 16:1 24:1 25:3 26:1 33:1 40:3 42:1 43:1 48:1 54:1 56:1 62:1 64:1 67:1 70:1 72:2 85:1 86:2 88:2",
    "13:1 24:2 33:1 34:14 40:1 48:1 62:1 67:1 92:1",
    "3:3 4:2 11:5 16:2 18:1 22:1 24:2 26:2 27:3 28:1 32:1 35:1 42:2 44:1 46:2 48:1 49:1 52:1 54:5 57:1 58:1 "
    "60:4 61:1 62:1 64:1 66:1 67:2 70:1 74:1 80:2 82:1 87:1 89:1 92:1",
    "8:1 10:1 11:1 14:1 16:1 17:1 18:1 20:1 22:1 23:1 24:4 25:1 32:2 37:1 38:1 39:6 40:1 43:1 44:1 45:3 48:2 "
    "50:3 54:1 56:2 60:1 62:1 64:2 66:1 67:4 70:2 71:1 76:1 83:1 85:1 86:3 87:1 88:1",
    "1:1 2:1 3:1 4:1 7:1 8:1 9:1 10:1 11:1 13:1 16:1 17:1 18:1 19:3 20:2 22:1 24:6 25:1 32:2 35:2 36:1 37:1 "
    "38:2 41:1 44:1 47:1 48:1 49:1 54:2 55:1 58:4 62:1 64:1 66:1 67:4 68:2 69:5 70:1 71:1 73:3 74:1 75:4 76:3 "
    "78:2 80:1 83:2 89:1 90:5",
    "1:1 8:3 13:2 14:1 16:2 17:1 18:1 22:1 24:3 25:2 29:1 32:1 33:1 36:4 40:1 41:1 42:1 48:2 53:2 54:2 55:1 "
    "59:3 62:5 64:1 66:1 67:8 68:1 70:1 72:1 75:1 76:1 77:1 79:1 86:1 87:1 89:1 91:2 92:1",
)


def _example(means: str) -> dict[str, int]:
    """The raw input with these features; the others are 0."""
    known = dict(tuple(map(int, pair.split(":"))) for pair in means.split())
    return {each.name: known.get(number, 0) for number, each in enumerate(FIELDS, 1)}


TASK = Task(
    slug="otto",
    title="Otto products",
    question="Which category is this product in?",
    noun="a product like those of the shop",
    answer="This product is in **{label}**.",
    abstention="These values lie outside the range of the training data.",
    prompt="enter the features",
    input="fields",
    labels=LABELS,
    datasets=("otto",),
    ood_datasets=("otto-outside",),
    fields=FIELDS,
    examples=tuple(Example(f"Means of class {number}", _example(means)) for number, means in enumerate(MEANS, 1)),
    dataset_names={"otto": "products of the Otto Group", "otto-outside": "values out of range"},
    label_names={label: label.replace("Class_", "class ") for label in LABELS},
    caveats=(
        "The 93 features are counts whose meaning the publisher does not disclose. The examples are the means of each "
        "class, rounded; they are no products, and look more typical than any.",
        "Classes 2, 3 and 4 resemble each other: most mistakes are among them.",
    ),
)
