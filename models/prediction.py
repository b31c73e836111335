"""A prediction: a model's answer to one input."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any

from pydantic import Field


@dataclass(frozen=True)
class Prediction:
    """One answer. The REST API's documentation shows these descriptions."""

    label: Annotated[str | None, Field(description='The answer; null when the model abstains ("none of these").')]
    best: Annotated[str, Field(description="The label with the highest probability, also when the model abstains.")]
    probabilities: Annotated[
        dict[str, float],
        Field(description="Every label's probability, high to low; calibrated on validation data; sums to 1."),
    ]
    abstained: Annotated[bool, Field(description="Whether familiarity is below the model's threshold.")]
    familiarity: Annotated[float, Field(description="How much the input resembles what the net was trained on.")]
    notes: Annotated[tuple[str, ...], Field(description="What was unusual about the input, a sentence each.")]
    milliseconds: Annotated[float, Field(description="From the raw input to this answer; of a batch, the mean.")]
    engine: Annotated[str, Field(description="What computed it: onnx or torch.")]
    device: Annotated[str, Field(description="Where it was computed: cpu, cuda or mps.")]
    model: Annotated[str, Field(description="Id of the model.")]
    task: Annotated[str, Field(description="Slug of the task.")]
    checkpoint: Annotated[str, Field(description="First 12 hex digits of the checkpoint's SHA-256.")]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types: what REST and `zoo predict --json` print."""
        return {**asdict(self), "notes": list(self.notes)}
