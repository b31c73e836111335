"""The uvicorn server: it answers requests in progress before it stops, and closes connections that make no progress."""

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, NoReturn

import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from app import settings

GRACE = 8  # seconds for requests in progress when the server stops; Docker kills after 10
STALLED = 15  # seconds without progress after which a connection is closed
ENDLESS = ("/gradio_api/heartbeat/",)  # responses that last as long as a page is open

log = logging.getLogger("zoo")


class Server(uvicorn.Server):
    """Stops at Ctrl-C or SIGTERM once the requests in progress are answered, and at once at a second Ctrl-C."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit and sig == signal.SIGINT:
            stop_at_once()
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's, but the signal is not raised again: the process ends by itself."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        signals = [signal.SIGINT, signal.SIGTERM, *([signal.SIGBREAK] if sys.platform == "win32" else [])]
        original = {each: signal.signal(each, self.handle_exit) for each in signals}
        try:
            yield
        finally:
            for each, handler in original.items():
                signal.signal(each, handler)

    async def shutdown(self, sockets: Any = None) -> None:
        waiting = [each for each in self.server_state.connections if _in_progress(each)]
        for connection in list(waiting):
            if any(part in connection.cycle.scope["path"] for part in ENDLESS):
                _abort(connection)
                waiting.remove(connection)
        if waiting:
            log.info("Stopping after %d requests in progress; Ctrl-C stops at once", len(waiting))
        late = asyncio.get_running_loop().call_later(GRACE, self._disconnect)
        try:
            await super().shutdown(sockets)
        finally:
            late.cancel()

    def _disconnect(self) -> None:
        """End the connections that are left, whose tasks then end by themselves."""
        if left := list(self.server_state.connections):
            log.warning("%d requests were not answered in time", len(left))
        for connection in left:
            _abort(connection)


def _in_progress(connection: Any) -> bool:
    """Whether a connection's request is being read or answered. Of websockets, False."""
    cycle = getattr(connection, "cycle", None)
    return cycle is not None and not cycle.response_complete


def _abort(connection: Any) -> None:
    """Close a connection whatever is still to be sent; its task sees a client that has gone."""
    if cycle := getattr(connection, "cycle", None):
        cycle.disconnected = True  # from now on, and not only when the event loop has closed the connection
    connection.transport.abort()


class HttpProtocol(AutoHTTPProtocol):
    """Closes a connection whose request's head does not arrive, or whose client does not read the answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.stalled_at: int | None = None  # bytes waiting to be sent, or -1 for a missing head
        self.watch = self.loop.call_later(STALLED, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        self.watch.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        if self not in self.connections:
            return  # it has become a websocket, which has pings
        size = self.transport.get_write_buffer_size()
        stalled_at = size if size else None if _in_progress(self) else -1
        if stalled_at is not None and stalled_at == self.stalled_at:
            return _abort(self)
        self.stalled_at = stalled_at
        self.watch = self.loop.call_later(STALLED, self._look)


def stop_at_once(*_: object) -> NoReturn:
    """End the process without waiting for anything."""
    settings.remove_upload_folder()
    with suppress(OSError):
        os.write(1, b"Stopped at once.\n")  # a print may have been interrupted
    os._exit(130)


def allow_many_connections(count: int = 65536) -> None:
    """Raise the limit on open files, which is 1024 on most systems."""
    with suppress(ImportError, OSError, ValueError):  # Windows has no such limit
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
