"""Fits `models.nets.familiarity.Familiarity` to the training examples of a trained net."""

import numpy as np
import torch
from sklearn.cluster import MiniBatchKMeans
from torch import nn
from torch.nn import functional as F

from models.nets.familiarity import UNKNOWN, Familiarity, pairs, statistics
from training.batches import Batches, outputs
from training.data.examples import Examples

CENTRES = 2_000  # of all classes together
NUMBERS = 320_000  # in the whole bank: of wide features fewer centres, or the bank would outweigh the net
NEIGHBOURS = 2
STRANGE = 6.0  # rarity of an unknown word or letter, in standard deviations: alone it is strange, among nine it is not
LOOSE = 14.0  # by which ink's distance counts less: at full weight unsmoothed and blurred digits are strange as well
LOOSE_DEPTH = 4.0  # and its depth: at full weight bold digits are
EXAMPLES = 20_000  # training examples that centres and scale are taken from


def fit_familiarity(
    net: nn.Module, train: Examples, device: str, seed: int, *, words: int = 0, letters: int = 0
) -> tuple[Familiarity, dict[str, int]]:
    """The familiarity of `net`, fitted, on the CPU, and the arguments it was built with. words, letters.

    Of a reader of them, how many there are.

    The scale comes from training examples, not from validation, so that it means the same before and after a refit.
    A reader of words or letters has no bank: how rare its words or pairs of letters are says more.
    """
    some = train.take(np.sort(np.random.default_rng(seed).permutation(len(train))[:EXAMPLES]))
    logits, features = outputs(net, Batches(some, torch.device(device)))
    bank = None if words or letters else _bank(features, some.labels, seed)
    x = torch.from_numpy(some.inputs["x"])
    ink = x.ndim == 4 and x.shape[1] == 1
    size = 0 if bank is None else len(bank)
    arguments = {"features": features.shape[1], "size": size, "neighbours": min(NEIGHBOURS, size)}
    arguments |= {"ink": True, "deep": True} if ink else {}
    arguments |= {"vocabulary": words} if words else {}
    arguments |= {"letters": letters} if letters else {}
    familiarity = Familiarity(**arguments)
    if bank is not None:
        familiarity.bank.copy_(bank)
    if words:
        familiarity.rarity.copy_(_rarity(train.inputs["x"], words))
    if letters:
        familiarity.pair_rarity.copy_(_pair_rarity(train.inputs["x"], letters))
    if ink:
        familiarity.statistics_mean, familiarity.statistics_whitening = _whitening(statistics(x))
    measures = familiarity.measures(logits, features, x)
    familiarity.mean.copy_(measures.mean(dim=0))
    # Of a few examples learnt by heart all cosines are 1: scaled by less, float32's last digits would decide.
    familiarity.deviation.copy_(measures.std(dim=0).clamp_min(1e-3))
    if ink:
        familiarity.deviation[2] *= LOOSE
        familiarity.deviation[3] *= LOOSE_DEPTH
    if words or letters:  # on their own scale: training texts hardly differ where all their words are known
        familiarity.deviation[-1].clamp_(min=1.0)
    return familiarity.eval(), arguments


def answers(net: nn.Module, familiarity: Familiarity, examples: Examples, device: str) -> tuple[np.ndarray, np.ndarray]:
    """What the net says of examples: logits (N, L), and their familiarity (N,)."""
    logits, features = outputs(net, Batches(examples, torch.device(device)))
    with torch.no_grad():
        return logits.numpy(), familiarity(logits, features, torch.from_numpy(examples.inputs["x"])).numpy()


def _rarity(x: np.ndarray, words: int) -> torch.Tensor:
    """Each word's surprisal above the mean over all words of the texts x (N, T), in standard deviations, (words,).

    Every word is counted once more than it was seen. That of padding is 0, that of the unknown mark STRANGE.
    """
    counts = np.bincount(x[x > 0], minlength=words).astype(np.float64)
    rarity = _standardised(-np.log((counts + 1) / (counts + 1).sum()), counts)
    rarity[UNKNOWN] = STRANGE
    return rarity


def _pair_rarity(x: np.ndarray, letters: int) -> torch.Tensor:
    """The same for letter pairs, (letters ** 2,): surprisal given the letter before, over the texts x (N, T)."""
    seen = pairs(torch.from_numpy(x), letters).flatten().numpy()
    counts = np.bincount(seen, minlength=letters**2).astype(np.float64)
    counts[0] = 0  # padding
    after = counts.reshape(letters, letters) + 1
    rarity = _standardised(-np.log(after / after.sum(axis=1, keepdims=True)).ravel(), counts)
    table = rarity.view(letters, letters)
    table[UNKNOWN, :] = table[:, UNKNOWN] = STRANGE / 2  # an unknown letter stands in two pairs
    return rarity


def _standardised(surprisal: np.ndarray, counts: np.ndarray) -> torch.Tensor:
    """Surprisals (S,) less their mean over what was counted, in its standard deviations.

    That of padding, the first, is 0.
    """
    mean = np.average(surprisal, weights=counts)
    rarity = (surprisal - mean) / np.sqrt(np.average((surprisal - mean) ** 2, weights=counts)).clip(1e-6)
    rarity[0] = 0.0
    return torch.from_numpy(rarity).float()


def _bank(features: torch.Tensor, labels: np.ndarray, seed: int) -> torch.Tensor:
    """Unit centres (size, D) of features (N, D)."""
    return F.normalize(torch.from_numpy(_centres(F.normalize(features, dim=1).numpy(), labels, seed)), dim=1)


def _whitening(rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean (S,) of rows (N, S), and the matrix (S, S) that gives them unit covariance: `(rows - mean) @ matrix`."""
    mean = rows.mean(dim=0)
    _, scale, axes = torch.linalg.svd(rows - mean, full_matrices=False)
    return mean, axes.T / (scale / len(rows) ** 0.5).clamp_min(1e-6)


def _centres(features: np.ndarray, labels: np.ndarray, seed: int) -> np.ndarray:
    """k-means centres of the unit features (N, D), as many for each class, float32.

    A class of few examples has them all.
    """
    classes = np.unique(labels)
    each = max(1, min(CENTRES, NUMBERS // features.shape[1]) // len(classes))
    centres = []
    for label in classes:
        members = features[labels == label]
        if len(members) > each:
            means = MiniBatchKMeans(each, batch_size=2048, max_iter=30, n_init=1, random_state=seed)
            members = means.fit(members).cluster_centers_
        centres.append(members)
    return np.concatenate(centres).astype(np.float32)
