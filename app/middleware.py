"""Middleware around every request.

It decides which forwarded headers to trust, limits the body's size and the rate of requests, sets security headers,
and logs one line without the query string.
"""

import asyncio
import logging
import math
import re
import time
from collections.abc import Sequence
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.api.problem import problem
from app.root_path import below

BODY_TIMEOUT = 120  # seconds: 32 MB at 2 Mbit/s
MAX_BODY = 32 * 2**20  # bytes: a 20 MB photo in base64, and some more

# Headers in which a proxy describes the request it forwards; x-gradio-server is for Gradio's own Node server, which we
# do not run.
FORWARDED = (b"forwarded", b"x-forwarded-", b"x-original-", b"x-real-ip", b"x-gradio-server")

# Where a model predicts: REST, and Gradio's calls, queue and MCP.
LIMITED = (
    "/api/predict/",
    "/widgets/gradio_api/call/",
    "/widgets/gradio_api/run/",
    "/widgets/gradio_api/api/",
    "/widgets/gradio_api/queue/join",
    "/widgets/gradio_api/mcp",
)

# Streamlit, Vega and Gradio need inline scripts and styles, and eval. The pages may be shown in a frame, as Hugging
# Face's Spaces are.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; "
    "connect-src 'self' ws: wss: data: blob:; object-src 'none'; base-uri 'self'; form-action 'self'"
)
SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", POLICY.encode()),
)

UNLOGGED = (
    "/healthz",
    "/_stcore/health",
    "/static/",
    "/widgets/assets/",
    "/widgets/static/",
)  # unless their status is an error

log = logging.getLogger("zoo")


class ForwardedHeaders:
    """Sets a request's client, scheme and Host from the X-Forwarded-For, -Proto and -Host headers of a trusted proxy.

    From any other client these headers are ignored. They are always removed, since the libraries below would trust
    them. trusted: addresses and networks of proxies, or "*" for any client.
    """

    def __init__(self, app: ASGIApp, trusted: Sequence[str] = ()) -> None:
        self.app = app
        self.proxied = ProxyHeadersMiddleware(self._stripped, list(trusted))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        client = scope.get("client")
        if (client[0] if client else None) not in self.proxied.trusted_hosts:
            return await self._stripped(scope, receive, send)
        hosts = [value for name, value in scope["headers"] if name == b"x-forwarded-host"]
        if hosts:  # the last one is the trusted proxy's own; AllowedHosts looks at it next
            host = hosts[-1].rpartition(b",")[2].strip()
            scope = {**scope, "headers": [*_without(scope, b"host"), (b"host", host)]}
        await self.proxied(scope, receive, send)

    async def _stripped(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(name, value) for name, value in scope["headers"] if not name.startswith(FORWARDED)]
        await self.app({**scope, "headers": headers}, receive, send)


def _without(scope: Scope, name: bytes) -> list[tuple[bytes, bytes]]:
    return [(other, value) for other, value in scope["headers"] if other != name]


class AllowedHosts(TrustedHostMiddleware):
    """Refuses requests for other host names, except to /healthz: probes use the address of the machine or pod."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and below(scope) == "/healthz":
            return await self.app(scope, receive, send)
        await super().__call__(scope, receive, send)


class RateLimit:
    """Refuses requests to predict (REST, Gradio, MCP) of a client that sends more than `rate`, such as "60/minute"."""

    def __init__(self, app: ASGIApp, rate: str) -> None:
        # Only where a rate is set.
        from limits import parse
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter

        self.app = app
        self.rate = parse(rate)
        self.limiter = MovingWindowRateLimiter(MemoryStorage())
        self.sentence = (
            f"This server accepts {rate.replace('/', ' requests per ')} from one client. Send this request again later."
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and below(scope).startswith(LIMITED):
            client = scope["client"][0] if scope.get("client") else ""
            if not self.limiter.hit(self.rate, client):
                wait = math.ceil(self.limiter.get_window_stats(self.rate, client).reset_time - time.time())
                headers = {"Retry-After": str(max(1, wait)), "Connection": "close"}  # the body is not read
                return await problem(429, self.sentence, headers)(scope, receive, send)
        await self.app(scope, receive, send)


class SecurityHeaders:
    """Adds headers that keep a browser from guessing types, sending referrers, and loading from other hosts."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((name, value) for name, value in SECURITY if name not in present),
                ]
            await send(message)

        await self.app(scope, receive, with_headers)


class BodyLimit:
    """Refuses a body over `limit` bytes: at once if its length is declared, otherwise when the limit is reached.

    A body that has not arrived after BODY_TIMEOUT seconds is refused too.
    """

    def __init__(self, app: ASGIApp, limit: int = MAX_BODY) -> None:
        self.app = app
        self.limit = limit
        self.sentence = f"A request may be at most {limit // 2**20} MB. Send a smaller file, or fewer files at once."

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > self.limit:
            # "close": the rest of the body is not read
            return await problem(413, self.sentence, {"Connection": "close"})(scope, receive, send)
        seen, complete = 0, False
        deadline = asyncio.get_running_loop().time() + BODY_TIMEOUT

        async def counted() -> Message:
            nonlocal seen, complete
            if complete:  # waits for the client to go
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                sentence = f"The body did not arrive within {BODY_TIMEOUT} seconds. Send a smaller file."
                raise HTTPException(408, sentence, {"Connection": "close"}) from None
            complete = not message.get("more_body")
            seen += len(message.get("body", b""))
            if seen > self.limit:
                # Each app below turns it into a response of its own form.
                raise HTTPException(413, self.sentence, {"Connection": "close"})
            return message

        await self.app(scope, counted, send)


# What follows the names of visitors' files, sessions and calls in the addresses of Gradio and Streamlit.
PRIVATE = re.compile(
    r"(.*?/gradio_api/(?:(?:queue|run|call|api|mcp)/[\w-]*|(?!queue/|run/|call/|api/|mcp/)\w+)|.*?/_stcore/upload_file|.*?/media)[/=].+",
    re.DOTALL,
)


def logged(path: str) -> str:
    """A path as the log shows it: without the names of uploaded files, and of sessions, which give access to them."""
    match = PRIVATE.fullmatch(path)
    return quote(match[1]) + "/..." if match else quote(path)


class RequestLog:
    """Logs one line per request: method, path, status, milliseconds.

    No query string: it may contain a visitor's text. No names of files or sessions either.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        began, status, gone = time.perf_counter(), "-", False

        async def noted(message: Message) -> None:
            nonlocal status, gone
            if message["type"] == "http.response.start":
                status = "disconnected" if gone else message["status"]
            elif message["type"] == "websocket.accept":
                status = 101
            try:
                await send(message)
            except RuntimeError as error:
                gone = gone or "handler is closed" in str(error)  # uvloop's, where requests were pipelined
                raise

        async def heard() -> Message:
            nonlocal gone
            message = await receive()
            gone = gone or message["type"] == "http.disconnect"
            return message

        try:
            await self.app(scope, heard, noted)
        except (Exception, asyncio.CancelledError) as error:
            # The client vanished, or the server stops: the log's line is enough. uvicorn would log a traceback.
            if gone:
                status = "disconnected" if status == "-" else status
            elif isinstance(error, asyncio.CancelledError) and scope["type"] == "http":
                status = "stopped"
            else:
                raise
        finally:
            if status not in (200, 304) or not below(scope).startswith(UNLOGGED):
                took = 1000 * (time.perf_counter() - began)
                log.info("%s %s %s %.0f ms", scope.get("method", "WS"), logged(scope["path"]), status, took)
