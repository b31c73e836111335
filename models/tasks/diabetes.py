"""diabetes: will a woman of the Pima people test positive for diabetes within five years? The examples are invented."""

from models.field import Field
from models.task import Example, Task

FIELDS = (
    Field("Pregnancies", low=0, high=17, step=1),
    Field("Glucose", unit="mg/dL", low=40, high=200, step=1, zero_is_missing=True),
    Field("BloodPressure", "Blood pressure", "mm Hg", low=20, high=130, step=1, zero_is_missing=True),
    Field("SkinThickness", "Skin fold", "mm", low=5, high=100, step=1, zero_is_missing=True),
    Field("Insulin", unit="mU/L", low=10, high=850, step=1, zero_is_missing=True),
    Field("BMI", "Body mass index", "kg/m\u00b2", low=15, high=70, zero_is_missing=True),
    Field("DiabetesPedigree", "Diabetes in the family", "score", low=0.05, high=2.5),
    Field("Age", unit="years", low=21, high=81, step=1),
)
NAMES = tuple(each.name for each in FIELDS)
EXAMPLES = {
    "High glucose": (4, 172, 78, 33, 190, 35.5, 0.61, 44),
    "A young woman": (1, 92, 64, 22, 60, 23.8, 0.25, 24),
    "Not everything known": (3, 128, 72, None, None, 33.1, 0.42, 37),
    "In between": (6, 124, 80, 30, 130, 31.2, 0.38, 41),
}

TASK = Task(
    slug="diabetes",
    title="Diabetes",
    question="Will this person get diabetes?",
    noun="a person like those in the study",
    answer="This looks like **{label}**.",
    abstention="These values lie outside the range of the training data.",
    prompt="enter what is known",
    input="fields",
    labels=("no diabetes", "diabetes"),
    datasets=("pima",),
    ood_datasets=("diabetes-outside",),
    fields=FIELDS,
    examples=tuple(
        Example(title, {name: value for name, value in zip(NAMES, values, strict=True) if value is not None})
        for title, values in EXAMPLES.items()
    ),
    dataset_names={"pima": "women of the Pima people", "diabetes-outside": "values out of range"},
    caveats=(
        "This is an exercise in statistics, not medical advice. The data are 768 women of the Pima people near "
        "Phoenix, Arizona, all at least 21 years old, examined before 1990. The answers may not apply to anyone else.",
        "In the data, a 0 for glucose, blood pressure, skin fold, insulin or body mass index means that it was not "
        "measured; insulin is missing for 374 of the 768 women. The models read such a 0 as not known.",
        "With 768 examples, an accuracy is only known to about three points.",
    ),
)
