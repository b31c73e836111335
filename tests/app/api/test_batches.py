"""Requests that wait together are answered together, each with its own answer."""

import asyncio
import threading

import pytest

from app.api import batches
from app.api.batches import MAX_BATCH, Batches
from models import loading
from models.errors import BadInput, UnknownModel
from models.predictor import Predictor

ONE = {"strokes": [[[140, 55], [141, 110], [140, 170], [139, 225]]]}
SEVEN = {"strokes": [[[80, 70], [120, 68], [190, 68], [170, 110], [150, 160], [135, 220]]]}
BLANK = {"strokes": []}


@pytest.fixture
def sizes(monkeypatch):
    """The number of inputs of each call of `predict_batch`."""
    seen = []
    original = Predictor.predict_batch
    monkeypatch.setattr(Predictor, "predict_batch", lambda self, raws: seen.append(len(raws)) or original(self, raws))
    return seen


@pytest.fixture(autouse=True)
def any_speed(monkeypatch):
    """Nothing here depends on how fast this machine is at the moment."""
    monkeypatch.setattr(batches, "FAST", 10_000.0)
    monkeypatch.setattr(batches, "BLOCKED", 1e6)


async def warm(waiting, id="mnist-cnn"):
    """Answer one request, after which the model is known to be fast."""
    await waiting.predict(id, [ONE], small=True)
    assert waiting._milliseconds[id] < batches.FAST


def test_requests_that_wait_together_are_one_batch(sizes):
    async def ask():
        waiting = Batches()
        await warm(waiting)
        sizes.clear()
        inputs = [ONE, SEVEN] * (MAX_BATCH // 2)
        answers = await asyncio.gather(*(waiting.predict("mnist-cnn", [value], small=True) for value in inputs))
        assert [answer.best for [answer] in answers] == ["1", "7"] * (MAX_BATCH // 2)
        assert not waiting._waiting

    asyncio.run(ask())
    assert sizes == [MAX_BATCH]


def test_a_batch_has_a_maximum_and_keeps_the_order(sizes):
    async def ask():
        waiting = Batches()
        await warm(waiting)
        sizes.clear()
        inputs = [[ONE] * 20, [SEVEN] * 20, [ONE] * (MAX_BATCH + 8), [SEVEN]]
        answers = await asyncio.gather(*(waiting.predict("mnist-cnn", values, small=True) for values in inputs))
        assert [[answer.best for answer in each] for each in answers] == [
            ["1"] * 20, ["7"] * 20, ["1"] * (MAX_BATCH + 8), ["7"],
        ]  # fmt: skip

    asyncio.run(ask())
    assert sizes == [20, 20, 32, 8, 1]  # `predict_many` splits what one request has too many of


@pytest.mark.parametrize("small", [True, False])
def test_a_refused_input_harms_no_other_request(small):
    async def ask():
        waiting = Batches()
        await warm(waiting)
        wrong = {"text": "7"}
        requests = [[ONE], [BLANK], [SEVEN, wrong, ONE], [wrong]]
        return await asyncio.gather(*(waiting.predict("mnist-cnn", values, small) for values in requests))

    first, blank, mixed, refused = asyncio.run(ask())
    assert first[0].best == "1" and isinstance(blank[0], BadInput) and isinstance(refused[0], BadInput)
    assert mixed[0].best == "7" and isinstance(mixed[1], BadInput) and mixed[2].best == "1"


def test_a_client_that_has_gone_is_not_answered(sizes):
    async def ask():
        waiting = Batches()
        await warm(waiting)
        sizes.clear()
        tasks = [asyncio.create_task(waiting.predict("mnist-cnn", [value], small=True)) for value in (ONE, SEVEN, ONE)]
        await asyncio.sleep(0)  # all three wait now
        tasks[1].cancel()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert answers[0][0].best == answers[2][0].best == "1"
        assert isinstance(answers[1], asyncio.CancelledError)

    asyncio.run(ask())
    assert sizes == [2]


def test_an_unknown_model_leaves_nothing_behind():
    async def ask():
        waiting = Batches()
        asked = [waiting.predict(f"no-such-{number}", [ONE], small=True) for number in range(20)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(answer, UnknownModel) for answer in answers)
        await asyncio.sleep(0)
        assert not waiting._waiting and not waiting._milliseconds

    asyncio.run(ask())


def test_the_event_loop_waits_for_small_inputs_of_fast_models_only(monkeypatch):
    threads = []
    original = batches.predict_many
    monkeypatch.setattr(
        batches, "predict_many", lambda *args: threads.append(threading.current_thread().name) or original(*args)
    )

    async def ask():
        waiting = Batches()
        for small in (True, True, False):
            await waiting.predict("mnist-cnn", [ONE], small)
        monkeypatch.setattr(batches, "FAST", 0.0)  # as if it took longer
        await waiting.predict("mnist-cnn", [ONE], small=True)

    asyncio.run(ask())
    where = ["event loop" if name == threading.current_thread().name else "thread" for name in threads]
    assert where == ["thread", "event loop", "thread", "thread"]  # it is loaded; fast and small; large; slow


def test_the_event_loop_takes_no_batch_that_lasts_long(sizes, monkeypatch):
    async def ask():
        waiting = Batches()
        await warm(waiting)
        sizes.clear()
        waiting._milliseconds["mnist-cnn"] = 2.0
        monkeypatch.setattr(batches, "BLOCKED", 20.0)
        monkeypatch.setattr(batches, "SMOOTHING", 0.0)
        await asyncio.gather(*(waiting.predict("mnist-cnn", [ONE], small=True) for _ in range(25)))

    asyncio.run(ask())
    assert sizes == [10, 10, 5]


def test_many_first_requests_load_a_model_once(monkeypatch):
    loads = []
    original = loading._predictor
    monkeypatch.setattr(loading, "_predictor", lambda *args: loads.append(args) or original(*args))
    monkeypatch.setattr(loading, "_loaded", type(loading._loaded)())

    async def ask():
        waiting = Batches()
        asked = [waiting.predict("mnist-mlp", [ONE], small=number % 2 == 0) for number in range(50)]
        return await asyncio.gather(*asked)

    assert {answer.best for [answer] in asyncio.run(ask())} == {"1"}
    assert len(loads) == 1
