"""REST, under /api/: what models there are, and their answers. Errors are problem details with a sentence for people.

curl localhost:8501/api/models
curl localhost:8501/api/predict/mnist-cnn -F file=@my.png
curl localhost:8501/api/predict/mnist-cnn --json '{"strokes": [[[140, 60], [140, 220]]], "pen": 18}'
"""

import asyncio
import json
import os
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

import models
from app import sentences
from app.api import inputs, problem
from app.api.docs_page import page
from app.predict_many import answers
from models import catalog
from models.errors import BadInput, TooLarge, ZooError

MAX_INPUTS = 256  # in one request
_turns = threading.BoundedSemaphore(
    2 * (os.cpu_count() or 1)
)  # answers worked on at once: bounds the memory of decoded images

IN_FLIGHT = 32  # requests to predict whose bodies may be in memory, those that wait for their turn among them
BODY_TIME = 120  # seconds: 32 MB at 2 Mbit/s
BUSY = "So many requests are being answered just now that this one was not read. Send it again in a moment."
_in_flight = 0  # counted on the event loop alone

NOT_HERE = "There is nothing at {path}. Ask /api/models, /api/models/ID, /api/predict/ID or /api/openapi.json."


@dataclass(frozen=True)
class Body:
    """The body of a request as it came: JSON bytes, or the files of a form."""

    data: bytes = b""
    files: tuple[bytes, ...] | None = None


async def place() -> AsyncIterator[None]:
    """A place among the IN_FLIGHT, until the answer is sent; who comes when all are taken is told so before his body is read."""
    global _in_flight
    if _in_flight >= IN_FLIGHT:
        raise HTTPException(503, BUSY, {"Retry-After": "1"})
    _in_flight += 1
    try:
        yield
    finally:
        _in_flight -= 1


async def body(request: Request, _place: None = Depends(place)) -> Body:  # noqa: B008
    """Read the body, for no longer than BODY_TIME: who sends nothing must not keep his place. Nothing is decoded here, on the event loop."""
    try:
        async with asyncio.timeout(BODY_TIME):
            return await _read(request)
    except TimeoutError:
        sentence = f"The body did not come within {BODY_TIME} seconds. Send it again, or fewer inputs at once."
        raise HTTPException(408, sentence, {"Connection": "close"}) from None


async def _read(request: Request) -> Body:
    """The body; the edge bounds its length."""
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        try:
            async with request.form(max_files=MAX_INPUTS + 1, max_fields=8) as form:
                files = [item for name, item in form.multi_items() if name == "file"]
                if not files or any(isinstance(item, str) for item in files) or len(form.multi_items()) != len(files):
                    raise BadInput(
                        "A form must hold one or several files named 'file', and nothing else: curl -F file=@my.png"
                    )
                return Body(files=tuple([await item.read() for item in files]))
        except HTTPException as error:  # the form parser's own; 413 is the edge's
            if error.status_code == 413:
                raise
            raise BadInput(
                f"The form cannot be read: {error.detail} Send one or several files named 'file'."
            ) from error
    if kind == "application/json" or kind.endswith("+json"):
        return Body(data=await request.body())
    raise HTTPException(
        415, f"The body is {kind[:80]!r}; send application/json, or multipart/form-data with files named 'file'."
    )


def build() -> FastAPI:
    """The app that is mounted at /api."""
    api = FastAPI(
        title="The Zoo",
        version="1",
        summary="Small neural networks: what there is, and what they answer.",
        docs_url=None,  # FastAPI's own page loads scripts from a CDN
        redoc_url=None,
    )

    @api.get("/", include_in_schema=False)
    def home() -> Response:
        ways = {"models": "/api/models", "predict": "/api/predict/{id}", "openapi": "/api/openapi.json"}
        return _json({**ways, "docs": "/api/docs"})

    @api.get("/docs", include_in_schema=False)
    def docs(request: Request) -> Response:
        address = f"{request.url.scheme}://{request.url.netloc}{request.scope['root_path']}"
        example = next((model.id for model in catalog.models()), "mnist-cnn")
        return HTMLResponse(page(api.openapi(), address, example))

    @api.get("/models", summary="Every model, the best of each task first", openapi_extra=_answers(LIST))
    def list_models(task: str | None = None) -> Response:
        if task is not None:
            catalog.task(task)
        return _json({"models": [sentences.summary(model) for model in catalog.models(task)]})

    @api.get("/models/{id:path}", summary="One model; an id may hold one slash", openapi_extra=_answers(OBJECT))
    def show_model(id: str) -> Response:
        return _json(sentences.details(catalog.find(id)))

    @api.post(
        "/predict/{id:path}", summary="What a model answers", openapi_extra={**_answers(OBJECT), "requestBody": REQUEST}
    )
    def predict(id: str, body: Body = Depends(body)) -> Response:  # noqa: B008
        model = catalog.find(id)
        many, items = _inputs(body)
        with _turns:
            predictor = models.load(id)
            if not many:
                return _json(predictor.predict(_decode(items[0], model.task)).to_dict())
            given = answers(predictor, [_decoded(value, model.task) for value in items])
        for index, answer in enumerate(given):
            if isinstance(answer, BadInput):
                return problem.of(answer, input=index)
        return _json({"predictions": [answer.to_dict() for answer in given]})

    @api.exception_handler(ZooError)
    def zoo_error(_request: Request, error: ZooError) -> Response:
        return problem.of(error)

    @api.exception_handler(HTTPException)
    def http_error(request: Request, error: HTTPException) -> Response:
        path = request.url.path[:200]
        detail = {
            404: NOT_HERE.format(path=path),
            405: f"{request.method} does not go with {path}. Use GET for models and POST for predict.",
        }.get(error.status_code, error.detail)
        return problem.problem(error.status_code, detail, dict(error.headers or {}))

    @api.exception_handler(Exception)
    def our_fault(_request: Request, _error: Exception) -> Response:
        return problem.problem(
            500, "Something is wrong on our side; the server's log says what. Your request may be fine."
        )

    return api


def _inputs(body: Body) -> tuple[bool, list[Any]]:
    """Whether many answers are asked for, and the inputs as they came: bytes of files, or JSON values."""
    if body.files is not None:
        many, items = len(body.files) > 1, list(body.files)
    else:
        value = inputs.parse(body.data)
        many = isinstance(value, dict) and "inputs" in value
        items = value["inputs"] if many else [value]
        if many and (not isinstance(items, list) or not items or len(value) != 1):
            raise BadInput(
                "'inputs' must be a list of one input or more, alone in its object: {\"inputs\": [{...}, ...]}"
            )
    if len(items) > MAX_INPUTS:
        raise TooLarge(
            f"A request may hold {MAX_INPUTS} inputs at most; this one holds {len(items)}. Send them in parts."
        )
    return many, items


def _decode(value: Any, task: Any) -> Any:
    if isinstance(value, bytes):
        if task.input == "text":
            raise BadInput(f"{task.title} takes text, not files. Send {inputs.SHAPES['text']}.")
        return value
    return inputs.raw(value, task)


def _decoded(value: Any, task: Any) -> Any:
    try:
        return _decode(value, task)
    except BadInput as error:
        return error


def _json(value: Any) -> Response:
    return Response(json.dumps(value, allow_nan=False), media_type="application/json")


OBJECT: dict[str, Any] = {"type": "object"}
LIST: dict[str, Any] = {"type": "object", "properties": {"models": {"type": "array", "items": OBJECT}}}
_ONE: dict[str, Any] = {
    "oneOf": [
        {
            "type": "object",
            "required": ["strokes"],
            "properties": {
                "strokes": {
                    "type": "array",
                    "description": "strokes of [x, y] points in pixels of the 280 px square pad, y down",
                    "items": {
                        "type": "array",
                        "items": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
                    },
                },
                "pen": {"type": "number", "default": 18, "description": "width of the pen in pixels"},
            },
        },
        {
            "type": "object",
            "required": ["image"],
            "properties": {"image": {"type": "string", "contentEncoding": "base64"}},
        },
        {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}},
    ]
}
REQUEST: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "oneOf": [
                    *_ONE["oneOf"],
                    {
                        "type": "object",
                        "required": ["inputs"],
                        "properties": {
                            "inputs": {"type": "array", "items": _ONE, "minItems": 1, "maxItems": MAX_INPUTS}
                        },
                    },
                ]
            },
            "example": {"strokes": [[[140, 60], [140, 220]]], "pen": 18},
        },
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "array", "items": {"type": "string", "format": "binary"}}},
            }
        },
    },
}


def _answers(schema: dict[str, Any]) -> dict[str, Any]:
    """The responses of an endpoint for the OpenAPI document: what it answers, and problems."""
    wrong = {
        "content": {
            "application/problem+json": {
                "schema": {"type": "object", "required": ["type", "title", "status", "detail"]}
            }
        }
    }
    return {
        "responses": {
            "200": {"description": "The answer", "content": {"application/json": {"schema": schema}}},
            "4XX": {"description": "What you can mend; 'detail' says how", **wrong},
            "5XX": {"description": "What is wrong on our side", **wrong},
        }
    }
