"""Request bodies of the REST API, and the raw input that each stands for.

The OpenAPI document and the widgets' API description are written from these models. No request can name a file.
"""

import json
from collections.abc import Callable
from typing import Annotated, Any, ClassVar

from pydantic import (
    BaseModel,
    ConfigDict,
    FailFast,
    Field,
    InstanceOf,
    SkipValidation,
    ValidationError,
    field_validator,
)
from pydantic_core import ErrorDetails

from models.errors import BadInput, TooLarge
from models.field import MAX_FIELDS
from models.inputs.ink import MAX_CANVAS, MAX_POINTS
from models.inputs.picture import decode_base64
from models.inputs.strokes import PAD, PEN
from models.inputs.text import MAX_LETTERS
from models.task import Task

MAX_INPUTS = 256  # in one request
SMALL_TEXT = 400  # characters
SMALL_DRAWING = 400_000  # pixels in the bounding boxes of all segments; a digit has about 50,000

# FailFast: pydantic would otherwise collect an error for each of millions of wrong values.
Point = Annotated[list[float], Field(min_length=2, max_length=2), FailFast()]
Stroke = Annotated[list[Point], Field(max_length=MAX_POINTS), FailFast()]


class Body(BaseModel):
    """One JSON object, checked strictly: no unknown field, no NaN. shape: how an error sentence shows it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
    shape: ClassVar[str]


Side = Annotated[float, Field(ge=1, le=MAX_CANVAS)]


class Strokes(Body):
    """A drawing of one character, for tasks whose input is ink."""

    shape: ClassVar[str] = '{"strokes": [[[x, y], ...], ...], "pen": 18}'
    strokes: Annotated[list[Stroke], FailFast()] = Field(
        max_length=MAX_POINTS,
        description=f"Strokes, each a list of [x, y] points in pixels on a square pad of {PAD} px; y points down. "
        "Strokes that reach beyond it are moved or scaled to fit, with a note.",
        examples=[[[[140, 60], [140, 220]]]],
    )
    pen: float = Field(PEN, ge=1, le=100, description="Width of the pen in pixels.", examples=[PEN])
    size: Side | Annotated[list[Side], Field(min_length=2, max_length=2)] | None = Field(
        None,
        description="The canvas in pixels, if it is not the pad: its longer side, or [width, height].",
        examples=[500],
    )

    @field_validator("strokes", mode="before")
    @classmethod
    def _bounded(cls, value: Any) -> Any:
        """Refuse too many points before they are copied."""
        if isinstance(value, list):
            points = sum(len(stroke) for stroke in value if isinstance(stroke, list))
            if max(points, len(value)) > MAX_POINTS:
                raise TooLarge(
                    f"This drawing has too many points; at most {MAX_POINTS:,} are allowed. Send fewer points."
                )
        return value

    def raw(self) -> dict[str, Any]:
        given = {"pen": self.pen} if "pen" in self.model_fields_set or self.size is None else {}
        return {"strokes": self.strokes, **given, **({} if self.size is None else {"size": self.size})}


class Image(Body):
    """An image file, for tasks whose input is ink or a picture."""

    shape: ClassVar[str] = '{"image": "<base64 of a PNG or JPEG file>"}'
    image: str = Field(
        description="The file's bytes in base64, alone or as a data URL.",
        examples=["iVBORw0KGgo..."],
        json_schema_extra={"contentEncoding": "base64"},
    )

    def raw(self) -> bytes:
        return decode_base64(self.image)


class Text(Body):
    """Text, for tasks whose input is text."""

    shape: ClassVar[str] = '{"text": "..."}'
    text: InstanceOf[str] = Field(  # pydantic's own str refuses half a surrogate pair, which the text reader replaces
        description=f"The text; the first {MAX_LETTERS:,} characters are read.", examples=["Nakamura"]
    )

    def raw(self) -> str:
        return self.text


class Fields(Body):
    """Named values, for tasks whose input is fields."""

    shape: ClassVar[str] = '{"fields": {"<name>": <number or choice>, ...}}'
    fields: dict[str, float | str | None] = Field(
        description="The value of each field that is known; others may be left out or null. GET /models/{id} lists "
        "the fields.",
        examples=[{"Age": 44, "BMI": 31.5}],
        max_length=MAX_FIELDS,
    )

    @field_validator("fields", mode="wrap")
    @classmethod
    def _unchecked(cls, value: Any, _: Any) -> Any:
        """The values are checked by the task's own fields, which can say more."""
        if not isinstance(value, dict):
            raise ValueError("not an object")
        return value

    def raw(self) -> dict[str, Any]:
        return self.fields


class Many(Body):
    """Several inputs of the same kind, answered in the same order."""

    shape: ClassVar[str] = '{"inputs": [{...}, ...]}'
    inputs: list[SkipValidation[Strokes | Image | Text | Fields]] = Field(  # each is checked with its task, by `raw`
        min_length=1, max_length=MAX_INPUTS, description=f"From 1 to {MAX_INPUTS} inputs."
    )


FIELDS: dict[str, type[Body]] = {"strokes": Strokes, "image": Image, "text": Text, "fields": Fields}
TAKES = {  # fields by the task's input kind
    "ink": ("strokes", "image"),
    "picture": ("image",),
    "text": ("text",),
    "fields": ("fields",),
}
STROKE = f"Each stroke must be a list of [x, y] with two finite numbers, in pixels of the {PAD} px pad."


def wanted(task: Task) -> str:
    """How an error sentence shows the objects that a task takes."""
    return " or ".join(FIELDS[name].shape for name in TAKES[task.input])


def parse(body: bytes, task: Callable[[], Task]) -> Any:
    """The JSON in `body`. Raises BadInput for what is not JSON; NaN and Infinity are not.

    task: returns the task, whose input the error sentence shows.
    """

    def refuse(name: str) -> None:
        raise BadInput(f"The request contains {name}, which is not a JSON number. Send finite numbers only.")

    try:
        return json.loads(body, parse_constant=refuse)
    except BadInput:
        raise
    except (ValueError, RecursionError) as error:  # ValueError: also wrong UTF-8, and numbers of thousands of digits
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise BadInput(f"The request is not valid JSON{where}. Send {wanted(task())}.") from error


def split(value: Any) -> tuple[bool, list[Any]]:
    """Whether a parsed request has several inputs, and the inputs, not yet checked. Raises BadInput, TooLarge."""
    if not isinstance(value, dict) or "inputs" not in value:
        return False, [value]
    if isinstance(value["inputs"], list) and len(value["inputs"]) > MAX_INPUTS:
        raise too_many(len(value["inputs"]))
    try:
        return True, Many.model_validate(value).inputs
    except ValidationError as error:
        raise BadInput(f"'inputs' must be a list of one or more inputs, and the only field: {Many.shape}") from error


def too_many(count: int) -> TooLarge:
    """The refusal of a request with more than MAX_INPUTS inputs."""
    return TooLarge(f"A request may have at most {MAX_INPUTS} inputs; this one has {count}. Split it.")


def is_small(value: Any) -> bool:
    """Whether the input that a JSON value stands for is read and processed in about a millisecond.

    That is so for a text of a few words, and for strokes as long as those of a digit or letter.
    """
    if not isinstance(value, dict):
        return False
    if isinstance(value.get("text"), str):
        return len(value["text"]) <= SMALL_TEXT
    if isinstance(value.get("fields"), dict):
        return len(value["fields"]) <= MAX_FIELDS
    if "size" in value:  # strokes of a smaller canvas are scaled up
        return False
    try:
        width = value.get("pen", PEN) + 2
        work = 0.0
        for stroke in value["strokes"]:
            x, y = stroke[0]
            work += width * width
            for next_x, next_y in stroke[1:]:
                work += (abs(next_x - x) + width) * (abs(next_y - y) + width)
                x, y = next_x, next_y
        return work <= SMALL_DRAWING
    except (KeyError, IndexError, TypeError, ValueError, OverflowError):
        return False


def raw(value: Any, task: Task) -> Any:
    """The raw input that a JSON value, or the bytes of an uploaded file, stands for. Raises BadInput or TooLarge."""
    takes = TAKES[task.input]
    if isinstance(value, bytes):
        if "image" not in takes:
            what = "an object of fields" if task.input == "fields" else "text"
            raise BadInput(f"An input for {task.title} must be {what}, not a file. Send {wanted(task)}.")
        return value
    if not isinstance(value, dict):
        raise BadInput(f"An input for {task.title} must be a JSON object, not {_kind(value)}. Send {wanted(task)}.")
    named = [name for name in FIELDS if name in value]
    if len(named) != 1 or named[0] not in takes:
        fields = " and ".join(named) or ", ".join(sorted(map(str, value))[:5]) or "no fields"
        raise BadInput(f"An input for {task.title} must be {wanted(task)}; this one has {fields[:80]}.")
    model = FIELDS[named[0]]
    if unknown := next((name for name in value if name not in model.model_fields), None):
        raise BadInput(f"Unknown field {unknown[:40]!r} beside {named[0]!r}. Send {model.shape}.")
    try:
        return model.model_validate(value).raw()
    except ValidationError as error:
        raise _refusal(error.errors(include_url=False)[0], model) from error


def _refusal(error: ErrorDetails, model: type[Body]) -> BadInput:
    """One sentence about the first thing that is wrong with the fields of a request body."""
    name = error["loc"][0]
    if name == "pen":
        return BadInput(f"'pen' must be a number from 1 to 100, the pen's width in pixels. Send {model.shape}.")
    if name == "size":
        return BadInput(f"'size' must be the canvas in pixels, a number from 1 to {MAX_CANVAS:,} or [width, height].")
    if len(error["loc"]) > 1:
        return BadInput(STROKE)
    expected = {"strokes": "a list of strokes", "fields": "an object"}.get(str(name), "a string")
    return BadInput(f"{name!r} must be {expected}, not {_kind(error['input'])}. Send {model.shape}.")


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else "null")
