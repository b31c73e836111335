"""An ASGI app that takes long to import, loaded in the background; until it is in, its addresses say so."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from starlette.responses import HTMLResponse, JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

log = logging.getLogger("zoo")

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">{refresh}
<style>body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 32em; margin: 20vh auto; padding: 0 16px }}</style>
</head><body><h1>{title}</h1><p>{words}</p></body></html>"""


@dataclass(frozen=True)
class MountedApp:
    """An app, and the context in which it runs."""

    app: ASGIApp
    lifespan: AbstractAsyncContextManager


class DeferredApp:
    """Stands where the app will be. `make` imports and builds it, in a thread; `ready()` runs once it serves."""

    def __init__(self, name: str, make: Callable[[], MountedApp], ready: Callable[[], None] = lambda: None) -> None:
        self.name = name
        self.make = make
        self.ready = ready
        self.app: ASGIApp | None = None
        self.failed = False

    @property
    def state(self) -> str:
        return "ready" if self.app else "failed" if self.failed else "loading"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.app:
            return await self.app(scope, receive, send)
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1013})  # try again later
        await self._not_yet(scope)(scope, receive, send)

    def _not_yet(self, scope: Scope) -> JSONResponse | HTMLResponse:
        if self.failed:
            title, words = f"{self.name} could not be loaded", "The server's log says why. Everything else works."
            headers: dict[str, str] = {}
        else:
            title, words = (
                f"{self.name} are being loaded",
                "This takes some seconds; the page will show them by itself.",
            )
            headers = {"Retry-After": "2"}
        headers["Cache-Control"] = "no-store"
        if b"text/html" not in dict(scope["headers"]).get(b"accept", b""):
            return JSONResponse({"status": self.state, "detail": f"{title}. {words}"}, 503, headers)
        refresh = "" if self.failed else '<meta http-equiv="refresh" content="2">'
        return HTMLResponse(PAGE.format(title=title, words=words, refresh=refresh), 503, headers)

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """Loads while the body runs; at its end stops the app, or stops waiting for it."""
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
        # One task enters and leaves the app's lifespan: what it holds (task groups) may not change hands.
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
    # asyncio.to_thread's threads are waited for at exit: Ctrl-C during the load would hang until it is done.
    loop, done = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()

    def settle(set_it: Callable, value: object) -> None:
        if not done.done():
            set_it(value)

    def work() -> None:
        try:
            outcome: tuple[Callable, object] = (done.set_result, make())
        except BaseException as error:
            outcome = (done.set_exception, error)
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=work, name="later", daemon=True).start()
    return await done
