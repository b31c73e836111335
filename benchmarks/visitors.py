"""Measures many simultaneous visitors of a task page: `python -m benchmarks.visitors --visitors 50`.

Each visitor is a websocket that speaks Streamlit's protocol, as a browser does: it opens /digits and then sends a
stroke every few seconds, a 1 or a 7 at random, so that it knows the expected answer. Prints the median and maximum time
from a stroke to the answers of all models on the page, the answers that are missing or wrong (such as another
visitor's), the server's CPU time per stroke, and its memory before and after. All requests stay on this machine.
"""

import argparse
import asyncio
import json
import os
import random
import re
import statistics
import time
from dataclasses import dataclass, field

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from app.verify.local_server import LocalServer
from benchmarks.load import cpu_seconds, resident_memory

DIGITS = {
    "1": [[140, 55], [141, 110], [140, 170], [139, 225]],
    "7": [[80, 70], [120, 68], [190, 68], [170, 110], [150, 160], [135, 220]],
}
ANSWER = re.compile(r'<section class="zoo-answer".*?<b>(.)</b>')
PATIENCE = 60  # seconds after which an answer counts as missing


class Visitor:
    """One session of a page."""

    def __init__(self, address: str, page: str) -> None:
        self.address = address.replace("http", "ws", 1) + "/_stcore/stream"
        self.origin = address
        self.page = page
        self.pad = ""  # the id of the drawing pad

    async def open(self) -> None:
        """Connect and wait for the page."""
        self.socket = await websockets.connect(
            self.address, origin=self.origin, subprotocols=["streamlit"], max_size=2**26, compression=None
        )
        message = BackMsg()
        message.rerun_script.page_name = self.page
        await self.socket.send(message.SerializeToString())
        await self._finished()

    async def close(self) -> None:
        await self.socket.close()

    async def draw(self, strokes: list) -> list[str]:
        """Draw on the pad and return each model's answer."""
        if not self.pad:
            raise SystemExit(f"/{self.page} has no drawing pad.")
        message = BackMsg()
        state = message.rerun_script.widget_states.widgets.add()
        state.id = self.pad
        state.json_value = json.dumps({"drawing": {"strokes": strokes, "pen": 18, "revision": 0}})
        message.rerun_script.page_name = self.page
        await self.socket.send(message.SerializeToString())
        page = await self._finished()
        return [answer[1] for text in page if (answer := ANSWER.search(text))]

    async def _finished(self) -> list[str]:
        """Wait for the end of the page's run, and return the texts on it."""
        texts = []
        while True:
            message = ForwardMsg.FromString(await asyncio.wait_for(self.socket.recv(), PATIENCE))
            kind = message.WhichOneof("type")
            if kind == "delta":
                element = message.delta.new_element
                if element.WhichOneof("type") == "bidi_component":
                    if element.bidi_component.component_name.endswith("pad"):
                        self.pad = element.bidi_component.id
                elif element.WhichOneof("type") in ("html", "markdown"):
                    texts.append(getattr(element, element.WhichOneof("type")).body)
            elif kind == "script_finished":
                return texts


@dataclass
class Result:
    """The measurements of all visitors."""

    times: list[float] = field(default_factory=list)
    wrong: int = 0
    missing: int = 0


async def visit(address: str, visitors: int, seconds: float, pause: float, result: Result) -> None:
    """Let the visitors open the page, draw a stroke about every `pause` seconds, and leave."""
    randomness = random.Random(0)

    async def one(number: int) -> None:
        visitor, choice = Visitor(address, "digits"), random.Random(number)
        await asyncio.sleep(randomness.uniform(0, pause))
        await visitor.open()
        end = time.perf_counter() + seconds
        while (began := time.perf_counter()) < end:
            digit = choice.choice(list(DIGITS))
            shift = choice.uniform(-20, 20)  # no two drawings are equal, so no answer comes from a cache
            try:
                answers = await visitor.draw([[[x + shift, y] for x, y in DIGITS[digit]]])
            except TimeoutError:
                result.missing += 1
                break
            result.times.append(time.perf_counter() - began)
            result.missing += not answers
            result.wrong += any(answer != digit for answer in answers)
            await asyncio.sleep(max(0, choice.uniform(0.5, 1.5) * pause - (time.perf_counter() - began)))
        await visitor.close()

    await asyncio.gather(*(one(number) for number in range(visitors)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--pause", type=float, default=5, help="seconds between the strokes of one visitor")
    options = parser.parse_args()
    with LocalServer() as server:
        address, pid = server.widgets, server.process.pid
        asyncio.run(visit(address, 2, 3, 0.5, Result()))  # warms up
        time.sleep(2)
        cpu, memory, result = cpu_seconds(pid), resident_memory(pid), Result()
        began = time.perf_counter()
        asyncio.run(visit(address, options.visitors, options.seconds, options.pause, result))
        took = time.perf_counter() - began
        used = cpu_seconds(pid) - cpu
        times = sorted(1000 * each for each in result.times)
        print(f"{options.visitors} visitors, {len(times)} strokes in {took:.0f} s; load {os.getloadavg()[0]:.1f}")
        print(
            f"  stroke to answer: median {statistics.median(times):.0f} ms, the slowest tenth over "
            f"{times[int(0.9 * len(times))]:.0f} ms, the slowest {times[-1]:.0f} ms"
        )
        print(f"  wrong answers {result.wrong}, missing {result.missing}")
        print(f"  CPU of the server {1000 * used / len(times):.0f} ms per stroke, including opening the pages")
        print(f"  memory {memory:.0f} MB before, {resident_memory(pid):.0f} MB after")


if __name__ == "__main__":
    main()
