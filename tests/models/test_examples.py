"""Example photos: only readable ones, and only from the data root."""

from dataclasses import replace

import pytest
from PIL import Image

from models import examples
from models.examples import photos
from models.tasks.holidays import TASK

NOISE = Image.effect_noise((64, 48), 80).convert("RGB")


def test_examples_come_from_the_data_root_or_from_the_task(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    assert [raw for _, raw in photos(TASK)] == [example.raw for example in TASK.examples]
    for label in TASK.labels[:4]:
        folder = tmp_path / "wonders" / "test" / label
        folder.mkdir(parents=True)
        NOISE.save(folder / "b.jpg")
        NOISE.save(folder / "a.jpg")
    examples._local.cache_clear()
    local = photos(TASK)
    assert len(local) == 3 and all(path.name == "a.jpg" for _, path in local)
    assert not any(label in title for title, _ in local for label in TASK.labels)
    examples._local.cache_clear()


@pytest.mark.parametrize("outside", ["dataset", "label"])
def test_an_untrusted_task_cannot_reach_outside_the_data_root(tmp_path, monkeypatch, outside):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    (tmp_path / "private" / "test" / "x").mkdir(parents=True)
    NOISE.save(tmp_path / "private" / "test" / "x" / "a.jpg")
    task = (
        replace(TASK, datasets=("../private",), labels=("x", "y"))
        if outside == "dataset"
        else replace(TASK, labels=(str(tmp_path / "private" / "test" / "x"), "y"))
    )
    assert [raw for _, raw in photos(task)] == [example.raw for example in TASK.examples]


def test_a_damaged_photo_is_skipped(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    for label in TASK.labels[:2]:
        folder = tmp_path / "wonders" / "test" / label
        folder.mkdir(parents=True)
        NOISE.save(folder / "a.jpg")
    (tmp_path / "wonders" / "test" / TASK.labels[0] / "a.jpg").write_bytes(b"no photo")
    assert [path.parent.name for _, path in photos(TASK)] == [TASK.labels[1]]
