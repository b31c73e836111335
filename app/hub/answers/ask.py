"""Answers of the chosen models to one input.

A model that fails gives its error sentence and does not stop the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.hub.answers.engine import load
from app.hub.safety import error_sentence
from models.activations import FILE
from models.belief import Belief
from models.catalog import Model
from models.evidence import Evidence
from models.prediction import Prediction
from models.rewind import Rewound
from models.snapshots import FILE as SNAPSHOTS
from models.what_if import WhatIf


@dataclass(frozen=True)
class Answer:
    """One model's answer: a prediction, or a sentence about why there is none."""

    model: Model
    prediction: Prediction | None
    error: str = ""


@dataclass(frozen=True)
class TextReading:
    """A text as one model read it. tokens: the letters or words; evidence and belief have one value per token."""

    typed: str
    tokens: tuple[Any, ...]
    evidence: Evidence
    belief: Belief


def ask(chosen: Sequence[Model], raw: Any) -> list[Answer]:
    """Each model's answer, in their order."""
    return [_answer(model, raw) for model in chosen]


def read(model: Model, raw: Any) -> Any:
    """The canonical input, as the model's processor reads it."""
    return load(model.id).read(raw)


def explain(model: Model, raw: Any) -> Evidence:
    """One model's evidence for and against each label."""
    return load(model.id).explain(raw)


def read_text(model: Model, raw: Any) -> TextReading:
    """A text as one model read it, with its evidence and its belief after each token."""
    predictor = load(model.id)
    text = predictor.read(raw)
    return TextReading(text.typed, predictor.processor.tokens(text), predictor.explain(text), predictor.belief(text))


def what_if(model: Model, raw: Any, name: str) -> WhatIf:
    """One model's answers along the range of a field."""
    return load(model.id).what_if(raw, name)


def stages(model: Model, raw: Any) -> list[Any]:
    """The stages of the model's processor for this input."""
    return load(model.id).stages(raw)


def layers(model: Model, raw: Any) -> list[Any]:
    """The activations of each layer of the model's net."""
    return load(model.id).activations(raw)


def rewind(model: Model, raw: Any, evidence: bool) -> Rewound:
    """The model's answers at moments of its training."""
    return load(model.id).rewind(raw, evidence)


def has_moments(model: Model) -> bool:
    """Whether the model's checkpoint has the weights of moments of its training."""
    return SNAPSHOTS in model.config.files


def has_layers(model: Model) -> bool:
    """Whether the model's checkpoint can compute them."""
    return FILE in model.config.files


def _answer(model: Model, raw: Any) -> Answer:
    try:
        return Answer(model, load(model.id).predict(raw))
    except Exception as error:
        return Answer(model, None, error_sentence(error))
