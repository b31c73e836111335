"""Fits `models.nets.familiarity.Familiarity` to the training examples of a trained net."""

import numpy as np
import torch
from sklearn.cluster import MiniBatchKMeans
from torch import nn
from torch.nn import functional as F

from models.nets.familiarity import UNKNOWN, Familiarity, pairs, statistics
from training.batches import Batches, outputs
from training.data.examples import Examples
from training.outlier_exposure import fit_detector

CENTRES = 2_000  # over all classes, for entries that ask for no other number
MAX_BANK_VALUES = 320_000  # wide features get fewer centres, so that the bank is not larger than the net
NEIGHBOURS = 2
UNKNOWN_RARITY = 6.0  # of a word or letter, in standard deviations: unfamiliar alone, but not among nine known ones
# Divisors for the measures of ink. At full weight, the distance also rejects unsmoothed and blurred digits, and the
# depth rejects bold ones. For a user's own drawings, a divisor of 5 stops nearly all pure noise, but it also rejects
# up to nine tenths of the same characters drawn with another pen.
DISTANCE_DIVISOR = 14.0
DEPTH_DIVISOR = 4.0
# For letters: the share of the labels' log frequencies that is taken out of the logits, and the power of the
# frequencies by which their examples weigh less in the counts of pairs. Chosen on validation names, with names-ngrams
# and names-rnn, and on random letters and reversed names: without them, fewer names of small countries are accepted and
# fewer random letters refused.
PRIOR_SHARE = 0.75
PAIR_BALANCE = 0.5
# For letters of a user's own texts, which may be few: each letter's count of pairs starts from this many, shared out by
# the frequency of the second letter; and divisors of the largest logit, which says little about names, and of the share
# of n-grams, which says most about sentences. Chosen on draws of 3x8, 3x20 and 4x12 names and questions to a shop
# (benchmarks/own_sets.py, seeds from 100 on). Without pairs, far fewer key presses are refused among names; with pairs
# alone, fewer English sentences on other matters.
OWN_PAIRS = 15
OWN_LOGIT_DIVISOR = 2.0
OWN_GRAMS_DIVISOR = 0.7
# Of the detector of other ink. Chosen on validation drawings of letters-best and mnist-conv: at 1, fewer doodles are
# stopped; at a third, hardly more doodles, and fewer digits (by a net for letters) or letters (by one for digits).
DETECTOR_DIVISOR = 0.4
# Of a user's own photos: the share of the mean over the classes that is taken out of the features, so that their angles
# differ more; the rest is the mean over photos of all sorts, if it is known (`training/mean_features.py`). Without it,
# the share of an own mean alone. COMPACT: the power of the mean cosine within a class by which its cosines are divided;
# photos of other kinds often lie near a class whose own photos differ a lot. Chosen on features of EfficientNet-Lite0,
# draws of 3x8 and 4x12 photos of objects (Tiny ImageNet) and of places (training photos of wonders), with the threshold
# of `training/calibrate.py`. With the mean over photos of all sorts, clearly more other objects and a few more other
# places are stopped, at the price of a few more fresh photos. The classes that EfficientNet-Lite0 was trained on, as
# directions in its place, stop as many objects and fewer places; statistics of all layers stop fewer of both; whitening
# by the covariance of photos of all sorts is no better and needs a matrix half as large as the net.
CENTRE = 0.4
CENTRE_BESIDE_BACKGROUND = 0.2
COMPACT = 0.75
MAX_EXAMPLES = 20_000  # training examples from which centres and scale are estimated


def fit_familiarity(
    net: nn.Module,
    train: Examples,
    device: str,
    seed: int,
    *,
    words: int = 0,
    letters: int = 0,
    grams: int = 0,
    balance: float = 0.0,
    outliers: dict[str, Examples] | None = None,
    centres: int = CENTRES,
    prototypes: bool = False,
    fields: bool = False,
    background: torch.Tensor | None = None,
) -> tuple[Familiarity, dict[str, int]]:
    """Fit the familiarity of `net` on the CPU; returns it and the arguments it was built with.

    words, letters: the size of the vocabulary of a net that reads words or letters; such a net has no bank of features,
    because the rarity of its words or letter pairs is more informative. grams: of a user's own texts, the number of
    buckets of n-grams, to count those seen in training instead of the rarity of words. The scale is estimated on
    training examples, not on validation, so that it means the same before and after a refit; `fit_scale` estimates it
    on others. balance: of the recipe, as the net's logits depend on the frequency of a label to the power of 1 -
    balance. outliers: data set -> ink that is not of the task, to train a detector on. centres: of the features, over
    all classes; 0 for no bank. prototypes: compare features with class means. fields: whether the inputs are fields;
    the `x` of a head on a frozen trunk looks the same. background: the mean (D,) of the unit features of inputs of all
    sorts, for `prototypes`.
    """
    drawn = train.take(np.sort(np.random.default_rng(seed).permutation(len(train))[:MAX_EXAMPLES]))
    logits, features = outputs(net, Batches(drawn, torch.device(device)))
    # A bank of the training examples themselves has a cosine of 1 with each: their scale says nothing about others.
    memorised = bool(outliers) and len(drawn) <= CENTRES
    bankless = words or letters or grams or memorised or fields or prototypes or not centres
    bank = None if bankless else _bank(features, drawn.labels, seed, centres)
    if grams:
        words = 0
    x = torch.from_numpy(drawn.inputs["x"])
    if fields:
        arguments = {"features": features.shape[1], "size": 0, "neighbours": 0, "fields": x.shape[1]}
        familiarity = Familiarity(**arguments)
        everything = torch.from_numpy(train.inputs["x"])
        familiarity.low.copy_(everything.amin(dim=0))
        familiarity.high.copy_(everything.amax(dim=0))
        return familiarity.eval(), arguments
    ink = x.ndim == 4 and x.shape[1] == 1
    size = 0 if bank is None else len(bank)
    arguments = {"features": features.shape[1], "size": size, "neighbours": min(NEIGHBOURS, size)}
    arguments |= {"ink": True, "deep": True} if ink else {}
    arguments |= {"vocabulary": words} if words else {}
    arguments |= {"letters": letters, "classes": logits.shape[1]} if letters else {}
    arguments |= {"grams": grams} if grams else {}
    arguments |= {"detector": x.shape[-1]} if outliers else {}
    arguments |= {"prototypes": len(np.unique(drawn.labels))} if prototypes else {}
    familiarity = Familiarity(**arguments)
    if outliers:
        familiarity.detector = fit_detector(train, outliers, seed)
    if prototypes:
        familiarity.centre, familiarity.class_means = _class_means(features, drawn.labels, background)
    if bank is not None:
        familiarity.bank.copy_(bank)
    if words:
        familiarity.rarity.copy_(_rarity(train.inputs["x"], words))
    if letters:
        familiarity.pair_rarity.copy_(_pair_rarity(train.inputs["x"], letters, train.labels, few=grams > 0))
        familiarity.log_prior.copy_(_log_prior(train.labels, logits.shape[1]) * PRIOR_SHARE * (1 - balance))
    if ink:
        familiarity.statistics_mean, familiarity.statistics_whitening = _whitening(statistics(x))
    if grams:
        familiarity.seen[np.unique(train.inputs["ngrams"])] = 1.0
        familiarity.seen[0] = 0.0  # no n-gram
    fit_scale(familiarity, _measures(familiarity, logits, features, drawn))
    return familiarity.eval(), arguments


def fit_scale(familiarity: Familiarity, measures: torch.Tensor) -> None:
    """Set the scale of `familiarity` to the mean and the standard deviation of unscaled measures (N, M).

    That of fields is a share of their range and stays as it is.
    """
    if familiarity.fields:
        return
    familiarity.mean.copy_(measures.mean(dim=0))
    # For a few memorised examples, all cosines are 1; a smaller scale would amplify rounding errors of float32.
    familiarity.deviation.copy_(measures.std(dim=0).clamp_min(1e-3))
    if familiarity.ink:
        first = 1 + (familiarity.neighbours > 0)
        familiarity.deviation[first] *= DISTANCE_DIVISOR
        familiarity.deviation[first + 1] *= DEPTH_DIVISOR
    if familiarity.detector is not None:
        familiarity.deviation[-1] *= DETECTOR_DIVISOR
    if familiarity.letters and familiarity.grams:
        familiarity.deviation[0] *= OWN_LOGIT_DIVISOR
        familiarity.deviation[-1] *= OWN_GRAMS_DIVISOR
    elif familiarity.vocabulary or familiarity.letters:  # training texts hardly vary if all their words are known
        familiarity.deviation[-1].clamp_(min=1.0)


def measured(
    net: nn.Module, familiarity: Familiarity, examples: Examples, device: str
) -> tuple[np.ndarray, torch.Tensor]:
    """The net's logits (N, L) for the examples, and the unscaled measures (N, M) of their familiarity."""
    logits, features = outputs(net, Batches(examples, torch.device(device)))
    return logits.numpy(), _measures(familiarity, logits, features, examples)


@torch.no_grad()
def _measures(
    familiarity: Familiarity, logits: torch.Tensor, features: torch.Tensor, examples: Examples
) -> torch.Tensor:
    ngrams = (torch.from_numpy(examples.inputs["ngrams"]),) if familiarity.grams else ()
    return familiarity.measures(logits, features, torch.from_numpy(examples.inputs["x"]), *ngrams)


def _rarity(x: np.ndarray, words: int) -> torch.Tensor:
    """The standardised surprisal of each word in the texts x (N, T), with add-one smoothing; float32 (words,).

    It is 0 for padding and UNKNOWN_RARITY for the unknown token.
    """
    counts = np.bincount(x[x > 0], minlength=words).astype(np.float64)
    rarity = _standardised(-np.log((counts + 1) / (counts + 1).sum()), counts)
    rarity[UNKNOWN] = UNKNOWN_RARITY
    return rarity


def _log_prior(labels: np.ndarray, classes: int) -> torch.Tensor:
    """The logarithm of each label's share of the examples, (classes,); a label without any counts as one."""
    counts = np.bincount(labels, minlength=classes).clip(1)
    return torch.from_numpy(np.log(counts / counts.sum())).float()


def _pair_rarity(x: np.ndarray, letters: int, labels: np.ndarray, few: bool) -> torch.Tensor:
    """The standardised surprisal of each letter given the one before, over the texts x (N, T); (letters ** 2,).

    labels: (N,); the texts of a label weigh less the more there are, see PAIR_BALANCE. few: whether the counts are
    smoothed with the frequencies of the letters (a Dirichlet prior), see OWN_PAIRS, in place of add-one smoothing.
    """
    numbers = pairs(torch.from_numpy(x), letters).numpy()  # (N, T + 1)
    weights = np.bincount(labels)[labels] ** -PAIR_BALANCE
    weights *= len(labels) / weights.sum()
    counts = np.bincount(numbers.ravel(), np.repeat(weights, numbers.shape[1]), minlength=letters**2)
    counts[0] = 0  # padding
    after = counts.reshape(letters, letters)
    second = after.sum(axis=0) + 0.5
    after = after + (OWN_PAIRS * second / second.sum() if few else 1)
    rarity = _standardised(-np.log(after / after.sum(axis=1, keepdims=True)).ravel(), counts)
    table = rarity.view(letters, letters)
    table[UNKNOWN, :] = table[:, UNKNOWN] = UNKNOWN_RARITY / 2  # an unknown letter is part of two pairs
    return rarity


def _standardised(surprisal: np.ndarray, counts: np.ndarray) -> torch.Tensor:
    """Surprisals (S,) standardised with the mean and deviation weighted by `counts`; 0 for padding, the first."""
    mean = np.average(surprisal, weights=counts)
    rarity = (surprisal - mean) / np.sqrt(np.average((surprisal - mean) ** 2, weights=counts)).clip(1e-6)
    rarity[0] = 0.0
    return torch.from_numpy(rarity).float()


def _bank(features: torch.Tensor, labels: np.ndarray, seed: int, size: int) -> torch.Tensor:
    """About `size` unit centres, (size, D), of features (N, D)."""
    return F.normalize(torch.from_numpy(_centres(F.normalize(features, dim=1).numpy(), labels, seed, size)), dim=1)


def _class_means(
    features: torch.Tensor, labels: np.ndarray, background: torch.Tensor | None
) -> tuple[torch.Tensor, torch.Tensor]:
    """The centre (D,) of features (N, D), and the class means relative to it (classes, D).

    Without a background, they are unit vectors. With one, the mean of the class's unit features relative to the centre,
    divided by a power of the mean cosine between two of them: see COMPACT.
    """
    unit = F.normalize(features, dim=1)
    members = [unit[torch.from_numpy(labels == label)] for label in np.unique(labels)]
    mean = torch.stack([each.mean(dim=0) for each in members]).mean(dim=0)
    if background is None:
        centre = CENTRE * mean
        return centre, F.normalize(torch.stack([each.mean(dim=0) for each in members]) - centre, dim=1)
    centre = (1 - CENTRE_BESIDE_BACKGROUND) * background + CENTRE_BESIDE_BACKGROUND * mean
    members = [F.normalize(each - centre, dim=1) for each in members]
    means = torch.stack([each.mean(dim=0) for each in members])
    return centre, means / _mean_cosines(means, torch.tensor([len(each) for each in members]))[:, None] ** COMPACT


def _mean_cosines(means: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
    """The mean cosine between two examples of each class (C,), of the means of their unit vectors (C, D).

    A class with one example has the mean of the others, and none has less than half of it.
    """
    cosines = (counts * means.square().sum(dim=1) - 1) / (counts - 1).clamp_min(1)
    several = counts > 1
    typical = cosines[several].mean().clamp_min(0.02) if several.any() else torch.tensor(1.0)
    return torch.where(several, cosines, typical).clamp_min(typical / 2)


def _whitening(rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The mean (S,) of rows (N, S), and the whitening matrix (S, S): `(rows - mean) @ matrix` has unit covariance."""
    mean = rows.mean(dim=0)
    _, scale, axes = torch.linalg.svd(rows - mean, full_matrices=False)
    return mean, axes.T / (scale / len(rows) ** 0.5).clamp_min(1e-6)


def _centres(features: np.ndarray, labels: np.ndarray, seed: int, size: int) -> np.ndarray:
    """k-means centres of the unit features (N, D), equally many per class, float32.

    For a small class, all its examples.
    """
    classes = np.unique(labels)
    each = max(1, min(size, MAX_BANK_VALUES // features.shape[1]) // len(classes))
    centres = []
    for label in classes:
        members = features[labels == label]
        if len(members) > each:
            means = MiniBatchKMeans(each, batch_size=2048, max_iter=30, n_init=1, random_state=seed)
            members = means.fit(members).cluster_centers_
        centres.append(members)
    return np.concatenate(centres).astype(np.float32)
