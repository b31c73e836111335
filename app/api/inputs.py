"""From the JSON of a request to a raw input: strokes, text or the bytes of a file. No request can name a file."""

import json
from typing import Any

from models.errors import BadInput
from models.inputs.picture import decoded
from models.task import Task

TAKES = {"ink": ("strokes", "image"), "picture": ("image",), "text": ("text",)}
SHAPES = {
    "strokes": '{"strokes": [[[x, y], ...], ...], "pen": 18}',
    "image": '{"image": "<base64 of a PNG or JPEG file>"}',
    "text": '{"text": "..."}',
}


def parse(body: bytes) -> Any:
    """The JSON in `body`; NaN and Infinity, which JSON does not have, are refused."""

    def refuse(name: str) -> None:
        raise BadInput(f"The request holds {name}, which is no JSON number. Send finite numbers only.")

    try:
        return json.loads(body, parse_constant=refuse)
    except BadInput:
        raise
    except (
        ValueError,
        RecursionError,
    ) as error:  # ValueError: wrong JSON, wrong UTF-8, a number of thousands of digits
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise BadInput(
            f"The request is no JSON that can be read{where}. Send an object such as {SHAPES['image']}."
        ) from error


def raw(value: Any, task: Task) -> Any:
    """The raw input that one JSON object stands for, of the kind that `task` asks for."""
    takes = TAKES[task.input]
    wanted = " or ".join(SHAPES[name] for name in takes)
    if not isinstance(value, dict):
        raise BadInput(f"An input for {task.title} must be a JSON object, not {_kind(value)}. Send {wanted}.")
    given = [name for name in SHAPES if name in value]
    if len(given) != 1 or given[0] not in takes:
        held = " and ".join(given) or ", ".join(sorted(map(str, value))[:5]) or "nothing"
        raise BadInput(f"An input for {task.title} must be {wanted}; this one holds {held[:80]}.")
    strange = sorted(set(value) - {given[0], "pen" if given[0] == "strokes" else given[0]})
    if strange:
        raise BadInput(f"Unknown field {strange[0][:40]!r} beside {given[0]!r}. Send {wanted}.")
    return {"strokes": _strokes, "image": _image, "text": _text}[given[0]](value)


def _strokes(value: dict) -> dict:
    if not isinstance(value["strokes"], list):
        raise BadInput(f"'strokes' must be a list of strokes, not {_kind(value['strokes'])}. Send {SHAPES['strokes']}.")
    return value


def _text(value: dict) -> str:
    if not isinstance(value["text"], str):
        raise BadInput(f"'text' must be a string, not {_kind(value['text'])}. Send {SHAPES['text']}.")
    return value["text"]


def _image(value: dict) -> bytes:
    image = value["image"]
    if not isinstance(image, str):
        raise BadInput(f"'image' must be a string, not {_kind(image)}. Send {SHAPES['image']}.")
    return decoded(image)


def _kind(value: Any) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "a string",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return names.get(type(value), "null")
