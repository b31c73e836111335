"""The queue of the widgets: calls are answered at once, and leave nothing behind."""

import asyncio
import gc
import json
import time

import httpx
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.app.conftest import STROKES


def test_calls_leave_nothing_behind():
    """Neither session states nor queues nor statistics: each call would add hundreds of objects."""
    from app import gradio_app

    mounted = gradio_app.build("/widgets")
    app = FastAPI(lifespan=lambda _: mounted.lifespan)
    app.mount("/widgets", mounted.app)
    blocks = mounted.app.app.blocks

    def done() -> None:
        until = time.monotonic() + 60
        while blocks.state_holder.session_data and time.monotonic() < until:  # the last ones are being answered
            time.sleep(0.1)
        assert not blocks.state_holder.session_data

    with TestClient(app) as local:

        def calls(count):
            for _ in range(count):
                path = "/widgets/gradio_api/call/digits"
                event = local.post(path, json={"data": [STROKES, "mnist-cnn"]}).json()["event_id"]
                assert "event: complete" in local.get(f"{path}/{event}").text
            done()
            gc.collect()
            return len(gc.get_objects())

        before = calls(30)
        assert calls(200) < before + 200
        for _ in range(300):  # nobody reads the answers
            local.post("/widgets/gradio_api/call/digits", json={"data": [STROKES, "mnist-cnn"]})
        assert len(blocks._queue.pending_messages_per_session) < 300
        done()
        assert not blocks._queue.event_analytics


def test_calls_are_answered_at_once_and_in_any_number(widgets):
    """The queue does not look for work at intervals, and calls that come together are answered together."""

    async def many(count):
        async with httpx.AsyncClient(timeout=60) as caller:

            async def one(index):
                model = ("mnist-cnn", "mnist-mlp")[index % 2]
                answer = await caller.post(f"{widgets}/gradio_api/call/digits", json={"data": [STROKES, model]})
                event = answer.json()["event_id"]
                return (await caller.get(f"{widgets}/gradio_api/call/digits/{event}")).text

            return await asyncio.gather(*(one(index) for index in range(count)))

    events = asyncio.run(many(60))
    assert all(json.loads(event.partition("data: ")[2])[0]["best"] == "1" for event in events)
