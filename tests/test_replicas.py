"""Two replicas behind Caddy, with the configuration in docs/: sessions stay, and a replica may be killed under load."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2 as httpx
import pytest
from websockets.sync.client import connect

from app.verify.local_server import LocalServer
from models import catalog
from tests.conftest import missing

CONFIGURATION = Path(__file__).parent.parent / "docs" / "Caddyfile"
SEVEN = {"strokes": next(each.raw for each in catalog.task("digits").examples if each.title == "seven")}
PREDICT = "/api/predict/mnist-softmax"
PAGE, STREAM = r"GET /digits\b", "WS /_stcore/stream"  # lines of a server's log
THREADS, CALLS = 6, 60  # calls of each thread
PATIENCE = 120  # seconds, on busy cores


@contextmanager
def caddy(folder: Path, *addresses: str):
    """Caddy in front of these servers; yields its address."""
    if shutil.which("caddy") is None:
        missing("caddy")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}"
    replicas = " ".join(each.removeprefix("http://") for each in addresses)
    homes = {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "HOME": str(folder)}
    environment = {**os.environ, **homes, "ZOO_SITE": address, "ZOO_REPLICAS": replicas}
    command = ["caddy", "run", "--config", str(CONFIGURATION), "--adapter", "caddyfile"]
    with (folder / "caddy.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                httpx.get(f"{address}/healthz", timeout=30).raise_for_status()
                break
            except httpx.HTTPError:
                assert process.poll() is None and time.monotonic() < until, (folder / "caddy.log").read_text()
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def replicas():
    """Two servers that have answered once."""
    with ExitStack() as stack:
        environment = {"ZOO_WIDGETS": "off", "ZOO_LAB": "off", "ZOO_PROXY": "127.0.0.1"}
        servers = [stack.enter_context(LocalServer(environment)) for _ in range(2)]
        for server in servers:
            httpx.post(server.address + PREDICT, json=SEVEN, timeout=PATIENCE).raise_for_status()
        yield servers


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until a condition holds, such as one on a log that arrives a little later."""
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_the_configuration_is_formatted():
    if shutil.which("caddy") is None:
        missing("caddy")
    formatted = subprocess.run(["caddy", "fmt", str(CONFIGURATION)], capture_output=True, text=True, check=True).stdout
    assert formatted == CONFIGURATION.read_text()


def counts(replicas: list[LocalServer], pattern: str) -> list[int]:
    """How many lines of each server's log match."""
    return [sum(bool(re.search(pattern, line)) for line in server.lines) for server in replicas]


def visit(address: str, replicas: list[LocalServer]) -> None:
    """A visitor with a cookie loads a page five times and opens its websocket: all of it from one replica."""
    pages, streams = counts(replicas, PAGE), counts(replicas, STREAM)
    with httpx.Client(timeout=PATIENCE) as visitor:
        for _ in range(5):
            assert visitor.get(f"{address}/digits").status_code == 200
        cookie = f"zoo_replica={visitor.cookies['zoo_replica']}"
    stream, headers = f"{address.replace('http', 'ws')}/_stcore/stream", {"Cookie": cookie}
    with connect(stream, origin=address, additional_headers=headers, open_timeout=PATIENCE):
        pass
    wait_until(lambda: sum(counts(replicas, PAGE)) == sum(pages) + 5)
    wait_until(lambda: sum(counts(replicas, STREAM)) == sum(streams) + 1)
    seen = [new - old for new, old in zip(counts(replicas, PAGE), pages, strict=True)]
    opened = [new - old for new, old in zip(counts(replicas, STREAM), streams, strict=True)]
    assert (seen, opened) in (([5, 0], [1, 0]), ([0, 5], [0, 1]))


def test_a_visitor_stays_with_one_replica_and_rest_does_not(replicas, tmp_path):
    with caddy(tmp_path, *(server.address for server in replicas)) as address:
        for _ in range(4):
            visit(address, replicas)
        answers = [httpx.post(address + PREDICT, json=SEVEN, timeout=PATIENCE).json()["label"] for _ in range(10)]
        assert set(answers) == {"7"}
        wait_until(lambda: all(count > 1 for count in counts(replicas, f"POST {PREDICT}")))


def test_a_replica_that_is_killed_under_load_loses_no_rest_answer(replicas, tmp_path):
    with caddy(tmp_path, *(server.address for server in replicas)) as address:

        def call(_: int) -> list[int]:
            with httpx.Client(timeout=PATIENCE) as client:
                return [ask(client) for _ in range(CALLS)]

        def ask(client: httpx.Client) -> int:
            try:
                answer = client.post(address + PREDICT, json=SEVEN)
                lost = answer.status_code != 200
            except httpx.RemoteProtocolError:  # the replica died after sending the response headers
                lost = True
            if lost:  # one retry
                answer = client.post(address + PREDICT, json=SEVEN)
            if answer.status_code == 200:
                assert answer.json()["label"] == "7"
            return answer.status_code

        with ThreadPoolExecutor(THREADS) as pool:
            calls = pool.map(call, range(THREADS))
            wait_until(lambda: counts(replicas, f"POST {PREDICT}")[0] > 20)
            os.kill(replicas[0].process.pid, signal.SIGKILL)
            statuses = Counter(status for each in calls for status in each)
        assert statuses == {200: THREADS * CALLS}
        assert counts(replicas, f"POST {PREDICT}")[1] > THREADS * CALLS // 2
