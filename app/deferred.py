"""An ASGI app that is slow to import, loaded in the background, or at the first request, or not at all.

Until it is ready, its addresses say that it is loading.
"""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from starlette.responses import HTMLResponse, JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

log = logging.getLogger("zoo")

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">{refresh}
<style>body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 32em; margin: 20vh auto; padding: 0 16px }}</style>
</head><body><h1>{title}</h1><p>{text}</p></body></html>"""


@dataclass(frozen=True)
class MountedApp:
    """An app and its lifespan."""

    app: ASGIApp
    lifespan: AbstractAsyncContextManager


class DeferredApp:
    """Takes the app's place until it is loaded.

    `make` imports and builds it in a thread; `ready()` is called once it serves. when: "on" loads it at the start,
    "lazy" at the first request, "off" never.
    """

    def __init__(
        self,
        name: str,
        make: Callable[[], MountedApp],
        ready: Callable[[], None] = lambda: None,
        when: Literal["on", "lazy", "off"] = "on",
    ) -> None:
        self.name = name
        self.make = make
        self.ready = ready
        self.when = when
        self.app: ASGIApp | None = None
        self.failed = False
        self.requested = asyncio.Event()

    @property
    def state(self) -> str:
        """One of "ready", "failed", "loading", "off", and "not loaded" before the first request."""
        if self.app or self.failed:
            return "ready" if self.app else "failed"
        if self.when == "off":
            return "off"
        return "loading" if self.when == "on" or self.requested.is_set() else "not loaded"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.app:
            return await self.app(scope, receive, send)
        self.requested.set()
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1013})  # try again later
        await self._not_yet(scope)(scope, receive, send)

    def _not_yet(self, scope: Scope) -> JSONResponse | HTMLResponse:
        status = 503
        headers: dict[str, str] = {}
        if self.when == "off":
            status, title, text = 404, f"{self.name} are switched off", "Everything else works."
        elif self.failed:
            title, text = (
                f"{self.name} could not be loaded",
                "The server's log has the details. The rest of the Zoo works.",
            )
            headers: dict[str, str] = {}
        else:
            title, text = (
                f"{self.name} are loading",
                "This takes a few seconds; the page opens automatically.",
            )
            headers = {"Retry-After": "2"}
        headers["Cache-Control"] = "no-store"
        if b"text/html" not in dict(scope["headers"]).get(b"accept", b""):
            return JSONResponse({"status": self.state, "detail": f"{title}. {text}"}, status, headers)
        refresh = "" if self.state in ("failed", "off") else '<meta http-equiv="refresh" content="2">'
        return HTMLResponse(PAGE.format(title=title, text=text, refresh=refresh), status, headers)

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """Load the app while the body runs; at its end stop the app, or stop waiting for it."""
        stop = asyncio.Event()
        task = asyncio.create_task(self._load(stop))
        try:
            yield
        finally:
            stop.set()
            if not self.app:
                task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _load(self, stop: asyncio.Event) -> None:
        if self.when == "off":
            return
        if self.when == "lazy":
            await self.requested.wait()
        # The same task must enter and leave the app's lifespan, which may contain task groups.
        try:
            loaded = await _in_daemon_thread(self.make)
            async with loaded.lifespan:
                self.app = loaded.app
                self.ready()
                await stop.wait()
        except asyncio.CancelledError:
            raise
        except Exception:
            self.app, self.failed = None, True
            log.exception("%s could not be loaded", self.name)


async def _in_daemon_thread(make: Callable[[], MountedApp]) -> MountedApp:
    # Python waits at exit for the threads of asyncio.to_thread: Ctrl-C during loading would hang until it is done.
    loop, done = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()

    def settle(set_outcome: Callable, value: object) -> None:
        if not done.done():
            set_outcome(value)

    def work() -> None:
        try:
            outcome: tuple[Callable, object] = (done.set_result, make())
        except BaseException as error:
            outcome = (done.set_exception, error)
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=work, name="deferred", daemon=True).start()
    return await done
