"""Asking the chosen models about one input. A model that cannot answer says why and stops no other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.hub.answers.engine import load
from app.hub.safety import explained
from models.activations import FILE
from models.belief import Belief
from models.catalog import Model
from models.evidence import Evidence
from models.prediction import Prediction


@dataclass(frozen=True)
class Answer:
    """What one model said: a prediction, or the sentence that says why there is none."""

    model: Model
    prediction: Prediction | None
    error: str = ""


@dataclass(frozen=True)
class Seen:
    """A text in one model's eyes. parts: its letters or words as they were read; evidence and belief have one place for each."""

    typed: str
    parts: tuple[Any, ...]
    evidence: Evidence
    belief: Belief


def ask(chosen: Sequence[Model], raw: Any) -> list[Answer]:
    """An answer of each model, in their order."""
    return [_one(model, raw) for model in chosen]


def why(model: Model, raw: Any) -> Evidence:
    """What spoke for and against each label in one model's eyes."""
    return load(model.id).explain(raw)


def seen(model: Model, raw: Any) -> Seen:
    """A text as one model read it, what spoke for each label, and what the model believed after each part."""
    predictor = load(model.id)
    text = predictor.read(raw)
    return Seen(text.typed, predictor.processor.tokens(text), predictor.explain(text), predictor.belief(text))


def stages(model: Model, raw: Any) -> list[Any]:
    """What the model's processor did to the input, step by step."""
    return load(model.id).stages(raw)


def layers(model: Model, raw: Any) -> list[Any]:
    """What each layer of the model's net made of the input."""
    return load(model.id).activations(raw)


def has_layers(model: Model) -> bool:
    """Whether the model can show its layers."""
    return FILE in model.config.files


def _one(model: Model, raw: Any) -> Answer:
    try:
        return Answer(model, load(model.id).predict(raw))
    except Exception as error:
        return Answer(model, None, explained(error))
