"""Tables of texts and labels: what spreadsheets write, which rows are left out, and which tables are refused."""

import pytest

from models.errors import TooLarge, ZooError
from training.custom import table
from training.custom.table import items_in


def pairs(file):
    return [(item.raw, item.label) for item in items_in(file)[0]]


@pytest.mark.parametrize(
    "lines",
    [
        ("text,label", '"Ada, Countess",person', "Rome,city"),
        ("label,id,text", 'person,1,"Ada, Countess"', "city,2,Rome"),
        (" Text ;LABEL", '"Ada, Countess";person', "Rome;city", "", ";;"),
        ("text\tlabel\r", "Ada, Countess\tperson\r", "Rome\tcity\r"),
        ("\ufefftext,label", '"Ada, Countess",person', "Rome,city"),
    ],
    ids=["plain", "other columns", "semicolons", "tabs", "byte order mark"],
)
def test_tables_from_spreadsheets_are_read(written, lines):
    assert pairs(written(*lines)) == [("Ada, Countess", "person"), ("Rome", "city")]


def test_rows_without_text_or_label_are_left_out_with_their_lines(written):
    items, left_out = items_in(written("text,label", "Rome,city", ",city", "Ada,", "Bob", f"Eve,{'x' * 201}"))
    assert [item.name for item in items] == ["line 2"]
    assert left_out == [
        "line 3: has no text",
        "line 4: has no label",
        "line 5: has no label",
        "line 6: its label is longer than 200 letters",
    ]


def test_duplicate_texts_ignore_case_and_spaces(written):
    items, _ = items_in(written("text,label", "New  York,city", "new york,city", "York,city"))
    assert len({item.content for item in items}) == 2


@pytest.mark.parametrize(
    "lines, words",
    [
        (
            ("word,kind", "Rome,city"),
            "begins with 'word, kind'; its first line must contain the column names: text,label",
        ),
        (("Rome,city", "Ada,person"), "must contain the column names"),
        (("text", "Rome"), "must contain the column names"),
        (("",), "is empty"),
        (('{"words": "' + "x" * 200_000 + '"}',), "must contain the column names"),
        (("text,label", "Rome," + "x" * 200_000), "is not a valid CSV file"),
    ],
    ids=["wrong columns", "no header", "one column", "empty", "one long line", "a field without end"],
)
def test_invalid_tables_are_refused(written, lines, words):
    with pytest.raises(ZooError, match=words):
        items_in(written(*lines))


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_another_encoding_is_refused(written, encoding):
    with pytest.raises(ZooError, match="words.csv is not UTF-8 .*save it as CSV UTF-8"):
        items_in(written("text,label", "Müller,name", encoding=encoding))


def test_too_large_tables_are_refused(written, monkeypatch):
    file = written("text,label", *(f"{i},label {i}" for i in range(20)))
    monkeypatch.setattr(table, "MAX_LABELS", 10)
    with pytest.raises(TooLarge, match="20 different labels; at most 10 .*right column"):
        items_in(file)
    monkeypatch.setattr(table, "MAX_ROWS", 10)
    with pytest.raises(TooLarge, match="more than 10 rows"):
        items_in(file)
    monkeypatch.setattr(table, "MAX_BYTES", 10)
    monkeypatch.setattr(type(file), "read_bytes", None)  # a call would fail
    with pytest.raises(TooLarge, match="at most 0 MB"):
        items_in(file)
