"""Static files for slow connections: kept by browsers for a year, compressed once.

Streamlit sends its files uncompressed, Gradio compresses its own again for every request and lets browsers guess how
long to keep them. Other responses to GET are compressed as they are sent, unless they are small or streams of events.
"""

import asyncio
import re
from collections import OrderedDict

from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.root_path import below
from app.stored import FOR_A_YEAR, REVALIDATE, Encoding, StoredResponse, accepted, ask, store

# The folders that bundlers write, Streamlit's `name.HASH.js` and Gradio's `name-HASH.js`; a hash is 8 or 9 letters of
# which not all are small.
HASHED = re.compile(
    r"/(?:static/(?:js|css|media)/.+\.|widgets/assets/.+-)(?=[a-z_-]*[A-Z\d])[\w-]{8,9}(?:\.min)?\.\w+", re.ASCII
)
TEXT = (".js", ".css", ".svg", ".json", ".map", ".html", ".wasm", ".ttf")
FILES = "/static/"  # where Streamlit answers a missing file with its page, as if it were there
MAX_STORED = 16 * 2**20  # bytes of compressed files; all that the pages of both need are some 3 MB
MIN_COMPRESSED = 1024  # bytes


class StaticAssets:
    """Middleware: sets Cache-Control on static files and compresses them once, and other responses to GET on the way.

    Responses to POST are left alone: a prediction is small, and takes less time than compressing a large answer.
    """

    def __init__(self, app: ASGIApp, limit: int = MAX_STORED) -> None:
        self.app = app
        self.limit = limit
        self.compressing = GZipMiddleware(self._with_headers, MIN_COMPRESSED, compresslevel=6)
        self.stored: OrderedDict[tuple[str, Encoding], asyncio.Future[StoredResponse | None]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return await self.app(scope, receive, send)
        path = below(scope)
        encoding = accepted(scope)
        ranged = any(name == b"range" for name, _ in scope["headers"])
        if encoding and not ranged and path.endswith(TEXT) and HASHED.fullmatch(path):
            response = await self._stored(scope, path, encoding)
            if response:
                return await response(scope, send)
        await self.compressing(scope, receive, send)

    async def _stored(self, scope: Scope, path: str, encoding: Encoding) -> StoredResponse | None:
        """The compressed file, or None if there is no such file. Simultaneous first requests wait for one answer."""
        key = path, encoding
        if key not in self.stored:
            self.stored[key] = asyncio.ensure_future(self._make(scope, encoding))
        self.stored.move_to_end(key)
        try:
            response = await asyncio.shield(self.stored[key])
        except Exception:
            response = None  # the request then fails in its own way
        if response is None:
            self.stored.pop(key, None)
        self._make_room()
        return response

    async def _make(self, scope: Scope, encoding: Encoding) -> StoredResponse | None:
        answer = await ask(self.app, scope)
        kind = answer.headers.get("content-type", "")
        if answer.status != 200 or kind.startswith("text/html") or not answer.body:
            return None
        etag = answer.headers.get("etag", "").removeprefix("W/").strip('"')
        more = {name: answer.headers[name] for name in ("last-modified",) if name in answer.headers}
        return await asyncio.to_thread(store, kind, answer.body, encoding, etag, FOR_A_YEAR, more)

    def _make_room(self) -> None:
        sizes = {key: len(made.result().body) for key, made in self.stored.items() if _is_made(made)}
        excess = sum(sizes.values()) - self.limit
        for key, size in sizes.items():  # the one that was used the longest ago comes first
            if excess <= 0:
                return
            del self.stored[key]
            excess -= size

    async def _with_headers(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The app with the right Cache-Control, and 404 for files that are missing."""
        path = below(scope)
        missing = False

        async def changed(message: Message) -> None:
            nonlocal missing
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message["headers"]))
                kind = headers.get("content-type", "")
                missing = path.startswith(FILES) and message["status"] == 200 and kind.startswith("text/html")
                if missing:
                    response = PlainTextResponse("Not found", 404, {"Cache-Control": "no-store"})
                    return await response(scope, receive, send)
                _set_cache_control(message["status"], path, headers)
                message = {**message, "headers": headers.raw}
            if not missing:
                await send(message)

        await self.app(scope, receive, changed)


def _set_cache_control(status: int, path: str, headers: MutableHeaders) -> None:
    present = headers.get("cache-control", "")
    if status >= 400:
        if "max-age" in present:
            headers["cache-control"] = "no-store"
    elif status in (200, 206, 304) and HASHED.fullmatch(path):
        headers["cache-control"] = FOR_A_YEAR
    elif present.startswith("public") and "immutable" in present:
        headers["cache-control"] = REVALIDATE  # /favicon.png: its content changes, its name does not
    elif not present and ("etag" in headers or "last-modified" in headers):
        headers["cache-control"] = REVALIDATE  # or a browser would guess how long to keep it


def _is_made(made: "asyncio.Future[StoredResponse | None]") -> bool:
    return made.done() and not made.cancelled() and not made.exception() and made.result() is not None
