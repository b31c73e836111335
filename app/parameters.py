"""The parameters of the Gradio endpoint and the MCP tool of a task of fields: one for each field, typed."""

import inspect
import keyword
import re
from collections.abc import Sequence
from typing import Any, Literal

from models.field import Field

RESERVED = ("model", "api_name", "fn_index", "self", "kwargs", "headers", "request")


def parameters(fields: Sequence[Field]) -> dict[str, Field]:
    """The fields by the name of their parameter: the field's own name where it is one."""
    named: dict[str, Field] = {}
    for each in fields:
        name = re.sub(r"\W+", "_", each.name).strip("_") or "field"
        name = f"field_{name}" if name[0].isdigit() else name
        while name in named or name in RESERVED or keyword.iskeyword(name):
            name += "_"
        named[name] = each
    return named


def annotation(each: Field) -> Any:
    """The type of a field's parameter."""
    return (Literal[*each.choices] if each.choices else float) | None


def signature(fields: Sequence[Field]) -> inspect.Signature:
    """`model`, then a parameter for each field, which may be left out."""
    required = inspect.Parameter("model", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=str)
    return inspect.Signature(
        [
            required,
            *(
                inspect.Parameter(
                    name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=annotation(each)
                )
                for name, each in parameters(fields).items()
            ),
        ],
        return_annotation=dict[str, Any],
    )


def described(each: Field) -> str:
    """A parameter in the description of the endpoint."""
    if each.choices:
        listed = "; ".join(
            choice if each.display(choice) == choice else f"{choice} ({each.display(choice)})"
            for choice in each.choices
        )
        return f"{each.title or each.name}: {listed}. Omit it if not known."
    unit = f" in {each.unit}" if each.unit else ""
    return f"{each.title or each.name}{unit}, about {each.low:g} to {each.high:g}. Omit it if not known."
