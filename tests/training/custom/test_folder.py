"""A folder of class folders: which files are examples, which are skipped, and which folders are refused."""

import os
import shutil

import pytest

from models.errors import TooLarge, ZooError
from models.inputs.picture import open_image
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


@pytest.mark.parametrize("name", ["a.jfif", "a.jpe", "a", "a.HEIC", "a.dat"])
def test_an_example_may_have_any_name(drawn, name):
    folder = drawn(bar=2, ring=2)
    (folder / "bar/0.png").rename(folder / "bar" / name)
    items, left_out = items_in(folder)
    (item,) = [item for item in items if item.name == f"bar/{name}"]
    assert left_out == [] and open_image(item.raw)[0].size


def test_files_without_a_label_are_listed_and_clutter_is_ignored(drawn):
    folder = drawn(bar=1, ring=1)
    (folder / "bar" / "more").mkdir()
    shutil.copy(folder / "bar" / "0.png", folder / "loose.png")
    for name in (".DS_Store", "bar/.hidden.png", "bar/Thumbs.db"):
        (folder / name).write_bytes(b"x")
    (folder / "__MACOSX").mkdir()
    items, left_out = items_in(folder)
    assert len(items) == 2 and len(left_out) == 2
    assert "loose.png" in left_out[0] and "is not in a label's folder" in left_out[0] and "bar/more" in left_out[1]


def test_composed_and_decomposed_names_are_one_label(drawn):
    folder = drawn(bar=1)
    (folder / "bar").rename(folder / "e\u0301")
    assert items_in(folder)[0][0].label == "\u00e9"


def test_a_folder_without_class_folders_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(ZooError, match="contains no folders; expected .*<label>/<image>"):
        items_in(tmp_path)


def test_a_folder_nested_too_deep_suggests_the_right_one(drawn):
    folder = drawn(bar=1, ring=1)
    with pytest.raises(ZooError, match=r"contains folders \(bar, ring\), not images.*Did you mean .*/drawings\?"):
        items_in(folder.parent)


def test_too_many_files_are_refused_before_reading(drawn, monkeypatch):
    folder = drawn(bar=3, ring=3)
    monkeypatch.setattr(folders, "_item", None)  # a call would fail
    monkeypatch.setattr(folders, "MAX_IMAGES", 5)
    with pytest.raises(TooLarge, match="has 6 files; at most 5"):
        items_in(folder)
    monkeypatch.setattr(folders, "MAX_LABELS", 1)
    with pytest.raises(TooLarge, match="has 2 folders; at most 1 labels"):
        items_in(folder)


def test_a_label_that_is_not_utf8_is_refused(tmp_path):
    (tmp_path / "e\udcff").mkdir()
    with pytest.raises(ZooError, match=r"'e\\udcff' is not UTF-8; rename it") as caught:
        items_in(tmp_path)
    assert str(caught.value).isascii()


def test_a_large_file_is_skipped_unread(drawn, monkeypatch):
    folder = drawn(bar=1)
    monkeypatch.setattr(folders, "MAX_FILE_BYTES", 2**20)
    (folder / "bar" / "film.mp4").write_bytes(b"x" * (2**20 + 1))
    items, left_out = items_in(folder)
    assert len(items) == 1 and left_out == ["bar/film.mp4: is 1 MB; at most 1 MB are read"]


def test_a_file_without_permission_is_skipped(drawn, monkeypatch):
    folder = drawn(bar=2)

    def forbidden(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(folder), "read_bytes", forbidden)
    assert items_in(folder) == ([], ["bar/0.png: Permission denied", "bar/1.png: Permission denied"])


CLUTTER = [
    *("#recycle", "@eaDir", "$RECYCLE.BIN", "System Volume Information", "lost+found", "__MACOSX", "@Recycle"),
    *(".ipynb_checkpoints", ".git", "#snapshot", "RECYCLER", "__pycache__", "Network Trash Folder"),
]
FILES = [
    *("Thumbs.db", "Thumbs.db:encryptable", "Icon\r", "desktop.ini", "Desktop.ini", ".DS_Store", "._0.png"),
    *("0.png:Zone.Identifier", "0.png@SynoEAStream", "~$notes.docx", "ehthumbs.db"),
]


@pytest.mark.parametrize("name", CLUTTER)
def test_a_folder_that_a_system_leaves_behind_is_no_label(drawn, name):
    folder = drawn(bar=1, ring=1)
    for parent in (folder, folder / "bar"):
        (parent / name).mkdir()
        shutil.copy(folder / "ring" / "0.png", parent / name / "0.png")
    items, left_out = items_in(folder)
    assert {item.label for item in items} == {"bar", "ring"} and left_out == []


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_a_system_leaves_behind_is_ignored(drawn, name):
    folder = drawn(bar=1, ring=1)
    for parent in (folder, folder / "bar"):
        (parent / name).write_bytes(b"x")
    assert len(items_in(folder)[0]) == 2 and items_in(folder)[1] == []


@pytest.mark.parametrize("name", ["#1", "@home", "$", "lost", "Icon", "recycle", "thumbs", "~"])
def test_names_like_those_of_clutter_are_labels(drawn, name):
    folder = drawn(bar=1)
    (folder / "bar").rename(folder / name)
    assert [item.label for item in items_in(folder)[0]] == [name]


def test_everything_left_out_is_named(drawn):
    folder = drawn(bar=1, ring=1)
    (folder / "empty").mkdir()
    (folder / "cluttered").mkdir()
    (folder / "cluttered" / "Thumbs.db").write_bytes(b"x")
    (folder / "gone").symlink_to(folder / "nowhere")
    (folder / "self").symlink_to("self")
    (folder / "all").symlink_to(folder)
    (folder / "above").symlink_to("..")
    os.mkfifo(folder / "pipe")
    (folder / "bar" / "gone.png").symlink_to("nowhere.png")
    (folder / "bar" / "self.png").symlink_to("self.png")
    os.mkfifo(folder / "bar" / "pipe.png")
    items, left_out = items_in(folder)
    assert len(items) == 2
    assert dict(sentence.split(": ", 1) for sentence in left_out) == {
        "above": "is a link to this folder or one above it",
        "all": "is a link to this folder or one above it",
        "bar/gone.png": "is a link to 'nowhere.png', where there is nothing",
        "bar/pipe.png": "is not a file but a pipe, socket or device",
        "bar/self.png": "is a link to 'self.png', where there is nothing",
        "cluttered": "contains no images, so there is no such label",
        "empty": "contains no images, so there is no such label",
        "gone": f"is a link to {str(folder / 'nowhere')!r:.80}, where there is nothing",
        "pipe": "is not a file but a pipe, socket or device",
        "self": "is a link to 'self', where there is nothing",
    }


@pytest.mark.parametrize(
    "parts", [("train", "val", "test"), ("Training", "validation"), ("test", "train"), ("train",), ("valid", "train")]
)
@pytest.mark.parametrize("flat", [False, True])
def test_a_folder_divided_into_parts_points_to_the_one_for_training(drawn, parts, flat):
    folder = drawn(bar=1, ring=1)
    for part in parts:
        shutil.copytree(folder / "bar" if flat else folder, folder.parent / "data" / part)
    train = next(part for part in parts if part.lower().startswith("train"))
    with pytest.raises(ZooError, match=f"divided into .*point --examples at .*/data/{train}. "):
        items_in(folder.parent / "data")


def test_a_label_may_be_named_as_a_part(drawn):
    folder = drawn(bar=1, ring=1)
    (folder / "bar").rename(folder / "train")  # or plane
    assert {item.label for item in items_in(folder)[0]} == {"train", "ring"}
