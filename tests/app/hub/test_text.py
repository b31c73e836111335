"""Text on the pages: the stored text, how reading and belief are drawn, and that no text crashes the page."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

from app.hub.answers import belief, columns, reading
from app.hub.inputs import typed
from models import catalog
from models.belief import Belief
from models.errors import BadCheckpoint
from models.evidence import Evidence, Spans
from models.processors.characters import Token
from models.tasks.names import TASK
from tests.app.hub.conftest import html, keyed

KEY = "typed-names"
STRANGE = {
    "another script": "Жуков",
    "right to left": "السّيِّد",
    "emoji": "👩‍👩‍👧 Ana 🦓",
    "marks alone": "\u0301\u0301",
    "joiners alone": "\u200b\u200d",
    "a dash": "-",
    "markup": "<img src=x onerror=alert(1)>",
    "controls": "a\x00b\tc\nd",
    "half a pair": "ab\ud800c",
    "many marks": "e" + "\u0301" * 2_000,
    "ten thousand letters": "Schneider " * 1_000,
    "too many letters": "x" * 20_000,
}
INVISIBLE = ("marks alone", "joiners alone")


def letters(text: str, unknown: str = "") -> list[Token]:
    return [
        Token("□" if letter in unknown else letter, i, i + 1, letter not in unknown) for i, letter in enumerate(text)
    ]


def read(text: str, values: list[float], unknown: str = "") -> str:
    parts = letters(text, unknown)
    spans = Spans(tuple((part.start, part.end) for part in parts))
    return reading.reading(text, parts, Evidence("A", ("A",), np.array([values], np.float32), spans), "A")


def test_a_reading_colours_letters_and_marks_unknown_ones():
    shown = read("<ož", [1.0, -0.5, 0.0], unknown="ž")
    assert "&lt;</mark>" in shown
    assert re.findall('mark class="(\\w+)"', shown) == ["for", "against", "unknown"]
    assert "“ž” is unknown to this model" in shown
    assert "Blue: evidence for A, strongest at “&lt;”. Orange: evidence against it, strongest at “o”." in shown


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("kak", [1, 0, 0.5], "Blue: evidence for A, strongest at the first “k”."),
        ("kak", [0.5, 0, 1], "Blue: evidence for A, strongest at the last “k”."),
        ("akkk", [0, 0, 1, 0], "Blue: evidence for A, strongest at the second “k”."),
        ("k" * 12, [0] * 10 + [1, 0], "Blue: evidence for A, strongest at a later “k”."),
        ("a b", [0, 1, 0], "Blue: evidence for A, strongest at a space."),
        ("ab", [0, 0], "Nothing in the text is clear evidence for or against A."),
    ],
)
def test_evidence_is_described(text, values, expected):
    parts = letters(text)
    assert reading.describe(parts, np.array(values, np.float32), "A") == expected


def make_belief(*rows: tuple[float, float]) -> Belief:
    return Belief(("German", "Dutch"), np.array(rows), Spans(tuple((i, i + 1) for i in range(len(rows)))))


def test_belief_has_one_bar_per_letter_and_a_description():
    shown = belief.chart(letters("sch"), make_belief((0.2, 0.8), (0.4, 0.6), (0.9, 0.1)), "German", "#123456")
    assert re.findall('height:([^"]+)"', shown) == ["20.0%", "40.0%", "90.0%"]
    assert re.findall('bottom:([^"]+)"', shown) == ["80.0%", "60.0%"]
    assert "After “sc”: German 40%, Dutch 60%" in shown
    assert "Likeliest label: Dutch at first, German from “sch” on." in shown
    assert "Probability of German after each letter: s 20%, c 40%, h 90%." in shown


@pytest.mark.parametrize(("text", "vertical"), [("sch", False), ("a fine film", True)])
def test_words_stand_vertically_under_their_bars(text, vertical):
    parts = [Token(word, i, i + 1, True) for i, word in enumerate(text.split())] if vertical else letters(text)
    shown = belief.chart(parts, make_belief(*[(0.2, 0.8)] * 3), "German", "#123456")
    assert ('class="zoo-belief zoo-tell words"' in shown) == vertical
    assert re.findall('class="name">([^<]+)<', shown) == [part.text for part in parts]


@pytest.mark.parametrize(
    ("leaders", "expected"),
    [
        ("GGG", "Likeliest label: G from the first letter on."),
        ("RGG", "Likeliest label: R at first, G from “sc” on."),
        ("RGDEFG", "Likeliest label: R at first, after 5 changes G from “schnei” on."),
    ],
)
def test_the_leading_labels_are_described(leaders, expected):
    assert belief.describe(letters("schnei")[: len(leaders)], list(leaders)) == expected


def test_screen_readers_read_only_the_end_of_a_long_text():
    shown = belief.chart(letters("abcde" * 10), make_belief(*[(0.2, 0.8)] * 50), "German", "#123456")
    aloud = shown.partition('class="zoo-unseen">')[2]
    assert aloud.startswith("Probability of German after each of the last 20 letters: a 20%")
    assert aloud.count("20%") == 20


def test_a_late_update_does_not_overwrite_the_text_of_a_link(monkeypatch):
    session: dict = {}
    monkeypatch.setattr("streamlit.session_state", session)
    monkeypatch.setattr("streamlit.query_params", {"text": "Novák"})
    assert typed.state(TASK).text == "Novák"
    typed.update(TASK, "Schn", revision=0)
    assert typed.state(TASK).text == "Novák"
    typed.update(TASK, "Schn", revision=1)
    assert typed.state(TASK).text == "Schn"


def test_an_outdated_address_does_not_overwrite_typed_text(monkeypatch):
    address = {"text": "Sch"}
    monkeypatch.setattr("streamlit.session_state", {})
    monkeypatch.setattr("streamlit.query_params", address)
    typed.state(TASK)
    typed.update(TASK, "Schnei ", revision=1)
    assert typed.state(TASK).text == "Schnei "
    address["text"] = "Schnei"  # the address has followed, with its end cut off
    assert typed.state(TASK).text == "Schnei "
    address["text"] = "Novák"  # a link
    assert typed.state(TASK).text == "Novák"
    address.clear()  # a text that is too long is not in the address
    assert typed.state(TASK).text == "Novák"


def test_an_empty_names_page_shows_an_example(names_page):
    names_page.run()
    assert not names_page.exception
    text = html(names_page)
    assert ">Example<" in text
    assert "zoo-belief" in text


def test_a_link_carries_its_text(names_page):
    model = catalog.models("names")[0]
    names_page.query_params["text"] = "O'Sullivan"
    names_page.query_params["models"] = model.id
    names_page.run()
    assert not names_page.exception
    text = html(names_page)
    assert ">Example<" not in text
    assert text.count("data-model=") == text.count('class="zoo-belief') == 1
    assert "After “o&#x27;s”" in text


def test_why_not_explains_another_label(names_page):
    model = catalog.models("names")[0]
    names_page.session_state[KEY] = typed.TextState(text="Schneider")
    names_page.query_params["models"] = model.id
    names_page.run()
    names_page.button(key=f"why-{model.id}").click().run()
    box = keyed(names_page.selectbox, f"why-of-{model.id}")
    box.set_value(box.options.index("Why not Irish?")).run()
    assert not names_page.exception
    assert "Probability of Irish after each letter" in html(names_page)


@pytest.mark.parametrize("name", STRANGE)
def test_no_text_crashes_the_page(names_page, name):
    names_page.session_state[KEY] = typed.TextState(text=STRANGE[name].encode("utf-8", "replace").decode())
    names_page.run()
    assert not names_page.exception
    shown = html(names_page)
    assert "<img" not in shown
    assert "data-model=" in shown  # an answer to the text, or to the example where there is nothing to read
    assert ("There is no text yet" in shown) == (name in INVISIBLE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Жуков", "5 of 5 characters are unknown to this model"),
        ("x" * 20_000, "Only the first 10,000 of 20,000 characters were read."),
        ("x" * 20_000, "Only the first 100 of 10,000 characters were used."),
        ("\u200b\u200d", "There is no text yet; type something."),
    ],
)
def test_unread_parts_of_a_text_are_reported(names_page, text, expected):
    names_page.session_state[KEY] = typed.TextState(text=text)
    names_page.run()
    assert expected in html(names_page)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("", True),
        (" " + "a b" * 666 + "  ", True),  # 1,998 letters, a blank is a plus
        ("x" * 2_001, False),
        ("ж" * 333, True),  # six letters each
        ("ж" * 334, False),
        ("'" * 667, False),
        ("!~*()" * 400, True),
    ],
)
def test_only_a_short_text_fits_the_address(monkeypatch, text, fits):
    monkeypatch.setattr("streamlit.session_state", {KEY: typed.TextState(text=text)})
    assert typed.fits(TASK) is fits


def test_an_error_in_one_explanation_is_shown_in_its_place(monkeypatch):
    def column(*arguments):
        raise BadCheckpoint("It is <NaN>; pull it again.")

    monkeypatch.setattr("streamlit.session_state", {})
    monkeypatch.setattr(columns.inputs, "kind", lambda task: SimpleNamespace(column=column))
    answer = SimpleNamespace(model=SimpleNamespace(id="a"), prediction=SimpleNamespace(best="x", probabilities={}))
    assert "It is &lt;NaN&gt;; pull it again." in columns._reading(TASK, answer, "text", "a name", "#123456")


def test_a_lone_surrogate_is_replaced(monkeypatch):
    monkeypatch.setattr("streamlit.session_state", {})
    monkeypatch.setattr("streamlit.query_params", {})
    typed.update(TASK, "ab\ud800c" + "x" * 200_000, revision=0)
    text = typed.state(TASK).text
    assert text.startswith("ab?c")
    assert len(text) == typed.MAX_LETTERS
