"""The values of a form as the parameter `fields=` of a link: "Age=44&BMI=31.5", without unknown ones."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode

from models.errors import BadInput, ZooError
from models.field import MAX_FIELDS, Field
from models.inputs import fields
from models.inputs.fields import Value

MAX_LENGTH = 6_000  # characters in an address; servers and chat programs cut longer ones
DAMAGED = "The values in this link cannot be read, so the form shows typical values."


def encode(values: Mapping[str, Value]) -> str:
    """The code; empty if no value is known or they are too long for a link."""
    code = urlencode({name: _text(value) for name, value in values.items() if value is not None})
    return code if len(quote(code, safe="")) <= MAX_LENGTH else ""


def decode(code: str, of: tuple[Field, ...]) -> dict[str, Value]:
    """The values, a raw input for these fields. Raises BadInput if the code is not valid."""
    if len(code) > MAX_LENGTH:
        raise BadInput(DAMAGED)
    try:
        pairs = parse_qsl(code, keep_blank_values=True, strict_parsing=True, max_num_fields=MAX_FIELDS)
        read = fields.read(fields.from_texts(dict(pairs), of), of)
    except (ZooError, ValueError) as error:
        raise BadInput(f"{DAMAGED} {error}" if isinstance(error, ZooError) else DAMAGED) from error
    return {**read.values, **dict.fromkeys(read.zeros, 0.0)}


def _text(value: float | str) -> str:
    return value if isinstance(value, str) else repr(value).removesuffix(".0")
