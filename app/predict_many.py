"""Many inputs at once, each with its own answer or its own refusal."""

from collections.abc import Sequence
from typing import Any

from models.errors import BadInput
from models.prediction import Prediction
from models.predictor import Predictor

AT_ONCE = 32  # read and answered together; bounds the memory of decoded images


def answers(predictor: Predictor, raws: Sequence[Any]) -> list[Prediction | BadInput]:
    """What `predictor` says to each raw input, in order; a BadInput among `raws` was refused before."""
    return [answer for i in range(0, len(raws), AT_ONCE) for answer in _together(predictor, raws[i : i + AT_ONCE])]


def _together(predictor: Predictor, raws: Sequence[Any]) -> list[Prediction | BadInput]:
    read = [_try(predictor.read, raw) for raw in raws]
    good = [value for value in read if not isinstance(value, BadInput)]
    try:
        given = iter(predictor.predict_batch(good))
    except BadInput:  # one of them is refused later, when it is processed: a blank one
        given = (_try(predictor.predict, value) for value in good)
    return [value if isinstance(value, BadInput) else next(given) for value in read]


def _try(call: Any, value: Any) -> Any:
    if isinstance(value, BadInput):
        return value
    try:
        return call(value)
    except BadInput as error:
        return error
