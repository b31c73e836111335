"""The interface of processors, and the stages between an input and a net that they show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import numpy as np

from models.evidence import Grid, Names, Spans

UNKNOWN = 1  # code of a letter or word that is not in the vocabulary; 0 is padding

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Stage:
    """One step from a picture to the net's input, as shown to people.

    image: uint8 (height, width), ink dark on white, or (height, width, 3).
    """

    title: str
    sentence: str
    image: np.ndarray


@dataclass(frozen=True)
class Token:
    """One letter or word as it was read.

    start, end: its position in the text as typed. known: whether it is in the vocabulary.
    """

    text: str
    start: int
    end: int
    known: bool


@dataclass(frozen=True)
class TextStage:
    """One step from a text to the net's input, as shown to people: tokens instead of a picture."""

    title: str
    sentence: str
    tokens: tuple[Token, ...]


@dataclass(frozen=True)
class TableStage:
    """One step from fields to the net's input, as shown to people. rows: the name and the value of each field."""

    title: str
    sentence: str
    rows: tuple[tuple[str, str], ...]


@runtime_checkable
class Processor(Protocol):
    """Turns raw inputs of one kind into a net's arrays.

    The canonical input is what `models.inputs.<kind>.read` returns: a Drawing, a Picture, a Text or Fields. Arrays: `x`
    (N, 1, S, S) float32 for ink, (N, 3, S, S) uint8 for pictures; `x` (N, T) and `lengths` (N,) int64 for texts, with
    `ngrams` (N, T, K) if n-grams are hashed; `x` (N, D) float32 for fields. A single
    processed input has no dimension N.
    """

    kind: ClassVar[str]  # the input kind: "ink", "picture", "text" or "fields"

    def fit(self, raws: Iterable[Any], more: Iterable[str] = ()) -> Self:
        """The processor fitted on the raw training inputs; the processor itself if there is nothing to fit.

        more: further words for a vocabulary of words, added in this order up to its size.
        """

    def sizes(self) -> dict[str, int]:
        """The arguments of a net that depend on the arrays, such as `letters=60`; may be empty."""

    def known(self) -> Sequence[str]:
        """The vocabulary in the order of its codes; empty if there is none."""

    def read(self, raw: Any) -> Any:
        """The canonical input. Raises BadInput if it cannot be read."""

    def process(self, canonical: Any) -> Arrays:
        """The arrays of one input, without the first dimension. Raises BadInput if it is blank."""

    def process_batch(self, inputs: Sequence[Any]) -> Arrays:
        """The arrays of N inputs, equal to those of `process`; texts are padded to the longest.

        Raises BadInput as `process` does.
        """

    def collate(self, items: Sequence[Arrays]) -> Arrays:
        """Join results of `process` into one batch."""

    def places(self, canonical: Any) -> Grid | Spans | Names:
        """The positions in the input of the cells, tokens or fields that have evidence."""

    def occlusions(self, arrays: Arrays) -> tuple[Arrays, np.ndarray]:
        """Copies (K, ...) of one processed input, each without a window, token or field; and indices into `places`."""

    def notes(self, canonical: Any) -> tuple[str, ...]:
        """Remarks on this input for the user, one sentence each; usually none."""

    def stages(self, canonical: Any) -> Sequence[Stage | TextStage | TableStage]:
        """The steps from the input to the net's arrays, as shown to people."""

    def to_dict(self) -> dict[str, Any]:
        """The content of `processor.json`; `models.processors.from_dict` reads it back."""
