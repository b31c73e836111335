"""What every processor has: the Protocol, and the stages it shows on the way from an input to a net."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import numpy as np

from models.evidence import Grid, Spans

UNKNOWN = 1  # code of a letter or word that is not in the vocabulary; 0 is padding

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Stage:
    """One step from a picture to the net's input, for people.

    image: uint8 (height, width), ink dark on white, or (height, width, 3).
    """

    title: str
    sentence: str
    image: np.ndarray


@dataclass(frozen=True)
class Token:
    """One letter or word as it was read. start, end: where it lies in the text as typed.

    known: whether the vocabulary has it.
    """

    text: str
    start: int
    end: int
    known: bool


@dataclass(frozen=True)
class TextStage:
    """One step from a text to the net's input, for people: tokens in place of a picture."""

    title: str
    sentence: str
    tokens: tuple[Token, ...]


@runtime_checkable
class Processor(Protocol):
    """Turns raw inputs of one kind into a net's arrays.

    The canonical input is what `models.inputs.<kind>.read` returns: a Drawing, a Picture or a Text. Names and shapes of
    the arrays are those of the processor: `x` (N, 1, S, S) float32 for ink, (N, 3, S, S) uint8 for pictures; `x` (N, T)
    and `lengths` (N,) int64 for texts, with `ngrams` (N, T, K) where they are hashed. One processed input lacks the N.
    """

    kind: ClassVar[str]  # the input kind: "ink", "picture" or "text"

    def fit(self, raws: Iterable[Any], more: Iterable[str] = ()) -> Self:
        """The processor fitted on the raw training inputs; itself where there is nothing to fit.

        more: further words for a vocabulary of words, in the order in which they are taken while there is room.
        """

    def sizes(self) -> dict[str, int]:
        """Arguments of a net that follow from the arrays, such as `letters=60`; empty where there are none."""

    def known(self) -> Sequence[str]:
        """The vocabulary in the order of its codes; empty where there is none."""

    def read(self, raw: Any) -> Any:
        """The canonical input. Raises BadInput for what cannot be read."""

    def process(self, canonical: Any) -> Arrays:
        """The arrays of one input, without the first dimension. Raises BadInput where there is nothing to see."""

    def process_batch(self, inputs: Sequence[Any]) -> Arrays:
        """The arrays of N inputs, the same as one by one; texts are padded to the longest.

        Raises BadInput as `process` does.
        """

    def collate(self, items: Sequence[Arrays]) -> Arrays:
        """Single results of `process` as one batch."""

    def places(self, canonical: Any) -> Grid | Spans:
        """Where the cells or tokens that evidence is given for lie in the input."""

    def occlusions(self, arrays: Arrays) -> tuple[Arrays, np.ndarray]:
        """Copies (K, ...) of one processed input, each without a window or token; K flat indices into `places`."""

    def notes(self, canonical: Any) -> tuple[str, ...]:
        """What a person should know about this input, one sentence each; usually none."""

    def stages(self, canonical: Any) -> Sequence[Stage | TextStage]:
        """The steps from the input to the net's arrays, for people."""

    def to_dict(self) -> dict[str, Any]:
        """The content of `processor.json`; `models.processors.from_dict` reads it back."""
