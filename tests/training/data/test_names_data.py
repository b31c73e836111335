"""The names: counts, splits and checks; texts that are no names."""

import gzip

import numpy as np
import pytest

from models.errors import ZooError
from models.tasks.names import TASK
from models.zoo.names_gru import ENTRY
from training.batches import Batches
from training.data import dataset, names
from training.data.dataset import Sources
from training.data.no_names import KEYS, mash
from training.data.prepare import prepare, raw_inputs

torch = pytest.importorskip("torch")


@pytest.fixture
def no_home(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.setattr(names, "_download", lambda file, sources: (_ for _ in ()).throw(ZooError("not here")))
    return tmp_path


def test_the_counts_are_those_of_the_course(data):
    assert len(dataset("names").read("test", Sources(data)).inputs) == 6_700
    assert len(dataset("names-unseen").read("test", Sources(data)).inputs) == 5_652


def test_no_name_is_in_two_splits(data):
    train, validation = (set(dataset("names").read(part, Sources(data)).inputs) for part in ("train", "validation"))
    unseen = set(dataset("names-unseen").read("test", Sources(data)).inputs)
    assert not train & validation and not (train | validation) & unseen


def test_train_and_validation_are_the_rows_of_the_course(data):
    train, validation = (dataset("names").read(part, Sources(data)) for part in ("train", "validation"))
    assert len(train.inputs) + len(validation.inputs) == 13_374
    assert len(set(validation.inputs)) == 1_181


def test_every_country_is_in_every_split_but_arabic_among_unseen_names(data):
    for name, part in (("names", "train"), ("names", "test")):
        assert len(np.unique(dataset(name).read(part, Sources(data)).labels)) == 18
    unseen = dataset("names-unseen").read("test", Sources(data))
    assert {unseen.classes[i] for i in np.unique(unseen.labels)} == set(TASK.labels) - {"Arabic"}


def test_the_vocabulary_covers_train_and_test(data):
    processor = ENTRY.processor().fit(raw_inputs("names", "train", Sources(data)))
    assert processor.vocabulary == " ',abcdefghijklmnopqrstuvwxyz"
    examples = prepare("names", "test", processor, TASK.labels, Sources(data))
    assert len(examples) == 6_700 and examples.refused == 0
    assert not (examples.inputs["x"] == 1).any()


def test_a_changed_file_is_refused(tmp_path, no_home):
    (tmp_path / "names").mkdir()
    (tmp_path / "names" / names.TRAIN).write_bytes(gzip.compress(b'"Li","Chinese"\n'))
    with pytest.raises(ZooError, match="SHA-256 differs"):
        dataset("names").read("train", Sources(tmp_path))


def test_without_data_and_network_the_error_names_a_remedy(tmp_path, monkeypatch):
    monkeypatch.delenv("ZOO_DATA", raising=False)
    import pooch

    def unreachable(*args, **kwargs):
        raise OSError("no network")

    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.setattr(pooch, "retrieve", unreachable)
    with pytest.raises(ZooError, match="Connect to the network"):
        dataset("names").read("train", Sources())


def test_keyboard_mash_is_letters_of_one_row():
    texts = mash()
    assert len(texts) == 1_000 and texts == mash()
    assert all(4 <= len(text) <= 12 and any(set(text) <= set(row) for row in KEYS) for text in texts)


def test_english_words_are_no_names(data):
    words = dataset("english-words").read("test", Sources(data)).inputs
    every = {
        name.lower()
        for part in ("train", "validation", "test")
        for name in dataset("names").read(part, Sources(data)).inputs
    }
    assert len(set(words)) == 1_000 and not set(words) & every
    assert all(len(word) >= 4 and word.isascii() and word.isalpha() and word.islower() for word in words)


def test_batches_of_texts_hold_every_example_once_and_little_padding():
    from training.data.examples import Examples

    lengths = np.random.default_rng(0).integers(1, 20, 640)
    x = (np.arange(20) < lengths[:, None]).astype(np.int64) * (np.arange(640)[:, None] + 1)
    batches = Batches(Examples({"x": x, "lengths": lengths}, np.arange(640)), torch.device("cpu"))
    seen, wide = [], 0
    for inputs, labels in batches.shuffled(64, torch.Generator().manual_seed(0)):
        assert inputs["x"].shape == (64, int(inputs["lengths"].max()))
        seen += labels.tolist()
        wide += inputs["x"].numel()
    assert sorted(seen) == list(range(640)) and wide < 1.2 * lengths.sum()
