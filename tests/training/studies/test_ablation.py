"""The ablation study: each change does what it says, and an interrupted run resumes."""

import shutil
from types import SimpleNamespace

import pytest
import torch

from models.checkpoint import Checkpoint
from models.errors import ZooError
from models.nets.word_reader import WordReader
from models.paths import SHIPPED
from training.studies import ablation


@pytest.fixture
def net():
    torch.manual_seed(0)
    return WordReader("gru", 5, 6).eval()


X, LENGTHS = torch.tensor([[2, 3, 4, 5]]), torch.tensor([4])


def test_each_half_of_the_features_can_answer_alone(net):
    _, features = net(X, LENGTHS)
    half = features.shape[1] // 2
    for rebuild, half_features in ((ablation._only_maximum, slice(0, half)), (ablation._only_mean, slice(half, None))):
        torch.manual_seed(0)
        other = WordReader("gru", 5, 6).eval()
        rebuild(other, [])
        expected = features[:, half_features] @ net.head.weight[:, half_features].T + net.head.bias
        torch.testing.assert_close(other(X, LENGTHS)[0], expected)


def test_subword_vectors_start_at_zero_and_are_shared(net):
    before = net(X, LENGTHS)[0]
    ablation._with_subwords(net, ["plays", "player", "cat", "plays"])
    torch.testing.assert_close(net(X, LENGTHS)[0], before)
    rows = [set(row[row > 0].tolist()) for row in net.words.rows]
    assert rows[2] == rows[5] and rows[2] & rows[3] and not rows[2] & rows[4] and not rows[0] and not rows[1]
    net(X, LENGTHS)[0].sum().backward()
    assert net.words.ngrams.weight.grad.abs().sum() > 0


def test_dropout_can_be_switched_off(net):
    net.train()
    net.dropout.p = net.trunk.dropout.p = 0.0
    for rebuild in (ablation._without_word_dropout, ablation._without_vector_dropout):
        rebuild(net, [])
    torch.testing.assert_close(net(X, LENGTHS)[0], net(X, LENGTHS)[0])


def test_only_readers_that_start_from_vectors_have_an_ablation():
    with pytest.raises(ZooError, match="does not start from word vectors"):
        ablation.ablation("reviews-ngrams")


def test_an_interrupted_ablation_resumes_and_is_recorded(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    shutil.copytree(SHIPPED / "reviews-gru", tmp_path / "reviews-gru")
    monkeypatch.setattr(ablation.catalog, "find", lambda slug: SimpleNamespace(path=tmp_path / "reviews-gru"))
    asked = []

    class Study:
        def __init__(self, *arguments):
            pass

        def accuracies(self, change, seed):
            asked.append((change.name, seed))
            if len(asked) == 5:
                raise KeyboardInterrupt
            return [0.5 - len(asked) / 100, 0.6, 0.7]

    monkeypatch.setattr(ablation, "_Study", Study)
    assert [change.description for change in ablation.ablation("reviews-gru").changes] == [
        change.name for change in ablation.CHANGES[:2]
    ]
    result = ablation.ablation("reviews-gru")
    assert len(asked) == len(ablation.SEEDS) + len(ablation.CHANGES) + 1 and len(set(asked)) == len(asked) - 1
    assert result.baseline[0] == [0.49, 0.6, 0.7] and len(result.changes) == len(ablation.CHANGES)
    opened = Checkpoint.open(tmp_path / "reviews-gru")
    assert opened.evaluation.studies.ablation == result and opened.evaluation.studies.attribution_check
    assert "| no averaging of the weights | 46.00% |" in (tmp_path / "reviews-gru" / "README.md").read_text()


def test_refresh_renames_the_changes_and_keeps_the_figures(tmp_path):
    folder = tmp_path / "reviews-gru"
    shutil.copytree(SHIPPED / "reviews-gru", folder)
    before = Checkpoint.open(folder).evaluation.studies.ablation
    old = [change.model_copy(update={"description": f"change {i}"}) for i, change in enumerate(before.changes)]
    ablation.record_study(folder, ablation=before.model_copy(update={"changes": old}))
    ablation.refresh_descriptions(folder)
    assert Checkpoint.open(folder).evaluation.studies.ablation == before
