"""An app that is loaded in the background: while loading, once ready, and when loading fails."""

import asyncio
import logging
import threading
from contextlib import asynccontextmanager

from starlette.responses import PlainTextResponse

from app.deferred import DeferredApp, MountedApp


def loaded(log):
    """A small app whose lifespan writes to `log`."""

    @asynccontextmanager
    async def lifespan():
        log.append("started")
        yield
        log.append("stopped")

    return MountedApp(PlainTextResponse("here"), lifespan())


async def ask(app, accept=b"text/html", kind="http"):
    """Return status, headers and body of one response, or the messages sent to a websocket."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": kind, "method": "GET", "path": "/", "headers": [(b"accept", accept)]}
    await app(scope, lambda: asyncio.sleep(60), send)
    if kind == "websocket":
        return sent
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"].decode()


def test_it_answers_503_until_loaded_and_then_serves():
    log, gate = [], threading.Event()

    def make():
        gate.wait(30)
        return loaded(log)

    async def scenario():
        app = DeferredApp("The widgets", make, ready=lambda: log.append("ready"))
        async with app.lifespan():
            status, headers, page = await ask(app)
            assert status == 503 and headers[b"retry-after"] == b"2" and "refresh" in page and app.state == "loading"
            status, _, body = await ask(app, accept=b"application/json")
            assert status == 503 and body.startswith('{"status":"loading"')
            assert await ask(app, kind="websocket") == [{"type": "websocket.close", "code": 1013}]
            gate.set()
            while app.state != "ready":
                await asyncio.sleep(0.01)
            assert (await ask(app))[2] == "here"
        assert log == ["started", "ready", "stopped"]

    asyncio.run(scenario())


def test_an_app_that_cannot_be_loaded_is_logged_and_answers_503(caplog):
    async def scenario():
        app = DeferredApp("The widgets", lambda: 1 / 0)
        async with app.lifespan():
            while app.state == "loading":
                await asyncio.sleep(0.01)
            status, headers, page = await ask(app)
            assert status == 503 and b"retry-after" not in headers
            assert "could not be loaded" in page and "refresh" not in page and "division" not in page

    with caplog.at_level(logging.ERROR, logger="zoo"):
        asyncio.run(scenario())
    assert "ZeroDivisionError" in caplog.text


def test_stopping_does_not_wait_for_the_load():
    gate = threading.Event()

    async def scenario():
        async with DeferredApp("The widgets", gate.wait).lifespan():
            await asyncio.sleep(0.05)

    asyncio.run(asyncio.wait_for(scenario(), 5))
    gate.set()


def test_a_lazy_app_is_loaded_at_the_first_request():
    log = []

    async def story():
        app = DeferredApp("The widgets", lambda: loaded(log), when="lazy")
        async with app.lifespan():
            await asyncio.sleep(0.05)
            assert app.state == "not loaded" and not log
            status, _, page = await ask(app)
            assert status == 503 and "The widgets are loading" in page and "refresh" in page
            while app.state != "ready":
                await asyncio.sleep(0.01)
            assert (await ask(app))[2] == "here"
        assert log == ["started", "stopped"]

    asyncio.run(story())


def test_an_app_that_is_switched_off_is_never_loaded():
    async def story():
        app = DeferredApp("The widgets", lambda: 1 / 0, when="off")
        async with app.lifespan():
            for _ in range(2):
                status, headers, page = await ask(app)
                assert status == 404 and b"retry-after" not in headers
                assert "The widgets are switched off" in page and "refresh" not in page
                assert app.state == "off"

    asyncio.run(story())
