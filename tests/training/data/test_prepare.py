"""From data set to arrays: through the processor, with blanks counted, and cached by content."""

import numpy as np
import pytest

from models.errors import ZooError
from models.processors.characters import Characters
from models.processors.ink import Ink
from training.data import dataset
from training.data import prepare as preparing
from training.data.dataset import Dataset, Raw
from training.data.prepare import prepare

LABELS = tuple("0123456789")


@pytest.fixture
def two_blank(monkeypatch, tmp_path):
    images = np.zeros((5, 28, 28), np.uint8)
    images[[0, 2, 4], 5:20, 10:14] = 255
    raw = Raw(images, np.array([0, 1, 2, 3, 4]), tuple("98765"), "0" * 64)
    monkeypatch.setattr(
        preparing, "find", lambda name, sources: Dataset(name, "t", "a", "l", lambda split, sources: raw, ("test",))
    )
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    return tmp_path


def test_blank_inputs_are_counted_separately_and_labels_are_the_tasks(two_blank):
    examples = prepare("some", "test", Ink(), LABELS)
    assert (len(examples), examples.refused) == (3, 2)
    assert examples.labels.tolist() == [9, 7, 5]
    assert examples.inputs["x"].shape == (3, 1, 28, 28) and examples.inputs["x"].dtype == np.float32


def test_labels_of_another_task_are_out_of_distribution(two_blank):
    assert (prepare("some", "test", Ink(), tuple("ab")).labels == -1).all()


def test_prepared_data_is_cached_and_a_damaged_cache_is_rebuilt(two_blank, monkeypatch):
    first = prepare("some", "test", Ink(), LABELS)
    (cached,) = (two_blank / "cache").iterdir()
    with monkeypatch.context() as patch:
        patch.setattr(preparing, "_process", None)  # a call would fail
        assert (prepare("some", "test", Ink(), LABELS).inputs["x"] == first.inputs["x"]).all()
    cached.write_bytes(b"half a file")
    assert (prepare("some", "test", Ink(), LABELS).inputs["x"] == first.inputs["x"]).all()


def test_another_processor_has_another_cache(two_blank):
    prepare("some", "test", Ink(), LABELS)
    prepare("some", "test", Ink(box=18), LABELS)
    assert len(list((two_blank / "cache").iterdir())) == 2


def test_the_cache_key_depends_only_on_the_reading_code():
    modules = {module.__name__ for module in preparing._code(dataset("mnist").read, Ink())}
    inputs = {name for name in modules if name.startswith("models.inputs.")}
    assert modules - inputs == {"training.data.torchvision_layout", "models.processors.ink"}
    assert {f"models.inputs.{name}" for name in ("ink", "paper", "picture", "rulings", "strokes")} <= inputs
    assert "models.inputs.text" not in inputs
    modules = {module.__name__ for module in preparing._code(dataset("names").read, Characters("ab"))}
    of_texts = {
        f"models.{name}" for name in ("processors.characters", "processors.tokens", "inputs.text", "inputs.folding")
    }
    assert modules == {"training.data.names"} | of_texts


def test_a_cache_that_is_not_writable_is_no_error(two_blank, monkeypatch):
    def full(*_):
        raise ZooError("No space left on device")

    monkeypatch.setattr(preparing, "write_atomically", full)
    assert len(prepare("some", "test", Ink(), LABELS)) == 3


def test_an_unknown_split_is_refused(two_blank):
    with pytest.raises(ZooError, match="has no train split; it has: test"):
        prepare("some", "train", Ink(), LABELS)
