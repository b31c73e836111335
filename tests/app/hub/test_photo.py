"""Photos on the page: what is stored, where examples come from, and that no input crashes the page."""

import base64
import io

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from app.hub.components import frame
from app.hub.inputs import photo
from app.hub.inputs import picture as kind
from models import catalog
from models.inputs import picture
from models.tasks.holidays import TASK
from tests.app.hub.conftest import html, keyed, task_app
from tests.conftest import encoded, missing

NOISE = Image.effect_noise((300, 200), 80)


@pytest.fixture
def state(monkeypatch):
    state: dict = {}
    monkeypatch.setattr("streamlit.session_state", state)
    return state


@pytest.fixture
def page() -> AppTest:
    if not catalog.models("holidays"):
        missing("there is no holidays model; `zoo train holidays-efficientnet` makes one")
    return task_app("holidays")


def photo_state(image: Image.Image) -> photo.PhotoState:
    opened = picture.read(image)
    return photo.PhotoState(opened, photo.address(opened.rgb, 200))


def test_a_photo_is_shown_small_and_a_bad_upload_removes_it(state):
    photo.take(encoded(Image.effect_noise((3000, 2000), 80)))
    first = photo.state().picture
    shown = Image.open(io.BytesIO(base64.b64decode(photo.state().address.partition(",")[2])))
    assert shown.size == (720, 480) and first.size == (3000, 2000)
    photo.take(b"no photo")
    assert photo.state().picture is photo.state().address is None and "not an image" in photo.state().problem
    photo.take(encoded(NOISE))
    assert photo.state().picture is not None and photo.state().problem == "" and photo.state().count == 3
    photo.clear()
    assert photo.state().picture is None and photo.state().count == 3


@pytest.mark.parametrize(
    "value",
    [{}, {"file": 3}, {"file": "data:image/png;base64,%%%"}, {"example": 99}, {"example": "0"}, {"clear": True}],
)
def test_values_from_the_photo_frame_are_validated(state, value):
    state[frame.KEY] = value
    frame._take()
    frame._clear()
    assert photo.state().picture is None


def test_an_example_is_a_small_picture_with_escaped_text():
    shown = kind.example(TASK, TASK.examples[0].raw, 'a "temple"', 48)
    assert shown.startswith('<img src="data:image/jpeg;base64,') and "&quot;temple&quot;" in shown
    assert len(shown) < 20_000


def test_an_empty_page_shows_an_example_and_the_privacy_note(page):
    page.run()
    assert not page.exception
    assert "Example: a temple in Beijing" in html(page)
    assert "Kept in memory for this visit only; never part of a link." in html(page)
    assert all(caveat[:40] in html(page) for caveat in TASK.caveats)


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
def test_the_evidence_and_the_stages_are_shown(page, mode):
    page.session_state[photo.KEY] = photo_state(NOISE.convert(mode))
    page.run()
    assert not page.exception and "zoo-bars" in html(page)
    id = catalog.models("holidays")[0].id
    page.button(key=f"why-{id}").click().run()
    assert not page.exception
    assert keyed(page.selectbox, f"why-of-{id}").options[0].startswith("Why ")
    page.button(key=f"stages-{id}").click().run()
    assert not page.exception and "zoo-stages" in html(page)


def test_a_refused_photo_leaves_no_answer_to_the_previous_one(page):
    page.session_state[photo.KEY] = photo_state(NOISE)
    page.run()
    assert "zoo-bars" in html(page) and "Example:" not in html(page)
    page.session_state[photo.KEY] = photo.PhotoState(problem="This is not an image in a supported format; send a PNG.")
    page.run()
    assert "not an image in a supported format" in html(page) and "Example:" in html(page)


def test_evidence_is_placed_over_the_photo(page):
    from app.hub.answers.evidence import overlay
    from models import load

    model = catalog.models("holidays")[0]
    wide = picture.read(np.asarray(Image.effect_noise((600, 300), 80)))
    evidence = load(model.id).explain(wide)
    placed = overlay(evidence, evidence.label, wide.size[::-1])
    assert (placed["left"], placed["top"], placed["width"], placed["height"]) == (0, 70, 280, 140)
    assert len(placed["values"]) == 49 and max(map(abs, placed["values"])) == 1
