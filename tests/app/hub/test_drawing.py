"""The drawing of a session: bad uploads, and drawings in links, intact or damaged."""

import base64
import zlib

import pytest

from app.hub.inputs import drawing, ink_code
from models.errors import BadInput
from models.inputs import ink
from models.tasks.digits import DRAWINGS
from models.tasks.letters import DRAWINGS as LETTERS
from tests.app.hub.conftest import html

SEVEN = [[[80, 70], [190, 68], [170, 110], [135, 220]]]


@pytest.fixture
def visit(monkeypatch):
    """A new session; returns the query parameters as a dict."""
    address: dict[str, str] = {}
    monkeypatch.setattr("streamlit.session_state", {})
    monkeypatch.setattr("streamlit.query_params", address)
    return address


def packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(data)).decode().rstrip("=")


@pytest.mark.parametrize("name", [*DRAWINGS, *LETTERS])
def test_a_drawing_survives_the_round_trip_through_a_link(name):
    strokes = {**DRAWINGS, **LETTERS}[name]
    code = ink_code.encode(strokes, 12.5)
    assert code.replace("-", "").replace("_", "").isalnum()
    assert len(code) < 2_000
    opened = ink_code.decode(code)
    assert opened["pen"] == 12.5
    assert [[[round(x, 1), round(y, 1)] for x, y in stroke] for stroke in strokes] == opened["strokes"]


def test_invalid_or_long_drawings_have_no_link():
    assert ink_code.encode([[["a", "b"]]], 18) == ""
    zigzag = [[[(7919 * i) % 280, (104729 * i * i) % 280] for i in range(9_000)]]
    assert ink_code.encode(zigzag, 18) == ""


@pytest.mark.parametrize(
    "code",
    [
        "x",
        "!!!!",
        "é",
        "A" * 100_000,
        packed(b""),
        packed(b"\x02\xb4\x01\x00"),  # unknown version
        packed(b"\x01\xb4\x01\x01\x02\x00\x00"),  # a point is missing
        packed(b"\x01\xb4\x01\x01\x01\x01\x00"),  # outside the pad
        packed(b"\x01\xb4\x01\x01\x01\x00\x00\x07"),  # trailing bytes
        packed(b"\x01\x00\x01\x01\x00\x00"),  # no pen
        packed(b"\xff" * 9),
        packed(bytes(50_000_000)),  # unpacks to far more than its size
        ink_code.encode(SEVEN, 18)[:-6],
    ],
    ids=range(13),
)
def test_a_damaged_drawing_is_refused_with_one_sentence(code):
    with pytest.raises(BadInput) as refused:
        ink_code.decode(code)
    assert str(refused.value) == ink_code.DAMAGED


def test_a_link_is_opened_once(visit):
    visit["ink"] = ink_code.encode(SEVEN, 18)
    drawing.open_link()
    assert drawing.state().strokes == SEVEN
    assert drawing.state().revision == 1
    drawing.draw([[[1, 2]]], 8)
    drawing.open_link()
    assert drawing.state().strokes == [[[1, 2]]]
    visit["ink"] = "x"
    drawing.open_link()
    assert drawing.state().raw is None
    assert drawing.state().problem == ink_code.DAMAGED


def test_a_linked_drawing_is_answered(task_page):
    task_page.query_params["ink"] = ink_code.encode(SEVEN, 18)
    task_page.run()
    assert not task_page.exception
    assert "This looks like the digit <b>7</b>" in html(task_page)


def test_a_damaged_link_is_an_error_message_on_the_page(task_page):
    task_page.query_params["ink"] = "x"
    task_page.run()
    assert not task_page.exception
    assert ink_code.DAMAGED in html(task_page)


def test_a_bad_upload_removes_the_previous_picture_but_not_a_drawing(visit):
    drawing.draw(SEVEN, 18)
    drawing.upload(b"not a picture")
    assert drawing.state().problem
    assert drawing.state().raw["strokes"] == SEVEN
    drawing.state().picture = ink.read(SEVEN)
    drawing.state().strokes = []
    drawing.upload(b"not a picture")
    assert drawing.state().problem
    assert drawing.state().raw is None
