"""A prediction: what a model answers to one input."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Prediction:
    """One answer.

    label: the answer, or None when the model abstains ("none of these").
    best: the label with the highest probability, also when it abstains.
    probabilities: every label, high to low; calibrated on the validation part; sums to 1.
    familiarity: how much the input is like what the net was trained on; it abstains below its threshold.
    milliseconds: from the raw input to this answer, on this machine.
    checkpoint: first 12 hex digits of the sha256 of the weights and the processor.
    """

    label: str | None
    best: str
    probabilities: dict[str, float]
    abstained: bool
    familiarity: float
    notes: tuple[str, ...]
    milliseconds: float
    engine: str
    device: str
    model: str
    task: str
    checkpoint: str

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types: what REST and `zoo predict --json` print."""
        return {**asdict(self), "notes": list(self.notes)}
