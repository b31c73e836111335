"""Requests that wait for the same model at the same time are answered as one batch.

No request waits for a batch to fill: all that have arrived when the model is free are answered together. Small inputs
of fast models are answered on the event loop, since handing them to a thread would take longer than answering them.
Everything else is answered in threads, one per model.
"""

import asyncio
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from app.api import inputs
from app.predict_many import predict_many
from models import catalog
from models.errors import BadInput
from models.loading import load_found
from models.prediction import Prediction
from models.task import Task

MAX_BATCH = 32  # inputs answered at once, except for a request that has more
FAST = 4.0  # milliseconds for one input; the event loop does not wait for a slower model
SMOOTHING = 0.3  # weight of the latest batch
BLOCKED = 20.0  # milliseconds for which the event loop may answer one batch

Answer = Prediction | BadInput
Queue = tuple[str, bool]  # id of the model, and whether the inputs are small


@dataclass(frozen=True, eq=False)
class _Request:
    """The inputs of one request, and the future that gets their answers."""

    values: Sequence[Any]
    answers: "asyncio.Future[list[Answer]]"


class Batches:
    """The waiting requests. Its methods are called on the event loop."""

    def __init__(self) -> None:
        self._waiting: dict[Queue, deque[_Request]] = {}  # of every queue that is being answered
        self._milliseconds: dict[str, float] = {}  # for one input, lately, by id of a loaded model
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="predict")

    async def predict(self, id: str, values: Sequence[Any], small: bool) -> list[Answer]:
        """The answers to the inputs of one request, in order.

        values: JSON values or the bytes of files, as `inputs.raw` takes them. small: whether reading them takes less
        than FAST. Raises UnknownModel or BadCheckpoint.
        """
        loop = asyncio.get_running_loop()
        request, queue = _Request(values, loop.create_future()), (id, small)
        if queue in self._waiting:
            self._waiting[queue].append(request)
        else:
            self._waiting[queue] = deque([request])
            # Not immediately: requests that have already arrived are queued first, and all are answered together.
            loop.call_soon(self._next, queue)
        return await request.answers

    def _next(self, queue: Queue) -> None:
        """Answer the first requests of a queue."""
        id, small = queue
        milliseconds = self._milliseconds.get(id, FAST)
        fast = small and milliseconds < FAST
        batch = _batch(self._waiting[queue], min(MAX_BATCH, int(BLOCKED / milliseconds)) if fast else MAX_BATCH)
        if not batch:
            del self._waiting[queue]
            return
        if fast:
            self._answered(queue, batch, _answers(id, batch))
        else:
            loop = asyncio.get_running_loop()
            running = loop.run_in_executor(self._threads, _answers, id, batch)
            running.add_done_callback(lambda done: self._answered(queue, batch, done.result()))

    def _answered(self, queue: Queue, batch: list[_Request], answers: list[list[Answer]] | Exception) -> None:
        """Deliver the answers to a batch, and continue with the queue."""
        for index, request in enumerate(batch):
            if request.answers.done():  # the client has disconnected
                continue
            if isinstance(answers, Exception):
                request.answers.set_exception(answers)
            else:
                request.answers.set_result(answers[index])
        self._remember(queue[0], answers)
        asyncio.get_running_loop().call_soon(self._next, queue)

    def _remember(self, id: str, answers: list[list[Answer]] | Exception) -> None:
        """Update the average time that the model takes for an input."""
        if isinstance(answers, Exception):
            self._milliseconds.pop(id, None)
            return
        times = [answer.milliseconds for each in answers for answer in each if isinstance(answer, Prediction)]
        if times:
            before = self._milliseconds.get(id, max(times))
            self._milliseconds[id] = before + SMOOTHING * (max(times) - before)


def _batch(waiting: deque[_Request], most: int) -> list[_Request]:
    """Take the first requests, limited in the number of inputs unless the first one alone has more."""
    batch: list[_Request] = []
    count = 0
    while waiting and (not batch or count + len(waiting[0].values) <= most):
        request = waiting.popleft()
        if not request.answers.done():
            batch.append(request)
            count += len(request.values)
    return batch


def _answers(id: str, batch: list[_Request]) -> list[list[Answer]] | Exception:
    """The answers to each request of a batch, or what went wrong for all of them."""
    try:
        model = catalog.find(id)
        answers: list[list[Answer]] = [[] for _ in batch]
        for index, answer in predict_many(load_found(model), _decoded(batch, model.task)):
            answers[index].append(answer)
        return answers
    except Exception as error:
        return error


def _decoded(batch: list[_Request], task: Task) -> Iterator[tuple[int, Any]]:
    """The raw input of each value with the index of its request, or the BadInput that refuses it."""
    for index, request in enumerate(batch):
        for value in request.values:
            try:
                yield index, inputs.raw(value, task)
            except BadInput as error:
                yield index, error
