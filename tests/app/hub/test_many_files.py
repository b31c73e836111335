"""Many files on a task page: order, errors in their rows, and limits checked before unpacking."""

import codecs
import csv
import io
import zipfile
from types import SimpleNamespace

import pytest
from streamlit.runtime.scriptrunner import StopException

from app.hub import many_files
from models.errors import BadInput, TooLarge
from tests.app.conftest import drawing, encoded, two_characters
from tests.app.hub.conftest import html


def file(name: str, data: bytes) -> SimpleNamespace:
    return SimpleNamespace(name=name, size=len(data), getvalue=lambda: data)


def packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.fixture
def picture() -> bytes:
    return encoded(drawing())


def test_a_zip_and_a_picture_are_answered_in_order(task_page, models, picture):
    task_page.run()
    archive = packed({"b/../../2.png": picture, "a/1.png": b"nothing", ".hidden": b"x", "c/": b""})
    task_page.file_uploader(key="batch-digits-0").set_value(
        [("more.zip", archive, "application/zip"), ("last.png", picture, "image/png")]
    )
    task_page.run()
    task_page.selectbox(key="batch-digits-model").set_value(models[1].id)
    task_page.button(key="batch-digits-start").click().run()
    assert not task_page.exception
    result = task_page.session_state["batch-digits"]
    assert result.summary == (
        f"{models[1].title}: 2 answered, 1 could not be read; the error column of the CSV says why. "
        "Skipped 1 file that file managers and other programs create: more.zip/.hidden."
    )
    rows = list(csv.DictReader(io.StringIO(result.csv.decode())))
    assert [row["input"] for row in rows] == ["more.zip/b/../../2.png", "more.zip/a/1.png", "last.png"]
    assert [row["best"] for row in rows] == ["1", "", "1"] and "not an image" in rows[1]["error"]
    assert task_page.file_uploader(key="batch-digits-1").value == []  # the files are cleared


NAMES = ("photo.jfif", "photo.jpe", "photo", "photo.HEIC", "photo.dat", "photo.txt")


@pytest.mark.parametrize("folder", [False, True])
def test_images_of_any_name_are_answered_and_what_is_left_out_is_named(task_page, picture, folder):
    task_page.run()
    if folder:
        task_page.toggle(key="batch-digits-folder").set_value(True).run()
    start = "digits/" if folder else ""
    left_out = [".DS_Store", "Thumbs.db", "@eaDir/photo.jpg", "desktop.ini", "._photo.jpg"]
    files = [(f"{start}{name}", picture, "") for name in NAMES]
    uploader = task_page.file_uploader(key=f"batch-digits-{int(folder)}")
    assert not uploader.proto.type
    uploader.set_value(files + [(f"{start}{name}", b"x", "") for name in left_out])
    task_page.run()
    task_page.button(key="batch-digits-start").click().run()
    assert not task_page.exception
    result = task_page.session_state["batch-digits"]
    assert "6 answered." in result.summary
    assert "Skipped 5 files" in result.summary and ".DS_Store" in result.summary and "2 more" in result.summary
    rows = list(csv.DictReader(io.StringIO(result.csv.decode())))
    assert [row["best"] for row in rows] == ["1"] * len(NAMES)


def test_a_zip_without_a_name_for_it_is_unpacked(picture):
    inputs = many_files.read_inputs([file("download", packed({"1": picture, "Thumbs.db": b"x"}))], "ink")
    assert [name for name, _ in inputs.named] == ["download/1"] and "download/Thumbs.db" in inputs.notes[0]


def test_an_interrupted_batch_is_reported(task_page, models, picture, monkeypatch):
    def stopped(*arguments):
        raise StopException  # as when the user clicks elsewhere

    task_page.run()
    task_page.file_uploader(key="batch-digits-0").set_value(("last.png", picture, "image/png"))
    task_page.run()
    monkeypatch.setattr(many_files, "answer_all", stopped)
    task_page.button(key="batch-digits-start").click().run()
    task_page.run()
    assert not task_page.exception
    assert "The run was interrupted" in html(task_page)
    assert task_page.file_uploader(key="batch-digits-0").value  # the files are still there


def test_texts_are_answered(names_page):
    names_page.run()
    names_page.file_uploader(key="batch-names-0").set_value(("n.csv", b"text,id\nSchmidt,1\n,2\nRossi,3\n", "text/csv"))
    names_page.run()
    names_page.button(key="batch-names-start").click().run()
    assert not names_page.exception
    rows = list(csv.DictReader(io.StringIO(names_page.session_state["batch-names"].csv.decode())))
    assert [row["input"] for row in rows] == ["Schmidt", "", "Rossi"]
    assert rows[0]["best"] == "German" and rows[1]["error"] and not rows[2]["error"]


def test_the_csv_begins_with_a_byte_order_mark_if_it_is_for_excel(names_page, monkeypatch):
    downloads = []
    monkeypatch.setattr(many_files.st, "download_button", lambda _, data, **options: downloads.append(data))
    names_page.run()
    names_page.file_uploader(key="batch-names-0").set_value(("n.csv", "text\nMüller\n".encode(), "text/csv"))
    names_page.run()
    names_page.button(key="batch-names-start").click().run()
    plain = downloads[-1]
    names_page.toggle(key="batch-names-excel").set_value(True).run()
    assert not names_page.exception
    assert downloads[-1] == codecs.BOM_UTF8 + plain and "Müller" in plain.decode()


def test_the_first_rows_have_their_notes(task_page):
    task_page.run()
    task_page.file_uploader(key="batch-digits-0").set_value(("two.png", two_characters(), "image/png"))
    task_page.run()
    task_page.button(key="batch-digits-start").click().run()
    assert not task_page.exception
    result, note = task_page.session_state["batch-digits"], "This looks like more than one character"
    assert note in result.rows[0][1] and note in result.csv.decode()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("x.zip", b"no zip", "cannot be read as a zip file"),
        ("x.zip", packed({}), "contain no inputs"),
        ("x.zip", packed({"bomb.png": bytes(5_000)}), "unpacks to more than"),
        ("x.zip", packed({f"{i}.png": b"" for i in range(12)}), "more than 10 inputs"),
        ("x.zip", b"PK\1\2" * 21, "more than 10 inputs"),
        ("x.png", bytes(20_000), "MB in total"),
    ],
)
def test_too_large_uploads_are_refused_before_unpacking(monkeypatch, name, data, words):
    monkeypatch.setattr(many_files, "MAX_INPUTS", 10)
    monkeypatch.setattr(many_files, "MAX_UNPACKED_BYTES", 4_096)
    monkeypatch.setattr(many_files, "MAX_TOTAL_BYTES", 10_000)
    with pytest.raises(BadInput, match=words):
        many_files.read_inputs([file(name, data)], "ink")


@pytest.mark.parametrize("data", ["a\nb\nc\n" * 5, "text\n" + "a\n" * 11])
def test_too_many_texts_are_refused(monkeypatch, data):
    monkeypatch.setattr(many_files, "MAX_INPUTS", 10)
    with pytest.raises(TooLarge, match="more than 10 inputs"):
        many_files.read_inputs([file("x.txt", data.encode())], "text")
    with pytest.raises(BadInput, match="NUL"):
        many_files.read_inputs([file("x.txt", b"a\0b\0")], "text")


def test_a_csv_without_the_text_column_is_refused():
    with pytest.raises(BadInput, match="no column named text: its first line has the headings 'message', 'label'"):
        many_files.read_inputs([file("x.csv", b"message,label\nnice,good\n")], "text")
    for separator in (b",", b";", b"\t"):
        data = b"id, Text\n1,Ada\n".replace(b",", separator)
        inputs = many_files.read_inputs([file("x.csv", data)], "text")
        assert inputs.count == 1 and [(str(name), raw) for name, raw in inputs.named] == [("Ada", "Ada")]
    inputs = many_files.read_inputs([file("x.txt", b"Boring, text\nhi, there\n")], "text")
    assert [text for _, text in inputs.named] == ["Boring, text", "hi, there"]


def test_text_files_of_every_kind_are_read_as_on_the_command_line():
    uploads = [
        file("a.tsv", "id\ttext\n7\tM\u00fcller\n".encode("utf-16")),
        file("b.csv", "sep=;\nText;note\nGar\u00e7on;x\nRossi;y;z;\n".encode("cp1252")),
        file("c.txt", b"Smith\r\n\r\nBrown"),
    ]
    inputs = many_files.read_inputs(uploads, "text")
    named = list(inputs.named)
    assert [str(name) for name, _ in named] == ["M\u00fcller", "Gar\u00e7on", "Rossi, y, z", "Smith", "Brown"]
    assert [name.line for name, _ in named] == [2, 3, 4, 1, 3] and "3 cells" in str(named[2][1])
    assert inputs.headings == ("id", "note", "uploaded file") and named[0][0].others == {
        "id": "7",
        "uploaded file": "a.tsv",
    }
    assert len(inputs.notes) == 1 and "b.csv is not UTF-8; it was read as cp1252" in inputs.notes[0]
    with pytest.raises(BadInput, match="a quote in line 2 is opened and not closed by line 3"):
        many_files.read_inputs([file("x.csv", b'text,x\n"Rossi,1\nSmith,2')], "text")


def test_a_third_batch_is_refused_while_two_run(monkeypatch, models, picture):
    import models as library

    monkeypatch.setattr(many_files._slots, "acquire", lambda blocking: False)
    with pytest.raises(Exception, match="Try again in a minute"):
        many_files.answer_all(library.load(models[0].id), "x", [file("1.png", picture)], None)
