"""Errors as JSON problem details (RFC 9457), with the same sentence that every other surface shows."""

import json
from http import HTTPStatus

from pydantic import BaseModel, Field
from starlette.responses import Response

from models.errors import BadCheckpoint, BadInput, TooLarge, UnknownModel, ZooError, printable

STATUS = ((TooLarge, 413), (BadInput, 422), (UnknownModel, 404), (BadCheckpoint, 503), (ZooError, 500))


class Problem(BaseModel):
    """What went wrong, as problem details (RFC 9457)."""

    type: str = Field("about:blank", description="Always about:blank; the status says what kind of problem it is.")
    title: str = Field(description="The status in words.", examples=["Unprocessable Entity"])
    status: int = Field(description="The HTTP status.", examples=[422])
    detail: str = Field(
        description="One sentence that says what is wrong and what to do.",
        examples=["The drawing is blank; draw something."],
    )
    input: int | None = Field(None, description="For a request with several inputs, the index of the refused one.")


def problem(status: int, detail: str, headers: dict[str, str] | None = None, input: int | None = None) -> Response:
    """A response of `application/problem+json`."""
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=printable(detail), input=input)
    content = json.dumps(body.model_dump(exclude_none=True))
    return Response(content, status, headers, media_type="application/problem+json")


def of(error: ZooError, input: int | None = None) -> Response:
    """The problem that `error` is."""
    return problem(next(status for kind, status in STATUS if isinstance(error, kind)), str(error), input=input)
