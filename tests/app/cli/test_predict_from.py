"""`zoo predict --from`: one answer or error per row, in order, with its line and the other columns; or no answer."""

import csv
import io
import json
import os
import threading

import pytest

from tests.app.conftest import sentence

ROWS = """id,text,when
1,Nakamura,2020
2,"Smith, John",

3,a\tb,
4,,z
5,too,many,cells
6,Rossi,=1+1
"""
LINES = [2, 3, 5, 6, 7, 8]


@pytest.fixture
def file(tmp_path):
    def write(content: str | bytes, name: str = "names.csv"):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / name

    return write


def test_every_row_is_one_line(zoo, file):
    code, out, err = zoo("predict", "names-ngrams", "--from", file(ROWS))
    cells = [line.split("\t") for line in out.splitlines()]
    assert code == 1 and err == "2 of 6 could not be answered.\n"
    assert [int(row[0]) for row in cells] == LINES
    assert [row[1] for row in cells] == ["Nakamura", "Smith, John", "a\\tb", "", "5, too, many, cells", "Rossi"]
    assert cells[3][2] == "error: There is no text yet; type something."
    assert cells[4][2] == "error: This row has 4 cells, but the heading has 3."


def test_json_has_line_and_columns(zoo, file):
    _, out, _ = zoo("predict", "names-ngrams", "--from", file(ROWS), "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["line"] for row in rows] == LINES and rows[0]["columns"] == {"id": "1", "when": "2020"}
    assert rows[0]["best"] == "Japanese" and rows[0]["input"] == "Nakamura" and "4 cells" in rows[4]["error"]


@pytest.mark.parametrize("bom", [False, True])
def test_the_csv_keeps_the_other_columns(zoo, file, tmp_path, bom):
    out = tmp_path / "answers.csv"
    zoo("predict", "names-ngrams", "--from", file(ROWS), "--out", out, *["--bom"] * bom)
    assert out.read_bytes().startswith(b"\xef\xbb\xbf") is bom
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
    assert [int(row["line"]) for row in rows] == LINES
    assert [row["id"] for row in rows] == ["1", "2", "3", "4", "", "6"] and rows[-1]["when"] == "'=1+1"
    assert [bool(row["error"]) for row in rows] == [False, False, False, True, True, False]


def test_columns_named_as_ours_are_kept(zoo, file, tmp_path):
    out = tmp_path / "answers.csv"
    assert zoo("predict", "names-ngrams", "--from", file("label,text\nJapanese,Nakamura\n"), "--out", out)[0] == 0
    (row,) = csv.DictReader(io.StringIO(out.read_text()))
    assert row["label (input)"] == "Japanese" == row["label"]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("text\tx\nNakamura\t1\nRossi\t2\n", "n.tsv"),
        ("sep=;\ntext;x\nNakamura;1\nRossi;2\n", "n.csv"),
        ("# names\ntext\n\nNakamura\nRossi\n", "n.csv"),
        ("text|x\nNakamura|\nRossi|2\n", "n.txt"),
        ("Text;X\nNakamura;1\nRossi;2\n", "n.txt"),
        ("id\tTEXT\n1\tNakamura\n2\tRossi\n", "no-ending"),
        ("Nakamura\r\n\r\nRossi", "n.txt"),
        ("\ufeffNakamura\nRossi\n".encode("utf-16-le"), "n.txt"),
        ("Nakamura\rRossi\r", "no-ending"),
    ],
)
def test_files_of_every_kind(zoo, file, content, name):
    code, out, err = zoo("predict", "names-ngrams", "--from", file(content, name))
    assert (code, err) == (0, "") and [line.split("\t")[1] for line in out.splitlines()] == ["Nakamura", "Rossi"]


MANY = "text,x\n" + "Nakamura,1\n" * 3_600
UNREADABLE = {
    "encoding": (MANY.encode() + "Müller,ü\n".encode() * 2 + b"caf\xe9,1\n", ("UTF-8 except", "in line 3,604")),
    "cut UTF-16": ("\ufeff" + MANY).encode("utf-16-le") + b"\0"[:1],
    "quote": MANY + '"Rossi,1\n' + "Smith,1\n" * 99,
    "no column": "name,x\nRossi,1\n",
    "two columns": "text,x,Text\nRossi,1,2\n",
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_half_a_file_is_never_answered(zoo, file, tmp_path, kind):
    content = UNREADABLE[kind]
    content, words = content if isinstance(content, tuple) else (content, ("names.csv",))
    names, out = file(content), tmp_path / "answers.csv"
    sentence(zoo("predict", "names-ngrams", "--from", names), *words)
    sentence(zoo("predict", "names-ngrams", "--from", names, "--out", out), *words)
    assert not out.exists()


def test_the_column_can_be_chosen(zoo, file):
    names = file("Name,label\nNakamura,x\n")
    sentence(zoo("predict", "names-ngrams", "--from", names), "has the headings 'Name', 'label'", "--text-column")
    assert zoo("predict", "names-ngrams", "--from", names, "--text-column", "name")[1].startswith("2\tNakamura\tJap")
    sentence(zoo("predict", "names-ngrams", "Rossi", "--text-column", "name"), "add --from FILE")
    sentence(zoo("predict", "names-ngrams", "Rossi", "--bom"), "add --out FILE")


def test_a_pipe_is_read_to_its_end(zoo, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("text\nNakamura\nRossi\n",))
    writer.start()
    code, out, _ = zoo("predict", "names-ngrams", "--from", pipe)
    writer.join()
    assert code == 0 and [line.split("\t")[0] for line in out.splitlines()] == ["2", "3"]


@pytest.mark.parametrize("nasty", ["a\tb", "a\nb", "a\x1b[31mb", "a\u2028b", "a\u202eb", "a\x85b", "a\rb", "a\x07b"])
def test_a_text_is_one_line_on_the_terminal(zoo, file, nasty):
    _, out, _ = zoo("predict", "names-ngrams", nasty, "Rossi")
    shown = nasty if nasty.isprintable() else ascii(nasty)[1:-1]
    assert [line.split("\t")[0] for line in out.splitlines()] == [shown, "Rossi"]
    assert out.replace("\n", "").replace("\t", "").isprintable()
    _, out, _ = zoo("predict", "names-ngrams", "--from", file(f'text\n"{nasty}"\nRossi\n'))
    assert [line.split("\t")[1] for line in out.splitlines()][-1] == "Rossi" and out.count("\n") == 2
    assert out.replace("\n", "").replace("\t", "").isprintable()
