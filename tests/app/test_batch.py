"""`zoo predict --out`: the given order, a row for each input, errors in their rows, and nothing half written."""

import csv
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.cli import batch
from app.many import AT_ONCE
from models.errors import BadInput, ZooError
from tests.app.conftest import REFUSED, drawing, encoded
from tests.app.test_cli import sentence, zoo  # noqa: F401  (a fixture)


@pytest.fixture
def scans(tmp_path):
    """A folder of two readable files, one that is none and one that is hidden."""
    folder = tmp_path / "scans"
    (folder / "b").mkdir(parents=True)
    (folder / "a.png").write_bytes(encoded(drawing()))
    (folder / "b" / "c.png").write_bytes(encoded(drawing()))
    (folder / "b" / "d.txt").write_text("no image")
    (folder / ".hidden").write_text("x")
    return folder


def rows(out):
    with out.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_folder_a_zip_and_a_file_in_the_given_order(zoo, scans, tmp_path):  # noqa: F811
    archive = tmp_path / "more.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("x/z.png", encoded(drawing()))
        zipped.writestr("x/blank.png", REFUSED["blank"][0])
        zipped.writestr("__MACOSX/x", b"x")
    out = tmp_path / "answers.csv"
    code, printed, err = zoo("predict", "mnist-cnn", archive, scans, scans / "none.png", "--out", out)
    assert code == 1 and printed == "" and f"6 answers in {out}, 3 of them errors." in err
    found = rows(out)
    expected = [
        f"{archive}/x/z.png",
        f"{archive}/x/blank.png",
        *(f"{scans}/{n}" for n in ("a.png", "b/c.png", "b/d.txt", "none.png")),
    ]
    assert [row["input"] for row in found] == expected
    assert [row["best"] for row in found] == ["1", "", "1", "1", "", ""]
    assert "blank" in found[1]["error"] and "not an image" in found[4]["error"] and "No such file" in found[5]["error"]
    assert found[0]["label"] == "1" and 0.5 < float(found[0]["probability"]) <= 1 and not list(tmp_path.glob(".*.part"))


def test_what_is_no_zip_leaves_the_file_of_before(zoo, tmp_path):  # noqa: F811
    (tmp_path / "bad.zip").write_bytes(b"no zip")
    out = tmp_path / "answers.csv"
    out.write_text("before")
    sentence(zoo("predict", "mnist-cnn", tmp_path / "bad.zip", "--out", out), "bad.zip", "Name a zip file")
    sentence(zoo("predict", "mnist-cnn", tmp_path / "bad.zip", "--out", tmp_path / "no" / "x.csv"), "Could not write")
    assert out.read_text() == "before" and not list(tmp_path.glob(".*.part"))


def test_a_file_that_unpacks_to_too_much_is_an_error_of_its_row(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("bomb.png", b"\0" * 2_000_000)
    monkeypatch.setattr("app.batch.MAX_BYTES", 2**20)
    ((name, raw),) = batch.unfolded([str(tmp_path / "bomb.zip")], "ink")
    assert name.endswith("bomb.zip/bomb.png") and isinstance(raw, BadInput) and "larger than 1 MB" in str(raw)


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_could_only_be_unpacked_whole_is_not_unpacked(tmp_path, packing):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", packing) as zipped:
        zipped.writestr("bomb.png", b"\0" * 2_000_000)
    ((_, raw),) = batch.unfolded([str(tmp_path / "bomb.zip")], "ink")
    assert isinstance(raw, BadInput) and "unusual way" in str(raw)


def test_a_folder_is_no_file_to_write_to_and_is_said_before_anything_is_answered(tmp_path):
    for out in (tmp_path, Path()):
        with pytest.raises(ZooError, match="is a folder; name a file with --out"):
            batch.write(None, iter("x"), out)


def test_a_name_that_is_not_utf8_is_written_all_the_same(tmp_path):
    predictor = SimpleNamespace(read=None, predict_batch=lambda raws: [])
    assert batch.write(predictor, [("a\udcff.png", BadInput("refused"))], tmp_path / "out.csv") == (1, 1)
    assert [row["input"] for row in rows(tmp_path / "out.csv")] == ["a\\udcff.png"]


def test_inputs_are_taken_a_few_at_a_time(tmp_path, monkeypatch):
    taken, answered, ahead = 0, 0, []

    def inputs():
        nonlocal taken
        for taken in range(1, 201):
            yield str(taken), BadInput("refused")

    def counted(predictor, raws):
        nonlocal answered
        ahead.append(taken - answered)
        answered += len(raws)
        return raws

    monkeypatch.setattr("app.batch.answers", counted)
    assert batch.write(None, inputs(), tmp_path / "out.csv") == (200, 200)
    assert max(ahead) <= AT_ONCE and [row["input"] for row in rows(tmp_path / "out.csv")][-1] == "200"
