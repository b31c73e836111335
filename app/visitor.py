"""Whether a visitor is on the machine that runs the server: only they may use the lab, unless ZOO_LAB opens it."""

from collections.abc import Mapping
from contextlib import suppress
from ipaddress import ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

from app.middleware import FORWARDED
from app.settings import LOCAL

HEADER = "x-zoo-local"
PROXIED = (*FORWARDED, b"via")  # headers of a request that came through a proxy


class MarkLocal:
    """Adds a header of our own to the requests of visitors on this machine, and removes it from all others.

    They come from a loopback address, for a local name, and through no proxy, whether or not ZOO_PROXY lists it. A
    proxy on this machine that sends none of the usual headers would send its own name as the Host, and the pages do not
    work behind such a proxy (`app/root_path.py`). To be placed before the middleware that reads forwarded headers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            name = HEADER.encode()
            headers = [(key, value) for key, value in scope["headers"] if key != name]
            scope = {**scope, "headers": [*headers, (name, b"1")] if _is_local(scope) else headers}
        await self.app(scope, receive, send)


def is_local(headers: Mapping[str, str]) -> bool:
    """Whether a request with these headers, after `MarkLocal`, is of a visitor on this machine."""
    return HEADER in headers


def _is_local(scope: Scope) -> bool:
    headers = scope["headers"]
    if any(name.startswith(PROXIED) for name, _ in headers):
        return False
    host = next((value.decode("latin-1") for name, value in headers if name == b"host"), "")
    client = scope.get("client")
    is_named = host in LOCAL or host.rpartition(":")[0] in LOCAL
    return is_named and bool(client) and _is_loopback(client[0])


def _is_loopback(address: str) -> bool:
    with suppress(ValueError):
        parsed = ip_address(address)
        return (getattr(parsed, "ipv4_mapped", None) or parsed).is_loopback
    return False
