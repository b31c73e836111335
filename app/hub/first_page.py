"""The first page: what a visitor sees until Streamlit has loaded, which takes long on a slow connection.

Streamlit serves one empty `index.html` for all pages. Into it go the page's heading and links, made from the catalog;
`first_page.js` removes them once Streamlit has drawn the page. They are all there is without JavaScript.
`connection.js` says so if the page cannot open its websocket.
"""

import asyncio
import base64
import hashlib
import logging
import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, quote

from starlette.types import ASGIApp, Receive, Scope, Send

from app.hub import phrases
from app.hub.lab import access
from app.hub.lessons import INTRODUCTION, lessons
from app.hub.markup import escape
from app.page_addresses import PAGE
from app.root_path import below
from app.stored import REVALIDATE, Encoding, StoredResponse, accepted, ask, store
from models import catalog
from models.errors import ZooError

HERE = Path(__file__).parent
ROOT = re.compile(r"""<div\b[^>]*\bid\s*=\s*["']?root(?=["'\s>])[^>]*>\s*</div>""")  # where Streamlit draws
CHUNKS = ("Html", "purify.es", "PageLink", "BidiComponent", "_arrayReduce", "serialization", "recordbatch")
LOADING = "The interactive page is loading."
WITHOUT_SCRIPTS = "Drawing, typing and the models' answers need JavaScript, which is switched off in this browser."

log = logging.getLogger("zoo")


class Link(NamedTuple):
    """A page of the menu, and a task's question and record; these are empty for other pages."""

    address: str
    title: str
    question: str = ""
    record: str = ""


class Content(NamedTuple):
    """What a page shows: the menu, of which `current` is this page, a heading, a sentence, and the list of tasks.

    title: the name in the browser's tab, as Streamlit will set it.
    """

    links: tuple[Link, ...]
    current: str
    title: str
    heading: str
    sentence: str
    has_list: bool


class FirstPage:
    """Wraps Streamlit's app: fills the pages it serves, and leaves everything else to it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.template: str | None = None
        self.reading = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = below(scope) if scope["type"] == "http" else ""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or not PAGE.fullmatch(path):
            return await self.app(scope, receive, send)
        async with self.reading:
            if self.template is None:
                self.template = await self._read(scope)
        if not self.template:
            return await self.app(scope, receive, send)
        try:
            content = _content(path[1:], _chosen(scope, path), access.is_open_to(_headers(scope)))
        except ZooError:  # Streamlit's page shows it
            return await self.app(scope, receive, send)
        await _filled(self.template, content, accepted(scope))(scope, send)

    async def _read(self, scope: Scope) -> str | None:
        """Streamlit's page; None if it is not served yet; "" if it is not what we expect, and is served as it is."""
        start = scope.get("root_path", "") + "/"
        answer = await ask(self.app, {**scope, "path": start, "raw_path": start.encode()})
        if answer.status != 200:
            return None
        text = answer.body.decode("utf-8", "replace")
        if ROOT.search(text):
            return text
        log.warning("Streamlit's page has changed: visitors see nothing until all of it has loaded")
        return ""


def _chosen(scope: Scope, path: str) -> str:
    """The model or the lesson in the address, as Streamlit reads it."""
    name = {"/models": "model", "/lessons": "lesson"}.get(path, "")
    return parse_qs(scope.get("query_string", b"").decode("latin-1")).get(name, [""])[-1]


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def _content(slug: str, chosen: str, has_lab: bool = False) -> Content:
    """What the page shows, from the catalog. has_lab: whether the menu has the lab."""
    models = catalog.models()
    tasks = catalog.tasks()
    of_tasks = {
        slug: Link(
            f"./{quote(slug)}",
            task.title,
            task.question,
            phrases.record([each for each in models if each.task.slug == slug]),
        )
        for slug, task in tasks.items()
    }
    links = [Link("./", "The Zoo"), *(link for slug, link in of_tasks.items() if not catalog.is_own_task(slug))]
    links += [Link("./models", "Models"), Link("./lessons", "Lessons")]
    links += [Link("./lab", access.TITLE)] if has_lab else []
    links += [link for slug, link in of_tasks.items() if catalog.is_own_task(slug)]
    names, heading, sentence, current = [], "The Zoo", phrases.INTRODUCTION, "./"
    if slug in tasks:
        task = tasks[slug]
        names, heading, current = [task.title], task.question, f"./{quote(slug)}"
        sentence = f"{task.title}: {phrases.record([each for each in models if each.task.slug == slug])}"
    elif slug == "models":
        names, heading, sentence, current = ["Models"], "All models", "", "./models"
        if model := {each.id: each for each in models}.get(chosen):
            names = [model.title, model.task.title]
            heading, sentence = model.title, model.config.description
    elif slug == "lessons":
        names, heading, sentence, current = ["Lessons"], "Lessons", INTRODUCTION, "./lessons"
        if lesson := lessons().get(chosen):
            names, heading, sentence = [lesson.title, "Lessons"], lesson.title, lesson.goals[0]
    elif slug == "lab":
        names, heading, sentence, current = [access.TITLE], "The lab", access.INTRODUCTION, "./lab"
    title = " · ".join([*names, "The Zoo"])
    return Content(tuple(links), current, title, heading, sentence, has_list=current == "./")


@lru_cache(maxsize=128)
def _filled(template: str, content: Content, encoding: Encoding | None) -> StoredResponse:
    """The page with this content, made once for all visitors."""
    body = fill(template, content).encode()
    etag = hashlib.sha256(body).hexdigest()[:32]
    return store("text/html; charset=utf-8", body, encoding, etag, REVALIDATE, {})


def fill(template: str, content: Content) -> str:
    """Streamlit's page with this content before the element in which Streamlit draws."""
    css, script = (HERE / "first_page.css").read_text("utf-8"), (HERE / "first_page.js").read_text("utf-8")
    icon = base64.b64encode((HERE / "favicon.svg").read_bytes()).decode()
    title = f"<title>{escape(content.title)}</title>"
    page = re.sub(r"<title>.*?</title>", lambda _: title, template, count=1, flags=re.DOTALL)
    page = re.sub(r"\s*<noscript>.*?</noscript>", "", page, flags=re.DOTALL)  # it speaks of Streamlit
    page = re.sub(r'href="\./favicon\.png"', f'href="data:image/svg+xml;base64,{icon}"', page)
    # Neither the stylesheet, fonts and formulas, nor the font itself is needed to show the first page.
    page = re.sub(r'<link rel="stylesheet"', '<link rel="stylesheet" media="print" fetchpriority="high"', page)
    page = re.sub(r'<link\s+rel="preload"(?=[^>]*as="font")', '<link rel="preload" fetchpriority="low"', page)
    connection = f"<script>{(HERE / 'connection.js').read_text('utf-8')}</script>"
    page = page.replace("</head>", f"{connection}{''.join(map(_preload, _chunks(template)))}</head>", 1)
    before = f"<style>{_font_face(template)}{css}</style>{_html(content)}"
    after = f"<script>{script}</script>"
    return ROOT.sub(lambda root: f"{before}{root[0]}{after}", page, count=1)


def _font_face(template: str) -> str:
    """Streamlit's font under a name of our own: its own declaration hides a text until the font is there."""
    font = re.search(r'<link\b[^>]*\bhref="(\./static/media/[\w./-]+\.woff2)"', template)
    return (
        f'@font-face{{font-family:"zoo-first";font-weight:100 900;font-display:swap;src:url({font[1]})}}'
        if font
        else ""
    )


def _chunks(template: str) -> list[str]:
    """The scripts that all of our pages need and that Streamlit asks for only once it is to draw them."""
    from streamlit.file_util import get_static_dir  # has been imported by then

    folder = Path(get_static_dir(), "static", "js")
    found = [path.name for name in CHUNKS for path in sorted(folder.glob(f"{name}.????????.js"))]
    return [name for name in found if name not in template]


def _preload(name: str) -> str:
    return f'<link rel="modulepreload" crossorigin href="./static/js/{escape(name)}">'


def _html(content: Content) -> str:
    menu = "".join(
        f'<a href="{escape(link.address)}"{" aria-current=page" if link.address == content.current else ""}>'
        f"<bdi>{escape(link.title)}</bdi></a>"
        for link in content.links
    )
    tasks = "".join(
        f'<li><div class="thumb" dir="auto">{escape(link.title)}</div>'
        f'<a href="{escape(link.address)}" dir="auto">{escape(link.question)}</a>'
        f'<div class="record">{escape(link.record)}</div></li>'
        for link in content.links
        if link.question
    )
    return (
        f'<div id="zoo-first"><nav aria-label="Pages">{menu}</nav><main><h1 dir="auto">{escape(content.heading)}</h1>'
        f'<p class="under" dir="auto">{escape(content.sentence)}</p>'
        f"<noscript><style>#zoo-state {{ display: none }}</style><p class=state>{WITHOUT_SCRIPTS} "
        '<a href="./api/docs"><u>The REST API</u></a> works without.</p></noscript>'
        f"{f'<ul>{tasks}</ul>' if content.has_list else ''}"
        f'<p class="state" id="zoo-state" role="status">{LOADING}</p></main></div>'
    )
