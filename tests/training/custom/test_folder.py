"""A folder of class folders: what is an example, what is left out, and what is something else."""

import shutil

import pytest

from models.errors import TooLarge, ZooError
from training.custom import folder as folders
from training.custom.folder import items_in


def test_every_file_of_a_class_folder_is_an_example_of_its_label(drawn):
    items, left_out = items_in(drawn(bar=2, ring=1))
    assert [(item.label, item.name) for item in items] == [
        ("bar", "bar/0.png"),
        ("bar", "bar/1.png"),
        ("ring", "ring/0.png"),
    ]
    assert left_out == [] and len({item.content for item in items}) == 3


def test_what_has_no_label_is_left_out_and_said_and_clutter_is_not(drawn):
    folder = drawn(bar=1, ring=1)
    (folder / "bar" / "more").mkdir()
    shutil.copy(folder / "bar" / "0.png", folder / "loose.png")
    for name in (".DS_Store", "bar/.hidden.png", "bar/Thumbs.db"):
        (folder / name).write_bytes(b"x")
    (folder / "__MACOSX").mkdir()
    items, left_out = items_in(folder)
    assert len(items) == 2 and len(left_out) == 2
    assert "loose.png" in left_out[0] and "is not in a label's folder" in left_out[0] and "bar/more" in left_out[1]


def test_composed_and_taken_apart_names_are_one_label(drawn):
    folder = drawn(bar=1)
    (folder / "bar").rename(folder / "e\u0301")
    assert items_in(folder)[0][0].label == "\u00e9"


def test_a_folder_without_class_folders_is_something_else(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(ZooError, match="contains no folders; expected .*<label>/<image>"):
        items_in(tmp_path)


def test_a_folder_of_folders_of_folders_says_which_may_be_meant(drawn):
    folder = drawn(bar=1, ring=1)
    with pytest.raises(ZooError, match=r"contains folders \(bar, ring\), not images.*Did you mean .*/drawings\?"):
        items_in(folder.parent)


def test_too_much_is_refused_before_anything_is_read(drawn, monkeypatch):
    folder = drawn(bar=3, ring=3)
    monkeypatch.setattr(folders, "_item", None)  # would fail if it were called
    monkeypatch.setattr(folders, "MAX_IMAGES", 5)
    with pytest.raises(TooLarge, match="has 6 files; at most 5"):
        items_in(folder)
    monkeypatch.setattr(folders, "MAX_LABELS", 1)
    with pytest.raises(TooLarge, match="has 2 folders; at most 1 labels"):
        items_in(folder)


def test_a_label_that_no_file_can_hold_is_said(tmp_path):
    (tmp_path / "e\udcff").mkdir()
    with pytest.raises(ZooError, match=r"'e\\udcff' is not UTF-8; rename it") as caught:
        items_in(tmp_path)
    assert str(caught.value).isascii()


def test_a_large_file_is_left_out_unread(drawn, monkeypatch):
    folder = drawn(bar=1)
    monkeypatch.setattr(folders, "MAX_BYTES", 2**20)
    (folder / "bar" / "film.mp4").write_bytes(b"x" * (2**20 + 1))
    items, left_out = items_in(folder)
    assert len(items) == 1 and left_out == ["bar/film.mp4: is 1 MB; at most 1 MB are read"]


def test_a_file_that_may_not_be_read_is_left_out(drawn, monkeypatch):
    folder = drawn(bar=2)

    def forbidden(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(folder), "read_bytes", forbidden)
    assert items_in(folder) == ([], ["bar/0.png: Permission denied", "bar/1.png: Permission denied"])
