"""The Stanford Sentiment Treebank: counts, splits and checks; texts that are no reviews."""

import gzip
import zipfile

import numpy as np
import pytest

from models.errors import ZooError
from models.processors.words import Words
from models.tasks.reviews import SENTIMENTS, TASK
from training.data import dataset, sst
from training.data.dataset import Sources
from training.data.no_reviews import code


def test_a_tree_is_its_nodes_with_the_sentence_last():
    assert sst.nodes("(3 (2 Good) (1 (2 -LRB-) (0 and\\/or)))") == [
        ("Good", 2),
        ("(", 2),
        ("and/or", 0),
        ("( and/or", 1),
        ("Good ( and/or", 3),
    ]
    for broken in ("", "(3 (2 Good)", "no tree"):
        with pytest.raises((ValueError, IndexError)):
            sst.nodes(broken)


@pytest.mark.parametrize(
    ("name", "part", "count"),
    [
        ("sst", "train", 159_274),
        ("sst", "validation", 1_101),
        ("sst-sentences", "train", 8_544),
        ("sst-sentences", "test", 2_210),
        ("sst-unseen", "test", 37_216),
        ("sst-nodes", "test", 82_600),
    ],
)
def test_the_counts_are_those_of_the_publisher(data, name, part, count):
    read = dataset(name).read(part, Sources(data))
    assert len(read.inputs) == len(read.labels) == count and read.classes == TASK.labels


def test_no_unseen_phrase_is_in_train_and_neutral_is_two_thirds_of_the_nodes(data):
    seen = {phrase.lower() for phrase in dataset("sst").read("train", Sources(data)).inputs}
    assert not seen & {phrase.lower() for phrase in dataset("sst-unseen").read("test", Sources(data)).inputs}
    nodes = dataset("sst-nodes").read("test", Sources(data))
    assert np.mean(nodes.labels == SENTIMENTS.index("neutral")) == pytest.approx(0.685, abs=5e-4)


def test_typed_words_are_split_as_in_the_treebank(data):
    sentences = dataset("sst-sentences").read("validation", Sources(data)).inputs
    reader = Words()

    def words(text):
        return [part.text for part in reader.tokens(reader.read(text))]

    def typed(sentence):
        for sign in (" n't", " 's", " 're", " 'll", " .", " ,", " ?", " !", " :"):
            sentence = sentence.replace(sign, sign.strip())
        return sentence

    short = [sentence for sentence in sentences if len(sentence) < 600]
    same = [len(words(sentence)) == len(sentence.split()) for sentence in short]
    assert np.mean(same) > 0.98
    assert np.mean([words(typed(sentence)) == words(sentence) for sentence in short]) > 0.98


def test_the_archive_and_the_files_are_equal(data, tmp_path):
    (tmp_path / "sst").mkdir()
    with zipfile.ZipFile(tmp_path / "sst" / "trainDevTestTrees_PTB.zip", "w") as archive:
        archive.writestr("trees/dev.txt", gzip.decompress((data / "sst" / "dev.txt.gz").read_bytes()))
    assert (
        dataset("sst").read("validation", Sources(tmp_path)).inputs
        == dataset("sst").read("validation", Sources(data)).inputs
    )


def test_a_changed_file_is_refused(tmp_path):
    (tmp_path / "sst").mkdir()
    (tmp_path / "sst" / "dev.txt.gz").write_bytes(gzip.compress(b"(3 (2 Good) (2 film))\n"))
    with pytest.raises(ZooError, match="SHA-256 differs"):
        dataset("sst").read("validation", Sources(tmp_path))
    (tmp_path / "sst" / "test.txt.gz").write_bytes(b"no gzip")
    with pytest.raises(ZooError, match="damaged"):
        dataset("sst-nodes").read("test", Sources(tmp_path))


def test_without_data_and_network_the_error_names_a_remedy(tmp_path, monkeypatch):
    monkeypatch.delenv("ZOO_DATA", raising=False)
    import pooch

    def unreachable(*args, **kwargs):
        raise OSError("no network")

    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.setattr(pooch, "retrieve", unreachable)
    with pytest.raises(ZooError, match="Connect to the network .*trainDevTestTrees_PTB.zip into DATA/sst"):
        dataset("sst").read("train", Sources())


def test_out_of_distribution_texts_are_no_reviews():
    lines = code()
    assert len(lines) == 1_000 and lines == code() and len(set(lines)) > 900
    languages = dataset("languages").read("test", Sources()).inputs
    assert len(languages) == len(set(languages)) == 120
