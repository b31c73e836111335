"""Responses whose body is compressed once and kept, and what browsers may do with them."""

import asyncio
import zlib
from dataclasses import dataclass
from typing import Literal

import brotli
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Scope, Send

Encoding = Literal["br", "gzip"]

FOR_A_YEAR = "public, max-age=31536000, immutable"  # a file whose name changes with its content
REVALIDATE = "no-cache"  # may be kept, and is asked for with its ETag each time

# What a request asks of one response; the app below is asked for the whole, uncompressed file.
CONDITIONS = frozenset(
    (b"accept-encoding", b"if-none-match", b"if-modified-since", b"if-match", b"if-unmodified-since", b"if-range")
    + (b"range",)
)


@dataclass(frozen=True)
class StoredResponse:
    """A response with status 200."""

    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    etag: str

    async def __call__(self, scope: Scope, send: Send) -> None:
        """Send it, or 304 if the client has it, or only its headers for HEAD."""
        asked = Headers(scope=scope).get("if-none-match", "")
        same = asked == "*" or self.etag.removeprefix("W/") in (
            one.strip().removeprefix("W/") for one in asked.split(",")
        )
        headers = list(self.headers)
        if same:
            headers = [(name, value) for name, value in headers if name not in (b"content-length", b"content-encoding")]
        await send({"type": "http.response.start", "status": 304 if same else 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if same or scope["method"] == "HEAD" else self.body})


def store(
    content_type: str, body: bytes, encoding: Encoding | None, etag: str, cache_control: str, more: dict[str, str]
) -> StoredResponse:
    """A response with this body, compressed. etag: without quotes; more: headers to send with it."""
    headers = MutableHeaders({"content-type": content_type, **more})
    compressed = compress(body, encoding) if encoding else body
    headers["content-length"] = str(len(compressed))
    headers["cache-control"] = cache_control
    headers["etag"] = f'W/"{etag}"'  # weak: the same for each encoding
    headers.add_vary_header("Accept-Encoding")
    if encoding:
        headers["content-encoding"] = encoding
    return StoredResponse(tuple(headers.raw), compressed, headers["etag"])


def compress(body: bytes, encoding: Encoding) -> bytes:
    """The body in this encoding. Some 50 ms per MB, without Python's lock; higher levels take ten times as long."""
    if encoding == "br":
        return brotli.compress(body, quality=8)
    compressor = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return compressor.compress(body) + compressor.flush()


def accepted(scope: Scope) -> Encoding | None:
    """The encoding to use for this client: br, gzip, or none of them."""
    accepts = set()
    for part in Headers(scope=scope).get("accept-encoding", "").lower().split(","):
        name, _, weight = part.replace(" ", "").partition(";")
        if weight not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            accepts.add(name)
    return "br" if "br" in accepts else "gzip" if "gzip" in accepts else None


@dataclass(frozen=True)
class Answer:
    """The whole response of an app."""

    status: int
    headers: Headers
    body: bytes


async def ask(app: ASGIApp, scope: Scope) -> Answer:
    """The app's response to this request as a GET for the whole, uncompressed file."""
    headers = [(name, value) for name, value in scope["headers"] if name not in CONDITIONS]
    start: Message = {}
    parts: list[bytes] = []

    bodies = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        if not bodies:
            await asyncio.Event().wait()  # an app that waits for the client to leave would ask again and again
        return bodies.pop()

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    await app({**scope, "method": "GET", "headers": headers}, receive, send)
    return Answer(start["status"], Headers(raw=start["headers"]), b"".join(parts))
