"""How much an input is like what the net was trained on: one number that the abstain threshold cuts.

The soft minimum of measures, each centred and scaled by its mean and standard deviation over training examples:
- the largest logit (Hendrycks et al., "Scaling Out-of-Distribution Detection for Real-World Settings", ICML 2022);
- for pictures, the mean cosine between the input's features and the nearest of a bank of centres of training features
  (after Sun et al., "Out-of-Distribution Detection with Deep Nearest Neighbors", ICML 2022, with k-means centres in
  place of examples);
- for ink, how far its statistics lie from those of training ink (after Lee et al., "A Simple Unified Framework for
  Detecting Out-of-Distribution Samples and Adversarial Attacks", NeurIPS 2018, on the input in place of the first
  layer's channels, so that it serves every net): grey surfaces and noise give themselves away here, whatever the net
  makes of them;
- for ink again, how much of it lies deep within ink: a character is made of strokes, a thing is filled;
- for words, how far their surprisal (minus the logarithm of a word's share in the training texts) lies above that of
  training words, in standard errors: of other languages and of program code the words and signs are rare or unknown. In
  standard errors, because one rare word is no stranger, twenty of them are;
- for letters the same of each letter after the one before it, the text's two ends among them: mashed keys hold pairs
    that names do not.

Chosen on inputs that are not reported, at the threshold that keeps 97% of each source: letters of UNIPEN's train
writers, three other noises, grey photos, photos cut out in smooth and in random outlines, things photographed on even
ground, four kinds of other scribbles; and on digits that should be kept, made binary, blurred, thicker or thinner, and
plain bars, which the ink's distance at full weight took for strange. Of words: lines of this repository's code and a
few in other languages, our own sentences in sixteen human ones, mashed keys; and, to be kept, short phrases of
validation, our own reviews, and English that is none (recipes, contracts, news, chat). Beside surprisal the cosines of
words' readers stopped nothing more. Of letters: letters drawn at random, and names read backwards; with cosines beside
the pairs fewer of both were stopped. The soft minimum stops more ink than any measure alone. Their plain mean in its
place lets salt and pepper through, which has so much ink that its logits are large. What the reported inputs give is in
each checkpoint's `evaluation.json` and on its card.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.nets.photo import PhotoClassifier
from models.processors.base import UNKNOWN

STATISTICS = 4  # of ink, see `statistics`
DEEP = 2  # pixels of ink on every side of ink that lies deep, see `depth`


class Familiarity(nn.Module):
    """`forward(logits, features, x)` -> (N,). Its tensors are buffers, fitted after training; they are not parameters.

    bank: (size, features) unit vectors, the centres of training features; neighbours: how many of them count, 0 for no
        bank;
    ink: whether x is ink, (N, 1, H, W) in 0 to 1, whose statistics count too; deep: whether, of ink, its depth counts
        as well (the first letter models were fitted without); vocabulary: where x is words, int64 (N, T) with 0 for
        padding, how many there are, each with a rarity: its surprisal over the mean, in standard deviations of training
        words; words: x is words, of which the share of unknown ones (number 1) counts (so were models of words fitted
        before there were rarities). letters: where x is letters, int64 (N, T) with 0 for padding, how many there are,
        each pair with a rarity like a word's (0: fitted without).
    """

    def __init__(
        self,
        features: int,
        size: int = 2000,
        neighbours: int = 2,
        ink: bool = False,
        words: bool = False,
        deep: bool = False,
        vocabulary: int = 0,
        letters: int = 0,
    ):
        super().__init__()
        self.neighbours = neighbours
        self.ink = ink
        self.words = words
        self.deep = deep
        self.vocabulary = vocabulary
        self.letters = letters
        measures = 1 + (neighbours > 0) + ink + deep + words + (vocabulary > 0) + (letters > 0)
        self.register_buffer("mean", torch.zeros(measures))
        self.register_buffer("deviation", torch.ones(measures))
        if neighbours:
            self.register_buffer("bank", torch.zeros(size, features))
        if vocabulary:
            self.register_buffer("rarity", torch.zeros(vocabulary))
        if letters:
            self.register_buffer("pair_rarity", torch.zeros(letters**2))
        if ink:
            self.register_buffer("statistics_mean", torch.zeros(STATISTICS))
            self.register_buffer("statistics_whitening", torch.eye(STATISTICS))

    def measures(self, logits: Tensor, features: Tensor, x: Tensor | None = None) -> Tensor:
        """The measures of each input, (N, 2) to (N, 4), not yet on one scale.

        Largest logit; mean cosine; for ink, minus its distance and depth; for words and letters, minus their rarity in
        standard errors.
        """
        found = [logits.amax(dim=1)]
        if self.neighbours:
            cosines = functional.normalize(features, dim=1) @ self.bank.T  # (N, size)
            found.append(torch.topk(cosines, self.neighbours, dim=1).values.mean(dim=1))
        if self.ink:
            white = (statistics(x) - self.statistics_mean) @ self.statistics_whitening  # (N, STATISTICS)
            found.append(-white.square().mean(dim=1).sqrt())
        if self.deep:
            found.append(-depth(x))
        if self.words:
            found.append(-(x == UNKNOWN).sum(dim=1) / (x > 0).sum(dim=1))
        if self.vocabulary:
            found.append(-self.rarity[x].sum(dim=1) * (x > 0).sum(dim=1).float() ** -0.5)
        if self.letters:
            rarity = self.pair_rarity[pairs(x, self.letters)].sum(dim=1)
            found.append(-rarity * ((x > 0).sum(dim=1) + 1).float() ** -0.5)
        return torch.stack(found, dim=1)

    def forward(self, logits: Tensor, features: Tensor, x: Tensor | None = None) -> Tensor:
        scaled = (self.measures(logits, features, x) - self.mean) / self.deviation
        return -torch.logsumexp(-scaled, dim=1)


def pairs(x: Tensor, letters: int) -> Tensor:
    """Each letter with the one before it as one number, before * letters + letter: (N, T + 1) of x (N, T).

    The ends of a text are paired with 0; padding with padding is 0.
    """
    around = functional.pad(x, (1, 1))
    return around[:, :-1] * letters + around[:, 1:]


def statistics(x: Tensor) -> Tensor:
    """Means over a picture of ink (N, 1, H, W), as (N, STATISTICS).

    They are its ink, the square of that (less where ink is grey), and how much it changes down and across.
    """
    down = (x[:, :, 1:] - x[:, :, :-1]).abs().mean(dim=(1, 2, 3))
    across = (x[:, :, :, 1:] - x[:, :, :, :-1]).abs().mean(dim=(1, 2, 3))
    return torch.stack([x.mean(dim=(1, 2, 3)), x.square().mean(dim=(1, 2, 3)), down, across], dim=1)


def depth(x: Tensor) -> Tensor:
    """The mean ink (N,) of a picture (N, 1, H, W) after erosion by DEEP pixels; beyond the edge there is no ink."""
    around = functional.pad(x, (DEEP,) * 4)
    return -functional.max_pool2d(-around, 2 * DEEP + 1, stride=1).mean(dim=(1, 2, 3))


class Served(nn.Module):
    """A net with its familiarity: what is saved, exported and served.

    Inputs as the net's; `outputs` names what comes out.
    """

    def __init__(self, net: nn.Module, familiarity: nn.Module):
        super().__init__()
        self.net = net
        self.familiarity = familiarity

    @property
    def outputs(self) -> tuple[str, ...]:
        """logits (N, L), familiarity (N,) and, of nets that tell it by the way, evidence (N, L, rows, columns)."""
        return (
            ("logits", "familiarity", "evidence")
            if isinstance(self.net, PhotoClassifier)
            else ("logits", "familiarity")
        )

    def forward(self, *arrays: Tensor) -> tuple[Tensor, ...]:
        net = self.net.with_evidence if isinstance(self.net, PhotoClassifier) else self.net
        logits, features, *evidence = net(*arrays)
        return logits, self.familiarity(logits, features, arrays[0]), *evidence
