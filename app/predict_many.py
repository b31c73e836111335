"""Many inputs, each with its own prediction or refusal, in bounded memory: REST, `zoo predict`, the task pages."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from models.errors import BadInput
from models.inputs.picture import MAX_BYTES
from models.prediction import Prediction
from models.predictor import Predictor

BATCH = 32  # inputs read and answered together; bounds the memory of decoded images
BATCH_BYTES = 2 * MAX_BYTES  # about how many bytes of files wait to be answered together

Key = TypeVar("Key")


def predict_many(
    predictor: Predictor, inputs: Iterable[tuple[Key, Any]]
) -> Iterator[tuple[Key, Prediction | BadInput]]:
    """Yield each input's key with its prediction or refusal, in order, taking only a batch of inputs at a time.

    inputs: pairs of a key (a name, an index) and a raw input, or the BadInput with which it was refused before.
    """
    for batch in _batches(inputs):
        answers = _predict_batch(predictor, [raw for _, raw in batch])
        yield from zip((key for key, _ in batch), answers, strict=True)


def _batches(inputs: Iterable[tuple[Key, Any]]) -> Iterator[list[tuple[Key, Any]]]:
    batch, size = [], 0
    for key, raw in inputs:
        batch.append((key, raw))
        size += len(raw) if isinstance(raw, bytes) else 0
        if len(batch) == BATCH or size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _predict_batch(predictor: Predictor, raws: list[Any]) -> list[Prediction | BadInput]:
    inputs = [_attempt(predictor.read, raw) for raw in raws]
    readable = [value for value in inputs if not isinstance(value, BadInput)]
    try:
        predictions = iter(predictor.predict_batch(readable))
    except BadInput:  # one of them is refused when it is processed: a blank drawing
        predictions = (_attempt(predictor.predict, value) for value in readable)
    return [value if isinstance(value, BadInput) else next(predictions) for value in inputs]


def _attempt(call: Any, value: Any) -> Any:
    """The result of `call(value)`, or the BadInput that it raised or that `value` is."""
    if isinstance(value, BadInput):
        return value
    try:
        return call(value)
    except BadInput as error:
        return error
