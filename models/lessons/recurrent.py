"""A recurrent network that learns to turn one short word into another, letter by letter: `hello` into `ohlol`.

The two nets of the lesson follow the PyTorch courses' RNN chapter: a cell that reads one-hot letters and whose hidden
state is the score of each letter, and a wider one that reads learned vectors and has a linear layer after it. Trained
by back-propagation through time (Werbos, "Backpropagation through time: what it does and how to do it", 1990) and Adam
(Kingma and Ba, 2015), with gradients written out, since a visitor's server has no torch.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.errors import BadInput

MAX_LETTERS = 20
EPOCHS = 100
BETAS, TINY = (0.9, 0.999), 1e-8  # of Adam

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Variant:
    """One of the two nets. embedding: numbers in a letter's vector, 0 for one-hot. hidden: 0 for one per letter."""

    slug: str
    title: str
    description: str
    embedding: int
    hidden: int
    rate: float


ONE_HOT = Variant(
    "hello-rnncell",
    "One-hot letters",
    "Each letter is a row of zeros with a single 1. The hidden state has one number for each different letter of the "
    "two words, and is itself the score of each.",
    embedding=0,
    hidden=0,
    rate=0.05,
)
EMBEDDED = Variant(
    "hello-rnn",
    "Letters as learned vectors",
    "Each letter is a vector of 10 numbers that is learned too. A linear layer turns the 8 numbers of the hidden state "
    "into scores.",
    embedding=10,
    hidden=8,
    rate=0.05,
)
VARIANTS = (ONE_HOT, EMBEDDED)


@dataclass(frozen=True, eq=False)
class Epoch:
    """The net after a number of epochs.

    output: the predicted word. loss: the mean cross-entropy per letter, in nats. hidden: float64 (letters, hidden),
    from -1 to 1, the hidden state after each letter. probabilities: (letters, alphabet), of each letter in each place.
    """

    number: int
    output: str
    loss: float
    hidden: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True, eq=False)
class Lesson:
    """A training run. alphabet: the letters of both words, sorted. spelled: the first epoch that is right, or None."""

    alphabet: str
    epochs: tuple[Epoch, ...]
    parameters: int
    spelled: int | None


def pair(source: str, target: str) -> tuple[str, str]:
    """Two words of equal length, composed (NFC). Raises BadInput with what to change."""
    source, target = (unicodedata.normalize("NFC", word.strip()) for word in (source, target))
    if not source or not target:
        raise BadInput("Type two words of the same length.")
    if max(len(source), len(target)) > MAX_LETTERS:
        raise BadInput(f"Each word may have at most {MAX_LETTERS} letters.")
    if len(source) != len(target):
        raise BadInput(f"The two words need the same length; they have {len(source)} and {len(target)} letters.")
    if not (source + target).isprintable():
        raise BadInput("The words contain a character that cannot be shown; use letters and digits.")
    return source, target


def train(variant: Variant, source: str, target: str, epochs: int = EPOCHS, seed: int = 0) -> Lesson:
    """Train a net on one pair of words; the whole word is one batch. Raises BadInput as `pair` does."""
    source, target = pair(source, target)
    alphabet = "".join(sorted(set(source + target)))
    inputs, labels = (np.array([alphabet.index(letter) for letter in word]) for word in (source, target))
    weights = _initial(variant, len(alphabet), np.random.default_rng(seed))
    moments: Arrays = {name: np.zeros((2, *array.shape)) for name, array in weights.items()}
    shown: list[Epoch] = []
    for number in range(epochs + 1):
        hidden, probabilities = _forward(weights, inputs)
        loss = float(-np.log(probabilities[np.arange(len(labels)), labels] + 1e-300).mean())
        output = "".join(alphabet[index] for index in probabilities.argmax(axis=1))
        shown.append(Epoch(number, output, loss, hidden, probabilities))
        if number < epochs:
            _adam(weights, _backward(weights, inputs, labels, hidden, probabilities), moments, variant.rate, number + 1)
    right = (epoch.number for epoch in shown if epoch.output == target)
    return Lesson(alphabet, tuple(shown), sum(array.size for array in weights.values()), next(right, None))


def _initial(variant: Variant, letters: int, random: np.random.Generator) -> Arrays:
    """Random weights: uniform within 1 / sqrt(hidden), as in torch.nn.RNN; vectors of letters are normal."""
    hidden, width = variant.hidden or letters, variant.embedding or letters
    bound = 1 / np.sqrt(hidden)

    def uniform(*shape: int) -> np.ndarray:
        return random.uniform(-bound, bound, shape)

    weights = {"into": uniform(width, hidden), "again": uniform(hidden, hidden), "bias": uniform(hidden)}
    if variant.embedding:
        weights["vectors"] = random.normal(size=(letters, width))
        weights |= {"out": uniform(hidden, letters), "out_bias": uniform(letters)}
    return weights


def _forward(weights: Mapping[str, np.ndarray], inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The hidden state after each letter, (letters, hidden), and the probabilities, (letters, alphabet)."""
    vectors = weights["vectors"][inputs] @ weights["into"] if "vectors" in weights else weights["into"][inputs]
    hidden = np.zeros((len(inputs) + 1, len(weights["bias"])))
    for place, vector in enumerate(vectors):
        hidden[place + 1] = np.tanh(vector + hidden[place] @ weights["again"] + weights["bias"])
    scores = hidden[1:] @ weights["out"] + weights["out_bias"] if "out" in weights else hidden[1:]
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return hidden[1:], powers / powers.sum(axis=1, keepdims=True)


def _backward(
    weights: Mapping[str, np.ndarray],
    inputs: np.ndarray,
    labels: np.ndarray,
    hidden: np.ndarray,
    probabilities: np.ndarray,
) -> Arrays:
    """The derivative of the summed cross-entropy by each weight."""
    scores = probabilities.copy()  # (letters, alphabet)
    scores[np.arange(len(labels)), labels] -= 1
    gradients = {name: np.zeros_like(array) for name, array in weights.items()}
    by_hidden = scores
    if "out" in weights:
        gradients["out"], gradients["out_bias"] = hidden.T @ scores, scores.sum(axis=0)
        by_hidden = scores @ weights["out"].T
    later = np.zeros(hidden.shape[1])
    for place in reversed(range(len(inputs))):
        sums = (by_hidden[place] + later) * (1 - hidden[place] ** 2)
        before = hidden[place - 1] if place else np.zeros_like(later)
        gradients["again"] += np.outer(before, sums)
        gradients["bias"] += sums
        if "vectors" in weights:
            gradients["into"] += np.outer(weights["vectors"][inputs[place]], sums)
            gradients["vectors"][inputs[place]] += weights["into"] @ sums
        else:
            gradients["into"][inputs[place]] += sums
        later = weights["again"] @ sums
    return gradients


def _adam(weights: Arrays, gradients: Arrays, moments: Arrays, rate: float, step: int) -> None:
    """One step of Adam, in place."""
    for name, gradient in gradients.items():
        first, second = moments[name]
        first += (1 - BETAS[0]) * (gradient - first)
        second += (1 - BETAS[1]) * (gradient**2 - second)
        mean, square = first / (1 - BETAS[0] ** step), second / (1 - BETAS[1] ** step)
        weights[name] -= rate * mean / (np.sqrt(square) + TINY)
