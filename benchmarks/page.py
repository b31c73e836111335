"""Measures in Chromium how long a visitor waits for the first page, and for the answer after a stroke. Prints medians.

    python -m benchmarks.page           # starts a server of its own; --strokes 40, --models mnist-cnn,mnist-mlp
    python -m benchmarks.page --slow    # the first page at 400 kbit/s with 400 ms latency; no strokes

The first page is opened in a new browser context each time, so nothing is cached. Its time runs from the click to its
last line, when the cards, the table and the chart above it are complete. A 3 and a 7 are drawn in turn, each on a
cleared pad. Their time is measured in the page, from the `pointerup` event until every column names the new digit. The
targets, 2 s and 200 ms, are for idle cores; the load during the measurement is printed. Needs Chromium.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.verify.local_server import LocalServer

TARGET = 200  # milliseconds, stroke to answer
FIRST_TARGET = 2000  # milliseconds, the first page
USEFUL_TARGET = 5000  # milliseconds, the list of tasks on a slow connection
KBITS, LATENCY = 400, 400  # the slow connection: kbit/s in both directions, milliseconds for each request
VISITS = 7  # the first is not counted, so that the server is warm
FIRST = 4  # strokes to warm up server and browser, not counted
SIZE = (1280, 720)
DIGITS = {
    "3": [(95, 75), (130, 55), (170, 70), (172, 100), (130, 130), (175, 150), (185, 190), (150, 225), (95, 210)],
    "7": [(80, 70), (120, 68), (190, 68), (170, 110), (150, 160), (135, 220)],
}
CLOCK = """
window.zoo = { start: 0, wanted: null, took: null };
document.addEventListener('pointerup', () => { window.zoo.start = performance.now(); window.zoo.took = null; }, true);
new MutationObserver(() => {
  const { zoo } = window;
  if (!zoo.wanted || zoo.took !== null || document.querySelector('.zoo-tag')) return;
  const columns = [...document.querySelectorAll('.zoo-answer .says b')];
  const there = columns.length && columns.every((column) => column.textContent === zoo.wanted);
  if (there) zoo.took = performance.now() - zoo.start;
}).observe(document.body, { subtree: true, childList: true, characterData: true });
"""
# Notes when all of the words stand on the page, and when the browser first paints any.
READ = """
window.zoo = { read: null, painted: null };
const look = () => {
  const text = document.body ? document.body.innerText : "";
  if (window.zoo.read === null && WORDS.every((word) => text.includes(word))) window.zoo.read = performance.now();
};
new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
new PerformanceObserver((list) => {
  for (const { name, startTime } of list.getEntries()) {
    if (name === "first-contentful-paint") window.zoo.painted = startTime;
  }
}).observe({ type: "paint", buffered: true });
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--strokes", type=int, default=40, help="number of strokes to measure")
    parser.add_argument("--models", default="", help="ids separated by commas (default: the page's own choice)")
    parser.add_argument("--slow", action="store_true", help="time only the first page, on a slow connection")
    options = parser.parse_args()
    if options.slow:
        return _slow()
    with tempfile.TemporaryDirectory() as home, LocalServer({"ZOO_HOME": home}) as server:
        # Only once the widgets are loaded, because start-up is not part of what is measured.
        waited, took = _measure(server.widgets, options.models, options.strokes + FIRST)
    first = statistics.median(waited[1:])
    print(f"first page: median {first:.0f} ms, of {len(waited) - 1} visits with an empty cache")
    print(f"target: under {FIRST_TARGET} ms on idle cores: {'reached' if first < FIRST_TARGET else 'missed'}")
    took = sorted(took[FIRST:])
    median = statistics.median(took)
    print(f"stroke end to answer: median {median:.0f} ms, of {len(took)} strokes; the fastest tenth under ", end="")
    print(f"{took[len(took) // 10]:.0f} ms, the slowest tenth over {took[-1 - len(took) // 10]:.0f} ms")
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    print(f"target: under {TARGET} ms on idle cores: {'reached' if median < TARGET else 'missed'}")
    machine = f"{platform.system()} {platform.machine()}"
    print(f"{os.cpu_count()} cores, load {load}, Python {platform.python_version()}, {machine}")


def _slow() -> None:
    """Print when something useful is on the screen and when the page is drawn, on a slow connection."""
    from models import catalog

    pages = {
        "home": ("/", 'a[href$="/api/docs"]', [task.question for task in catalog.tasks().values()]),
        "a task": ("/digits", "canvas.ink", [catalog.task("digits").question]),
    }
    print(f"{KBITS} kbit/s, {LATENCY} ms latency, a browser that has nothing cached")
    useful = 0.0
    with tempfile.TemporaryDirectory() as home, LocalServer({"ZOO_HOME": home}) as server, _chromium() as browser:
        for name, (path, ready, words) in pages.items():
            read, drawn, requests, size = _slow_visit(browser, f"{server.widgets}{path}", ready, words)
            useful = max(useful, read)
            print(f"{name}: heading and links after {read / 1000:.1f} s, drawn after {drawn / 1000:.1f} s; ", end="")
            print(f"{requests} requests, {size / 1000:,.0f} kB")
    reached = "reached" if useful < USEFUL_TARGET else "missed"
    print(f"target: something useful within {USEFUL_TARGET / 1000:.0f} s: {reached}")


def _slow_visit(browser, address: str, ready: str, words: list[str]) -> tuple[float, float, int, int]:
    """Milliseconds until the words are painted and until `ready` is drawn; requests; bytes received."""
    page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
    sizes: list[int] = []
    devtools = page.context.new_cdp_session(page)
    devtools.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    devtools.send("Network.enable")
    bytes_per_second = KBITS * 1000 / 8
    throughput = {"downloadThroughput": bytes_per_second, "uploadThroughput": bytes_per_second}
    devtools.send("Network.emulateNetworkConditions", {"offline": False, "latency": LATENCY, **throughput})
    page.add_init_script(READ.replace("WORDS", json.dumps(words)))
    page.goto(address, wait_until="commit")
    page.wait_for_selector(ready, timeout=180_000)
    drawn, seen = page.evaluate("[performance.now(), window.zoo]")
    requests, size = len(sizes), sum(sizes)
    page.context.close()
    return max(seen["read"], seen["painted"]), drawn, requests, size


@contextmanager
def _chromium() -> Iterator[Any]:
    """A running Chromium."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        sys.exit("Chromium is not installed, so the page cannot be timed (Debian: apt install chromium).")
    quiet = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=[*quiet, "--disable-component-update"])
        yield browser
        browser.close()


def _measure(address: str, models: str, count: int) -> tuple[list[float], list[float]]:
    """Milliseconds of every visit of the first page, and of every stroke."""
    with _chromium() as browser:
        waited = [_visit(browser, address) for _ in range(VISITS)]
        page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
        page.goto(f"{address}/digits" + (f"?models={models}" if models else ""))
        page.wait_for_selector(".zoo-tag")
        page.evaluate(CLOCK)
        took = [_stroke(page, list(DIGITS)[turn % len(DIGITS)]) for turn in range(count)]
    return waited, took


def _visit(browser, address: str) -> float:
    """Milliseconds from the click to the last line of the first page."""
    page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
    started = time.perf_counter()
    page.goto(f"{address}/", wait_until="commit")
    page.wait_for_selector('a[href$="/api/docs"]')
    waited = 1000 * (time.perf_counter() - started)
    page.context.close()
    return waited


def _stroke(page, label: str) -> float:
    """Milliseconds from the end of the stroke to the answer `label`."""
    box = page.locator("canvas.ink").bounding_box()
    points = [(box["x"] + x * box["width"] / 280, box["y"] + y * box["width"] / 280) for x, y in DIGITS[label]]
    page.evaluate("label => { window.zoo.wanted = label; window.zoo.took = null }", label)
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=4)
    page.mouse.up()
    page.wait_for_function("window.zoo.took !== null", timeout=30_000)
    took = page.evaluate("window.zoo.took")
    page.evaluate("window.zoo.wanted = null")
    page.get_by_role("button", name="clear").click()
    page.wait_for_selector(".zoo-tag")
    return took


if __name__ == "__main__":
    main()
