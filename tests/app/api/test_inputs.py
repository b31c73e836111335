"""What a request may hold, for each kind of input."""

import base64
from dataclasses import replace

import pytest

from app.api import inputs
from models.errors import BadInput
from models.inputs.picture import decoded
from models.tasks.digits import TASK

PICTURE, TEXT = replace(TASK, input="picture", title="Wonders"), replace(TASK, input="text", title="Names")
IMAGE = base64.b64encode(b"GIF89a").decode()


def test_each_kind_takes_its_own():
    strokes = {"strokes": [[[1, 2]]], "pen": 8}
    assert inputs.raw(strokes, TASK) == strokes
    assert inputs.raw({"image": IMAGE}, TASK) == inputs.raw({"image": IMAGE}, PICTURE) == b"GIF89a"
    assert inputs.raw({"text": "Schmidt"}, TEXT) == "Schmidt"
    assert inputs.raw({"text": "/etc/passwd"}, TEXT) == "/etc/passwd"  # a text like any other


@pytest.mark.parametrize(
    ("task", "value"),
    [
        (PICTURE, {"strokes": []}),
        (PICTURE, {"text": "a pyramid"}),
        (TEXT, {"image": IMAGE}),
        (TEXT, {"text": ["Schmidt"]}),
        (TEXT, {"text": None}),
        (TEXT, {"text": "Schmidt", "pen": 3}),
        (TASK, {"text": "7"}),
    ],
)
def test_no_kind_takes_anothers(task, value):
    with pytest.raises(BadInput) as caught:
        inputs.raw(value, task)
    assert "Send " in str(caught.value) or "must be" in str(caught.value)


def test_base64_may_be_broken_into_lines_and_be_a_data_url():
    wrapped = base64.encodebytes(bytes(range(256))).decode()
    assert decoded(wrapped) == decoded(f"data:image/png;base64,{wrapped}") == bytes(range(256))
