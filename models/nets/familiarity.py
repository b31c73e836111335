"""How similar an input is to the training data: one number, which is compared with the threshold for abstaining.

The soft minimum of measures, each centred and scaled by its mean and standard deviation over training examples:
- the largest logit (Hendrycks et al., "Scaling Out-of-Distribution Detection for Real-World Settings", ICML 2022);
- for pictures, the mean cosine between the input's features and the nearest of a bank of centres of training features
  (after Sun et al., "Out-of-Distribution Detection with Deep Nearest Neighbors", ICML 2022, with k-means centres in
  place of examples);
- for ink, how far its statistics lie from those of training ink (after Lee et al., "A Simple Unified Framework for
  Detecting Out-of-Distribution Samples and Adversarial Attacks", NeurIPS 2018, on the input in place of the first
  layer's channels, so that it works for every net): it detects grey surfaces and noise whatever the net's logits are;
- for ink, how much of it lies deep within ink: characters consist of strokes, while objects are filled;
- for the ink models of the Zoo, the logit of a small net that was trained to tell the task's characters from other ink
  (outlier exposure, after Hendrycks et al., "Deep Anomaly Detection with Outlier Exposure", ICLR 2019): random figures
  and, for digits, letters and pairs of digits. The nets' own features hardly differ between a 0 and a cloud;
- for words, how far their surprisal (minus the logarithm of a word's share in the training texts) lies above that of
  training words, in standard errors: words of other languages and of program code are rare or unknown. In standard
  errors, because one rare word is normal, while twenty are not;
- for letters, the same for each letter given the previous one, including both ends of the text: random key presses
  contain pairs that names do not;
- for fields, nothing but the range of the training data: how far a number lies beyond it, as a share of its width. The
  logits of a table say nothing about that: they are largest far outside, and a person of whom the answer is uncertain
  is no stranger;
- for a user's own photos, in place of the largest logit and the bank: the cosine between the input's features and the
  nearest class mean, both relative to a centre near the features of photos of all sorts, see CENTRE in
  `training/familiarity.py`. The cosines of a class whose photos are alike count less. With a dozen photos of each
  class, the mean is a better reference than the nearest photos, and a head trained on so few says little about others;
- for a user's own texts, the share of hashed n-grams that the training texts contain, in place of the rarity of words:
  with a few dozen texts, most words are unknown, and their rarity says little. Texts in another language share few
  n-grams of three and four letters with the training texts. Names share few with other names as well; so the rarity of
  letter pairs counts too, with probabilities that are smoothed with the frequencies of the letters.

For letter pairs, each label's logit is taken relative to the label's frequency in training (after Menon et al.,
"Long-Tail Learning via Logit Adjustment", ICLR 2021), and pairs are counted with less weight on frequent labels.
Otherwise the names of a country with few training names, such as Nguyen, are refused: their logits and their pairs are
low only because there are few of them.

The measures were chosen on inputs that are not used for reported figures, at the threshold that accepts 97% of each
source. For ink, inputs to reject were letters by UNIPEN's training writers, three other kinds of noise, grey photos,
photos cut out in smooth and random outlines, objects photographed on an even background, and four other kinds of
scribbles; inputs to accept were binarised, blurred, thickened and thinned digits, and plain bars, which the distance
rejects at full weight. For words, inputs to reject were lines of code from this repository and in other languages, our
own sentences in sixteen languages, and random key presses; inputs to accept were short validation phrases, our own
reviews, and other English (recipes, contracts, news, chat). For words, cosines rejected nothing that surprisal did not.
For letters, inputs to reject were random letters and reversed names; adding cosines to the pairs rejected fewer of
both. For ink, the soft minimum rejects more than any single measure. A plain mean instead accepts salt-and-pepper
noise, which has so much ink that its logits are large. Results on the reported inputs are in each checkpoint's
`evaluation.json` and card.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.nets.bank_familiarity import BankFamiliarity
from models.nets.learned_familiarity import LearnedFamiliarity
from models.nets.linear import LinearPixels, MeanImages
from models.nets.photo import PhotoClassifier
from models.processors.base import UNKNOWN

EXPLAINED = (PhotoClassifier, MeanImages, LinearPixels)  # nets that return evidence themselves
STATISTICS = 4  # of ink, see `statistics`
DETECTOR = (16, 32, 64)  # channels of the convolutions of `Detector`
MAX_BEYOND = 10.0  # of fields, in widths of the range
DEEP = 2  # pixels of erosion, see `depth`


class Familiarity(nn.Module):
    """`forward(logits, features, x)` -> (N,). Its tensors, fitted after training, take no gradient.

    features: width of the features. size: number of centres in the bank, unit vectors (size, features).
    neighbours: number of nearest centres that count; 0 for no bank.
    ink: x is ink, (N, 1, H, W) from 0 to 1, whose statistics count.
    deep: the depth of ink counts as well (the first letter models were fitted without it).
    vocabulary: for words x, int64 (N, T) with 0 for padding, the size of the vocabulary; each word has a rarity, its
        standardised surprisal over the training words. 0 if x is not words.
    words: the share of unknown words (code 1) counts, as in models fitted before rarities were introduced.
    letters: for letters x, int64 (N, T) with 0 for padding, the size of the vocabulary; each pair has a rarity. 0 if x
        is not letters or the model was fitted without it.
    grams: the number of buckets of hashed n-grams, int64 (N, T, K) with 0 for none, of which the share that occurs in
        training texts counts. 0 if the model was fitted without it.
    classes: the number of labels whose frequency in training is taken out of the logits; 0 if it is not.
    fields: for fields x, float32 (N, D), the number of columns, whose range is the only measure. 0 if x is not fields.
    detector: for ink x, its width and height in pixels if a `Detector` counts; 0 for none.
    prototypes: the number of class means, vectors relative to `centre`, in place of the largest logit and the
        bank; 0 for none.
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
        grams: int = 0,
        classes: int = 0,
        detector: int = 0,
        fields: int = 0,
        prototypes: int = 0,
    ):
        super().__init__()
        self.neighbours = neighbours
        self.ink = ink
        self.words = words
        self.deep = deep
        self.vocabulary = vocabulary
        self.letters = letters
        self.grams = grams
        self.classes = classes
        self.fields = fields
        self.prototypes = prototypes
        measures = 1 + (neighbours > 0) + ink + deep + words + (vocabulary > 0) + (letters > 0) + (grams > 0)
        measures += detector > 0
        self.register_buffer("mean", torch.zeros(measures))
        self.register_buffer("deviation", torch.ones(measures))
        if prototypes:
            self.register_buffer("centre", torch.zeros(features))
            self.register_buffer("class_means", torch.zeros(prototypes, features))
        if neighbours:
            self.register_buffer("bank", torch.zeros(size, features))
        if vocabulary:
            self.register_buffer("rarity", torch.zeros(vocabulary))
        if letters:
            self.register_buffer("pair_rarity", torch.zeros(letters**2))
        if grams:
            self.register_buffer("seen", torch.zeros(grams))
        if fields:
            self.register_buffer("low", torch.zeros(fields))
            self.register_buffer("high", torch.ones(fields))
        if classes:
            self.register_buffer("log_prior", torch.zeros(classes))
        if ink:
            self.register_buffer("statistics_mean", torch.zeros(STATISTICS))
            self.register_buffer("statistics_whitening", torch.eye(STATISTICS))
        self.detector = Detector(detector).requires_grad_(False) if detector else None

    def measures(
        self, logits: Tensor, features: Tensor, x: Tensor | None = None, ngrams: Tensor | None = None
    ) -> Tensor:
        """The unscaled measures of each input, (N, M), higher for more familiar inputs.

        The largest logit and the mean cosine, or the cosine with the nearest class mean; for ink, minus distance and
        depth; for words and letters, minus their rarity in standard errors; for n-grams, the share that was seen in
        training. An unknown letter or word counts as unseen n-grams. Last, the logit of the detector. For fields, only
        minus the largest share of a column's range by which an input lies beyond it.
        """
        if self.fields:
            beyond = torch.maximum(self.low - x, x - self.high) / (self.high - self.low).clamp_min(1e-6)
            return -beyond.clamp(0.0, MAX_BEYOND).amax(dim=1, keepdim=True)
        if self.prototypes:
            relative = functional.normalize(functional.normalize(features, dim=1) - self.centre, dim=1)
            columns = [(relative @ self.class_means.T).amax(dim=1)]
        else:
            columns = [(logits - self.log_prior if self.classes else logits).amax(dim=1)]
        if self.neighbours:
            cosines = functional.normalize(features, dim=1) @ self.bank.T  # (N, size)
            columns.append(torch.topk(cosines, self.neighbours, dim=1).values.mean(dim=1))
        if self.ink:
            white = (statistics(x) - self.statistics_mean) @ self.statistics_whitening  # (N, STATISTICS)
            columns.append(-white.square().mean(dim=1).sqrt())
        if self.deep:
            columns.append(-depth(x))
        if self.words:
            columns.append(-(x == UNKNOWN).sum(dim=1) / (x > 0).sum(dim=1))
        if self.vocabulary:
            columns.append(-self.rarity[x].sum(dim=1) * (x > 0).sum(dim=1).float() ** -0.5)
        if self.letters:
            rarity = self.pair_rarity[pairs(x, self.letters)].sum(dim=1)
            columns.append(-rarity * ((x > 0).sum(dim=1) + 1).float() ** -0.5)
        if self.grams:
            unknown = (x == UNKNOWN).sum(dim=1) * ngrams.shape[2]
            count = (ngrams > 0).sum(dim=(1, 2)) + unknown
            columns.append(self.seen[ngrams].sum(dim=(1, 2)) / count.clamp_min(1))
        if self.detector is not None:
            columns.append(self.detector(x))
        return torch.stack(columns, dim=1)

    def forward(
        self, logits: Tensor, features: Tensor, x: Tensor | None = None, ngrams: Tensor | None = None
    ) -> Tensor:
        return self.soft_minimum(self.measures(logits, features, x, ngrams))

    def soft_minimum(self, measures: Tensor) -> Tensor:
        """The familiarity (N,) of inputs with these unscaled measures (N, M)."""
        return -torch.logsumexp(-(measures - self.mean) / self.deviation, dim=1)


class Detector(nn.Sequential):
    """Tells a task's characters from other ink: x (N, 1, size, size) -> logits (N,), higher for characters."""

    def __init__(self, size: int):
        first, second, third = DETECTOR
        side = (size - 4) // 2 + 1
        side = (side - 3) // 2 + 1 - 2
        super().__init__(
            nn.Conv2d(1, first, kernel_size=4, stride=2),  # 13 x 13 for ink of 28 x 28 pixels
            nn.ReLU(),
            nn.Conv2d(first, second, kernel_size=3, stride=2),  # 6 x 6
            nn.ReLU(),
            nn.Conv2d(second, third, kernel_size=3),  # 4 x 4
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(third * side**2, 1),
            nn.Flatten(0),
        )


def pairs(x: Tensor, letters: int) -> Tensor:
    """Each letter with the one before it as one number, before * letters + letter: (N, T + 1) of x (N, T).

    The ends of a text are paired with 0; padding with padding is 0.
    """
    around = functional.pad(x, (1, 1))
    return around[:, :-1] * letters + around[:, 1:]


def statistics(x: Tensor) -> Tensor:
    """Statistics of ink (N, 1, H, W), as (N, STATISTICS).

    The means of ink, of its square (lower if ink is grey), and of its absolute change down and across.
    """
    down = (x[:, :, 1:] - x[:, :, :-1]).abs().mean(dim=(1, 2, 3))
    across = (x[:, :, :, 1:] - x[:, :, :, :-1]).abs().mean(dim=(1, 2, 3))
    return torch.stack([x.mean(dim=(1, 2, 3)), x.square().mean(dim=(1, 2, 3)), down, across], dim=1)


def depth(x: Tensor) -> Tensor:
    """The mean ink (N,) of a picture (N, 1, H, W) after erosion by DEEP pixels; beyond the edge there is no ink."""
    around = functional.pad(x, (DEEP,) * 4)
    return -functional.max_pool2d(-around, 2 * DEEP + 1, stride=1).mean(dim=(1, 2, 3))


class Served(nn.Module):
    """A net with its familiarity, as saved, exported and served. It takes the inputs of the net."""

    def __init__(self, net: nn.Module, familiarity: nn.Module):
        super().__init__()
        self.net = net
        self.familiarity = familiarity

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs: logits (N, L), familiarity (N,) and, for some nets, evidence (N, L, rows, columns)."""
        return ("logits", "familiarity", "evidence") if isinstance(self.net, EXPLAINED) else ("logits", "familiarity")

    def forward(self, *arrays: Tensor) -> tuple[Tensor, ...]:
        if isinstance(self.familiarity, LearnedFamiliarity | BankFamiliarity):
            logits, features, evidence, layers = self.net.with_layers(*arrays)
            return logits, self.familiarity(features, layers), evidence
        net = self.net.with_evidence if isinstance(self.net, EXPLAINED) else self.net
        logits, features, *evidence = net(*arrays)
        ngrams = arrays[2:] if self.familiarity.grams else ()  # the third input, after x and lengths
        return logits, self.familiarity(logits, features, arrays[0], *ngrams), *evidence


def new_familiarity(arguments: dict[str, Any]) -> Familiarity | LearnedFamiliarity | BankFamiliarity:
    """An unfitted familiarity with the arguments in a checkpoint's config."""
    if "layers" not in arguments:
        return Familiarity(**arguments)
    return BankFamiliarity(**arguments) if "centres" in arguments else LearnedFamiliarity(**arguments)
