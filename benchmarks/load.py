"""Compares answers per second and CPU time under load with common alternatives: `python -m benchmarks.load`.

Three servers answer the same drawings with the same net, one after the other in one run: the Zoo's REST API; a FastAPI
endpoint with the net in eager torch and uvicorn's defaults; a plain Gradio `Interface`, called through its HTTP API.
All three read strokes with the Zoo's own processor. With 1, 16 and 50 clients, each client has its own connection,
sends the next request when the last one is answered, and knows the expected answer. All requests stay on this machine.
Where `wrk` is installed, it measures the two servers that answer in one request as well: it takes less of the processor
than a client in Python. Needs torch, and an idle machine: the load before each measurement is printed.

    python -m benchmarks.load                     # --seconds 5 --clients 1,16,50 --model mnist-cnn
"""

import argparse
import asyncio
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.verify.local_server import LocalServer

DIGITS = ("three", "seven")  # drawings of models/tasks/digits.py, sent in turn
DIGIT = "3"  # the answer to the first
WARM_UP = 1.0  # seconds that are not counted


class Connection:
    """One HTTP/1.1 connection that stays open; as little work as possible, since the client shares the cores."""

    def __init__(self, address: str) -> None:
        self.host, _, port = address.removeprefix("http://").partition(":")
        self.port = int(port)

    async def open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port, limit=2**24)

    def close(self) -> None:
        self.writer.close()

    async def request(
        self, path: str, body: bytes | None = None, content_type: str = "application/json"
    ) -> tuple[int, bytes]:
        """The status and body of the response to a POST, or to a GET if there is no body."""
        head = f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n"
        if body is not None:
            head += f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
        self.writer.write(head.encode() + b"\r\n" + (body or b""))
        header = await self.reader.readuntil(b"\r\n\r\n")
        status = int(header[9:12])
        if length := re.search(rb"content-length: (\d+)", header, re.IGNORECASE):
            return status, await self.reader.readexactly(int(length[1]))
        chunks = []
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            chunks.append((await self.reader.readexactly(size + 2))[:-2])
        await self.reader.readexactly(2)
        return status, b"".join(chunks)


@dataclass
class Result:
    """The measurements of one server's clients."""

    seconds: float = 0.0
    cpu: float = 0.0
    answers: int = 0
    refused: int = 0
    wrong: int = 0
    median: float = math.nan  # milliseconds
    p95: float = math.nan

    @property
    def rate(self) -> float:
        return self.answers / self.seconds


Call = Callable[[Connection, int], Awaitable[tuple[int, str | None]]]


def rest(model: str) -> Call:
    """A call of our REST API or of the FastAPI endpoint: the status and the label."""
    bodies = [json.dumps({"strokes": drawing, "pen": 18}).encode() for drawing in _drawings()]

    async def call(connection: Connection, turn: int) -> tuple[int, str | None]:
        status, answer = await connection.request(f"/api/predict/{model}", bodies[turn % len(bodies)])
        return status, json.loads(answer)["best"] if status == 200 else None

    return call


def gradio(path: str, *first: str) -> Call:
    """A call of a Gradio endpoint as documented: POST for an event id, then GET the event."""
    bodies = [json.dumps({"data": [*first, {"strokes": drawing, "pen": 18}]}).encode() for drawing in _drawings()]

    async def call(connection: Connection, turn: int) -> tuple[int, str | None]:
        status, answer = await connection.request(path, bodies[turn % len(bodies)])
        if status != 200:
            return status, None
        status, events = await connection.request(f"{path}/{json.loads(answer)['event_id']}")
        complete = re.search(rb"event: complete\ndata: (.*)", events)
        return (status, json.loads(complete[1])[0]["best"]) if complete else (503, None)

    return call


def _drawings() -> list[list]:
    from models.tasks.digits import DRAWINGS

    return [DRAWINGS[name] for name in DIGITS]


async def load(address: str, call: Call, clients: int, seconds: float, pid: int) -> Result:
    """Let `clients` clients send requests for `seconds` seconds."""
    result, answers, times = Result(), {}, []
    first = Connection(address)
    await first.open()
    for turn in range(len(DIGITS)):
        answers[turn] = (await call(first, turn))[1]  # the expected answer
    first.close()
    start = time.perf_counter() + WARM_UP
    end = start + seconds

    async def client(number: int) -> None:
        connection, turn = Connection(address), number
        await connection.open()
        while (began := time.perf_counter()) < end:
            status, label = await call(connection, turn)
            if (now := time.perf_counter()) > start and now < end:
                if status != 200:
                    result.refused += 1
                else:
                    times.append(1000 * (now - began))
                    result.wrong += label != answers[turn % len(DIGITS)]
            turn += 1
        connection.close()

    async def clock() -> None:
        await asyncio.sleep(start - time.perf_counter())
        before = cpu_seconds(pid)
        await asyncio.sleep(end - time.perf_counter())
        result.seconds, result.cpu = seconds, cpu_seconds(pid) - before

    await asyncio.gather(clock(), *(client(number) for number in range(clients)))
    result.answers = len(times)
    if times:
        result.median, result.p95 = np.percentile(times, (50, 95))
    return result


# One thread, whose connections send the same drawing. Prints answers, microseconds, refused, wrong, median and p95.
WRK = """
wrk.method, wrk.body, wrk.headers["Content-Type"] = "POST", [==[%s]==], "application/json"
refused, wrong = 0, 0
function response(status, headers, body)
  if status ~= 200 then refused = refused + 1
  elseif not body:find('"best": ?"%s"') then wrong = wrong + 1 end
end
function setup(started) thread = started end
function done(summary, latency)
  print("wrk:", summary.requests, summary.duration, thread:get("refused"), thread:get("wrong"),
    latency:percentile(50), latency:percentile(95))
end
"""


def wrk(address: str, model: str, clients: int, seconds: float, pid: int) -> Result:
    """Let `wrk` send requests for `seconds` seconds."""
    body = json.dumps({"strokes": _drawings()[0], "pen": 18})
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(WRK % (body, DIGIT))
        script.flush()
        command = ["wrk", "-t1", f"-c{clients}", "-s", script.name, f"{address}/api/predict/{model}"]
        subprocess.run([*command, f"-d{WARM_UP:.0f}s"], check=True, stdout=subprocess.DEVNULL)
        before = cpu_seconds(pid)
        printed = subprocess.run([*command, f"-d{seconds:.0f}s"], check=True, capture_output=True, text=True).stdout
    cpu = cpu_seconds(pid) - before
    values = re.search(r"^wrk:\s+(.*)", printed, re.MULTILINE)
    answers, duration, refused, wrong, median, p95 = map(float, values[1].split())
    return Result(duration / 1e6, cpu, int(answers - refused), int(refused), int(wrong), median / 1000, p95 / 1000)


def cpu_seconds(pid: int) -> float:
    """The CPU seconds of all threads of a process so far."""
    times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


def resident_memory(pid: int) -> float:
    """The resident memory of a process in MB."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def peak_memory(pid: int) -> float:
    """The peak resident memory of a process so far, in MB."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def serve_fastapi(model: str) -> None:
    """The server of FastAPI and torch."""
    import uvicorn
    from fastapi import FastAPI
    from pydantic import BaseModel

    from app import server
    from models import load

    predictor, app = load(model, device="cpu", engine="torch"), FastAPI()

    class Drawing(BaseModel):
        strokes: list[list[list[float]]]
        pen: float = 18

    @app.post("/api/predict/{id}")
    def predict(id: str, drawing: Drawing) -> dict:
        return predictor.predict({"strokes": drawing.strokes, "pen": drawing.pen}).to_dict()

    listener = server.listen("127.0.0.1", 0)
    print(f"The Zoo is at http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app)).run(sockets=[listener])


def serve_gradio(model: str) -> None:
    """The server of a plain Gradio Interface."""
    import gradio

    from models import load

    predictor = load(model, device="cpu")
    gradio.Interface(
        lambda drawing: predictor.predict(drawing).to_dict(), gradio.JSON(), gradio.JSON(), api_name="predict"
    ).launch(server_name="127.0.0.1", server_port=0 or None, quiet=False)


def compare(model: str, clients: list[int], seconds: float) -> None:
    """Print a table of all servers at each number of clients, and the ratios."""
    own = (sys.executable, "-m", "benchmarks.load", "--model", model, "--serve")
    servers: dict[str, tuple[LocalServer, Call]] = {
        "the Zoo, REST": (LocalServer(), rest(model)),
        "FastAPI + torch": (LocalServer(command=(*own, "fastapi")), rest(model)),
        "Gradio Interface": (LocalServer(command=(*own, "gradio")), gradio("/gradio_api/call/predict")),
        "the Zoo, widgets": (LocalServer(), gradio("/widgets/gradio_api/call/predict", model)),
    }
    rates: dict[tuple[str, int], float] = {}
    print(f"{model}, strokes; {seconds:g} s each; {os.cpu_count()} cores")
    print(
        f"  {'':20} {'clients':>7} {'per s':>7} {'median ms':>10} {'p95 ms':>8} {'CPU ms':>7} {'refused':>8} "
        f"{'wrong':>6}"
        f" {'load':>5}"
    )

    def measure(name: str, count: int, run: Callable[[], Result]) -> None:
        busy, result = os.getloadavg()[0], run()
        rates[name, count] = result.rate
        print(
            f"  {name:20} {count:7} {result.rate:7.0f} {result.median:10.1f} {result.p95:8.1f} "
            f"{1000 * result.cpu / max(1, result.answers):7.2f} {result.refused:8} {result.wrong:6} {busy:5.1f}",
            flush=True,
        )

    for name, (starting, call) in servers.items():
        with starting as server:
            address = server.widgets if name.startswith("the Zoo") else server.address
            pid = server.process.pid
            for count in clients:
                measure(name, count, lambda: asyncio.run(load(address, call, count, seconds, pid)))  # noqa: B023
                if shutil.which("wrk") and name in ("the Zoo, REST", "FastAPI + torch"):
                    measure(f"{name}, wrk", count, lambda: wrk(address, model, count, seconds, pid))  # noqa: B023
    for ours, other in (
        ("the Zoo, REST", "FastAPI + torch"),
        ("the Zoo, REST, wrk", "FastAPI + torch, wrk"),
        ("the Zoo, REST", "Gradio Interface"),
        ("the Zoo, widgets", "Gradio Interface"),
    ):
        if (ours, clients[0]) not in rates:
            continue
        ratios = ", ".join(f"{rates[ours, count] / rates[other, count]:.1f} at {count}" for count in clients)
        print(f"  {ours} against {other}: {ratios}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="mnist-cnn")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--clients", default="1,16,50")
    parser.add_argument("--serve", choices=("fastapi", "gradio"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        {"fastapi": serve_fastapi, "gradio": serve_gradio}[options.serve](options.model)
    else:
        compare(options.model, [int(count) for count in options.clients.split(",")], options.seconds)


if __name__ == "__main__":
    main()
