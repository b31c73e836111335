"""Redirects addresses that Streamlit would answer with an empty page to the page that was meant.

Streamlit knows addresses of one part only and answers any other with its page, whose scripts it then fails to find.
"""

import re
from urllib.parse import parse_qsl, quote, urlencode

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.root_path import below

PAGE = re.compile(r"/[a-z0-9-]*")  # all pages are one level deep, so that `./names` is right on each of them
# Streamlit's page asks for these below its own address too: /digits/_stcore/health.
OF_STREAMLIT = re.compile(r"/(_[^/]*|static|media|component|components|app)(/|$)")
CHOSEN = {"models": "model", "lessons": "lesson"}  # a page -> the parameter for what its second part chooses


class PageAddresses:
    """Wraps the pages: `/lessons/descent`, `/models/mnist-cnn`, `/digits/`, `/Digits` and `/digits/more` lead on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            target = page_meant(below(scope), scope["query_string"].decode("latin-1"))
            if target is not None:
                return await RedirectResponse(scope.get("root_path", "") + target)(scope, receive, send)
        await self.app(scope, receive, send)


def page_meant(path: str, query: str = "") -> str | None:
    """The address of the page that `path` means; None if it is one, or belongs to Streamlit or to a file."""
    if PAGE.fullmatch(path) or OF_STREAMLIT.search(path) or "." in path.rpartition("/")[2]:
        return None
    first, *others = [part for part in path.split("/") if part] or [""]
    page = first.lower()
    if not PAGE.fullmatch(f"/{page}"):
        return "/"
    if page in CHOSEN and others:
        return f"/{page}?{urlencode([(CHOSEN[page], '/'.join(others)), *parse_qsl(query, keep_blank_values=True)])}"
    return f"/{quote(page)}{f'?{query}' if query else ''}"
