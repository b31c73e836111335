"""What a request may hold, for each kind of input."""

import base64
import json
import re
from dataclasses import replace

import pytest

import models
from app.api import inputs
from app.api.inputs import Image, Strokes, Text
from models.errors import BadInput, TooLarge
from models.inputs.ink import MAX_POINTS
from models.inputs.picture import decode_base64
from models.inputs.strokes import PEN
from models.tasks.diabetes import TASK as DIABETES
from models.tasks.digits import TASK

PICTURE, TEXT = replace(TASK, input="picture", title="Wonders"), replace(TASK, input="text", title="Names")
EXAMPLE = {
    "strokes": '{"strokes": [[[1, 2], [3, 4]]], "pen": 18}',
    "image": '{"image": "R0lGODlh"}',
    "text": '{"text": "..."}',
    "fields": '{"fields": {"Age": 44}}',
}
IMAGE = base64.b64encode(b"GIF89a").decode()


def test_each_kind_takes_its_own():
    strokes = {"strokes": [[[1, 2]]], "pen": 8}
    assert inputs.raw(strokes, TASK) == strokes
    assert inputs.raw({"image": IMAGE}, TASK) == inputs.raw({"image": IMAGE}, PICTURE) == b"GIF89a"
    assert inputs.raw({"text": "Schmidt"}, TEXT) == "Schmidt"
    assert inputs.raw({"text": "/etc/passwd"}, TEXT) == "/etc/passwd"  # a text like any other


WRONG_FIELD = "An input for {} must be {}; this one has {}."
WRONG_TYPE = "'text' must be a string, not {}. Send {}."


@pytest.mark.parametrize(
    ("task", "value", "sentence"),
    [
        (PICTURE, {"strokes": []}, WRONG_FIELD.format("Wonders", Image.shape, "strokes")),
        (PICTURE, {"text": "a pyramid"}, WRONG_FIELD.format("Wonders", Image.shape, "text")),
        (PICTURE, {"image": "", "text": ""}, WRONG_FIELD.format("Wonders", Image.shape, "image and text")),
        (TEXT, {"image": IMAGE}, WRONG_FIELD.format("Names", Text.shape, "image")),
        (TEXT, {}, WRONG_FIELD.format("Names", Text.shape, "no fields")),
        (TEXT, {"text": ["Schmidt"]}, WRONG_TYPE.format("a list", Text.shape)),
        (TEXT, {"text": None}, WRONG_TYPE.format("null", Text.shape)),
        (TEXT, {"text": "Schmidt", "pen": 3}, f"Unknown field 'pen' beside 'text'. Send {Text.shape}."),
        (TEXT, b"Schmidt", f"An input for Names must be text, not a file. Send {Text.shape}."),
        (TASK, {"text": "7"}, WRONG_FIELD.format("Digits", f"{Strokes.shape} or {Image.shape}", "text")),
    ],
)
def test_no_kind_takes_anothers(task, value, sentence):
    with pytest.raises(BadInput) as caught:
        inputs.raw(value, task)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "strokes",
    [
        [None],
        ["x"],
        [[None]],
        [[[1]]],
        [[[1, 2, 3]]],
        [[[1, "2"]]],
        [[[1, True]]],
        [[[1, 10**400]]],
        [[[1, float("inf")]]],
    ],
)
def test_each_wrong_stroke_is_the_same_sentence(strokes):
    with pytest.raises(BadInput, match=re.escape(inputs.STROKE)):
        inputs.raw({"strokes": strokes}, TASK)


def test_too_many_points_are_refused_before_they_are_copied():
    point = [[1, 2]]
    for strokes in ([point] * (MAX_POINTS + 1), [point * (MAX_POINTS // 2), point * MAX_POINTS]):
        with pytest.raises(TooLarge, match="at most 20,000 are allowed"):
            inputs.raw({"strokes": strokes}, TASK)


def test_half_a_surrogate_pair_is_left_to_the_reader_of_texts():
    assert inputs.raw({"text": "a\ud800"}, TEXT) == "a\ud800"


def test_strokes_may_come_from_another_canvas():
    strokes = [[[100, 50], [100, 900]]]
    assert inputs.raw({"strokes": strokes, "size": 1000}, TASK) == {"strokes": strokes, "size": 1000}
    assert inputs.raw({"strokes": strokes, "pen": 60, "size": 1000}, TASK)["pen"] == 60
    assert inputs.raw({"strokes": strokes}, TASK) == {"strokes": strokes, "pen": PEN}
    wide = inputs.raw({"strokes": strokes, "size": [1000, 500]}, TASK)
    assert list(wide["size"]) == [1000, 500]
    answer = models.load("mnist-cnn").predict(wide)
    assert answer.label == models.load("mnist-cnn").predict({"strokes": strokes, "size": 1000}).label
    for wrong in (0, [], [1], [1, 0], [1, 2, 3], "wide", {"width": 1}, [None, 1], 1e9):
        with pytest.raises(BadInput, match="'size' must be the canvas in pixels, a number from 1 to 100,000 or"):
            inputs.raw({"strokes": strokes, "size": wrong}, TASK)
    assert not inputs.is_small({"strokes": strokes, "size": 10})


def test_the_forms_are_those_of_the_schemas():
    """The sentences, the schemas and the table of input kinds name the same fields."""
    for name, body in inputs.FIELDS.items():
        assert body.model_json_schema()["required"] == [name] and set(json.loads(EXAMPLE[name])) == {
            *body.model_fields
        } - {"size"}
        tasks = {"strokes": TASK, "image": PICTURE, "text": TEXT, "fields": DIABETES}
        assert inputs.raw(json.loads(EXAMPLE[name]), tasks[name]) is not None
    assert {name for names in inputs.TAKES.values() for name in names} == set(inputs.FIELDS)


def test_base64_may_be_broken_into_lines_and_be_a_data_url():
    wrapped = base64.encodebytes(bytes(range(256))).decode()
    assert decode_base64(wrapped) == decode_base64(f"data:image/png;base64,{wrapped}") == bytes(range(256))
