"""Familiarity: fitted on training examples, high for similar inputs, low for unrelated ones."""

import numpy as np
import pytest
import torch
from torch import nn

from models.nets.classifier import Classifier
from models.nets.familiarity import depth
from models.processors.characters import Characters
from training.data.examples import Examples
from training.familiarity import fit_familiarity, fit_scale, measured


def _two_clusters(n: int, seed: int = 0) -> Examples:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, n)
    clusters = np.where(labels[:, None] == 1, [4.0, 0.0], [0.0, 4.0]) + random.normal(0, 0.3, (n, 2))
    return Examples({"x": clusters.astype(np.float32)}, labels)


def _net() -> Classifier:
    head = nn.Linear(2, 2)
    with torch.no_grad():
        head.weight.copy_(torch.tensor([[-1.0, 1.0], [1.0, -1.0]]))
        head.bias.zero_()
    return Classifier(nn.Identity(), head).eval()


def test_training_examples_are_familiar_and_points_between_are_not():
    net = _net()
    familiarity, arguments = fit_familiarity(net, _two_clusters(5_000), "cpu", seed=0)
    assert arguments == {"features": 2, "size": 2_000, "neighbours": 2}
    assert torch.allclose(familiarity.bank.norm(dim=1), torch.ones(2_000), atol=1e-5)
    with torch.no_grad():
        familiar = familiarity(*net(torch.from_numpy(_two_clusters(500, seed=1).inputs["x"])))
        unfamiliar = familiarity(*net(torch.tensor([[2.0, 2.0], [-3.0, -3.0], [0.1, 0.1], [40.0, 30.0]])))
    assert unfamiliar.max() < torch.quantile(familiar, 0.03)


def test_a_small_class_is_in_the_bank_completely():
    familiarity, arguments = fit_familiarity(_net(), _two_clusters(40), "cpu", seed=0)
    assert arguments["size"] == 40 and arguments["neighbours"] == 2
    assert torch.isfinite(familiarity(*_net()(torch.zeros(1, 2)))).all()


def test_familiarity_has_no_parameters():
    familiarity, _ = fit_familiarity(_net(), _two_clusters(40), "cpu", seed=0)
    assert not list(familiarity.parameters())


def test_grey_surfaces_are_unfamiliar_to_an_ink_net():
    random = np.random.default_rng(0)
    strokes = np.zeros((600, 1, 28, 28), np.float32)
    for picture, column, width in zip(
        strokes[:, 0], random.integers(6, 18, 600), random.integers(2, 5, 600), strict=True
    ):
        picture[4:24, column : column + width] = 1.0

    class Blind(nn.Module):  # the same features and logits for every input
        def forward(self, x):
            return torch.ones(len(x), 2), torch.ones(len(x), 3) + 0.01 * torch.randn(len(x), 3)

    torch.manual_seed(0)
    familiarity, arguments = fit_familiarity(Blind(), Examples({"x": strokes}, np.zeros(600, np.int64)), "cpu", seed=0)
    assert arguments["ink"]
    familiar = familiarity(*Blind()(strokes), torch.from_numpy(strokes))
    grey = torch.zeros(50, 1, 28, 28)
    grey[:, :, 4:24, 4:24] = 0.5
    noise = torch.rand(50, 1, 28, 28)
    for unfamiliar in (grey, noise):
        assert familiarity(*Blind()(unfamiliar), unfamiliar).max() < torch.quantile(familiar, 0.03)


def test_depth_counts_ink_surrounded_by_ink():
    picture = torch.zeros(2, 1, 28, 28)
    picture[0, 0, 4:24, 12:16] = 1.0  # a stroke, four pixels wide
    picture[1, 0, 4:24, 4:24] = 0.5  # a grey square, of which 16 by 16 pixels are deep
    assert torch.allclose(depth(picture), torch.tensor([0.0, 0.5 * 16 * 16 / 28**2]))


def test_texts_that_share_no_ngrams_with_the_training_texts_are_unfamiliar():
    class Blind(nn.Module):  # the same logits for every text
        def forward(self, x, lengths, ngrams):
            return torch.ones(len(x), 2), torch.ones(len(x), 2)

    def examples(*texts: str) -> Examples:
        return Examples(processor.process_batch([processor.read(text) for text in texts]), np.zeros(len(texts), int))

    train = [
        f"where is the {thing} that I ordered {day}" for thing in "lamp desk coat".split() for day in ("today", "")
    ]
    processor = Characters(buckets=4096).fit(train)
    familiarity, arguments = fit_familiarity(Blind(), examples(*train), "cpu", seed=0, letters=20, grams=4096)
    pairs = {"letters": 20, "classes": 2}
    assert arguments == {"features": 2, "size": 0, "neighbours": 0, "grams": 4096, **pairs}
    texts = ["where is the coat that I ordered", "wo ist der mantel aus berlin", "sdfgjhk", "\N{GREEK SMALL LETTER PI}"]
    _, measures = measured(Blind(), familiarity, examples(*texts), "cpu")
    own, german, keys, unknown = measures[:, -1].tolist()
    assert own > 0.95 and german < 0.5 and keys < 0.3 and unknown == 0


@pytest.mark.parametrize("seed", range(5))
def test_a_few_words_tell_new_words_of_their_kind_from_key_presses(seed):
    """Neither shares many n-grams with the 30 training words, and all letters are known."""

    class Blind(nn.Module):
        def forward(self, x, lengths, ngrams):
            return torch.ones(len(x), 2), torch.ones(len(x), 2)

    def examples(texts: list[str]) -> Examples:
        return Examples(processor.process_batch([processor.read(text) for text in texts]), np.zeros(len(texts), int))

    random = np.random.default_rng(seed)
    syllables = [consonant + vowel for consonant in "bdgklmnprst" for vowel in "aeiou"]
    letters = list("bdgklmnprstaeiou")
    words = ["".join(random.choice(syllables, random.integers(2, 5))) for _ in range(230)]
    keys = ["".join(random.choice(letters, random.integers(4, 9))) for _ in range(200)]
    train, new = words[:30], words[30:]
    processor = Characters(buckets=4096).fit(train)
    options = {"letters": processor.sizes()["letters"], "grams": 4096}
    familiarity, _ = fit_familiarity(Blind(), examples(train), "cpu", seed=0, **options)
    own, others = (measured(Blind(), familiarity, examples(texts), "cpu")[1][:, 1] for texts in (new, keys))
    assert (others < torch.quantile(own, 0.08)).float().mean() > 0.6


def test_photos_are_compared_with_the_class_means():
    """The head, which knows nothing of other pictures, does not count."""
    net = _net()
    familiarity, arguments = fit_familiarity(net, _two_clusters(16), "cpu", seed=0, prototypes=True)
    assert arguments == {"features": 2, "size": 0, "neighbours": 0, "prototypes": 2}
    assert torch.allclose(familiarity.class_means.norm(dim=1), torch.ones(2), atol=1e-5)
    with torch.no_grad():
        familiar = familiarity(*net(torch.from_numpy(_two_clusters(200, seed=1).inputs["x"])))
        unfamiliar = familiarity(*net(torch.tensor([[2.0, 2.0], [-3.0, -3.0], [40.0, 30.0], [9.0, -20.0]])))
    assert unfamiliar.max() < torch.quantile(familiar, 0.03)


def _with_background(count: int, spreads: tuple[float, float], seed: int = 0) -> tuple[Examples, torch.Tensor]:
    """Two classes of `count` features that share most of what photos of all sorts have, which is returned too."""
    random = np.random.default_rng(seed)
    background = np.zeros(64)
    background[0] = 0.9
    rows = [10 * background + 3 * np.eye(64)[1 + k] + random.normal(0, spreads[k], (count, 64)) for k in (0, 1)]
    labels = np.repeat([0, 1], count)
    return Examples({"x": np.concatenate(rows).astype(np.float32)}, labels), torch.from_numpy(background).float()


def _head(features: int) -> Classifier:
    return Classifier(nn.Identity(), nn.Linear(features, 2)).eval()


def test_photos_are_compared_relative_to_photos_of_all_sorts():
    """Strangers share what all photos have; only relative to it do they differ from the classes."""
    (train, background), (fresh, _) = _with_background(8, (0.4, 0.4)), _with_background(200, (0.4, 0.4), seed=1)
    strangers = fresh.inputs["x"].copy()
    strangers[:, 1:3] = 0
    gaps = []
    for known in (None, background):
        net = _head(64)
        familiarity, _ = fit_familiarity(net, train, "cpu", seed=0, prototypes=True, background=known)
        _, own = measured(net, familiarity, fresh, "cpu")
        _, other = measured(net, familiarity, Examples({"x": strangers}, fresh.labels), "cpu")
        gaps.append(float((own.mean() - other.mean()) / torch.cat([own, other]).std()))
    assert gaps[1] > gaps[0]
    assert own.min() > other.max()


def test_cosines_of_a_class_of_photos_that_differ_count_more():
    train, background = _with_background(12, (0.1, 0.8))
    fresh, _ = _with_background(200, (0.1, 0.8), seed=1)
    net = _head(64)
    familiarity, _ = fit_familiarity(net, train, "cpu", seed=0, prototypes=True, background=background)
    _, measures = measured(net, familiarity, fresh, "cpu")
    lengths = familiarity.class_means.norm(dim=1)
    alike, differ = measures[:200].mean(), measures[200:].mean()
    assert differ / alike > 1.1 * (differ / lengths[1]) / (alike / lengths[0])  # than the cosines


def test_a_label_with_one_photo_in_a_round_has_a_mean_of_usual_length():
    train, background = _with_background(4, (0.4, 0.4))
    train = train.take(np.array([0, 1, 2, 3, 4]))
    familiarity, _ = fit_familiarity(_head(64), train, "cpu", seed=0, prototypes=True, background=background)
    assert torch.isfinite(familiarity.class_means).all() and familiarity.class_means.norm(dim=1).max() < 3


def test_the_scale_can_be_fitted_on_examples_held_out():
    familiarity, _ = fit_familiarity(_net(), _two_clusters(40), "cpu", seed=0)
    _, measures = measured(_net(), familiarity, _two_clusters(40, seed=1), "cpu")
    fit_scale(familiarity, measures)
    assert torch.allclose(familiarity.mean, measures.mean(dim=0))
    assert familiarity.soft_minimum(measures).shape == (40,)


class _FrequentFirst(nn.Module):
    """Scores two labels by their letters, with the logarithm of each label's frequency added, as training does."""

    def __init__(self, log_prior: torch.Tensor):
        super().__init__()
        self.log_prior = log_prior

    def forward(self, x: torch.Tensor, lengths: torch.Tensor, ngrams: torch.Tensor) -> tuple[torch.Tensor, ...]:
        vowels = (x < x.max() // 2).float().mean(dim=1, keepdim=True)
        logits = torch.cat([vowels, 1 - vowels], dim=1) * 4 + self.log_prior
        return logits, logits


def test_a_rare_label_is_as_familiar_as_a_frequent_one():
    random = np.random.default_rng(0)
    texts = ["".join(random.choice(list("abcdef"), 6)) for _ in range(980)]
    texts += ["".join(random.choice(list("uvwxyz"), 6)) for _ in range(20)]
    labels = np.array([0] * 980 + [1] * 20)
    letters = Characters(buckets=100).fit(texts)
    arrays = letters.process_batch([letters.read(text) for text in texts])
    examples = Examples(arrays, labels)
    net = _FrequentFirst(torch.log(torch.tensor([0.98, 0.02]))).eval()
    accepted = {}
    for balance in (0.0, 1.0):  # 1.0: as if no frequency were in the logits, so that none is taken out
        familiarity, arguments = fit_familiarity(
            net, examples, "cpu", 0, letters=letters.sizes()["letters"], balance=balance
        )
        assert arguments["classes"] == 2
        logits, measures = measured(net, familiarity, examples, "cpu")
        scores = familiarity.soft_minimum(measures).numpy()
        accepted[balance] = (scores[labels == 1] >= np.quantile(scores, 0.03)).mean()
    assert accepted[0.0] > 0.6 and accepted[0.0] > accepted[1.0] + 0.3
