"""The path below which a reverse proxy serves the Zoo (ZOO_ROOT_PATH), and origins of websockets."""

import logging
from urllib.parse import quote, urlsplit

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("zoo")


class RootPath:
    """Puts each request below `root`, whether the proxy passed the whole path on or removed the prefix.

    Redirects are sent without scheme and host, which a proxy may have changed.
    root: "" or a path such as "/zoo".
    """

    def __init__(self, app: ASGIApp, root: str) -> None:
        self.app = app
        self.root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        path = scope["path"]
        if self.root and path == self.root and scope["type"] == "http":
            # The page's own addresses are relative: without the slash they would point beside the root.
            query = scope["query_string"].decode("latin-1")
            response = RedirectResponse(f"{self.root}/{f'?{query}' if query else ''}")
            return await response(scope, receive, send)
        if not path.startswith(f"{self.root}/"):
            path = self.root + path
        scope = {**scope, "root_path": self.root, "path": path, "raw_path": quote(path).encode()}

        async def without_origin(message: Message) -> None:
            if message["type"] == "http.response.start" and 300 <= message["status"] < 400:
                message["headers"] = [
                    (name, _path(value, scope) if name.lower() == b"location" else value)
                    for name, value in message["headers"]
                ]
            await send(message)

        await self.app(scope, receive, without_origin if scope["type"] == "http" else send)


def _path(location: bytes, scope: Scope) -> bytes:
    """A redirect's target without scheme and host, if it is on this server."""
    parts = urlsplit(location.decode("latin-1"))
    if parts.netloc.encode("latin-1") != dict(scope["headers"]).get(b"host") or not parts.path.startswith("/"):
        return location
    return (parts.path + (f"?{parts.query}" if parts.query else "")).encode("latin-1")


def below(scope: Scope) -> str:
    """A request's path below the root."""
    return scope["path"].removeprefix(scope.get("root_path", "")) or "/"


class SameOrigin:
    """Refuses websockets that another site's page opens.

    Streamlit does too, but first asks a server on the internet for this machine's address, and waits for it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            headers = dict(scope["headers"])
            origin, host = headers.get(b"origin"), headers.get(b"host", b"")
            if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
                log.warning(
                    "A websocket of %.100r was refused: the request's Host is %.100r. A reverse proxy must pass on the"
                    " Host header, or send X-Forwarded-Host and be listed in ZOO_PROXY.",
                    origin.decode("latin-1"),
                    host.decode("latin-1"),
                )
                await receive()
                return await send({"type": "websocket.close", "code": 1008})
        await self.app(scope, receive, send)
