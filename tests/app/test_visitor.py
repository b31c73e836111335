"""Who counts as a visitor on this machine, and the setting ZOO_LAB."""

import asyncio

import pytest

from app import settings
from app.hub.lab import access
from app.visitor import HEADER, MarkLocal, is_local
from models.errors import ZooError


def marked(client="127.0.0.1", host="127.0.0.1:8501", kind="websocket", **headers):
    """Whether the app behind the middleware sees a visitor on this machine."""
    seen = {}

    async def app(scope, receive, send):
        seen.update({name.decode(): value.decode() for name, value in scope["headers"]})

    given = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    raw = [(name.encode(), value.encode()) for name, value in given.items()]
    scope = {"type": kind, "client": (client, 1) if client else None, "headers": raw}
    asyncio.run(MarkLocal(app)(scope, None, None))
    return is_local(seen)


@pytest.mark.parametrize("client", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["127.0.0.1:8501", "localhost", "localhost:80", "[::1]:8501", "[::1]"])
def test_a_browser_on_this_machine_is_local(client, host):
    assert marked(client, host) and marked(client, host, "http")


@pytest.mark.parametrize(
    "request_",
    [
        {"client": "192.168.1.7"},
        {"client": "::2"},
        {"client": None},
        {"client": "no address"},
        {"host": "zoo.example.org"},
        {"host": "127.0.0.1.example.org:8501"},
        {"host": ""},
        {"x_forwarded_for": "127.0.0.1"},
        {"x_forwarded_proto": "https"},
        {"x_forwarded_host": "localhost"},
        {"x_real_ip": "127.0.0.1"},
        {"forwarded": "for=127.0.0.1"},
        {"via": "1.1 proxy"},
    ],
    ids=str,
)
def test_others_and_proxied_requests_are_not(request_):
    assert not marked(**request_)
    assert not marked(**request_, **{HEADER.replace("-", "_"): "1"})  # nor if they claim it


def test_the_lab_is_for_nobody_for_this_machine_or_for_all(monkeypatch):
    here = {HEADER: "1"}
    for value, remote, local in (("off", False, False), ("", False, True), ("local", False, True), ("on", True, True)):
        monkeypatch.setenv("ZOO_LAB", value)
        assert (access.is_open_to({}), access.is_open_to(here)) == (remote, local)
        assert settings.read().lab == (value or "local")
    monkeypatch.setenv("ZOO_LAB", "yes")
    with pytest.raises(ZooError, match="ZOO_LAB is 'yes'; expected off, local or on"):
        settings.read()
