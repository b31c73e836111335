"""The first page: what the server puts into Streamlit's page, for whom, and how often it makes it."""

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import brotli
import pytest
import streamlit
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.testclient import TestClient

from app.hub import first_page, phrases
from app.hub.first_page import ROOT, FirstPage
from models import catalog, paths
from models.errors import ZooError

INDEX = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)> &'


class Reader(HTMLParser):
    """The elements of a page, in order: name and attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs) -> None:
        self.elements.append((tag, dict(attrs)))


@pytest.fixture
def pages():
    """A client of the first page around an app that answers as Streamlit does."""

    async def app(scope, receive, send):
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        known = HTMLResponse(INDEX) if scope["method"] == "GET" and "." not in path else PlainTextResponse("other", 418)
        await known(scope, receive, send)

    return TestClient(FirstPage(app))


def test_home_lists_every_task_with_its_question_and_record(pages):
    page = pages.get("/").text
    for task in catalog.tasks().values():
        assert task.title in page and f'<a href="./{task.slug}" dir="auto">{task.question}</a>' in page
        assert phrases.record(catalog.models(task.slug)) in page
    assert phrases.INTRODUCTION in page and first_page.LOADING in page
    assert page.index('id="zoo-first"') < page.index('<div id="root">') < page.index("MutationObserver")
    assert "<title>The Zoo</title>" in page and page.count("<noscript>") == 1
    assert first_page.WITHOUT_SCRIPTS in page and "Streamlit app can also" not in page


def test_every_page_has_its_own_heading(pages):
    for task in catalog.tasks().values():
        page = pages.get(f"/{task.slug}").text
        assert f"<title>{task.title} · The Zoo</title>" in page
        assert f'<h1 dir="auto">{task.question}</h1>' in page
        assert f"{task.title}: {phrases.record(catalog.models(task.slug))}" in page
        assert f'href="./{task.slug}" aria-current=page' in page and "<ul>" not in page
    assert '<h1 dir="auto">All models</h1>' in pages.get("/models").text
    assert '<h1 dir="auto">All models</h1>' in pages.get("/models?model=none").text
    model = catalog.find("mnist-cnn")
    assert f'<h1 dir="auto">{model.title}</h1>' in pages.get("/models?model=mnist-cnn").text
    assert '<h1 dir="auto">The Zoo</h1>' in pages.get("/no-such-page").text


def test_links_are_relative_so_that_a_proxy_may_serve_them_below_a_path(pages):
    page = pages.get("/digits").text
    inside = page[page.index('<div id="zoo-first">') : page.index('<div id="root">')]
    links = [attributes["href"] for tag, attributes in Reader(inside).elements if tag == "a"]
    assert len(links) > 5 and all(link.startswith("./") for link in links)


@pytest.mark.parametrize("path", ["/static/js/x.js", "/_stcore/health", "/a/b", "/media/x.png", "/Digits"])
def test_other_addresses_are_streamlits(pages, path):
    assert "zoo-first" not in pages.get(path).text


def test_posts_are_streamlits(pages):
    assert pages.post("/").status_code == 418


def test_it_is_compressed_and_validated_and_not_kept(pages):
    first = pages.get("/", headers={"Accept-Encoding": "br"})
    assert first.headers["content-encoding"] == "br" and first.headers["cache-control"] == "no-cache"
    assert first.headers["vary"] == "Accept-Encoding"
    again = pages.get("/", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304 and again.content == b""
    head = pages.head("/")
    assert head.status_code == 200 and head.content == b"" and int(head.headers["content-length"]) > 1000
    plain = pages.get("/", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers and "zoo-first" in plain.text


def test_it_is_made_once_until_the_catalog_changes(pages, zoo_home, monkeypatch):
    made = []
    fill = first_page.fill
    monkeypatch.setattr(first_page, "fill", lambda *of: made.append(of) or fill(*of))
    first_page._filled.cache_clear()
    before = [pages.get("/").text for _ in range(5)][0]
    assert len(made) == 1
    own = shutil.copytree(paths.SHIPPED / "mnist-cnn", zoo_home / "checkpoints" / "another")
    try:
        after = pages.get("/").text
    finally:
        shutil.rmtree(own)
    assert len(made) == 2 and "3 models" in before and "4 models" in after


def test_what_a_model_brings_is_text_and_never_markup(pages, zoo_home):
    own = shutil.copytree(paths.SHIPPED / "mnist-cnn", zoo_home / "checkpoints" / "hostile")
    config = json.loads((own / "config.json").read_text())
    config |= {"slug": "hostile", "title": HOSTILE, "description": HOSTILE}
    config["task"] |= {"slug": "hostile-task", "title": HOSTILE, "question": HOSTILE, "prompt": HOSTILE}
    (own / "config.json").write_text(json.dumps(config))
    try:
        assert "hostile-task" in catalog.tasks()
        seen = [pages.get(path).text for path in ("/", "/hostile-task", "/models?model=hostile")]
    finally:
        shutil.rmtree(own)
    usual = [pages.get(path).text for path in ("/", "/digits", "/models?model=mnist-cnn")]
    for page, other in zip(seen, usual, strict=True):
        assert "&lt;script&gt;alert(1)" in page
        scripts = [element for element in Reader(page).elements if element[0] in ("script", "img")]
        assert scripts == [element for element in Reader(other).elements if element[0] in ("script", "img")]
        assert not any("onerror" in attributes for _, attributes in Reader(page).elements)


def test_a_long_query_is_no_error(pages):
    assert "All models" in pages.get("/models?" + "&".join(f"a{index}=&model" for index in range(500))).text


def test_an_answer_before_streamlit_is_ready_is_not_kept():
    answers = [PlainTextResponse("not yet", 503)] * 2

    async def app(scope, receive, send):
        await (answers.pop() if answers else HTMLResponse(INDEX))(scope, receive, send)

    client = TestClient(FirstPage(app))
    assert client.get("/").status_code == 503
    assert "zoo-first" in client.get("/").text


def test_an_error_in_the_catalog_leaves_the_page_to_streamlit(pages, monkeypatch):
    def fails(*of):
        raise ZooError("Two tasks have one slug.")

    monkeypatch.setattr(catalog, "models", fails)
    page = pages.get("/")
    assert page.status_code == 200 and page.text == INDEX


def test_what_the_address_says_is_not_on_the_page(pages):
    assert "alert(1)" not in pages.get("/models", params={"model": HOSTILE}).text


@pytest.mark.parametrize("body", ["<html><body><main id='app'></main></body></html>", ""])
def test_a_page_without_the_element_is_served_as_it_is(body, caplog):
    client = TestClient(FirstPage(HTMLResponse(body)))
    for _ in range(2):
        assert client.get("/digits").text == body
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    "root", ['<div id="root"></div>', "<div id=root></div>", "<div class='a' id='root' data-x>\n </div>"]
)
def test_the_element_may_be_written_in_other_ways(root):
    assert ROOT.search(f"<body>{root}</body>")
    assert not ROOT.search(root.replace("root", "rooted"))


def test_streamlits_page_is_as_we_expect():
    """If this fails after an upgrade: see what `fill` looks for in the page, and what the page has now."""
    assert len(ROOT.findall(INDEX)) == 1
    content = first_page._content("", "")
    elements = Reader(first_page.fill(INDEX, content)).elements
    styles = [attributes for tag, attributes in elements if attributes.get("rel") == "stylesheet"]
    assert styles and all(style["media"] == "print" for style in styles)  # none holds up the first page
    fonts = [attributes for tag, attributes in elements if attributes.get("as") == "font"]
    assert all(font["fetchpriority"] == "low" for font in fonts)
    assert all(f"src:url({font['href']})" in first_page.fill(INDEX, content) for font in fonts)
    chunks = first_page._chunks(INDEX)
    assert [name.rpartition(".js")[0].rpartition(".")[0] for name in chunks] == list(first_page.CHUNKS)
    links = [attributes["href"] for _, attributes in elements if attributes.get("rel") == "modulepreload"]
    assert len(links) == len(set(links)) and {f"./static/js/{name}" for name in chunks} < set(links)
    icons = [attributes["href"] for _, attributes in elements if attributes.get("rel") == "shortcut icon"]
    assert len(icons) == 1 and icons[0].startswith("data:image/svg+xml")
    before = [
        attributes["src"] for tag, attributes in Reader(INDEX).elements if tag == "script" and "src" in attributes
    ]
    assert before == [attributes["src"] for tag, attributes in elements if tag == "script" and "src" in attributes]


def test_the_first_page_is_small():
    body = first_page.fill(INDEX, first_page._content("", "")).encode()
    assert len(brotli.compress(body, quality=8)) < 14_000  # one round trip of a new connection


def test_it_needs_nothing_from_elsewhere():
    assert not re.findall(r"https?://(?!www\.w3\.org)", first_page._html(first_page._content("", "")))
