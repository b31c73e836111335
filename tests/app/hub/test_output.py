"""Texts of strangers (labels, cards, inputs, links) are shown as text, and cannot reorder or cover the page."""

import pytest

from app.hub.markup import bold, escape, plain
from app.hub.model import confusion, record
from app.hub.model.confusion import _cell
from tests.app.hub.conftest import html

REORDERING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize("show", [escape, plain, bold, record.card])
def test_no_letter_is_reordered(show):
    shown = show(f"a{REORDERING}b")
    assert not set(shown) & set(REORDERING) and shown.count("\ufffd") == len(REORDERING)


def test_markup_is_text():
    assert escape("<img src=x onerror='alert(1)'>") == "&lt;img src=x onerror=&#x27;alert(1)&#x27;&gt;"
    assert plain("![x](y)<b>`$") == r"\!\[x\](y)\<b\>\`\$"
    assert plain("Age (years), 5/6") == "Age (years), 5/6" and plain("1) x") == r"1\) x"


def test_a_text_that_a_link_brings_reorders_nothing(names_page):
    names_page.query_params["text"] = "Nakamura\u202e<script>"
    names_page.run()
    assert not names_page.exception
    assert "\u202e" not in html(names_page) and "<script>" not in html(names_page)


def test_a_card_loads_no_picture_has_no_formula_and_is_cut():
    assert record.card("![a](http://x/y.png) ![b][c] $\\rule{9em}{9em}$") == (
        "[a](http://x/y.png) [b][c] \\$\\rule{9em}{9em}\\$"
    )
    assert len(record.card("[" * 2**20)) < record.MAX_CARD + 100


@pytest.mark.parametrize("clicked", ["\u00b2,1", "1", "9" * 5_000 + ",1", "-1,0", "a,b", "5,0"])
def test_a_cell_that_is_none_is_ignored(clicked):
    assert _cell(clicked, 3) is None


def test_a_matrix_that_no_browser_could_show_is_left_out(monkeypatch):
    notices = []
    monkeypatch.setattr(confusion, "notice", notices.append)
    confusion.matrix(None, None, "digits", [str(number) for number in range(4_000)], [])
    assert "too large" in notices[0]
