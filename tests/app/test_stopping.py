"""The server stops after it has answered, and slow or vanished clients take nothing from others."""

import asyncio
import http.client
import json
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import streamlit
from starlette.exceptions import HTTPException

from app import middleware, server
from app.verify.local_server import LocalServer
from tests.app.conftest import ONE, ask

SLOW = """
import time
from app import server, uvicorn_server
from app.api import batches
from starlette.responses import PlainTextResponse

build = server.build

def slower(config):
    app = build(config)

    def slow(request):
        time.sleep(float(request.query_params["seconds"]))
        return PlainTextResponse("answered")

    app.add_route("/slow", slow)
    app.router.routes.insert(0, app.router.routes.pop())
    return app

server.build = slower
server.main()
"""


@pytest.fixture
def slow():
    """A server that also answers /slow?seconds=2, after that time."""
    with LocalServer({"ZOO_WIDGETS": "off"}, (sys.executable, "-c", SLOW)) as running:
        ask(running.address, "/healthz")
        yield running


def started(running, seconds):
    """Ask /slow in a thread; returns the thread and the list of its outcome."""
    outcome = []

    def work():
        try:
            outcome.append(ask(running.address, f"/slow?seconds={seconds}")[::2])
        except (OSError, http.client.HTTPException) as error:
            outcome.append(type(error))

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(1)
    return thread, outcome


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_requests_in_progress_are_answered_and_new_ones_refused(slow, by):
    thread, outcome = started(slow, 4)
    slow.process.send_signal(by)
    slow.wait_for("Stopping after 1 requests in progress")
    time.sleep(0.3)
    with pytest.raises(ConnectionRefusedError):
        ask(slow.address, "/healthz")
    thread.join(30)
    assert outcome == [(200, "answered")]
    assert slow.process.wait(30) == 0
    slow.wait_for("Stopped.")
    assert not [line for line in slow.lines if "Traceback" in line]


def test_a_second_ctrl_c_stops_at_once_with_one_line(slow):
    thread, outcome = started(slow, 30)
    slow.process.send_signal(signal.SIGINT)
    slow.wait_for("Stopping after")
    slow.process.send_signal(signal.SIGINT)
    assert slow.process.wait(10) == 130
    thread.join(30)
    assert outcome == [http.client.RemoteDisconnected]
    slow.wait_for("Stopped at once.")
    assert slow.lines[-1] == "Stopped at once."
    assert not [line for line in slow.lines if "Traceback" in line or "Error" in line]


def test_a_client_that_sends_its_body_slowly_does_not_hold_up_the_stop(slow):
    with _opened(slow) as client:
        client.sendall(b"POST /api/predict/mnist-cnn HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{")
        time.sleep(0.5)
        slow.process.send_signal(signal.SIGTERM)
        assert slow.process.wait(60) == 0
    assert [line for line in slow.lines if "1 requests were not answered in time" in line]
    assert [line for line in slow.lines if "POST /api/predict/mnist-cnn disconnected" in line]
    assert not [line for line in slow.lines if "Traceback" in line]


def test_ctrl_c_before_the_server_runs_is_no_traceback(monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(server, "listen", interrupted)
    server.serve(port=0)
    assert capsys.readouterr().out == "Stopped.\n"


STALLING = """
from app import server, uvicorn_server

uvicorn_server.STALLED = 1
server.main()
"""


def _opened(running):
    address = urlsplit(running.address)
    return socket.create_connection((address.hostname, address.port), timeout=60)


def test_many_slow_clients_hold_up_nobody_and_are_closed():
    """Clients that send nothing, a part of a request's head, or a part of its body; or read no answer; or vanish."""
    with LocalServer({"ZOO_WIDGETS": "off"}, (sys.executable, "-c", STALLING)) as running:
        ask(running.address, "/healthz")
        head = b"POST /api/predict/mnist-cnn HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n"
        get = b"GET /static/js/" + _large_file().encode() + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
        before = _open_files(running)
        closed = [_opened(running) for _ in range(300)]
        for client in closed[100:200]:
            client.sendall(head[:40])
        for client in closed[200:]:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.sendall(get * 20)
        bodies = [_opened(running) for _ in range(100)]
        for client in bodies:
            client.sendall(head + b'\r\n{"strokes": ')
        body = json.dumps({"strokes": ONE})
        for _ in range(20):
            status, _, answer = ask(
                running.address, "/api/predict/mnist-cnn", "POST", body, Content_Type="application/json"
            )
            assert status == 200 and json.loads(answer)["label"] == "1"
        for client in closed[:200]:
            assert client.recv(1) == b""
        _wait_for_files(running, before + len(bodies))
        for client in bodies:
            client.close()  # in the middle of the body
        running.wait_for("POST /api/predict/mnist-cnn disconnected")
        _wait_for_files(running, before)
        assert not [line for line in running.lines if "Traceback" in line]


def _large_file():
    files = (Path(streamlit.__file__).parent / "static" / "static" / "js").glob("*.js")
    return max(files, key=lambda file: file.stat().st_size).name


def _open_files(running):
    folder = Path(f"/proc/{running.process.pid}/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


def _wait_for_files(running, count):
    """Wait until the server has few more open files than `count`."""
    until = time.monotonic() + 60
    while _open_files(running) > count + 10:
        assert time.monotonic() < until, (_open_files(running), count)
        time.sleep(0.2)


@pytest.mark.anyio
async def test_a_body_that_does_not_arrive_is_refused(monkeypatch):
    monkeypatch.setattr(middleware, "BODY_TIMEOUT", 0.1)

    async def app(scope, receive, send):
        assert (await receive())["more_body"]
        await receive()

    messages = iter([{"type": "http.request", "body": b"{", "more_body": True}])

    async def receive():
        return next(messages, None) or await asyncio.sleep(60)

    with pytest.raises(HTTPException) as refused:
        await middleware.BodyLimit(app)({"type": "http", "headers": []}, receive, None)
    assert refused.value.status_code == 408
