"""The processor of fields: what is fitted, the arrays, the notes, and that damaged settings are refused."""

import json

import numpy as np
import pytest

from models import load, processors
from models.errors import ZooError
from models.field import Field
from models.processors.table import Table

FIELDS = (
    Field("Age", unit="years"),
    Field("Fare", "Ticket price"),
    Field("Port", choices=("C", "Q", "S")),
    Field("Glucose", zero_is_missing=True),
)
ROWS = [
    {"Age": 20, "Fare": 1, "Port": "S", "Glucose": 90},
    {"Age": 40, "Fare": 1, "Port": "S", "Glucose": 0},
    {"Age": None, "Fare": 2, "Port": "C", "Glucose": 110},
    *({"Age": 30, "Fare": 2, "Port": "S", "Glucose": 100} for _ in range(100)),
    {"Age": 30, "Fare": 5_000, "Port": "S", "Glucose": 100},
]


@pytest.fixture
def processor() -> Table:
    return Table(fields=FIELDS).fit(ROWS)


def test_medians_scales_and_categories_come_from_the_training_inputs(processor):
    age, fare, port, glucose = processor.columns
    assert (age.typical, age.low, age.high, age.flag, age.log) == (30.0, 20.0, 40.0, True, False)
    assert fare.log and not fare.flag and fare.typical == 2.0
    assert (port.typical, port.categories, port.flag) == ("S", ("C", "S"), False)
    assert glucose.flag and glucose.low == 90.0
    assert processor.sizes() == {"columns": 2 + 1 + 2 + 2}
    x = processor.process_batch([processor.read(row) for row in ROWS])["x"]
    assert x.dtype == np.float32 and x.shape == (len(ROWS), 7)
    assert abs(x[:, 2].mean()) < 1e-6 and abs(x[:, 2].std() - 1) < 1e-5


def test_without_flags_what_is_not_known_is_typical():
    processor = Table(fields=FIELDS, flags=0).fit(ROWS)
    assert processor.sizes() == {"columns": 5}
    arrays = [
        processor.process(processor.read(raw))["x"] for raw in ({"Port": "C"}, {**processor.typical(), "Port": "C"})
    ]
    assert np.array_equal(*arrays)


PEOPLE = Table(
    fields=(
        Field("Sex", choices=("female", "male")),
        Field("Title", choices=("Mr", "Mrs", "Miss")),
        Field("Height", unit="cm"),
        Field("Deck", choices=("A", "B")),
    )
).fit(
    [
        *({"Sex": "male", "Title": "Mr", "Height": 180 + i % 3} for i in range(60)),
        *({"Sex": "female", "Title": "Miss", "Height": 165 + i % 3} for i in range(30)),
        *({"Sex": "female", "Title": "Mrs", "Height": 165, "Deck": "A"} for _ in range(10)),
    ]
)


@pytest.mark.parametrize(
    ("raw", "same"),
    [
        ({"Sex": "female"}, {"Sex": "female", "Title": "Miss", "Height": 165.5}),
        ({"Sex": "male"}, {"Sex": "male", "Title": "Mr", "Height": 181}),
        ({"Title": "Mrs"}, {"Sex": "female", "Title": "Mrs", "Height": 165}),
        ({"Height": 190}, {"Sex": "male", "Title": "Mr", "Height": 190}),
    ],
    ids=str,
)
def test_a_field_that_was_always_known_is_completed_from_another(raw, same):
    x, expected = (PEOPLE.process(PEOPLE.read(each))["x"] for each in (raw, same))
    assert np.array_equal(x, expected)
    again = Table(**{k: v for k, v in json.loads(json.dumps(PEOPLE.to_dict())).items() if k != "name"})
    assert np.array_equal(again.process(again.read(raw))["x"], expected)


def test_the_note_and_the_stages_name_the_value_that_was_completed():
    read = PEOPLE.read({"Sex": "female", "Height": 165})
    assert PEOPLE.notes(read) == (
        "Not known, so that the typical value was used: Title (Miss).",
        "Not known, which counts as evidence too: Deck.",
    )
    assert dict(PEOPLE.stages(read)[1].rows)["Title"] == "Miss"


def test_what_is_mostly_missing_is_typically_not_known():
    assert PEOPLE.typical() == {"Sex": "male", "Title": "Mr", "Height": 180.0}
    assert PEOPLE.columns[3].missing == 0.9 and not PEOPLE.columns[3].given


def test_an_occlusion_sets_one_field_to_its_typical_value(processor):
    arrays = processor.process(processor.read({"Age": 40, "Fare": 1, "Port": "C", "Glucose": 110}))
    without, spots = processor.occlusions(arrays)
    typical = processor.process(processor.read(processor.typical()))["x"]
    assert spots.tolist() == [0, 1, 2, 3]
    for part, row in zip((slice(0, 2), slice(2, 3), slice(3, 5), slice(5, 7)), without["x"], strict=True):
        assert np.array_equal(row[part], typical[part])
        assert (row != arrays["x"]).sum() == (typical[part] != arrays["x"][part]).sum() > 0


def test_notes_say_what_was_missing_unknown_or_out_of_range(processor):
    assert processor.notes(processor.read({"Age": 30, "Fare": 2, "Port": "S", "Glucose": 100})) == ()
    notes = processor.notes(processor.read({"Age": 99, "Fare": 0.5, "Port": "Q", "Glucose": 0}))
    assert notes == (
        "A value of 0 was read as not known: Glucose.",
        "Not known, which counts as evidence too: Glucose.",
        "Age is 99, above the range of the training data (20 to 40).",
        "Ticket price is 0.5, below the range of the training data (1 to 5,000).",
        "Port is Q, which was in no training example.",
    )


def test_stages_show_the_values_on_their_way(processor):
    read, completed, scaled = processor.stages(processor.read({"Age": 40, "Port": "C"}))
    assert ("Ticket price", "not known") in read.rows and ("Ticket price", "2") in completed.rows
    assert dict(scaled.rows)["Port"] == "1.00 0.00"


def test_the_processor_survives_json(processor):
    again = processors.from_dict(json.loads(json.dumps(processor.to_dict())))
    assert again.columns == processor.columns and again.to_dict() == processor.to_dict()
    canonical = processor.read({"Age": 33, "Port": "Q"})
    assert np.array_equal(again.process(canonical)["x"], processor.process(canonical)["x"])


def test_a_field_without_any_value_is_refused():
    with pytest.raises(ZooError, match="'Fare' has no value in any training example"):
        Table(fields=FIELDS).fit([{"Age": 3}])


DAMAGED = {
    "no field": {"field": 3},
    "an unknown key": {"colour": 1},
    "a deviation of 0": {"deviation": 0},
    "text for a mean": {"mean": "0"},
    "a range upside down": {"low": 50},
    "a number for a flag": {"flag": 1},
    "categories of a number": {"categories": ["a"]},
    "text as the median": {"typical": "x"},
    "a share above 1": {"missing": 1.5},
    "text for another field's categories": {"given": {"Port": "S"}},
    "text as the median of a category": {"given": {"Port": {"S": "x"}}},
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_columns_are_refused(processor, name):
    plain = processor.to_dict()
    plain["columns"][0] = {**plain["columns"][0], **DAMAGED[name]}
    with pytest.raises((TypeError, ValueError)):
        processors.from_dict(plain)


def test_damaged_categories_are_refused(processor):
    for change in ({"categories": []}, {"categories": ["X"]}, {"typical": "Q"}):
        plain = processor.to_dict()
        plain["columns"][2] = {**plain["columns"][2], **change}
        with pytest.raises((TypeError, ValueError)):
            processors.from_dict(plain)


def test_a_model_abstains_far_outside_the_training_range_and_answers_within():
    predictor = load("diabetes-mlp")
    typical = predictor.processor.typical()
    assert predictor.predict(typical).label is not None
    for name in typical:
        beyond = predictor.predict({**typical, name: 100_000})
        assert beyond.abstained and any("above the range of the training data" in note for note in beyond.notes)


def test_what_if_answers_as_if_the_value_had_been_entered():
    predictor = load("diabetes-mlp")
    raw = {**predictor.processor.typical(), "Glucose": 150}
    what_if = predictor.what_if(raw, "Glucose", count=5)
    assert what_if.at == 150 and len(what_if.values) == 5
    for value, share in zip(what_if.values, what_if.of("diabetes"), strict=True):
        assert predictor.predict({**raw, "Glucose": value}).probabilities["diabetes"] == pytest.approx(share, abs=1e-6)
    with pytest.raises(ZooError, match="has no field 'Height'"):
        predictor.what_if(raw, "Height")
