"""Fields as an input: what is read, and the sentence for everything that is not."""

import math

import numpy as np
import pytest

from models.errors import BadInput
from models.field import Field, from_dict
from models.inputs import fields
from models.task import Task

AGE = Field("Age", unit="years", low=0, high=80)
GLUCOSE = Field("Glucose", zero_is_missing=True)
PORT = Field("Port", choices=("C", "S", "1"), choice_names={"C": "Cherbourg"})
FIELDS = (AGE, GLUCOSE, PORT)


def test_values_are_read_in_the_order_of_the_fields():
    read = fields.read({"Port": "S", "Age": np.float32(30)}, FIELDS)
    assert list(read.values.items()) == [("Age", 30.0), ("Glucose", None), ("Port", "S")]
    assert fields.read(read, FIELDS) is read


@pytest.mark.parametrize("value", ["C", " c ", "cherbourg", "Cherbourg"])
def test_a_choice_is_read_without_regard_to_case_and_by_its_display_name(value):
    assert fields.read({"Port": value}, FIELDS).values["Port"] == "C"


@pytest.mark.parametrize("value", [1, 1.0, "1", np.int64(1)])
def test_a_choice_that_is_a_number_may_be_sent_as_one(value):
    assert fields.read({"Port": value if not isinstance(value, np.int64) else int(value)}, FIELDS).values["Port"] == "1"


def test_a_zero_that_stands_for_missing_is_not_known():
    read = fields.read({"Age": 0, "Glucose": 0}, FIELDS)
    assert read.values["Age"] == 0.0 and read.values["Glucose"] is None and read.zeros == ("Glucose",)


REFUSED = {
    "nothing": (None, "no values yet"),
    "no field": ({}, "no values yet"),
    "all null": ({"Age": None}, "no values yet"),
    "a list": ([1, 2], "must be a mapping from fields to values, not list"),
    "text": ("Age=3", "must be a mapping"),
    "unknown field": ({"Agee": 3}, "There is no field 'Agee'. Did you mean 'Age'?"),
    "a stranger": ({"zzzzzz": 3}, "The fields are: Age, Glucose, Port."),
    "a long name": ({"x" * 10**6: 3}, "There is no field 'xxxxx"),
    "a number as a name": ({3: 3}, "There is no field '3'"),
    "text for a number": ({"Age": "thirty"}, "'Age' is 'thirty', expected a number in years. Leave it out"),
    "long text": ({"Age": "9" * 10**6}, "expected a number"),
    "true": ({"Age": True}, "'Age' is True, expected a number"),
    "a list for a number": ({"Age": [30]}, "'Age' is of type list, expected a number"),
    "NaN": ({"Age": math.nan}, "'Age' is nan, which is not a finite number"),
    "infinity": ({"Age": -math.inf}, "not a finite number"),
    "NaN of NumPy": ({"Age": np.float32("nan")}, "not a finite number"),
    "huge": ({"Age": 1e300}, "'Age' is larger than 1e+12; check the value and its unit."),
    "a huge integer": ({"Age": 10**5_000}, "'Age' is larger than"),
    "unknown choice": ({"Port": "X"}, "'Port' is 'X', expected one of: C, S, 1."),
    "a number for a choice": ({"Port": 2.5}, "'Port' is 2.5, expected one of"),
    "a huge number for a choice": ({"Port": 10**5_000}, "'Port' is of type int, expected one of"),
    "NaN for a choice": ({"Port": math.nan}, "'Port' is nan, expected one of"),
    "an object for a choice": ({"Port": {}}, "'Port' is of type dict, expected one of"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_input_gets_one_sentence(name):
    raw, words = REFUSED[name]
    with pytest.raises(BadInput) as refusal:
        fields.read(raw, FIELDS)
    assert words in str(refusal.value) and len(str(refusal.value)) < 300


@pytest.mark.parametrize("text", ["", " ", "NA", "nan", "?", "null", "n/a"])
def test_an_empty_text_is_not_known(text):
    assert fields.from_texts({"Age": text, "Port": text}, FIELDS) == {"Age": None, "Port": None}


def test_texts_are_parsed_by_their_field():
    assert fields.from_texts({"Age": " 30.5 ", "Port": "1"}, FIELDS) == {"Age": 30.5, "Port": "1"}
    for wrong in ("30,5", "3O", "30 years"):
        with pytest.raises(BadInput, match="expected a number in years"):
            fields.from_texts({"Age": wrong}, FIELDS)


WRONG_FIELDS = {
    "no object": 3,
    "no name": {"name": " "},
    "a name that is no text": {"name": 3},
    "an unknown key": {"name": "a", "colour": "red"},
    "a range of text": {"name": "a", "low": "0"},
    "NaN": {"name": "a", "high": math.nan},
    "a range upside down": {"name": "a", "low": 2, "high": 1},
    "one choice twice": {"name": "a", "choices": ["b", "b"]},
    "too many choices": {"name": "a", "choices": list(map(str, range(1_000)))},
    "long text": {"name": "a" * 1_000},
}


@pytest.mark.parametrize("name", WRONG_FIELDS)
def test_a_field_of_a_stranger_is_checked(name):
    with pytest.raises((TypeError, ValueError)):
        from_dict(WRONG_FIELDS[name])


def test_a_task_has_fields_if_its_input_is_fields():
    plain = {
        "slug": "t",
        "title": "T",
        "question": "?",
        "noun": "n",
        "answer": "{label}",
        "prompt": "p",
        "labels": ["a", "b"],
    }
    made = Task.from_dict({**plain, "input": "fields", "fields": [{"name": "Age", "choices": ["x"]}]})
    assert made.fields == (Field("Age", choices=("x",)),)
    assert Task.from_dict(made.to_dict()) == made
    for wrong in ({"input": "fields"}, {"input": "text", "fields": [{"name": "Age"}]}):
        with pytest.raises(ValueError, match="if and only if"):
            Task.from_dict({**plain, **wrong})
    with pytest.raises(ValueError, match="different names"):
        Task.from_dict({**plain, "input": "fields", "fields": [{"name": "Age"}, {"name": "Age"}]})
