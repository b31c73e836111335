"""A real server and a real Chromium.

Every page that a test opens is watched: an error on its console, or a request to any host but the server's own, fails
the test.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.verify.local_server import LocalServer
from tests.conftest import missing

ROOT = Path(__file__).parents[2]
PATIENCE = 60_000  # milliseconds; a busy machine is slow, not wrong
DESKTOP, PHONE = (1280, 720), (375, 667)
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]
HARMLESS = ("/_stcore/health", "/_stcore/host-config")  # a deep link first requests them below its own path

THREE = [[(95, 75), (130, 55), (170, 70), (172, 100), (130, 130), (175, 150), (185, 190), (150, 225), (95, 210)]]
SEVEN = [[(80, 70), (120, 68), (190, 68), (170, 110), (150, 160), (135, 220)]]


@pytest.fixture(scope="session")
def server() -> Iterator[LocalServer]:
    with LocalServer() as running:
        yield running


@pytest.fixture(scope="session")
def address(server) -> str:
    """The server's address, without a trailing slash."""
    return server.address


@pytest.fixture(scope="module")
def chromium():
    """A running Chromium; without one the browser tests are skipped, and in CI they fail.

    Started for each file: while Playwright runs, its event loop counts as running in this thread, and `asyncio.run` of
    a later test in the same process would be refused.
    """
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        missing("Chromium is not installed (Debian: apt install chromium), so the pages cannot be tested.")
    try:
        from playwright import sync_api as playwright
    except ImportError:
        missing("playwright is not installed")
    playwright.expect.set_options(timeout=PATIENCE)
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@dataclass
class Watched:
    """Requests and errors that a page must not cause."""

    own: str
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def request(self, request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self.own:
            self.foreign.append(request.url)

    def console(self, message) -> None:
        where = urlsplit((message.location or {}).get("url", "")).path
        if message.type == "error" and not where.endswith(HARMLESS):
            self.errors.append(f"{message.text} ({where})")


@pytest.fixture
def visit(chromium, address) -> Iterator[Callable]:
    """`visit(path, size=DESKTOP, theme="light", ready=settle)` opens a page in a new browser context."""
    opened = []

    def open_page(path: str, size: tuple[int, int] = DESKTOP, theme: str = "light", ready: Callable = settle):
        phone = size[0] < 600
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=theme, has_touch=phone, is_mobile=phone
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        watched = Watched(urlsplit(address).netloc)
        page.on("request", watched.request)
        page.on("websocket", watched.request)
        page.on("console", watched.console)
        page.on("pageerror", lambda error: watched.errors.append(str(error)))
        opened.append((context, watched))
        page.goto(address + path)
        ready(page)
        return page

    yield open_page
    for context, _ in opened:
        context.close()
    assert not [url for _, watched in opened for url in watched.foreign], "a page sent requests to another host"
    assert not [error for _, watched in opened for error in watched.errors], "a page logged errors"


def settle(page) -> None:
    """Wait until the script has run and its output is on the page."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.wait_for_selector(".zoo-title")


def draw(page, strokes: list[list[tuple[float, float]]], touch: bool = False) -> None:
    """Draw strokes, in pad pixels, with the mouse or a finger."""
    box = page.locator("canvas.ink").bounding_box()
    scale = box["width"] / 280
    for stroke in strokes:
        points = [(box["x"] + x * scale, box["y"] + y * scale) for x, y in stroke]
        (_by_finger if touch else _by_mouse)(page, points)


def _by_mouse(page, points) -> None:
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=4)
    page.mouse.up()


def _by_finger(page, points) -> None:
    session = page.context.new_cdp_session(page)

    def send(kind: str, *at) -> None:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in at]})

    send("touchStart", points[0])
    for point in points[1:]:
        send("touchMove", point)
    send("touchEnd")


def answers(page):
    """The answer of each column, in large type."""
    return page.locator(".zoo-answer .says")


def wait_for_answer(page, label: str) -> None:
    """Wait until all columns answer for the drawing and the first answer is `label`."""
    page.wait_for_selector(".zoo-tag", state="detached")
    page.wait_for_function(
        "label => document.querySelector('.zoo-answer .says b')?.textContent === label", arg=label, timeout=PATIENCE
    )
