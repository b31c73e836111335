"""What is known about a model without loading it, for REST and the command line."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.catalog import Model
from models.config import Array, Data, Figure, NetConfig, Training
from models.task import InputKind, Task


class ModelSummary(BaseModel):
    """One model in a list: GET /api/models and `zoo list --json`."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(description="The model's unique id, the argument of `models.load`.", examples=["mnist-cnn"])
    slug: str
    title: str
    task: str = Field(description="Slug of the model's task.", examples=["digits"])
    input: InputKind = Field(description="The kind of input the model takes.")
    origin: Literal["shipped", "mine", "hub"]
    description: str
    parameters: int = Field(description="Number of trainable parameters.")
    license: str
    figures: dict[str, Figure] = Field(description="Accuracy, 95% interval and size of each test set, by data set.")

    @classmethod
    def of(cls, model: Model) -> "ModelSummary":
        return cls(**_summary(model))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return self.model_dump(mode="json")


class ModelDetails(ModelSummary):
    """One model: GET /api/models/{id} and `zoo show --json`."""

    task_details: Task = Field(description="The task: question, labels, data sets, examples.")
    format: int = Field(description="Version of the checkpoint's format.")
    net: NetConfig
    temperature: float = Field(description="The logits are divided by this value before the softmax.")
    threshold: float = Field(description="The model abstains if familiarity is below this value.")
    inputs: tuple[Array, ...] = Field(description="Inputs of the ONNX graph.")
    outputs: tuple[Array, ...] = Field(description="Outputs of the ONNX graph.")
    data: tuple[Data, ...] = Field(description="Data sets the model was trained on.")
    versions: dict[str, str] = Field(description="Versions of the libraries the model was trained with.")
    training: Training
    files: dict[str, str] = Field(description="SHA-256 of each file, by name.")

    @classmethod
    def of(cls, model: Model) -> "ModelDetails":
        own = cls.model_fields.keys() - ModelSummary.model_fields.keys() - {"task_details"}
        config = {name: getattr(model.config, name) for name in own}
        return cls(**_summary(model), task_details=model.task, **config)


def _summary(model: Model) -> dict[str, Any]:
    config = model.config
    return {
        "id": model.id,
        "slug": model.slug,
        "title": model.title,
        "task": model.task.slug,
        "input": model.task.input,
        "origin": model.origin,
        "description": config.description,
        "parameters": config.parameters,
        "license": config.license,
        "figures": config.figures,
    }
