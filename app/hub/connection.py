"""A script in Streamlit's page that says so if the page cannot open its websocket."""

import hashlib
import re
from functools import lru_cache
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from app.stored import REVALIDATE, Encoding, StoredResponse, accepted, ask, store

PAGE = re.compile(r"/[a-z0-9-]*")  # the pages; Streamlit serves the same file for all of them
SCRIPT = (Path(__file__).parent / "connection.js").read_text("utf-8")


class ConnectionNotice:
    """Wraps Streamlit's app: adds the script to the pages it serves, and leaves everything else to it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.template: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "").removeprefix(scope.get("root_path", ""))
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or not PAGE.fullmatch(path):
            return await self.app(scope, receive, send)
        if self.template is None:
            start = scope.get("root_path", "") + "/"
            answer = await ask(self.app, {**scope, "path": start, "raw_path": start.encode()})
            text = answer.body.decode("utf-8", "replace")
            if answer.status != 200 or "</head>" not in text:
                return await self.app(scope, receive, send)
            self.template = text
        await _page(self.template, accepted(scope))(scope, send)


@lru_cache(maxsize=8)
def _page(template: str, encoding: Encoding | None) -> StoredResponse:
    body = template.replace("</head>", f"<script>{SCRIPT}</script></head>", 1).encode()
    etag = hashlib.sha256(body).hexdigest()[:32]
    return store("text/html; charset=utf-8", body, encoding, etag, REVALIDATE, {})
