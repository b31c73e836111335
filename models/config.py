"""What `config.json` and `golden.json` of a checkpoint may hold, checked strictly.

No unknown key, no NaN, nothing unbounded.
"""

import math
import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from models.task import SLUG, Task

Text = Annotated[str, Field(max_length=2_000)]
Short = Annotated[str, Field(max_length=300)]
Size = Annotated[int, Field(ge=0, le=2**31)]
MAX_NUMBERS = 2**27  # of one input or output, free axes left out
MAX_AXES = 8
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # but tab and new line


def texts(values: Any) -> Iterator[str]:
    """Every text within JSON values, keys among them."""
    waiting = [values]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class NetConfig(_Strict):
    """name: the entry whose `net` function builds it; arguments: what it is called with."""

    name: str = Field(max_length=100)
    arguments: dict[Short, int | float | bool | Short] = Field({}, max_length=100)
    familiarity: dict[Short, int | float | bool | Short] = Field(
        {}, max_length=100
    )  # arguments of models.nets.familiarity.Familiarity


class Array(_Strict):
    """An input or output of the graph. shape: sizes, or names of free axes."""

    name: Short
    dtype: Literal["float32", "int64", "uint8"]
    shape: tuple[Annotated[int, Field(ge=1)] | Short, ...] = Field(max_length=MAX_AXES)

    @field_validator("shape")
    @classmethod
    def _shape(cls, value: tuple[int | str, ...]) -> tuple[int | str, ...]:
        if math.prod(size for size in value if isinstance(size, int)) > MAX_NUMBERS:
            raise ValueError(f"at most {MAX_NUMBERS:,} numbers in one array")
        return value


class Figure(_Strict):
    accuracy: float = Field(ge=0, le=1)
    interval: tuple[float, float]
    n: int = Field(ge=1)


class Data(_Strict):
    """A data set the model was trained on."""

    name: Short
    source: Text
    licence: Text
    sha256: Short


class Training(_Strict):
    """How a model was trained. Older checkpoints lack some of it.

    epochs, best_epoch: how many there were, and the one whose weights were kept; without best_epoch, epochs counts
        those up to it.
    refitted: trained again on the training and validation sets together; key: what the recipe, net and processor hash
        to (`training/release.py`), of shipped models.
    """

    epochs: int = Field(ge=1)
    best_epoch: int | None = None
    seconds: float | None = None
    seed: int | None = None
    refitted: bool = False
    interrupted: bool = False
    machine: Short = ""
    date: Short = ""
    recipe: dict[str, Any] = {}
    key: Short | None = None


class Config(_Strict):
    """config.json."""

    format: int
    slug: str = Field(pattern=SLUG)
    title: str = Field(max_length=200)
    description: str = Field(max_length=1000)
    task: dict[str, Any]
    net: NetConfig
    temperature: float = Field(gt=0, lt=100)
    threshold: float
    inputs: tuple[Array, ...] = Field(min_length=1, max_length=16)
    outputs: tuple[Array, ...] = Field(min_length=1, max_length=16)
    tensors: dict[Short, tuple[Short, tuple[Size, ...]]] = Field(max_length=10_000)  # name: dtype, shape
    parameters: int = Field(ge=0, le=10**12)
    license: Short
    data: tuple[Data, ...] = Field(max_length=100)
    versions: dict[Short, Short] = Field(max_length=100)
    figures: dict[Short, Figure] = Field(max_length=100)
    training: Training
    files: dict[Short, Annotated[str, Field(pattern="^[0-9a-f]{64}$")]] = {}

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
    """raw: the input as a task's example gives it; arrays: what the processor makes of it, nested lists by name.

    logits and probabilities are in the order of the checkpoint's labels.
    """

    raw: Any
    arrays: dict[str, Any]
    logits: list[float]
    familiarity: float
    probabilities: list[float]


class Golden(_Strict):
    """golden.json. tolerance: by how much logits, probabilities and familiarity may differ, absolute."""

    tolerance: float = Field(gt=0, le=0.1)
    inputs: list[GoldenInput] = Field(min_length=1, max_length=1_000)
