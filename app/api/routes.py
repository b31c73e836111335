"""REST, under /api/: the models and their predictions. Errors are problem details with one sentence for people.

curl localhost:8501/api/models
curl localhost:8501/api/predict/mnist-cnn -F file=@my.png
curl localhost:8501/api/predict/mnist-cnn --json '{"strokes": [[[140, 60], [140, 220]]], "pen": 18}'
"""

import asyncio
import json
from typing import Annotated, Any

from fastapi import FastAPI, Path, Query, Request
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from app.api import body, inputs, openapi, problem
from app.api.batches import Batches
from app.api.body import Body
from app.api.docs_page import page
from app.model_summary import ModelDetails, ModelSummary
from models import catalog
from models.errors import BadInput, ZooError

MAX_WAITING = 512  # requests that have been read and are not yet answered
SMALL_BODY = 16 * 2**10  # bytes of JSON that may be parsed on the event loop

NOT_FOUND = "{path} was not found. Use /api/models, /api/models/ID, /api/predict/ID or /api/openapi.json."
SERVER_ERROR = "Something went wrong on the server; its log has the details. The request itself may be fine."

ModelId = Annotated[str, Path(description=openapi.ID, examples=["mnist-cnn"])]


def build() -> FastAPI:
    """The app that is mounted at /api."""
    api = FastAPI(
        title="The Zoo",
        version="1",
        summary="List small neural networks and get their predictions.",
        docs_url=None,  # FastAPI's own page loads scripts from a CDN
        redoc_url=None,
    )
    batches, waiting = Batches(), 0
    api.openapi = lambda: openapi.document(api)  # type: ignore[method-assign]

    @api.get("/", include_in_schema=False)
    def home(request: Request) -> Response:
        root = request.scope["root_path"]
        paths = {"models": "models", "predict": "predict/{id}", "openapi": "openapi.json", "docs": "docs"}
        return _json({name: f"{root}/{path}" for name, path in paths.items()})

    @api.get("/docs", include_in_schema=False)
    def docs(request: Request) -> Response:
        address = f"{request.url.scheme}://{request.url.netloc}{request.scope['root_path']}"
        # The page's calls send the first example of `openapi.EXAMPLES`, a drawing.
        example = next((model.id for model in catalog.models() if model.task.input == "ink"), "mnist-cnn")
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

    async def predict(request: Request) -> Response:
        nonlocal waiting
        async with body.read(request) as content:
            if waiting >= MAX_WAITING:
                raise body.busy()
            waiting += 1
            try:
                return await _answer(request.path_params["id"], content, batches)
            finally:
                waiting -= 1

    api.add_route("/predict/{id:path}", predict, methods=["POST"], include_in_schema=False)  # see openapi.predict

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


async def _answer(id: str, content: Body, batches: Batches) -> Response:
    """The response to a request to predict."""
    small = content.files is None and len(content.data) <= SMALL_BODY
    many, values = _inputs(content, id) if small else await asyncio.to_thread(_inputs, content, id)
    small = small and len(values) == 1 and inputs.is_small(values[0])
    answers = await batches.predict(id, values, small)
    refused = next((index for index, answer in enumerate(answers) if isinstance(answer, BadInput)), None)
    if refused is not None:
        return problem.of(answers[refused], input=refused if many else None)
    predictions = [answer.to_dict() for answer in answers]
    return _json({"predictions": predictions} if many else predictions[0])


def _inputs(content: Body, id: str) -> tuple[bool, list[Any]]:
    """Whether the request has several inputs, and the inputs as they were sent: bytes of files, or JSON values."""
    if content.files is None:
        return inputs.split(inputs.parse(content.data, lambda: catalog.find(id).task))
    if len(content.files) > inputs.MAX_INPUTS:
        raise inputs.too_many(len(content.files))
    return len(content.files) > 1, list(content.files)


def _json(value: Any) -> Response:
    return Response(json.dumps(value, allow_nan=False), media_type="application/json")
