"""The types of a checkpoint's `config.json` and `golden.json`: no unknown key, no NaN, everything bounded."""

import math
import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from models.task import SLUG, Task

Text = Annotated[str, Field(max_length=2_000)]
Short = Annotated[str, Field(max_length=300)]
Size = Annotated[int, Field(ge=0, le=2**31)]
MAX_NUMBERS = 2**27  # of one input or output, without free axes
MAX_AXES = 8
MAX_DEPTH = 32  # of nested JSON; encoders of answers and pages give up at some hundreds
MAX_NUMBER = 2**53  # larger whole numbers are none in JavaScript, and neither in a chart
CONTROL_CHARACTERS = re.compile(  # except tab and new line; with those that reverse the order of the letters after them
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)


def is_unshowable(label: str) -> bool:
    """Whether a label could control a terminal, take more than one line, or reverse the letters after it."""
    return bool(CONTROL_CHARACTERS.search(label)) or "\n" in label or "\t" in label


def problem(values: Any) -> str:
    """What is wrong with nested JSON values from a stranger, wherever they end up: "" if nothing is."""
    pending = [(values, 0)]
    while pending:
        value, depth = pending.pop()
        inner: Iterable[Any] = ()
        if isinstance(value, str):
            if CONTROL_CHARACTERS.search(value):
                return "contains control characters, which could control a terminal"
        elif isinstance(value, dict):
            inner = (*value, *value.values())
        elif isinstance(value, list):
            inner = value
        elif isinstance(value, int | float) and not abs(value) <= (MAX_NUMBER if isinstance(value, int) else 1e300):
            return "contains NaN, infinity or a number that is too large"
        if inner and depth == MAX_DEPTH:
            return "is nested too deeply"
        pending += ((each, depth + 1) for each in inner)
    return ""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class NetConfig(_Strict):
    """How to build the net. name: the entry with the `net` function; arguments: its keyword arguments."""

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
            raise ValueError(f"at most {MAX_NUMBERS:,} numbers in one array are allowed")
        return value


class Figure(_Strict):
    """Accuracy on one data set, with the ends of its 95% interval and the number of examples.

    rounds: of cross-validation, over which the examples were tested; None for a single test.
    """

    accuracy: float = Field(ge=0, le=1)
    interval: tuple[float, float]
    n: int = Field(ge=1)
    rounds: int | None = Field(None, ge=2)


class Data(_Strict):
    """A data set the model was trained on."""

    name: Short
    source: Text
    licence: Text
    sha256: Short


class Training(_Strict):
    """How a model was trained. Older checkpoints lack some of it.

    epochs: the number of epochs; best_epoch: the one whose weights are saved (if missing, `epochs` is the best one).
    refitted: trained again on the training and validation sets together.
    key: for shipped models, the hash of recipe, net and processor (`training/release.py`).
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
    """The content of config.json."""

    format: int
    slug: str = Field(pattern=SLUG)
    title: str = Field(max_length=200)
    description: str = Field(max_length=1000)
    task: dict[str, Any]
    net: NetConfig
    temperature: float = Field(ge=0.01, lt=100)
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
            or not all(0 < len(x) <= 200 and not is_unshowable(x) for x in labels)
        ):
            raise ValueError(
                "labels must be 2 to 10,000 different texts of 1 to 200 letters, without control characters"
            )
        return value


class GoldenInput(_Strict):
    """An input with its expected answer.

    raw: as in a task's examples; arrays: the processed input, nested lists by name.
    logits and probabilities are in the order of the checkpoint's labels.
    """

    raw: Any
    arrays: dict[str, Any]
    logits: list[float]
    familiarity: float
    probabilities: list[float]


class Golden(_Strict):
    """The content of golden.json. tolerance: maximum absolute difference of logits, probabilities and familiarity."""

    tolerance: float = Field(gt=0, le=0.1)
    inputs: list[GoldenInput] = Field(min_length=1, max_length=1_000)
