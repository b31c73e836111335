"""Tables: headings, delimiters and quotes; no cell gets into another column, and no row into another row."""

import csv
import io
import random

import pytest

from models import csv_table
from models.csv_table import table_in
from models.errors import BadInput
from models.text_file import examined

BOTH = {"text": None, "label": None}


def table(content: str, wanted: dict[str, str | None] = BOTH) -> csv_table.Table:
    return table_in(examined(io.BytesIO(content.encode()), "x.csv"), wanted)


def pairs(content: str, wanted: dict[str, str | None] = BOTH) -> list:
    """Each row's line with its text and label, or its problem."""
    found = table(content, wanted)
    return [(row.line, row.problem or tuple(row.cells[i] for i in found.columns.values())) for row in found.rows()]


GOOD = [(2, ("Ada, Countess", "person")), (3, ("Rome", "city"))]


@pytest.mark.parametrize(
    ("text", "shift"),
    [
        ('text,label\n"Ada, Countess",person\nRome,city\n', 0),
        ('text,label\r\n"Ada, Countess",person\r\nRome,city\r\n', 0),
        ('text,label\r"Ada, Countess",person\rRome,city', 0),
        ("text;label\nAda, Countess;person\nRome;city", 0),
        ('"text";"label"\n"Ada, Countess";"person"\n"Rome";"city"', 0),
        ("text\tlabel\nAda, Countess\tperson\nRome\tcity", 0),
        ("text|label\nAda, Countess|person\nRome|city", 0),
        ("sep=;\ntext;label\nAda, Countess;person\nRome;city", 1),
        ('"sep=,"\r\ntext,label\r\n"Ada, Countess",person\r\nRome,city', 1),
        ("sep=\t\ntext\tlabel\nAda, Countess\tperson\nRome\tcity", 1),
        ("sep=~\ntext~label\nAda, Countess~person\nRome~city", 1),
        ('\n\n# from the lab, 2024\ntext,label\n"Ada, Countess",person\nRome,city', 3),
        ('#text,label\n"Ada, Countess",person\nRome,city', 0),
        ('text, label\n"Ada, Countess", person\nRome, city', 0),
        ('label, text\nperson, "Ada, Countess"\ncity, Rome', 0),
        ('TEXT,"Label "\n"Ada, Countess",person\nRome,city', 0),
        ('\u200btext,ｌａｂｅｌ\n"Ada, Countess",person\nRome,city', 0),
        ('text,label,\n"Ada, Countess",person,\nRome,city', 0),
        ('text,label\n"Ada, Countess",person,,\nRome,city,', 0),
        (',text,label\n0,"Ada, Countess",person\n1,Rome,city', 0),
    ],
)
def test_tables_as_programs_write_them(text, shift):
    found = [(line - shift, tuple(cell.strip() for cell in cells)) for line, cells in pairs(text)]
    assert found == GOOD


@pytest.mark.parametrize(
    "line",
    [
        "film 1 is good, and fun,good",
        "film 1 is good, and fun, really,good",
        "film",
        "film,good,extra",
        ",,good",
        "film;good",
        "film\tgood",
        "x" * 131_073 + ",good",
    ],
)
@pytest.mark.parametrize("place", [0, 3, 6])
def test_a_row_that_does_not_fit_is_named_and_shifts_nothing(line, place):
    lines = [f"film {number},bad" for number in range(6)]
    lines.insert(place, line)
    rows = pairs("\n".join(["text,label", *lines]))
    problems = [(number, problem) for number, problem in rows if isinstance(problem, str)]
    assert [number for number, _ in problems] == [place + 2] and problems[0][1].startswith("has ")
    assert {cells[1] for _, cells in rows if not isinstance(cells, str)} == {"bad"} and len(rows) == 7


def test_a_cell_below_no_heading_is_a_problem():
    assert pairs("text,label,\nfilm 1 is good, and fun,good\n") == [(2, "has 3 cells, but the heading has 2")]


def quoted(count: int) -> list[str]:
    """Lines of a table with quotes around each text, one of which has a comma and a quote."""
    return [f'"film {number}, a ""real"" one",{"good" if number % 2 else "bad"}' for number in range(count)]


FAULTS = {
    "the closing quote is missing": lambda line: line.replace('",', ",", 1),
    "the closing quote is missing, and the rest": lambda line: line.split('",')[0],
    "quotes in the text are single": lambda line: line.replace('""', '"'),
    "escaped by a backslash": lambda line: line.replace('""', '\\"'),
    "a space after the closing quote": lambda line: line.replace('",', '" ,', 1),
    "only the first quote": lambda line: '"' + line.replace('"', ""),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("place", [0, 1, 30, 58, 59])
@pytest.mark.parametrize("count", [60, 400])
def test_a_quote_swallows_no_rows(fault, place, count):
    lines = ["text,label", *quoted(count)]
    lines[place + 1] = FAULTS[fault](lines[place + 1])
    with pytest.raises(BadInput, match=rf"x.csv.* line {place + 2}\b.*quote"):
        table("\n".join(lines))


def test_plain_rows_after_an_unclosed_quote_are_not_swallowed():
    lines = ["text,label", *(f"film {number},good" for number in range(3_600))]
    lines[300] = '"film,good'
    with pytest.raises(BadInput, match="a quote in line 301 is opened and not closed by line 4"):
        table("\n".join(lines))


def test_quotes_are_letters_where_a_program_writes_none():
    tsv = 'text\tlabel\n"Great" film\tgood\n"bad one\tbad\n5" pipe\tgood\n'
    assert [cells[0] for _, cells in pairs(tsv)] == ['"Great" film', '"bad one', '5" pipe']
    assert [cells[0] for _, cells in pairs('text\n"Hi", she said, twice\nHello, you\n', {"text": None})] == [
        '"Hi", she said, twice',
        "Hello, you",
    ]
    lines = ["text", *["Rossi"] * 25, '"Smith', *['"Bob ""B"""'] * 30]
    rows = pairs("\n".join(lines), {"text": None})
    assert [cells[0] for _, cells in rows] == ["Rossi"] * 25 + ['"Smith'] + ['Bob "B"'] * 30


def test_lines_in_cells_and_comments_keep_the_line_numbers():
    text = 'text,label\n"two\nlines",a\n\n# a comment, "quoted\n#great film,b\n"# Heading\n",c\n'
    found = table(text)
    assert [(row.line, row.cells[0]) for row in found.rows()] == [
        (2, "two\nlines"),
        (6, "#great film"),
        (7, "# Heading\n"),
    ]
    assert found.notes == ("Lines of x.csv that begin with # were skipped as comments: 5.",)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_whatever_pythons_csv_writes_is_read_back(delimiter, quoting, line_end):
    chance = random.Random(f"{delimiter}{quoting}")
    letters = "ab ,;|\t\"'\n#=é\u3042"
    rows = [["text", "id", "label"]]
    rows += [["x" + "".join(chance.choices(letters, k=9)), str(n), chance.choice("pq")] for n in range(200)]
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator=line_end).writerows(rows)
    found = table(file.getvalue())
    assert [list(row.cells) for row in found.rows()] == rows[1:]
    assert list(found.other_columns.values()) == ["id"]


def test_other_columns_have_different_names():
    found = table(",text,id,id,text (4)\n0,a,1,2,3\n", {"text": "text"})
    assert found.other_columns == {0: "column 1", 2: "id", 3: "id (4)", 4: "text (4)"}
