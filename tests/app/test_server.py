"""The server as a process: its addresses, its log, how it starts and stops."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app import server as serving
from app import settings
from app.verify.local_server import LocalServer
from models.errors import ZooError
from tests.app.conftest import ONE, ROOT, ask


def test_health_is_answered_before_gradio_is_in_and_the_widgets_say_that_they_come(started):
    server, ((status, _, body), early) = started
    assert status == 200 and json.loads(body) == {"status": "ok", "widgets": "loading", "problems": []}
    status, headers, body = early
    assert status == 503 and headers["Retry-After"] == "2" and headers["Cache-Control"] == "no-store"
    assert 'http-equiv="refresh"' in body and "The widgets are loading" in body
    server.wait_for("The widgets are ready")
    status, _, body = ask(server.address, "/widgets/", Accept="text/html")
    assert status == 200 and "gradio" in body
    assert json.loads(ask(server.address, "/healthz")[2])["widgets"] == "ready"


@pytest.mark.parametrize(("path", "to"), [("/widgets", "/widgets/"), ("/api", "/api/")])
def test_a_missing_slash_is_mended(server, path, to):
    status, headers, _ = ask(server.address, path)
    assert status == 307 and headers["location"] == to


def test_pages_and_rest_share_the_port(server):
    status, _, page = ask(server.address, "/digits")
    assert status == 200 and "<html" in page
    body = json.dumps({"strokes": ONE})
    status, _, answer = ask(server.address, "/api/predict/mnist-cnn", "POST", body, Content_Type="application/json")
    assert status == 200 and json.loads(answer)["label"] == "1"
    assert ask(server.address, "/api/bogus")[0] == 404


def test_probes_may_use_any_host_name(server):
    status, _, body = ask(server.address, "/healthz", Host="10.0.3.7:8501")
    assert status == 200 and json.loads(body)["status"] == "ok"


@pytest.mark.parametrize("path", ["/", "/api/models", "/healthz/", "/widgets/gradio_api/mcp/", "/_stcore/health"])
def test_other_host_names_are_refused_everywhere(server, path):
    status, _, body = ask(server.address, path, Host="evil.example")
    assert status == 400 and "host" in body.lower()


def test_a_log_line_stands_once_and_holds_no_query_string(server):
    secret = "what-a-visitor-typed"
    ask(server.address, f"/names?text={secret}")
    ask(server.address, f"/api/models?task={secret}")
    line = server.wait_for("GET /names 200")
    assert re.fullmatch(r"\d\d:\d\d:\d\d GET /names 200 \d+ ms", line)
    assert sum("GET /names" in one for one in server.lines) == 1
    assert not [one for one in server.lines if secret in one]


def test_a_line_break_in_a_path_stays_one_log_line(server):
    ask(server.address, "/broken%0Aline")
    assert "broken%0Aline" in server.wait_for("/broken")


@pytest.mark.parametrize(
    "path", ["/api/predict/mnist-cnn", "/", "/widgets/gradio_api/upload", "/_stcore/upload_file/a/b"]
)
def test_a_body_over_the_limit_is_refused_at_once(server, path):
    status, _, body = ask(server.address, path, "POST", Content_Length=str(10**10))
    assert status == 413 and "32 MB" in body


def test_serving_never_loads_torch(server):
    """After pages, REST and widgets have been used, the process holds no library of torch."""
    maps = Path(f"/proc/{server.process.pid}/maps")
    if not maps.exists():
        pytest.skip("needs /proc")
    server.wait_for("The widgets are ready")
    body = json.dumps({"strokes": ONE})
    assert ask(server.address, "/api/predict/mnist-mlp", "POST", body, Content_Type="application/json")[0] == 200
    loaded = maps.read_text()
    assert "onnxruntime" in loaded
    assert "libtorch" not in loaded


def test_a_port_in_use_is_one_sentence(server):
    port = urlsplit(server.address).port
    for command in (["-m", "app.server"], ["-m", "app.cli", "serve"]):
        began = time.monotonic()
        ended = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, "PORT": str(port)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ended.returncode == 1 and ended.stdout == ""
        sentence = f"Port {port} is in use by another program. Stop it, or choose another port: PORT={port + 1}."
        assert ended.stderr.strip() == sentence
        assert time.monotonic() - began < 60


@pytest.mark.parametrize("when", ["The Zoo is at", "The widgets are ready"])
def test_ctrl_c_ends_it_cleanly(when):
    """Also while Gradio is still being imported."""
    with LocalServer() as running:
        running.wait_for(when)
        if when == "The Zoo is at":
            while json.loads(ask(running.address, "/healthz")[2])["widgets"] != "loading":
                time.sleep(0.1)
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(60) == 0
        running.wait_for("Stopped.")
    assert not [line for line in running.lines if "Traceback" in line or "Error" in line]


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"PORT": "http"}, "PORT is 'http'"),
        ({"PORT": "70000"}, "PORT is '70000'"),
        ({"PORT": "\u00b2"}, "PORT is '\u00b2'"),
        ({"HOST": "300.1.1.1"}, "HOST is '300.1.1.1'"),
        ({"ZOO_HOSTS": "*zoo.org"}, "ZOO_HOSTS contains '*zoo.org'"),
    ],
)
def test_wrong_settings_are_one_sentence(monkeypatch, environment, words):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ZooError, match=re.escape(words)) as caught:
        serving.serve()
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


def test_hosts_are_the_local_ones_ones_own_and_those_named(monkeypatch):
    monkeypatch.setenv("ZOO_HOSTS", "zoo.example.org, *.example.net")
    config = settings.read(host="192.168.1.20", port=80)
    assert set(config.hosts) == {*settings.LOCAL, "192.168.1.20", "zoo.example.org", "*.example.net"}
    assert config.address == "http://192.168.1.20:80"
    assert settings.read(host="0.0.0.0", port=8501).address == "http://127.0.0.1:8501"


def test_two_servers_cannot_have_one_port():
    first = serving.listen("127.0.0.1", 0)
    with contextlib.closing(first), pytest.raises(ZooError, match="in use"):
        serving.listen("127.0.0.1", first.getsockname()[1])


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(ZooError, match="HOST is '192.0.2.1'"):
        serving.listen("192.0.2.1", 0)
    assert isinstance(serving.listen("localhost", 0), socket.socket)


def test_another_site_may_not_upload(server):
    """Its browser asks first, and is not allowed to; without the visit's random id an upload is refused anyway."""
    path = "/_stcore/upload_file/guessed/file"
    foreign = {"Origin": "https://evil.example", "Access_Control_Request_Method": "PUT"}
    _, headers, _ = ask(server.address, path, "OPTIONS", **foreign)
    assert "access-control-allow-origin" not in headers
    status, headers, _ = ask(server.address, path, "PUT", b"x", **foreign)
    assert status == 400 and "set-cookie" not in headers
