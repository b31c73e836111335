"""The OpenAPI document of the REST API, with the schemas of its requests and responses, all made from their types."""

from functools import cache
from typing import Any, Literal

from fastapi import FastAPI
from pydantic import BaseModel, Field, TypeAdapter

from app.api.inputs import FIELDS, Many
from app.api.problem import Problem
from app.model_summary import ModelDetails, ModelSummary
from models.prediction import Prediction

REF = "#/components/schemas/{model}"


class Models(BaseModel):
    """Every model, the most accurate of each task first."""

    models: list[ModelSummary]


class Predictions(BaseModel):
    """The answers to several inputs, in the same order."""

    predictions: list[Prediction] = Field(description="One prediction per input, in the same order.")


REQUESTS = (*FIELDS.values(), Many)
RESPONSES = (Models, ModelDetails, Prediction, Predictions, Problem)

ID = "The model's id. The id of a model from the Hub contains one slash."

EXAMPLES = {
    "a drawing": {"strokes": [[[140, 60], [140, 220]]], "pen": 18},
    "two drawings": {"inputs": [{"strokes": [[[140, 60], [140, 220]]]}, {"strokes": [[[90, 80], [190, 80]]]}]},
    "text": {"text": "Nakamura"},
    "fields": {"fields": {"Age": 44, "BMI": 31.5, "Glucose": 172}},
}


def request() -> dict[str, Any]:
    """The request body of a prediction."""
    files = {"type": "array", "items": {"type": "string", "format": "binary"}, "description": "One or more files."}
    form = {"type": "object", "required": ["file"], "properties": {"file": files}, "additionalProperties": False}
    return {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"oneOf": [_ref(body) for body in REQUESTS]},
                "examples": {name: {"value": value} for name, value in EXAMPLES.items()},
            },
            "multipart/form-data": {"schema": form},
        },
    }


def responses(*types: type) -> dict[str, Any]:
    """The responses of an operation: one of these types, or a problem."""
    schema = _ref(types[0]) if len(types) == 1 else {"oneOf": [_ref(each) for each in types]}
    problem = {"content": {"application/problem+json": {"schema": _ref(Problem)}}}
    return {
        "200": {"description": "Success.", "content": {"application/json": {"schema": schema}}},
        "4XX": {"description": "The request cannot be answered; `detail` says why and what to do.", **problem},
        "5XX": {"description": "The server failed or is too busy; `detail` says what to do.", **problem},
    }


def predict() -> dict[str, Any]:
    """The operation that predicts. It is not a FastAPI route, whose parameter checks take longer than a net."""
    id = {"name": "id", "in": "path", "required": True, "description": ID, "schema": {"type": "string"}}
    summary = "Predict the label of one or more inputs"
    answers = responses(Prediction, Predictions)
    return {"post": {"summary": summary, "parameters": [id], "requestBody": request(), "responses": answers}}


def document(api: FastAPI) -> dict[str, Any]:
    """FastAPI's document with the schemas that `request` and `responses` refer to."""
    whole = FastAPI.openapi(api)
    whole["paths"]["/predict/{id}"] = predict()
    whole.setdefault("components", {}).setdefault("schemas", {}).update(_schemas())
    return whole


def _ref(kind: type) -> dict[str, str]:
    return {"$ref": REF.format(model=kind.__name__)}


@cache
def _schemas() -> dict[str, Any]:
    requests: Literal["validation"] = "validation"
    inputs = [(kind, requests, TypeAdapter(kind)) for kind in REQUESTS]
    outputs = [(kind, "serialization", TypeAdapter(kind)) for kind in RESPONSES]
    return TypeAdapter.json_schemas([*inputs, *outputs], ref_template=REF)[1]["$defs"]  # type: ignore[list-item]
