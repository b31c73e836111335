"""Titanic: 891 passengers of the training file of Kaggle's competition, and whether they survived.

A fifth of each label is held out for testing, 16% for validation. `python -m training cross-validate` tests all of
them. The title comes from the name, the deck is the first letter of the cabin.
"""

import re
from typing import Any

from models.tasks.titanic import FIELDS, TASK
from training.data.dataset import Dataset
from training.data.tables import TableFile, numbers, reader

FILE = TableFile(
    ("titanic_train.csv.gz", "titanic_train.csv", "train.orig.csv"),
    "7d118fef8b6ccf7f81111877bc388536f7b1e498a655e3d649d19aaa010e9f6f",
    "https://raw.githubusercontent.com/dsnowb/kaggle/master/titanic/train.orig.csv",
    "https://www.kaggle.com/c/titanic/data",
)
TITLES = {"Mlle": "Miss", "Ms": "Miss", "Mme": "Mrs"}
CHOICES = {each.name: each.choices for each in FIELDS if each.choices}


def _example(row: dict[str, str]) -> tuple[dict[str, Any], str]:
    title = re.search(r", *([^.]*)\.", row["Name"])[1]
    title = TITLES.get(title, title)
    choices = {
        "Pclass": row["Pclass"],
        "Sex": row["Sex"],
        "Embarked": row["Embarked"],
        "Title": title if title in CHOICES["Title"] else "other",
        "Deck": row["Cabin"][:1],
    }
    known = {name: value for name, value in choices.items() if value in CHOICES[name]}
    raw = {**known, **numbers(row, ("Age", "SibSp", "Parch", "Fare"))}
    return raw, TASK.labels[int(row["Survived"])]


DATASETS = (
    Dataset(
        "titanic",
        "Titanic: Machine Learning from Disaster",
        FILE.publisher,
        "none stated; Kaggle's competition rules at the publisher",
        reader(FILE, TASK.labels, _example),
    ),
)
