"""Photos to try: from the data root, from nowhere else, and only such as can be read."""

from dataclasses import replace

import pytest
from PIL import Image

from models import examples
from models.examples import photos
from models.tasks.holidays import TASK

NOISE = Image.effect_noise((64, 48), 80).convert("RGB")


def test_examples_come_from_the_data_root_and_else_travel_with_the_task(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    assert [raw for _, raw in photos(TASK)] == [example.raw for example in TASK.examples]
    for label in TASK.labels[:4]:
        folder = tmp_path / "wonders" / "test" / label
        folder.mkdir(parents=True)
        NOISE.save(folder / "b.jpg")
        NOISE.save(folder / "a.jpg")
    examples._local.cache_clear()
    found = photos(TASK)
    assert len(found) == 3 and all(path.name == "a.jpg" for _, path in found)
    assert not any(label in title for title, _ in found for label in TASK.labels)
    examples._local.cache_clear()


@pytest.mark.parametrize("outside", ["dataset", "label"])
def test_a_task_from_elsewhere_does_not_lead_out_of_the_data_root(tmp_path, monkeypatch, outside):
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


def test_a_damaged_photo_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    for label in TASK.labels[:2]:
        folder = tmp_path / "wonders" / "test" / label
        folder.mkdir(parents=True)
        NOISE.save(folder / "a.jpg")
    (tmp_path / "wonders" / "test" / TASK.labels[0] / "a.jpg").write_bytes(b"no photo")
    assert [path.parent.name for _, path in photos(TASK)] == [TASK.labels[1]]
