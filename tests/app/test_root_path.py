"""The Zoo below a path of a reverse proxy that ends TLS, and without one."""

import json
import re
import ssl
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from gradio_client import Client
from websockets.sync.client import connect

from app import settings
from app.root_path import RootPath
from app.verify.local_server import LocalServer
from models.errors import ZooError
from tests.app.conftest import ONE
from tests.proxy import Proxy, certificate

STROKES = {"strokes": ONE}
TOOL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
TOOL["params"] = {"name": "digits", "arguments": {"input": STROKES, "model": "mnist-cnn"}}


@pytest.fixture(scope="module")
def below():
    """A server that expects to be served below /zoo by a proxy on this machine."""
    with LocalServer({"ZOO_PROXY": "127.0.0.1", "ZOO_ROOT_PATH": "/zoo"}) as running:
        running.wait_for("The widgets are ready")
        yield running


@pytest.fixture(scope="module", params=[True, False], ids=["strips the prefix", "passes it on"])
def proxy(request, below, tmp_path_factory):
    origin = below.address.removesuffix("/zoo")
    tls = certificate(tmp_path_factory.mktemp("tls"))
    with Proxy(origin, "/zoo", strips=request.param, tls=tls) as proxy:
        yield proxy
    assert proxy.beside == []


@pytest.fixture
def client(proxy):
    with httpx.Client(verify=False, timeout=60) as client:
        yield client


def test_pages_and_their_files_are_below_the_path(proxy, client):
    for page in ("/", "/digits", "/models?model=mnist-cnn"):
        answer = client.get(proxy.address + page)
        assert answer.status_code == 200
        files = re.findall(r'(?:src|href)="([^"]+\.(?:js|css))"', answer.text)
        assert files
        for file in files[:3]:
            kind = client.get(urljoin(proxy.address + page, file)).headers["content-type"]
            assert "javascript" in kind or "css" in kind


@pytest.mark.parametrize("path", ["", "/widgets", "/api", "/digits/", "/widgets/gradio_api/mcp", "/api/models/"])
def test_redirects_stay_below_the_path_and_on_https(proxy, client, path):
    answer = client.get(proxy.address + path, headers={"Accept": "text/html"})
    for _ in range(5):
        if not answer.has_redirect_location:
            break
        assert answer.next_request.url.scheme == "https"
        assert str(answer.next_request.url).startswith(f"{proxy.address}/")
        answer = client.send(answer.next_request)
    assert answer.status_code in (200, 404)


def test_rest_and_its_documentation(proxy, client):
    answer = client.post(f"{proxy.address}/api/predict/mnist-cnn", json=STROKES)
    assert answer.json()["label"] == "1"
    assert client.get(f"{proxy.address}/api/openapi.json").json()["servers"] == [{"url": "/zoo/api"}]
    for address in client.get(f"{proxy.address}/api/").json().values():
        assert address.startswith("/zoo/api/")
    docs = client.get(f"{proxy.address}/api/docs").text
    assert f"curl {proxy.address}/api/predict/" in docs and "http://" not in docs
    for link in re.findall('href="([^"]+)"', docs):
        assert client.get(urljoin(f"{proxy.address}/api/docs", link)).status_code == 200


def test_the_websocket_of_the_pages(proxy):
    trust_any = ssl.create_default_context()
    trust_any.check_hostname, trust_any.verify_mode = False, ssl.CERT_NONE
    address = proxy.address.replace("https", "wss") + "/_stcore/stream"
    own = f"https://{urlsplit(proxy.address).netloc}"
    with connect(address, ssl=trust_any, origin=own, subprotocols=["streamlit"], proxy=None, open_timeout=60) as opened:
        assert opened.subprotocol == "streamlit"
    with pytest.raises(Exception, match="HTTP 403"):
        connect(address, ssl=trust_any, origin="https://evil.example", proxy=None, open_timeout=60)


def test_the_widgets_and_gradio_s_client(proxy, client):
    page = client.get(f"{proxy.address}/widgets/").text
    assert f'"root":"{proxy.address}/widgets"' in page
    zoo = Client(f"{proxy.address}/widgets/", verbose=False, analytics_enabled=False, ssl_verify=False)
    assert zoo.predict(STROKES, "mnist-cnn", api_name="/digits")["label"] == "1"
    info = client.get(f"{proxy.address}/widgets/gradio_api/info").text
    assert "http://" not in info.replace("http://127.0.0.1:8501", "")


def test_mcp(proxy, client):
    headers = {"Accept": "application/json, text/event-stream"}
    answer = client.post(f"{proxy.address}/widgets/gradio_api/mcp/", json=TOOL, headers=headers)
    assert "'label': '1'" in json.loads(answer.text.partition("data: ")[2])["result"]["content"][0]["text"]


def test_without_the_path_it_answers_probes_and_local_calls(below):
    origin = below.address.removesuffix("/zoo")
    assert below.address == f"{origin}/zoo"
    for address in (origin, below.address):
        assert httpx.get(f"{address}/healthz", headers={"Host": "10.0.3.7"}, timeout=60).json()["status"] == "ok"


@pytest.mark.parametrize(
    ("value", "expected"), [("", ""), ("/", ""), ("/zoo", "/zoo"), ("zoo/", "/zoo"), ("/a/b-c.d", "/a/b-c.d")]
)
def test_the_setting(monkeypatch, value, expected):
    monkeypatch.setenv("ZOO_ROOT_PATH", value)
    assert settings.read().root == expected


@pytest.mark.parametrize("value", ["/api", "/widgets/zoo", "https://zoo.example", "/a b", "/../x", "//x//y", "/x?y"])
def test_a_wrong_setting_is_one_sentence(monkeypatch, value):
    monkeypatch.setenv("ZOO_ROOT_PATH", value)
    with pytest.raises(ZooError, match=r"^ZOO_ROOT_PATH .*\.$"):
        settings.read()


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("location", "expected"),
    [
        (b"http://zoo.example/x/?a=b", b"/x/?a=b"),
        (b"/x", b"/x"),
        (b"http://other.example/x", b"http://other.example/x"),
    ],
)
async def test_a_redirect_names_no_scheme(location, expected):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 307, "headers": [(b"location", location)]})

    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": "/y", "query_string": b"", "headers": [(b"host", b"zoo.example")]}
    await RootPath(app, "")(scope, None, send)
    assert sent[0]["headers"] == [(b"location", expected)]
