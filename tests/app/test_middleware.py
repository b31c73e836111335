"""Forwarded headers: believed of a trusted proxy alone, passed on to no library.

Nothing of one caller is kept for the next.
"""

import json
import socket
import socketserver
import threading
import time
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

import httpx
import pytest

from app import settings
from app.middleware import ForwardedHeaders
from app.verify.local_server import LocalServer
from models.errors import ZooError
from tests.app.conftest import FILE_DATA, STROKES

ELSEWHERE = "elsewhere.example"


class Listener(socketserver.ThreadingTCPServer):
    """A server of a stranger's on this machine; asked: the request lines that reached it."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.requestline)
                self.send_response(404)
                self.end_headers()

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


@pytest.fixture
def listener():
    with Listener() as server:
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def fresh():
    """A server that nobody has called yet: what it keeps of its first caller would show."""
    with LocalServer() as running:
        running.wait_for("The widgets are ready")
        yield running


@pytest.fixture(scope="module")
def behind_proxy():
    """A server that trusts a proxy on this machine and answers to the name zoo.example."""
    with LocalServer({"ZOO_PROXY": "127.0.0.1", "ZOO_HOSTS": "zoo.example"}) as running:
        running.wait_for("The widgets are ready")
        yield running


def rpc(server, method, headers=None, **params):
    """What MCP answers."""
    answer = httpx.post(
        f"{server.address}/widgets/gradio_api/mcp/",
        json={"jsonrpc": "2.0", "id": 1, "method": method, "params": params},
        headers={"Accept": "application/json, text/event-stream", **(headers or {})},
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    return json.loads(answer.text.partition("data: ")[2])


def tool(server, given, headers=None):
    """What the tool `digits` says of an input."""
    result = rpc(server, "tools/call", headers, name="digits", arguments={"input": given, "model": "mnist-cnn"})
    return result["result"]["content"][0]["text"]


def lies(listener) -> list[dict[str, str]]:
    """Each way to name another host."""
    headers = [{"X-Forwarded-Host": listener.host}, {"X-Gradio-Server": f"http://{listener.host}"}]
    return [
        *headers,
        {"Forwarded": f"host={listener.host}"},
        {"X-Forwarded-Host": listener.host, "X-Forwarded-Proto": "https"},
    ]


def test_mcp_calls_no_host_that_a_caller_names_and_the_second_caller_is_answered(fresh, listener):
    for lie in lies(listener):
        assert "'label': '1'" in tool(fresh, STROKES, lie)
        assert "'label': '1'" in tool(fresh, STROKES)
    for method, params in (("resources/read", {"uri": "x://y"}), ("prompts/get", {"name": "digits", "arguments": {}})):
        answer = rpc(fresh, method, {"X-Forwarded-Host": listener.host}, **params)
        assert "error" in answer and "no prompts and no resources" in answer["error"]["message"]
    assert listener.asked == []


@pytest.mark.parametrize("path", ["/etc/hostname", "docs/images/seven.png", "http://{host}/x.png"])
def test_mcp_opens_no_file_of_the_server_and_no_address(fresh, listener, path):
    """Gradio's own client would upload any file that an input names, and so make it an upload."""
    named = path.format(host=listener.host)
    for file in ({"path": named, **FILE_DATA}, {"path": named}):
        for given in (file, {"composite": file, "layers": [], "background": None}):
            said = tool(fresh, given)
            assert said.startswith("Addresses and files on the server are not opened."), said
    prompt = rpc(fresh, "prompts/get", name="x", arguments={"input": json.dumps({"path": named}), "model": "mnist-cnn"})
    assert "no prompts" in prompt["error"]["message"]
    assert listener.asked == []


def test_mcp_says_an_error_as_the_same_plain_sentence(fresh):
    assert tool(fresh, {"strokes": "seven"}).startswith("'strokes' must be a list of strokes")


@pytest.mark.parametrize("path", ["info", "info/", "info?all_endpoints=true", "openapi.json"])
def test_the_api_is_described_under_each_callers_own_address(fresh, listener, path):
    address = f"{fresh.address}/widgets/gradio_api/{path}"
    port = fresh.address.rpartition(":")[2]
    for lie in lies(listener):
        assert listener.host not in httpx.get(address, headers=lie, timeout=60).text
    first = httpx.get(address, headers={"Host": f"localhost:{port}"}, timeout=60).text
    second = httpx.get(address, timeout=60).text
    assert f"localhost:{port}" not in second and f"127.0.0.1:{port}" not in first
    if path == "info":
        assert f"http://localhost:{port}/widgets" in first and f"http://127.0.0.1:{port}/widgets" in second
    assert listener.host not in first + second


def test_a_page_of_the_widgets_names_no_host_of_a_former_caller(fresh, listener):
    for lie in lies(listener):
        assert listener.host not in httpx.get(f"{fresh.address}/widgets/", headers=lie, timeout=60).text
    assert listener.host not in httpx.get(f"{fresh.address}/widgets/config", timeout=60).text


def test_a_trusted_proxys_headers_are_the_requests_own(behind_proxy):
    seen = {"X-Forwarded-Host": "zoo.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.9"}
    info = httpx.get(f"{behind_proxy.address}/widgets/gradio_api/info", headers=seen, timeout=60).text
    assert "https://zoo.example/widgets" in info
    assert "https://zoo.example/api" in httpx.get(f"{behind_proxy.address}/api/docs", headers=seen, timeout=60).text
    assert "'label': '1'" in tool(behind_proxy, STROKES, seen)  # a name that this machine cannot resolve
    other = httpx.get(f"{behind_proxy.address}/api/models", headers={**seen, "X-Forwarded-Host": ELSEWHERE}, timeout=60)
    assert other.status_code == 400
    for spoofed in (f"{ELSEWHERE}, zoo.example", f"{ELSEWHERE},zoo.example"):  # what the visitor sent, then the proxy
        told = httpx.get(
            f"{behind_proxy.address}/widgets/gradio_api/info", headers={**seen, "X-Forwarded-Host": spoofed}, timeout=60
        )
        assert told.status_code == 200 and ELSEWHERE not in told.text


@pytest.mark.parametrize(
    ("trusted", "client", "believed"),
    [
        ((), "127.0.0.1", False),
        (("10.0.0.0/8",), "10.1.2.3", True),
        (("10.0.0.0/8",), "11.1.2.3", False),
        (("::1",), "::1", True),
        (("*",), "203.0.113.9", True),
    ],
)
@pytest.mark.anyio
async def test_who_is_believed(trusted, client, believed):
    seen = {}

    async def app(scope, receive, send):
        seen.update(scope)

    headers = [(b"host", b"own.example"), (b"x-forwarded-host", b"zoo.example"), (b"x-forwarded-proto", b"https")]
    headers += [(b"x-forwarded-for", b"198.51.100.9"), (b"x-forwarded-prefix", b"/x"), (b"x-real-ip", b"198.51.100.9")]
    headers += [(b"forwarded", b"host=zoo.example"), (b"x-gradio-server", b"http://zoo.example"), (b"accept", b"*/*")]
    scope = {"type": "http", "scheme": "http", "client": (client, 1), "headers": headers}
    await ForwardedHeaders(app, trusted)(scope, None, None)
    assert dict(seen["headers"]) == {b"host": b"zoo.example" if believed else b"own.example", b"accept": b"*/*"}
    assert seen["scheme"] == ("https" if believed else "http")
    assert seen["client"][0] == ("198.51.100.9" if believed else client)
    assert len(scope["headers"]) == 9  # the caller's own scope is left as it was


@pytest.mark.parametrize("wrong", ["proxy.example", "10.0.0.0/99", "10.0.0.1/8", "**", "1.2.3"])
def test_a_wrong_zoo_proxy_is_one_sentence(monkeypatch, wrong):
    monkeypatch.setenv("ZOO_PROXY", f"127.0.0.1, {wrong}")
    with pytest.raises(ZooError, match="ZOO_PROXY contains"):
        settings.read()
    monkeypatch.setenv("ZOO_PROXY", "127.0.0.1, 10.0.0.0/8,::1")
    assert settings.read().proxies == ("127.0.0.1", "10.0.0.0/8", "::1")


@pytest.mark.parametrize(
    "path", ["/", "/digits", "/api/models", "/api/bogus", "/healthz", "/widgets/", "/_stcore/health", "/static/none.js"]
)
def test_every_response_has_the_security_headers(fresh, path):
    headers = httpx.get(fresh.address + path, timeout=60).headers
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"].startswith("default-src 'self';")


def test_a_client_over_the_rate_is_refused_on_every_interface_and_others_are_not():
    inside = {"X-Forwarded-For": "198.51.100.9"}
    with LocalServer({"ZOO_RATE": "3/hour", "ZOO_PROXY": "127.0.0.1"}) as running:
        address = running.widgets
        predict, call = f"{address}/api/predict/mnist-cnn", f"{address}/widgets/gradio_api/call/digits"
        for _ in range(2):
            assert httpx.post(predict, json=STROKES, headers=inside, timeout=60).status_code == 200
        data = {"data": [STROKES, "mnist-cnn"]}
        assert httpx.post(call, json=data, headers=inside, timeout=60).status_code == 200
        for refused in (
            httpx.post(predict, json=STROKES, headers=inside, timeout=60),
            httpx.post(call, json=data, headers=inside, timeout=60),
            httpx.post(f"{address}/widgets/gradio_api/mcp/", json={}, headers=inside, timeout=60),
        ):
            assert refused.status_code == 429 and 3500 < int(refused.headers["retry-after"]) <= 3600
            assert refused.json()["detail"] == (
                "This server accepts 3 requests per hour from one client. Send this request again later."
            )
        assert httpx.get(f"{address}/api/models", headers=inside, timeout=60).status_code == 200
        other = {"X-Forwarded-For": "198.51.100.10"}
        assert httpx.post(predict, json=STROKES, headers=other, timeout=60).status_code == 200


@pytest.mark.parametrize("rate", ["60", "0/minute", "60/fortnight", "-1/minute", "60 / minute", "99999999/day"])
def test_a_wrong_rate_is_refused(monkeypatch, rate):
    monkeypatch.setenv("ZOO_RATE", rate)
    with pytest.raises(ZooError, match="ZOO_RATE is .* expected a number per second, minute, hour or day: 60/minute."):
        settings.read()


def test_mistakes_of_gradio_s_clients_leave_one_line_each(fresh):
    """An endpoint, a session or a call that is unknown, too few inputs, an upload that breaks off."""
    api, seen = f"{fresh.address}/widgets/gradio_api", len(fresh.lines)
    join = {"data": [], "fn_index": 999, "session_hash": "unknown"}
    with httpx.Client(timeout=60) as client:
        assert client.post(f"{api}/queue/join", json=join).status_code == 404
        assert client.post(f"{api}/call/unknown", json={"data": []}).status_code == 404
        for path in ("queue/data?session_hash=unknown", "call/digits/unknown"):
            answer = client.get(f"{api}/{path}")
            assert answer.status_code == 200 and "404" in answer.text
        assert client.post(f"{api}/run/digits", json={"data": ["secret-input"]}).status_code == 500
        assert client.post(f"{api}/queue/join", json={**join, "fn_index": 0}).status_code == 200
    for path in ("/widgets/gradio_api/upload", "/_stcore/upload_file/a/b", "/api/predict/mnist-cnn"):
        _break_off(fresh.address, path)
    new = fresh.lines[seen:]
    assert not [line for line in new if "Traceback" in line or "Exception" in line or "secret-input" in line]
    assert len(new) <= 9


def _break_off(address, path):
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=60) as client:
        method = "PUT" if "stcore" in path else "POST"
        head = [f"{method} {path} HTTP/1.1", "Host: localhost", "Content-Length: 900000"]
        head += ["Content-Type: multipart/form-data; boundary=b", "", ""]
        client.sendall("\r\n".join(head).encode())
        client.sendall(b'--b\r\nContent-Disposition: form-data; name="files"; filename="x.png"\r\n\r\n' + b"x" * 10000)
        time.sleep(0.5)


def test_slow_uploads_take_no_place_from_others(fresh):
    """32 bodies of one client that do not arrive, on every interface."""
    parts = urlsplit(fresh.address)
    opened = []
    for path in ("/widgets/gradio_api/upload", "/widgets/gradio_api/queue/join", "/api/predict/mnist-cnn"):
        head = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Length: 20000000"]
        head += ["Content-Type: multipart/form-data; boundary=b", "", ""]
        for _ in range(32):
            client = socket.create_connection((parts.hostname, parts.port), timeout=60)
            client.sendall("\r\n".join(head).encode() + b"--b\r\n")
            opened.append(client)
    api = f"{fresh.address}/widgets/gradio_api"
    for _ in range(3):
        assert httpx.post(f"{api}/upload", files={"files": b"x"}, timeout=60).status_code == 200
        assert httpx.post(f"{fresh.address}/api/predict/mnist-cnn", json=STROKES, timeout=60).status_code == 200
        called = httpx.post(f"{api}/call/digits", json={"data": [STROKES, "mnist-cnn"]}, timeout=60).json()["event_id"]
        assert "event: complete" in httpx.get(f"{api}/call/digits/{called}", timeout=60).text
    for client in opened:
        client.close()
