"""The holiday photos: their splits, near duplicates, and the error message when they are missing."""

import numpy as np
import pytest
from PIL import Image

from models.errors import ZooError
from models.tasks.holidays import TASK
from training.data import dataset, wonders
from training.data.dataset import Sources

PLACES = TASK.labels[:2]


@pytest.fixture
def root(tmp_path):
    """Two places with 20 photos of noise each; the first has 20 more that are near duplicates of one another."""
    random = np.random.default_rng(0)
    for part, count in (("train", 20), ("test", 3)):
        for place in PLACES:
            folder = tmp_path / "wonders" / part / place
            folder.mkdir(parents=True)
            for number in range(count):
                blocks = random.integers(0, 256, (6, 8, 3), np.uint8)
                Image.fromarray(blocks).resize((160, 120)).save(folder / f"{number:02}.jpg")
    same = Image.open(tmp_path / "wonders" / "train" / PLACES[0] / "00.jpg")
    for number in range(20):
        kind = same.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if number % 2 else same
        kind.resize((200 + number, 150)).save(
            tmp_path / "wonders" / "train" / PLACES[0] / f"again-{number}.jpg", quality=60
        )
    (tmp_path / "wonders" / "none").mkdir()
    Image.effect_noise((90, 90), 60).save(tmp_path / "wonders" / "none" / "a.jpg")
    (tmp_path / "wonders" / "none" / "notes.txt").write_text("no photo")
    return tmp_path


def test_near_duplicates_stay_in_one_split_and_splits_are_disjoint(root):
    train, validation = (dataset("wonders").read(part, Sources(root)) for part in ("train", "validation"))
    assert not set(train.inputs) & set(validation.inputs) and len(train.inputs) + len(validation.inputs) == 60
    copies = {path.name for path in train.inputs if "again" in path.name}
    assert len(copies) == 20
    for label in (0, 1):
        assert 1 <= (validation.labels == label).sum() <= 0.15 * 40
    assert [TASK.labels[label] for label in train.labels] == [path.parent.name for path in train.inputs]
    assert train.classes == TASK.labels and train.sha256 == validation.sha256


def test_the_splits_are_deterministic(root):
    first = dataset("wonders").read("validation", Sources(root)).inputs
    wonders._held_out.cache_clear()
    assert dataset("wonders").read("validation", Sources(root)).inputs == first


def test_the_test_and_none_splits_are_read(root):
    assert len(dataset("wonders").read("test", Sources(root)).inputs) == 6
    none = dataset("wonders-none").read("test", Sources(root))
    assert [path.name for path in none.inputs] == ["a.jpg"] and none.labels is None


def test_without_photos_the_error_names_their_source(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    for name in ("wonders", "wonders-none"):
        with pytest.raises(ZooError, match="kaggle.com.*--data or ZOO_DATA"):
            dataset(name).read("test", Sources(tmp_path))
    (tmp_path / "wonders" / "train").mkdir(parents=True)
    with pytest.raises(ZooError, match="no photos in"):
        dataset("wonders").read("train", Sources(tmp_path))


@pytest.mark.data
def test_the_real_photos_are_read(data):
    counts = {
        part: len(dataset("wonders").read(part, Sources(data)).inputs) for part in ("train", "validation", "test")
    }
    assert counts["train"] + counts["validation"] == 983 and counts["test"] == 333
    assert 0.13 <= counts["validation"] / 983 <= 0.15
    assert len(dataset("wonders-none").read("test", Sources(data)).inputs) == 87
