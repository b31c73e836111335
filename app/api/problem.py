"""Errors as JSON problem details (RFC 9457), with the same sentence that every other surface shows."""

import json
from http import HTTPStatus

from starlette.responses import Response

from models.errors import BadCheckpoint, BadInput, TooLarge, UnknownModel, ZooError

STATUS = ((TooLarge, 413), (BadInput, 422), (UnknownModel, 404), (BadCheckpoint, 503), (ZooError, 500))


def problem(status: int, detail: str, headers: dict[str, str] | None = None, **more: object) -> Response:
    """A response of `application/problem+json`."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return Response(json.dumps(body), status, headers, media_type="application/problem+json")


def of(error: ZooError, **more: object) -> Response:
    """The problem that `error` is."""
    return problem(next(status for kind, status in STATUS if isinstance(error, kind)), str(error), **more)
