"""What the server keeps of its visitors and callers: `python -m benchmarks.growth`.

After a warm-up, 2,000 calls of the widgets' API, 200 openings of pages and 2,500 strokes that two models answer each.
Printed before and after each: memory, objects that Python's garbage collector follows, threads and open files of the
server, and the types whose objects grew most. Everything stays on this machine's loopback address.
"""

import argparse
import asyncio
import gc
import json
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path

from app.verify.local_server import LocalServer
from benchmarks.load import Connection, gradio, resident_memory
from benchmarks.visitors import DIGITS, Visitor

PAGES = ("digits", "letters", "names", "reviews", "holidays", "models")
CALLERS = 4  # visitors or callers at the same time
FORGOTTEN = 130  # seconds after which Streamlit drops the session of a closed page
GROWN = 8  # types shown
REPORT = "State: "


def serve() -> None:
    """The whole server, which prints its state at each SIGUSR1."""
    from app import server

    def report(*_: object) -> None:
        gc.collect()
        objects = gc.get_objects()
        types = Counter(f"{type(each).__module__}.{type(each).__qualname__}" for each in objects)
        state = {
            "memory": resident_memory(os.getpid()),
            "objects": len(objects),
            "threads": threading.active_count(),
            "files": len(list(Path("/proc/self/fd").iterdir())),
            "types": dict(types),
        }
        print(REPORT + json.dumps(state), flush=True)

    signal.signal(signal.SIGUSR1, report)
    server.serve()


class Watched:
    """A running server whose growth is printed."""

    def __init__(self, server: LocalServer) -> None:
        self.server = server
        self.pid = server.process.pid

    def state(self) -> dict:
        """Ask the server for its state."""
        asyncio.run(look(self.server.address, CALLERS))  # Streamlit keeps the last session: always the same kind
        before = len(self._reports())
        os.kill(self.pid, signal.SIGUSR1)
        while len(self._reports()) == before:
            time.sleep(0.1)
        return json.loads(self._reports()[-1].removeprefix(REPORT))

    def _reports(self) -> list[str]:
        return [line for line in self.server.lines if line.startswith(REPORT)]

    def growth(self, what: str, work: Coroutine[None, None, None]) -> None:
        """Print what has grown when `work` is done and Streamlit has dropped the sessions of its pages."""
        before, began = self.state(), time.perf_counter()
        asyncio.run(work)
        took = time.perf_counter() - began
        time.sleep(FORGOTTEN)
        after = self.state()
        print(f"{what}, {took:.0f} s")
        for name, unit in (("memory", " MB"), ("objects", ""), ("threads", ""), ("files", "")):
            share = 100 * (after[name] / before[name] - 1)
            print(f"  {name:8} {before[name]:10,.0f} {after[name]:10,.0f}{unit:3} {share:+6.1f}%")
        grown = Counter(after["types"])
        grown.subtract(before["types"])
        print("  ", ", ".join(f"{name} {count:+}" for name, count in grown.most_common(GROWN) if count > 0), flush=True)


async def call(address: str, count: int) -> None:
    """Call the widgets' API so many times."""
    ask = gradio("/widgets/gradio_api/call/predict", "mnist-cnn")

    async def caller() -> None:
        connection = Connection(address)
        await connection.open()
        for turn in range(count // CALLERS):
            status, best = await ask(connection, turn)
            assert status == 200 and best, status
        connection.close()

    await asyncio.gather(*(caller() for _ in range(CALLERS)))


async def look(address: str, count: int) -> None:
    """Open pages so many times."""

    async def visitor(number: int) -> None:
        for turn in range(count // CALLERS):
            page = Visitor(address, PAGES[(number + turn) % len(PAGES)])
            await page.open()
            await page.close()

    await asyncio.gather(*(visitor(number) for number in range(CALLERS)))


async def draw(address: str, count: int) -> None:
    """Draw so many strokes."""

    async def visitor(number: int) -> None:
        page = Visitor(address, "digits")
        await page.open()
        for turn in range(count // CALLERS):
            digit, shift = "17"[turn % 2], (turn + number / CALLERS) * 20 / count  # no two drawings are alike
            answers = await page.draw([[[x + shift, y] for x, y in DIGITS[digit]]])
            assert set(answers) == {digit}, answers
        await page.close()

    await asyncio.gather(*(visitor(number) for number in range(CALLERS)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--openings", type=int, default=200)
    parser.add_argument("--strokes", type=int, default=2500)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve()
    with LocalServer(command=(sys.executable, "-m", "benchmarks.growth", "--serve")) as server:
        address = server.widgets
        server.wait_for("The widgets are ready")
        time.sleep(5)
        watched = Watched(server)
        for work in (call(address, 400), look(address, 60), draw(address, 400)):  # warms up
            asyncio.run(work)
        time.sleep(FORGOTTEN)
        watched.growth(f"{options.calls:,} calls of the widgets' API", call(address, options.calls))
        watched.growth(f"{options.openings:,} openings of pages", look(address, options.openings))
        watched.growth(f"{options.strokes:,} strokes, two answers each", draw(address, options.strokes))


if __name__ == "__main__":
    main()
