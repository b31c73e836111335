"""Settings that are read from the environment (docs/settings.md), and those made for libraries while serving."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from models import paths
from models.errors import ZooError

UPLOADS = "zoo-widgets-"  # how the folder for uploads starts

LOCAL = ("localhost", "127.0.0.1", "[::1]")

# The first parts of the server's own paths, besides those of the tasks.
OWN_PATHS = ("_stcore", "api", "app", "component", "healthz", "lab", "media", "models", "static", "widgets")


@dataclass(frozen=True)
class Settings:
    """Where to serve, the host names accepted, and the reverse proxies whose forwarded headers are trusted.

    widgets: when Gradio is loaded. rate: requests to predict that one client may send, such as "60/minute"; "" for any.
    root: the path below which a reverse proxy serves the Zoo, such as "/zoo"; "" for none.
    lab: who may train models on the page of the lab: nobody, visitors on this machine, or everybody.
    """

    host: str = "127.0.0.1"
    port: int = 8501
    hosts: tuple[str, ...] = LOCAL
    proxies: tuple[str, ...] = ()
    widgets: Literal["on", "lazy", "off"] = "on"
    rate: str = ""
    root: str = ""
    lab: Literal["off", "local", "on"] = "local"

    @property
    def address(self) -> str:
        """The address to open in a browser on this machine."""
        local = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)
        return f"http://{f'[{local}]' if ':' in local and local[0] != '[' else local}:{self.port}{self.root}"


def read(host: str | None = None, port: int | None = None) -> Settings:
    """The settings from the environment; `host` and `port` take precedence over it."""
    host = host or os.environ.get("HOST") or "127.0.0.1"
    number = str(port) if port is not None else os.environ.get("PORT") or "8501"
    if not number.isdecimal() or not 0 <= int(number) <= 65535:
        raise ZooError(f"PORT is {number!r}; it must be a number from 0 to 65535, such as PORT=8502.")
    named = [name.strip() for name in os.environ.get("ZOO_HOSTS", "").split(",") if name.strip()]
    for name in named:
        if not re.fullmatch(r"\*|(\*\.)?[^\s*/@]+", name):
            raise ZooError(
                f"ZOO_HOSTS contains {name!r:.80}; expected names or addresses separated by commas, such as "
                "zoo.example.org, *.example.org or 192.168.1.20."
            )
    proxies = [name.strip() for name in os.environ.get("ZOO_PROXY", "").split(",") if name.strip()]
    for name in proxies:
        if not _is_network(name):
            raise ZooError(
                f"ZOO_PROXY contains {name!r:.80}; expected the address of a reverse proxy or its network, such as"
                " 127.0.0.1 or 10.0.0.0/8, or * for any client."
            )
    own = [f"[{host}]" if ":" in host and host[0] != "[" else host]
    hosts = tuple(dict.fromkeys([*LOCAL, *own, *named]))
    return Settings(host, int(number), hosts, tuple(proxies), widgets(), _rate(), root_path(), lab())


def widgets() -> Literal["on", "lazy", "off"]:
    """When the server loads Gradio: at its start, at the first request for it, or never."""
    value = os.environ.get("ZOO_WIDGETS") or "on"
    if value not in ("on", "lazy", "off"):
        raise ZooError(f"ZOO_WIDGETS is {value!r:.40}; expected on, lazy or off.")
    return value


def lab() -> Literal["off", "local", "on"]:
    """Who may train models on the page of the lab: nobody, visitors on this machine, or everybody."""
    value = os.environ.get("ZOO_LAB") or "local"
    if value not in ("off", "local", "on"):
        raise ZooError(f"ZOO_LAB is {value!r:.40}; expected off, local or on.")
    return value


def root_path() -> str:
    """The path below which a reverse proxy serves the Zoo, without a slash at its end; "" for none."""
    value = os.environ.get("ZOO_ROOT_PATH", "").strip("/")
    parts = value.split("/") if value else []
    if not all(re.fullmatch(r"[\w.~-]*[\w~-]", part, re.ASCII) for part in parts):
        raise ZooError(f"ZOO_ROOT_PATH is {value!r:.80}; expected a path such as /zoo.")
    if parts and parts[0] in OWN_PATHS:
        raise ZooError(own_path(parts[0]))
    return "".join(f"/{part}" for part in parts)


def own_path(part: str) -> str:
    """What is wrong with a ZOO_ROOT_PATH whose first part is one of the server's own paths."""
    return f"ZOO_ROOT_PATH starts with /{part}, which is a page of the Zoo itself; choose another path."


def _rate() -> str:
    value = os.environ.get("ZOO_RATE", "")
    if value and not re.fullmatch(r"[1-9]\d{0,6}/(second|minute|hour|day)", value):
        raise ZooError(f"ZOO_RATE is {value!r:.40}; expected a number per second, minute, hour or day: 60/minute.")
    return value


def _is_network(name: str) -> bool:
    with suppress(ValueError):
        return bool(ip_network(name))
    return name == "*"


def quiet() -> None:
    """Keep libraries off the network and from competing for cores while serving. Must run before they are imported.

    Their telemetry is off anyway (`models/__init__.py`).
    """
    os.environ["HF_HUB_OFFLINE"] = "1"
    for name in ("NO_PROXY", "no_proxy"):  # `zoo verify` and Gradio's start-up make requests to this machine
        others = [host for host in os.environ.get(name, "").split(",") if host and host not in LOCAL]
        os.environ[name] = ",".join((*others, *LOCAL[:2]))
    for name in list(os.environ):
        # Gradio makes an httpx client when it is imported, which needs another package for such a proxy.
        if name.upper() in ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY") and os.environ[name].lower().startswith("socks"):
            del os.environ[name]
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # BLAS threads cost more time than they save on one input


def check_folders() -> None:
    """Raises ZooError if ZOO_HOME is no path, or if no temporary folder can be written."""
    paths.data_home()
    try:
        tempfile.gettempdir()
    except OSError as error:
        raise ZooError("No temporary folder is writable; set TMPDIR to one that is.") from error


@contextmanager
def upload_folder() -> Iterator[None]:
    """A folder of this server's own for uploads to the widgets, for as long as the block runs.

    Gradio's default, /tmp/gradio, may belong to another user.
    """
    if "GRADIO_TEMP_DIR" in os.environ:
        yield
        return
    os.environ["GRADIO_TEMP_DIR"] = tempfile.mkdtemp(prefix=UPLOADS)
    try:
        yield
    finally:
        remove_upload_folder()
        del os.environ["GRADIO_TEMP_DIR"]


def remove_upload_folder() -> None:
    """Remove the folder that `upload_folder` made."""
    folder = Path(os.environ.get("GRADIO_TEMP_DIR", ""))
    if folder.name.startswith(UPLOADS):
        shutil.rmtree(folder, ignore_errors=True)
