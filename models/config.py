"""What `config.json` and `golden.json` of a checkpoint may hold, checked strictly: no unknown key, no NaN, nothing unbounded."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from models.task import SLUG, Task


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class NetConfig(_Strict):
    """name: the entry whose `net` function builds it; arguments: what it is called with."""

    name: str = Field(max_length=100)
    arguments: dict[str, Any] = {}
    familiarity: dict[str, Any] = {}  # arguments of models.nets.familiarity.Familiarity


class Array(_Strict):
    """An input or output of the graph. shape: sizes, or names of free axes."""

    name: str
    dtype: Literal["float32", "int64", "uint8"]
    shape: tuple[int | str, ...]


class Figure(_Strict):
    accuracy: float = Field(ge=0, le=1)
    interval: tuple[float, float]
    n: int = Field(ge=1)


class Data(_Strict):
    """A data set the model was trained on."""

    name: str
    source: str
    licence: str
    sha256: str


class Config(_Strict):
    """config.json."""

    format: int
    slug: str = Field(pattern=SLUG)
    title: str = Field(max_length=200)
    words: str = Field(max_length=1000)
    task: dict[str, Any]
    net: NetConfig
    temperature: float = Field(gt=0, lt=100)
    threshold: float
    inputs: tuple[Array, ...]
    outputs: tuple[Array, ...]
    tensors: dict[str, tuple[str, tuple[int, ...]]]  # name: dtype, shape
    parameters: int = Field(ge=0)
    license: str
    data: tuple[Data, ...]
    versions: dict[str, str]
    figures: dict[str, Figure]
    training: dict[str, Any]
    files: dict[str, str] = {}

    @field_validator("task")
    @classmethod
    def _task(cls, value: dict[str, Any]) -> dict[str, Any]:
        task = Task.from_dict(value)
        labels = task.labels
        if (
            not 2 <= len(labels) <= 10_000
            or len(set(labels)) != len(labels)
            or not all(0 < len(x) <= 200 for x in labels)
        ):
            raise ValueError("labels must be 2 to 10,000 different short texts")
        return value


class GoldenInput(_Strict):
    raw: Any
    arrays: dict[str, Any]
    logits: list[float]
    familiarity: float
    probabilities: list[float]


class Golden(_Strict):
    """golden.json."""

    tolerance: float = Field(gt=0, le=0.1)
    inputs: list[GoldenInput]
