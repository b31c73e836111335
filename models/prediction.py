"""A prediction: a model's answer to one input."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field


@dataclass(frozen=True)
class Prediction:
    """One answer. The REST API's documentation shows these descriptions."""

    label: Annotated[str | None, Field(description='The answer; null if the model abstains ("none of these").')]
    best: Annotated[str, Field(description="The label with the highest probability, even if the model abstains.")]
    probabilities: Annotated[
        dict[str, float],
        Field(description="Calibrated probability of each label, highest first; they sum to 1."),
    ]
    abstained: Annotated[
        bool,
        Field(
            description="Whether familiarity is below the model's threshold, or all letters or words of a text are "
            "unknown to the model."
        ),
    ]
    familiarity: Annotated[float, Field(description="How much the input resembles the training data.")]
    notes: Annotated[tuple[str, ...], Field(description="Anything unusual about the input, one sentence each.")]
    milliseconds: Annotated[
        float, Field(description="Time from the raw input to the answer; in a batch, the mean per input.")
    ]
    engine: Annotated[str, Field(description="Engine that computed the answer: onnx or torch.")]
    device: Annotated[str, Field(description="Device the engine ran on: cpu, cuda or mps.")]
    model: Annotated[str, Field(description="Id of the model.")]
    task: Annotated[str, Field(description="Slug of the task.")]
    checkpoint: Annotated[str, Field(description="First 12 hex digits of the checkpoint's SHA-256.")]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types: what REST and `zoo predict --json` print."""
        return {**vars(self), "probabilities": dict(self.probabilities), "notes": list(self.notes)}
