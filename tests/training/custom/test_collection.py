"""Collections of user examples: how they are split, what is reported before training, and what is refused."""

import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from models.errors import TooLarge, ZooError
from models.processors.characters import Characters
from models.processors.ink import Ink
from models.processors.photo import Photo
from training.custom import collection
from training.custom.collection import read
from training.data.dataset import Sources


def splits(own, round=0):
    """Return {split: [(raw, label)]} of the data set."""
    by_split = {}
    for part in ("train", "validation", "test"):
        raw = own.dataset(round).read(part, Sources())
        by_split[part] = [(item, raw.classes[label]) for item, label in zip(raw.inputs, raw.labels, strict=True)]
    return by_split


def test_a_collection_is_a_data_set_whose_source_contains_no_path(drawn):
    own = read(drawn(bar=10, ring=20), Ink())
    parts = splits(own)
    assert {part: len(some) for part, some in parts.items()} == {"train": 18, "validation": 6, "test": 6}
    for some in parts.values():
        assert all(path.parent.name == label for path, label in some) and {label for _, label in some} == {
            "bar",
            "ring",
        }
    address = own.dataset().address
    assert "30 drawings" in address and "(bar 10, ring 20)" in address and own.sha256 in address and "/" not in address
    assert own.warnings == () and own.left_out == ()


def test_the_split_depends_on_file_contents_not_on_names(drawn, tmp_path):
    folder = drawn(bar=6, ring=6)
    before = read(folder, Ink())
    other = shutil.copytree(folder, tmp_path / "elsewhere")
    for file in sorted((other / "bar").iterdir()):
        file.rename(file.with_name(f"renamed-{9 - int(file.stem)}.png"))
    after = read(other, Ink())
    assert after.sha256 == before.sha256 and (after.folds == before.folds).all()
    os.remove(other / "ring" / "0.png")
    assert read(other, Ink()).sha256 != before.sha256


def test_near_duplicates_are_in_one_split(drawn):
    folder = drawn(bar=6, ring=12)
    for number in range(12):
        image = Image.open(folder / "ring" / f"{number}.png")
        image.resize((48, 48), Image.Resampling.LANCZOS).save(folder / "ring" / f"{number}-again.jpg", quality=80)
    own = read(folder, Ink())
    for number in range(own.rounds):
        of = {
            path.stem: part
            for part, some in splits(own, number).items()
            for path, _ in some
            if path.parent.name == "ring"
        }
        assert all(of[str(number)] == of[f"{number}-again"] for number in range(12))


def test_an_unreadable_file_is_skipped_and_listed(drawn):
    folder = drawn(bar=10, ring=10)
    (folder / "bar" / "notes.txt").write_text("no image")
    Image.new("L", (64, 64), 255).save(folder / "ring" / "blank.png")
    (folder / "ring" / "cut.png").write_bytes((folder / "ring" / "0.png").read_bytes()[:60])
    own = read(folder, Ink())
    assert len(own) == 20 and [reason.partition(":")[0] for reason in own.left_out] == [
        "bar/notes.txt",
        "ring/blank.png",
        "ring/cut.png",
    ]
    (warning,) = own.warnings
    assert warning.startswith("3 left out: bar/notes.txt: This is not an image")


def test_a_duplicate_under_two_labels_is_left_out_and_listed(drawn, written):
    folder = drawn(bar=10, ring=10)
    shutil.copy(folder / "bar" / "4.png", folder / "ring" / "x.png")
    own = read(folder, Ink())
    assert len(own) == 19 and own.left_out == (
        "bar/4.png and ring/x.png: identical, but with 2 different labels (bar, ring)",
    )
    rows = [f"{label} {number},{label}" for number in range(10) for label in ("a", "b")]
    own = read(written("text,label", *rows, "Both,a", "both,b"), Characters())
    assert len(own) == 20 and own.left_out == ("line 22 and line 23: identical, but with 2 different labels (a, b)",)


def test_few_examples_are_a_warning_and_too_few_are_refused(drawn):
    folder = drawn(bar=9, ring=10)
    assert [w.partition(":")[0] for w in read(folder, Ink()).warnings] == ["Fewer than 10 drawings of bar"]
    for number in range(3, 9):
        os.remove(folder / "bar" / f"{number}.png")
    assert len(read(folder, Ink())) == 13
    shutil.copy(folder / "bar" / "0.png", folder / "bar" / "copy.png")
    os.remove(folder / "bar" / "2.png")
    with pytest.raises(ZooError, match=r"needs at least 3 different examples, better 10 or more; too few: bar \(2\)"):
        read(folder, Ink())


def test_photos_of_one_burst_are_one_example(tmp_path):
    from sklearn.datasets import load_sample_image

    for label, name in (("temple", "china.jpg"), ("flower", "flower.jpg")):
        (tmp_path / label).mkdir()
        photo = Image.fromarray(load_sample_image(name))
        for number in range(4):
            photo.crop((number, number, 600 + number, 400 + number)).save(tmp_path / label / f"{number}.jpg")
    with pytest.raises(
        ZooError, match=r"at least 3 different examples, better 10 or more; too few: flower \(1\), temple \(1\)"
    ):
        read(tmp_path, Photo())


def test_a_label_without_a_readable_file_is_refused(drawn):
    folder = drawn(bar=5, ring=5)
    (folder / "texts").mkdir()
    (folder / "texts" / "a.txt").write_text("hello")
    with pytest.raises(ZooError, match=r"texts \(0\); left out: texts/a.txt: This is not an image"):
        read(folder, Ink())


def test_a_folder_of_text_files_is_refused(tmp_path):
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        (tmp_path / label / "1.txt").write_text(label)
    with pytest.raises(ZooError, match="no readable drawings; left out: a/1.txt: This is not an image.*; and 1 more.$"):
        read(tmp_path, Ink())


def test_a_single_label_is_refused(drawn, written):
    with pytest.raises(ZooError, match="only one label, 'bar'; a model needs at least two"):
        read(drawn(bar=10), Ink())
    with pytest.raises(ZooError, match="only one label, 'city'; a model needs at least two"):
        read(written("text,label", "Rome,city", "Paris,city", "Oslo,city"), Characters())
    with pytest.raises(
        ZooError, match="at least two; left out: line 3: has 3 cells, but the heading has 2; and 1 more"
    ):
        read(written("text,label", "good film,good", "bad, dull,bad", "dull, bad,bad"), Characters())


def test_uneven_labels_are_a_warning(drawn):
    own = read(drawn(bar=10, ring=101), Ink())
    (warning,) = own.warnings
    assert warning.startswith("Imbalanced: 101 drawings of ring, only 10 of bar")


def test_examples_of_the_wrong_kind_are_refused(drawn, written, tmp_path):
    with pytest.raises(ZooError, match="reads texts; pass a CSV file"):
        read(drawn(bar=3), Characters())
    with pytest.raises(ZooError, match="reads drawings; pass a folder"):
        read(written("text,label", "a,b"), Ink())
    with pytest.raises(
        ZooError, match="There is no such folder: .*nowhere; pass a folder with one folder of images per label"
    ):
        read(tmp_path / "nowhere", Ink())
    with pytest.raises(ZooError, match="There is no such file: .*nowhere.csv; pass a CSV file"):
        read(tmp_path / "nowhere.csv", Characters())


def test_examples_that_exceed_memory_are_refused(drawn, monkeypatch):
    monkeypatch.setattr(collection, "MAX_MEMORY", 5 * 28 * 28 * 4)
    with pytest.raises(TooLarge, match="too many drawings for this model: the first 6 of 20"):
        read(drawn(bar=10, ring=10), Ink())


def test_numbers_as_labels_are_in_order_and_lookalikes_are_a_warning(written):
    rows = [f"{letter} {label},{label}" for label in (10, 9, 2) for letter in "abcdefghijkl"]
    own = read(written("text,label", *rows), Characters())
    assert own.labels == ("2", "9", "10") == tuple(own.counts) and own.warnings == ()
    lookalikes = ("good", "Good", "good\u200b")
    rows = [f"{letter} {n},{label}" for n, label in enumerate(lookalikes) for letter in "abcdefghijkl"]
    (warning,) = read(written("text,label", *rows), Characters()).warnings
    assert warning.startswith("The labels 'Good' and 'good' and 'good\\u200b' look alike")
    with pytest.raises(ZooError, match=r"too few: Good \(1: line 14\)\. The labels 'Good' and 'good' look alike; if"):
        read(written("text,label", *rows[:12], "x,Good", *(f"{n},bad" for n in range(12))), Characters())


def test_a_zip_file_is_refused_with_advice(drawn, tmp_path):
    zipped = shutil.make_archive(str(tmp_path / "drawings"), "zip", drawn(bar=3, ring=3))
    with pytest.raises(ZooError, match="drawings.zip is a zip file; unpack it first"):
        read(Path(zipped), Ink())
    with pytest.raises(ZooError, match="a zip file or a workbook"):
        read(Path(zipped), Characters())


def test_a_part_of_a_text_that_became_a_label_is_named_by_its_line(written):
    rows = [f"film {number},{label}," for number in range(12) for label in ("good", "bad")]
    rows.insert(4, "film 1 is good, and fun,good")  # the cells fit the headings, of which the last is often empty
    with pytest.raises(ZooError, match=r"too few: and fun \(1: line 6\)"):
        read(written("text,label,remark", *rows), Characters())


def test_texts_that_differ_in_numbers_are_copies_and_the_refusal_says_so(written):
    lines = [f"order {number} is late,late" for number in range(9)]
    words = "apples pears plums figs dates limes".split()
    with pytest.raises(ZooError, match=r"too few: late \(1: line \d\); not counting 8 copies of them\."):
        read(written("text,label", *lines, *(f"{word} are fine,fine" for word in words)), Characters())
