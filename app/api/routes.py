"""REST, under /api/: the models and their predictions. Errors are problem details with one sentence for people.

curl localhost:8501/api/models
curl localhost:8501/api/predict/mnist-cnn -F file=@my.png
curl localhost:8501/api/predict/mnist-cnn --json '{"strokes": [[[140, 60], [140, 220]]], "pen": 18}'
"""

import asyncio
import json
import os
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Path, Query, Request
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

import models
from app.api import inputs, openapi, problem
from app.api.docs_page import page
from app.model_summary import ModelDetails, ModelSummary
from app.predict_many import predict_many
from models import catalog
from models.errors import BadInput, ZooError
from models.prediction import Prediction
from models.task import Task

# How many requests are answered at the same time; bounds the memory of decoded images.
_answering = threading.BoundedSemaphore(2 * (os.cpu_count() or 1))

MAX_IN_FLIGHT = 32  # requests to predict whose bodies may be in memory, waiting ones included
BODY_TIMEOUT = 120  # seconds: 32 MB at 2 Mbit/s
BUSY = "The server is answering too many requests, so this one was not read. Send it again in a moment."
_in_flight = 0  # counted on the event loop alone

NOT_FOUND = "{path} was not found. Use /api/models, /api/models/ID, /api/predict/ID or /api/openapi.json."
SERVER_ERROR = "Something went wrong on the server; its log has the details. The request itself may be fine."

ModelId = Annotated[
    str, Path(description="The model's id. The id of a model from the Hub contains one slash.", examples=["mnist-cnn"])
]


@dataclass(frozen=True)
class Body:
    """The body of a request as it came: JSON bytes, or the files of a form."""

    data: bytes = b""
    files: tuple[bytes, ...] | None = None


async def in_flight() -> AsyncIterator[None]:
    """Count the request among those in flight until it is answered. Refuses one too many before its body is read."""
    global _in_flight
    if _in_flight >= MAX_IN_FLIGHT:
        raise HTTPException(503, BUSY, {"Retry-After": "1"})
    _in_flight += 1
    try:
        yield
    finally:
        _in_flight -= 1


async def body(request: Request, _counted: None = Depends(in_flight)) -> Body:
    """Read the body within BODY_TIMEOUT, so that a silent client cannot block others.

    Nothing is decoded here, on the event loop.
    """
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            return await _read(request)
    except TimeoutError:
        sentence = f"The body did not arrive within {BODY_TIMEOUT} seconds. Send it again, or fewer inputs at once."
        raise HTTPException(408, sentence, {"Connection": "close"}) from None


async def _read(request: Request) -> Body:
    """The body; `app/middleware.py` bounds its length."""
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        try:
            async with request.form(max_files=inputs.MAX_INPUTS + 1, max_fields=8) as form:
                files = [item for name, item in form.multi_items() if name == "file"]
                if not files or any(isinstance(item, str) for item in files) or len(form.multi_items()) != len(files):
                    raise BadInput("A form may contain only files, one or more, all named 'file': curl -F file=@my.png")
                return Body(files=tuple([await item.read() for item in files]))
        except HTTPException as error:  # the form parser's own; 413 is BodyLimit's
            if error.status_code == 413:
                raise
            raise BadInput(f"The form cannot be read: {error.detail} Send one or more files named 'file'.") from error
    if kind == "application/json" or kind.endswith("+json"):
        return Body(data=await request.body())
    raise HTTPException(
        415, f"{kind[:80]!r} is not supported; send application/json, or multipart/form-data with files named 'file'."
    )


def build() -> FastAPI:
    """The app that is mounted at /api."""
    api = FastAPI(
        title="The Zoo",
        version="1",
        summary="List small neural networks and get their predictions.",
        docs_url=None,  # FastAPI's own page loads scripts from a CDN
        redoc_url=None,
    )
    api.openapi = lambda: openapi.document(api)  # type: ignore[method-assign]

    @api.get("/", include_in_schema=False)
    def home() -> Response:
        addresses = {"models": "/api/models", "predict": "/api/predict/{id}", "openapi": "/api/openapi.json"}
        return _json({**addresses, "docs": "/api/docs"})

    @api.get("/docs", include_in_schema=False)
    def docs(request: Request) -> Response:
        address = f"{request.url.scheme}://{request.url.netloc}{request.scope['root_path']}"
        example = next((model.id for model in catalog.models()), "mnist-cnn")
        return HTMLResponse(page(api.openapi(), address, example))

    @api.get("/models", summary="List the models", responses=openapi.responses(openapi.Models))
    def list_models(
        task: Annotated[str | None, Query(description="Only models of this task.", examples=["digits"])] = None,
    ) -> Response:
        if task is not None:
            catalog.task(task)
        return _json({"models": [ModelSummary.of(model).to_dict() for model in catalog.models(task)]})

    @api.get("/models/{id:path}", summary="Show one model", responses=openapi.responses(ModelDetails))
    def show_model(id: ModelId) -> Response:
        return _json(ModelDetails.of(catalog.find(id)).to_dict())

    @api.post(
        "/predict/{id:path}",
        summary="Predict the label of one or more inputs",
        responses=openapi.responses(Prediction, openapi.Predictions),
        openapi_extra={"requestBody": openapi.request()},
    )
    def predict(id: ModelId, body: Body = Depends(body)) -> Response:  # noqa: B008
        task = catalog.find(id).task
        many, values = _inputs(body)
        with _answering:
            predictor = models.load(id)
            if not many:
                return _json(predictor.predict(inputs.raw(values[0], task)).to_dict())
            predictions = []
            for index, answer in predict_many(predictor, _decoded(values, task)):
                if isinstance(answer, BadInput):
                    return problem.of(answer, input=index)
                predictions.append(answer.to_dict())
        return _json({"predictions": predictions})

    @api.exception_handler(ZooError)
    def zoo_error(_request: Request, error: ZooError) -> Response:
        return problem.of(error)

    @api.exception_handler(HTTPException)
    def http_error(request: Request, error: HTTPException) -> Response:
        path = request.url.path[:200]
        detail = {
            404: NOT_FOUND.format(path=path),
            405: f"{path} does not support {request.method}; use GET for models and POST for predict.",
        }.get(error.status_code, error.detail)
        return problem.problem(error.status_code, detail, dict(error.headers or {}))

    @api.exception_handler(Exception)
    def server_error(_request: Request, _error: Exception) -> Response:
        return problem.problem(500, SERVER_ERROR)

    return api


def _inputs(body: Body) -> tuple[bool, list[Any]]:
    """Whether many answers are asked for, and the inputs as they came: bytes of files, or JSON values."""
    if body.files is None:
        return inputs.split(inputs.parse(body.data))
    if len(body.files) > inputs.MAX_INPUTS:
        raise inputs.too_many(len(body.files))
    return len(body.files) > 1, list(body.files)


def _decoded(values: list[Any], task: Task) -> Iterator[tuple[int, Any]]:
    """The index and raw input of each value, or the BadInput that refuses it."""
    for index, value in enumerate(values):
        try:
            yield index, inputs.raw(value, task)
        except BadInput as error:
            yield index, error


def _json(value: Any) -> Response:
    return Response(json.dumps(value, allow_nan=False), media_type="application/json")
