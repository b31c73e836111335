"""titanic: would this passenger have survived the sinking of the Titanic? The examples are invented."""

from models.field import Field
from models.task import Example, Task

FIELDS = (
    Field("Pclass", "Class", choices=("1", "2", "3"), choice_names={"1": "first", "2": "second", "3": "third"}),
    Field("Sex", choices=("female", "male")),
    Field(
        "Title", choices=("Mr", "Mrs", "Miss", "Master", "other"), choice_names={"other": "other, such as Dr or Rev"}
    ),
    Field("Age", unit="years", low=0, high=80, step=1),
    Field("SibSp", "Siblings and spouse on board", low=0, high=8, step=1),
    Field("Parch", "Parents and children on board", low=0, high=6, step=1),
    Field("Fare", unit="pounds, for all on the ticket", low=0, high=520, step=1),
    Field(
        "Embarked",
        "Port",
        choices=("C", "Q", "S"),
        choice_names={"C": "Cherbourg", "Q": "Queenstown", "S": "Southampton"},
    ),
    Field("Deck", choices=tuple("ABCDEFG")),
)
NAMES = tuple(each.name for each in FIELDS)
EXAMPLES = {
    "A lady in first class": ("1", "female", "Mrs", 41, 1, 0, 80, "C", "B"),
    "A young man in third class": ("3", "male", "Mr", 23, 0, 0, 8, "S", None),
    "A boy with his parents": ("2", "male", "Master", 5, 0, 2, 26, "S", None),
    "A large family": ("3", "female", "Miss", 12, 5, 2, 45, "S", None),
    "Age unknown": ("3", "female", "Miss", None, 0, 0, 7.8, "Q", None),
}

TASK = Task(
    slug="titanic",
    title="Titanic",
    question="Would this passenger have survived?",
    noun="a passenger on the Titanic",
    answer="This passenger would probably have **{label}**.",
    abstention="These values lie outside the range of the training data.",
    prompt="enter what is known",
    input="fields",
    labels=("died", "survived"),
    datasets=("titanic",),
    ood_datasets=("titanic-outside",),
    fields=FIELDS,
    examples=tuple(
        Example(title, {name: value for name, value in zip(NAMES, values, strict=True) if value is not None})
        for title, values in EXAMPLES.items()
    ),
    dataset_names={"titanic": "passengers of the Titanic", "titanic-outside": "values out of range"},
    caveats=(
        "The data are 891 of the 1,309 passengers. The strongest patterns are that women, children and first-class "
        "passengers were more likely to survive; much else was chance.",
        "The title says more about survival than the sex, so enter both; a title that is not entered is the most "
        "frequent one for the sex. It is taken from the passenger's name, and the deck from the cabin, which is known "
        "for 204 of them, more often for survivors.",
    ),
)
