"""`zoo predict --out`: one row per input in order, errors in their rows, and no partly written file."""

import csv
import io
import json
import os
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from app import batch
from app.cli import csv_output, inputs
from app.predict_many import BATCH
from models import catalog
from models.errors import BadInput, ZooError
from tests.app.conftest import ONE, REFUSED, drawing, encoded, sentence


@pytest.fixture
def scans(tmp_path):
    """A folder with two images, a file that is not an image and a hidden file."""
    folder = tmp_path / "scans"
    (folder / "b").mkdir(parents=True)
    (folder / "a.png").write_bytes(encoded(drawing()))
    (folder / "b" / "c.png").write_bytes(encoded(drawing()))
    (folder / "b" / "d.txt").write_text("no image")
    (folder / ".hidden").write_text("x")
    for clutter in ("@eaDir", ".ipynb_checkpoints", "b/__MACOSX"):
        (folder / clutter).mkdir()
        (folder / clutter / "a.png").write_bytes(encoded(drawing()))
    (folder / "b" / "Thumbs.db").write_text("x")
    return folder


def rows(out):
    with out.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_folder_a_zip_and_a_file_are_answered_in_order(zoo, scans, tmp_path):
    archive = tmp_path / "more.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("x/z.png", encoded(drawing()))
        zipped.writestr("x/blank.png", REFUSED["blank"][0])
        for clutter in (
            "__MACOSX/x",
            "x/@eaDir/z.png/thumb.jpg",
            "x/Thumbs.db",
            "x/.hidden/z.png",
            "$RECYCLE.BIN/z.png",
        ):
            zipped.writestr(clutter, b"x")
    out = tmp_path / "answers.csv"
    code, printed, err = zoo("predict", "mnist-cnn", archive, scans, scans / "none.png", "--out", out)
    assert code == 1 and printed == "" and f"Wrote 6 rows to {out}, 3 of them errors." in err
    written = rows(out)
    expected = [
        f"{archive}/x/z.png",
        f"{archive}/x/blank.png",
        *(f"{scans}/{n}" for n in ("a.png", "b/c.png", "b/d.txt", "none.png")),
    ]
    assert [row["input"] for row in written] == expected
    assert [row["best"] for row in written] == ["1", "", "1", "1", "", ""]
    assert "blank" in written[1]["error"] and "not an image" in written[4]["error"]
    assert "No such file" in written[5]["error"]
    assert written[0]["label"] == "1" and 0.5 < float(written[0]["probability"]) <= 1
    assert not list(tmp_path.glob(".*.part"))


def test_pipes_and_dead_links_in_a_folder_are_errors_in_their_rows(zoo, scans, tmp_path):
    os.mkfifo(scans / "b" / "pipe.png")
    (scans / "b" / "gone.png").symlink_to("nowhere.png")
    (scans / "b" / "self.png").symlink_to("self.png")
    (scans / "b" / "above").symlink_to(scans)
    assert zoo("predict", "mnist-cnn", scans, "--out", tmp_path / "answers.csv")[0] == 1
    errors = {Path(row["input"]).name: row["error"] for row in rows(tmp_path / "answers.csv")}
    assert list(errors) == ["a.png", "c.png", "d.txt", "gone.png", "pipe.png", "self.png"]
    assert "No such file" in errors["gone.png"] and "is a pipe" in errors["pipe.png"] and errors["self.png"]


def test_an_invalid_zip_leaves_the_output_file_unchanged(zoo, tmp_path):
    (tmp_path / "bad.zip").write_bytes(b"no zip")
    out = tmp_path / "answers.csv"
    out.write_text("before")
    sentence(zoo("predict", "mnist-cnn", tmp_path / "bad.zip", "--out", out), "bad.zip", "Choose another zip file")
    sentence(zoo("predict", "mnist-cnn", tmp_path / "bad.zip", "--out", tmp_path / "no" / "x.csv"), "Could not write")
    assert out.read_text() == "before" and not list(tmp_path.glob(".*.part"))


def test_a_file_that_unpacks_to_too_much_is_an_error_in_its_row(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("bomb.png", b"\0" * 2_000_000)
    monkeypatch.setattr("app.batch.MAX_BYTES", 2**20)
    ((name, raw),) = inputs.named([str(tmp_path / "bomb.zip")], catalog.task("digits"), tmp_path / "out.csv")
    assert name.endswith("bomb.zip/bomb.png") and isinstance(raw, BadInput) and "larger than 1 MB" in str(raw)


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compression_without_a_bound_is_not_unpacked(tmp_path, packing):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", packing) as zipped:
        zipped.writestr("bomb.png", b"\0" * 2_000_000)
    ((_, raw),) = inputs.named([str(tmp_path / "bomb.zip")], catalog.task("digits"), tmp_path / "out.csv")
    assert isinstance(raw, BadInput) and "unsupported method" in str(raw)


def test_a_folder_as_output_is_refused_before_predicting(tmp_path):
    for out in (tmp_path, Path()):
        with pytest.raises(ZooError, match="is a folder; pass a file to --out"):
            csv_output.check(out, [])


def test_a_file_name_that_is_not_utf8_is_written_escaped(tmp_path):
    predictor = SimpleNamespace(read=None, predict_batch=lambda raws: [])
    assert csv_output.write(predictor, [("a\udcff.png", BadInput("refused"))], tmp_path / "out.csv") == (1, 1)
    assert [row["input"] for row in rows(tmp_path / "out.csv")] == ["a\\udcff.png"]


def test_inputs_are_read_one_batch_at_a_time(tmp_path):
    taken, answered, ahead = 0, 0, []

    def inputs():
        nonlocal taken
        for taken in range(1, 201):
            yield str(taken), BadInput("refused")

    def counted(raws):
        nonlocal answered
        ahead.append(taken - answered)
        answered = taken
        return []

    assert csv_output.write(SimpleNamespace(read=None, predict_batch=counted), inputs(), tmp_path / "out.csv") == (
        200,
        200,
    )
    assert max(ahead) == BATCH and [row["input"] for row in rows(tmp_path / "out.csv")][-1] == "200"


def test_strokes_are_read_from_json_files_folders_and_zips(zoo, scans, tmp_path):
    drawn = json.dumps({"strokes": ONE})
    for path in (tmp_path / "x.json", scans / "b" / "d.txt", scans / "e.json"):
        path.write_text(drawn)
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as zipped:
        zipped.writestr("x.JSON", drawn)
        zipped.writestr("bad.json", "[")
    out = tmp_path / "answers.csv"
    zoo("predict", "mnist-cnn", tmp_path / "x.json", scans, tmp_path / "more.zip", tmp_path / "no.json", "--out", out)
    by_name = {Path(row["input"]).name: row for row in rows(out)}
    assert [name for name, row in by_name.items() if row["best"] == "1"] == [
        "x.json",
        "a.png",
        "e.json",
        "c.png",
        "x.JSON",
    ]
    assert "not valid JSON" in by_name["bad.json"]["error"] and "No such file" in by_name["no.json"]["error"]
    assert "not an image" in by_name["d.txt"]["error"]


def test_an_input_is_never_overwritten(zoo, scans, tmp_path):
    texts, link = tmp_path / "names.csv", tmp_path / "link.csv"
    texts.write_text("text\nAda\n")
    link.symlink_to(texts)
    picture, before = scans / "a.png", (scans / "a.png").read_bytes()
    sentence(
        zoo("predict", "mnist-cnn", picture, "--out", picture),
        "is one of the inputs and would be overwritten",
        "pass another file to --out",
    )
    for out in (texts, link):
        sentence(zoo("predict", "names-ngrams", "--from", texts, "--out", out), "is one of the inputs")
    assert picture.read_bytes() == before and texts.read_text() == "text\nAda\n"


def test_an_output_file_in_the_folder_is_not_an_input_next_time(zoo, scans):
    for _ in range(2):
        zoo("predict", "mnist-cnn", scans, "--out", scans / "answers.csv")
        assert [Path(row["input"]).name for row in rows(scans / "answers.csv")] == ["a.png", "c.png", "d.txt"]


def test_only_files_are_replaced_and_links_are_followed(zoo, scans, tmp_path, monkeypatch):
    pipe, link, real = tmp_path / "pipe", tmp_path / "link.csv", tmp_path / "real.csv"
    os.mkfifo(pipe)
    monkeypatch.chdir(tmp_path)
    for out in (pipe, "-"):
        sentence(zoo("predict", "mnist-cnn", scans / "a.png", "--out", out), "is not a regular file")
    real.write_text("before")
    link.symlink_to(real)
    assert zoo("predict", "mnist-cnn", scans / "a.png", "--out", link)[0] == 0
    assert link.is_symlink() and len(rows(real)) == 1 and pipe.is_fifo() and not Path("-").exists()


def test_ctrl_c_leaves_the_output_file_unchanged(tmp_path):
    out = tmp_path / "answers.csv"
    out.write_text("before")

    def inputs():
        yield from ((str(number), BadInput("refused")) for number in range(BATCH))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        csv_output.write(SimpleNamespace(read=None, predict_batch=lambda raws: []), inputs(), out)
    assert out.read_text() == "before" and [path.name for path in tmp_path.iterdir()] == ["answers.csv"]


@pytest.mark.parametrize("content", ["", "\ufeff", "text\n", "\ufefftext\n"])
def test_a_file_without_texts_is_reported(zoo, tmp_path, content):
    texts, out = tmp_path / "names.csv", tmp_path / "answers.csv"
    texts.write_text(content)
    assert zoo("predict", "names-ngrams", "--from", texts) == (0, "", f"{texts} contains no text.\n")
    assert zoo("predict", "names-ngrams", "--from", texts, "--out", out) == (0, "", f"Wrote 0 rows to {out}.\n")


def test_a_file_name_given_as_text_is_a_warning(zoo, tmp_path, monkeypatch):
    (tmp_path / "names.csv").write_text("text\nAda\n")
    monkeypatch.chdir(tmp_path)
    code, out, err = zoo("predict", "names-ngrams", "names.csv")
    assert code == 0 and out and "is read as text" in err and "--from names.csv" in err


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\u200b+", "\uff1d", "\uff20"])
def test_a_spreadsheet_evaluates_no_cell(start):
    file = io.StringIO()
    assert list(batch.write(file, [(f"{start}HYPERLINK(1)", BadInput(f"{start}1")), ("safe=1", BadInput("no"))]))
    rows = list(csv.reader(io.StringIO(file.getvalue())))
    shown = start.replace("\r", "\n")
    assert rows[1][0] == f"'{shown}HYPERLINK(1)"
    assert rows[1][-1] == (f"'{start}1" if start.isprintable() else f"{ascii(start)[1:-1]}1")  # an error escapes it
    assert rows[2] == ["safe=1", "", "", "", "", "no"]


def test_no_text_controls_the_terminal(zoo, tmp_path):
    nasty = "Naka\x1b[31mmura\u202e\x07"
    (tmp_path / "names.txt").write_text(f"{nasty}\nSmith\n")
    code, out, _ = zoo("predict", "names-ngrams", "--from", tmp_path / "names.txt")
    assert code == 0 and "1\tNaka\\x1b[31mmura\\u202e\\x07\t" in out
    assert all(letter.isprintable() or letter in "\n\t" for letter in out)
