"""The examples behind the cells of a confusion table: created from test data, read by the pages, for any input."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import models
from models import confusion_examples
from models.checkpoint import Checkpoint
from models.errors import BadInput, ZooError
from models.paths import SHIPPED
from training.confusion_examples import make_cells

ON = "digits8x8"  # part of scikit-learn, so always available


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    told = []
    path = make_cells("mnist-cnn", ON, report=lambda *now: told.append(now))
    return path, told


def test_the_counts_match_the_evaluation_and_the_worst_come_first(made):
    path, progress = made
    checkpoint = Checkpoint.open(SHIPPED / "mnist-cnn")
    examples = confusion_examples.load(checkpoint, ON)
    counts = checkpoint.evaluation.test[ON].confusion
    for true in range(10):
        for predicted in range(10):
            cell = examples.of(true, predicted)
            assert cell.count == counts[true][predicted]
            assert len(cell.samples) == min(cell.count, confusion_examples.MAX_EXAMPLES)
            sure = [sample.confidence for sample in cell.samples]
            assert sure == sorted(sure, reverse=true != predicted)
    assert progress[0][0] == 0 and progress[-1][0] == progress[-1][1] == sum(map(sum, counts))
    assert path.stat().st_size < 2**20


def test_stored_examples_give_the_same_answers(made):
    predictor = models.load("mnist-cnn")
    examples = confusion_examples.load(predictor.checkpoint, ON)
    cell = next(cell for cell in examples.cells if cell.true != cell.predicted)
    for sample in cell.samples[:3]:
        answer = predictor.predict(sample.raw_input())
        assert predictor.task.labels.index(answer.best) == cell.predicted and answer.abstained == sample.abstained
        assert answer.probabilities[answer.best] == pytest.approx(sample.confidence, abs=1e-3)


def test_each_kind_of_input_survives_the_round_trip(tmp_path):
    strokes = {"strokes": [np.array([[1.234, 2], [3, 4]])], "pen": 18}
    photo = tmp_path / "a.png"
    for raw in ("Müller", strokes, photo):
        again = confusion_examples.Sample(
            raw=json.loads(json.dumps(confusion_examples.to_json(raw))), confidence=0.5, abstained=False
        ).raw_input()
        expected = {"strokes": [[[1.23, 2.0], [3.0, 4.0]]], "pen": 18.0} if raw is strokes else raw
        assert again == expected
    image = np.arange(64, dtype=np.uint8).reshape(8, 8)
    content = confusion_examples.Sample(
        raw=confusion_examples.to_json(image), confidence=0.5, abstained=False
    ).raw_input()
    (tmp_path / "b.png").write_bytes(content)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "b.png")), image)
    with pytest.raises(BadInput, match="damaged"):
        confusion_examples.Sample(raw={"image": "?"}, confidence=0.5, abstained=False).raw_input()


def test_damaged_or_mismatched_examples_are_ignored(made):
    path, _ = made
    checkpoint = Checkpoint.open(SHIPPED / "mnist-cnn")
    assert confusion_examples.load(Checkpoint.open(SHIPPED / "mnist-mlp"), ON) is None
    for damage in ("{", '{"cells": [{"was": 0}]}', "[]"):
        path.write_text(damage)
        assert confusion_examples.load(checkpoint, ON) is None


def test_the_number_of_stored_files_is_bounded(made, monkeypatch):
    path, _ = made
    monkeypatch.setattr(confusion_examples, "MAX_FILES", 2)
    for i in range(3):
        other = Path(path.parent, f"confusion-{i}.json")
        other.write_text("{}")
        os.utime(other, (i, i))
    confusion_examples.save(Checkpoint.open(SHIPPED / "mnist-cnn"), ON, confusion_examples.Cells(cells=()))
    assert sorted(p.name for p in path.parent.glob("confusion-*.json")) == sorted([path.name, "confusion-2.json"])


@pytest.mark.parametrize(("name", "words"), [("noise", "no test part|labels of"), ("nothing", "There is no data set")])
def test_data_without_a_confusion_table_is_refused(name, words):
    with pytest.raises(ZooError, match=words):
        make_cells("mnist-cnn", name)
