"""Checks `HF_ENDPOINT` and the proxies in the environment before `huggingface_hub` reads them."""

import os
from contextlib import suppress
from importlib.util import find_spec
from urllib.parse import urlsplit
from urllib.request import getproxies

from models.errors import HubError

SCHEMES = ("http", "https", "socks5", "socks5h")  # of proxies


def check() -> None:
    """Raise HubError if the Hub's address, a proxy or a setting of `huggingface_hub` cannot be used."""
    endpoint = os.environ.get("HF_ENDPOINT")
    if endpoint and not _is_address(endpoint, ("http", "https")):
        raise HubError(
            f"HF_ENDPOINT is {masked(endpoint)!r:.80}; expected an address such as https://huggingface.co, or unset it."
        )
    for kind, proxy in proxies().items():
        if not _is_address(proxy, SCHEMES):
            raise HubError(
                f"{kind.upper()}_PROXY is {masked(proxy)!r:.80}; expected an address such as http://proxy.example:3128 "
                "or socks5://proxy.example:1080."
            )
        if proxy.startswith("socks") and find_spec("socksio") is None:
            raise HubError(
                f'{kind.upper()}_PROXY is a SOCKS proxy, which needs another package: pip install "httpx2[socks]"'
            )
    try:
        with suppress(ImportError):
            import huggingface_hub.constants  # noqa: F401  reads its variables on import
    except ValueError as error:
        raise HubError(
            f"A setting of huggingface_hub is not valid ({error}); check the variables that start with HF_."
        ) from error


def proxies() -> dict[str, str]:
    """The address of the proxy for each of `http`, `https` and `all`, as the HTTP client reads the environment."""
    found = getproxies()
    if "*" in not_proxied():
        return {}
    return {
        kind: found[kind] if "://" in found[kind] else f"http://{found[kind]}"
        for kind in ("http", "https", "all")
        if found.get(kind)
    }


def not_proxied() -> list[str]:
    """The hosts that are reached without a proxy (`no_proxy`)."""
    return [host.strip() for host in getproxies().get("no", "").split(",") if host.strip()]


def masked(address: str) -> str:
    """The address without the password, or the token, that it may contain before an @."""
    before, at, after = address.rpartition("@")
    scheme, separator, _ = before.rpartition("://")
    return f"{scheme}{separator}***@{after}" if at else address


def _is_address(text: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:  # a port that is no number, an IPv6 address without its bracket
        return False
