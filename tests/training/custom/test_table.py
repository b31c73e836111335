"""Tables of texts and labels: what spreadsheets write, which rows are left out, and which tables are refused."""

from types import SimpleNamespace

import pytest

from models.errors import TooLarge, ZooError
from models.processors.characters import Characters
from training.custom import sources, table
from training.custom.collection import read
from training.custom.table import items_in
from training.data import EXAMPLES
from training.data.dataset import Sources


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
    items, left_out, _ = items_in(written("text,label", "Rome,city", ",city", "Ada,", "Bob", f"Eve,{'x' * 201}"))
    assert [item.name for item in items] == ["line 2"]
    assert left_out == [
        "line 3: has no text",
        "line 4: has no label",
        "line 5: has 1 cell, but the heading has 2",
        "line 6: its label is longer than 200 letters",
    ]


def test_duplicate_texts_ignore_case_and_spaces(written):
    items, _, _ = items_in(written("text,label", "New  York,city", "new york,city", "York,city"))
    assert len({item.content for item in items}) == 2


@pytest.mark.parametrize(
    "lines, words",
    [
        (("word,kind", "Rome,city"), "no column named text: its first line has the headings 'word', 'kind'"),
        (("Rome,city", "Ada,person"), "no column named text: its first line has the headings 'Rome', 'city'"),
        (
            ("text", "Rome"),
            "no column named label: its first line has only 'text'. Rename one to label, or pass --label",
        ),
        (("Text,text,label", "a,b,c"), "2 columns named text: .* 'Text', 'text', 'label'. Rename all but one"),
        (("",), "is empty"),
        (("# nothing", "#"), "has no headings"),
        (('{"words": "' + "x" * 200_000 + '"}',), "headings .* cannot be read"),
        (("text,label", "x" * 2_000_000), "Line 2 .* is longer than 1,048,576 characters"),
    ],
    ids=["wrong columns", "no header", "one column", "two candidates", "empty", "comments", "one long line", "longer"],
)
def test_invalid_tables_are_refused(written, lines, words):
    with pytest.raises(ZooError, match=words):
        items_in(written(*lines))


def test_the_columns_can_be_chosen(written):
    file = written("id,Message,text,Kind", "1,Rome,x,city")
    items, _, _ = items_in(file, {"text": "message", "label": "Kind"})
    assert [(item.raw, item.label) for item in items] == [("Rome", "city")]
    with pytest.raises(ZooError, match="no column named words: .*'id', 'Message', 'text', 'Kind'.*--text-column"):
        items_in(file, {"text": "words", "label": "Kind"})
    with pytest.raises(ZooError, match="text and label are the same column"):
        items_in(file, {"text": "Kind", "label": "Kind"})


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


def test_the_chosen_columns_are_remembered(written, tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "home"))
    columns = {"text": "Message", "label": "Kind"}
    file = written("Message,Kind", *(f"{letter} {kind},{kind}" for letter in "abcdefghijkl" for kind in ("p", "q")))
    own = read(file, Characters(), columns)
    record = SimpleNamespace(folder=tmp_path / "run", resumed=False)
    sources.remember("mine", file, own, record, columns)
    config = SimpleNamespace(slug="mine", data=[SimpleNamespace(name=EXAMPLES, sha256=own.sha256)])
    predictor = SimpleNamespace(config=config, processor=Characters())
    assert len(sources.with_examples(Sources(), predictor).examples.read("train", Sources()).inputs) > 10
