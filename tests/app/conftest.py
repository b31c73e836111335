"""A server in its own process, the command line in this process, and sample images."""

import contextlib
import http.client
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
import websockets
from fastapi import FastAPI
from PIL import Image, ImageDraw
from starlette.testclient import TestClient
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from app.api import routes
from app.verify.local_server import LocalServer
from models.paths import SHIPPED
from tests.conftest import encoded

ROOT = Path(__file__).parents[2]
ONE = [[[140, 55], [141, 110], [140, 170], [139, 225]]]  # strokes of a 1
STROKES = {"strokes": ONE, "pen": 18}
FILE_DATA = {"meta": {"_type": "gradio.FileData"}}  # marks a file in what a client of Gradio sends


def ask(address, path, method="GET", body=None, **headers):
    """Return status, headers and body of one response; do not follow redirects."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    with contextlib.closing(connection):
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode(errors="replace")


async def open_page(address: str, page: str) -> list[ForwardMsg]:
    """Open a page of the hub as a browser does, wait until it is drawn, close it, and return what the server sent."""
    socket = address.replace("http", "ws", 1) + "/_stcore/stream"
    message, sent = BackMsg(), []
    message.rerun_script.page_name = page
    async with websockets.connect(
        socket, origin=address, subprotocols=["streamlit"], max_size=2**26, open_timeout=120
    ) as connection:
        await connection.send(message.SerializeToString())
        while not sent or sent[-1].WhichOneof("type") != "script_finished":
            sent.append(ForwardMsg.FromString(await connection.recv()))
    return sent


@pytest.fixture(scope="session")
def started():
    """One server for all tests in this folder, and its first responses to /healthz and /widgets/."""
    with LocalServer() as running:
        yield running, [ask(running.address, path, Accept="text/html") for path in ("/healthz", "/widgets/")]


@pytest.fixture(scope="session")
def server(started):
    """The server; pages and REST are ready, the widgets may still be loading."""
    return started[0]


@pytest.fixture(scope="session")
def widgets(server) -> str:
    """The address of the widgets of the server, once they are loaded."""
    return f"{server.widgets}/widgets"


@pytest.fixture
def zoo(monkeypatch, capsys):
    """A function that runs a command, such as `zoo("list", "--json")`, and returns exit code, stdout and stderr."""
    from app import cli

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["zoo", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return stop.value.code or 0, out, err

    return run


def sentence(result, *words, code=1):
    """Check for the exit code, an empty stdout and one sentence on stderr that contains the words; return it."""
    exit_code, out, err = result
    assert exit_code == code and out == "", (out, err)
    assert err.count("\n") == 1 and err.endswith("?\n" if "did you mean" in err else ".\n")
    for word in words:
        assert word in err
    return err


@pytest.fixture
def rest() -> Iterator[TestClient]:
    """A client of the REST interface, mounted at /api."""
    app = FastAPI(openapi_url=None)
    app.mount("/api", routes.build())
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def verifier(server, monkeypatch):
    """Make `zoo verify` use the server of the session and only a few golden inputs on the page."""
    monkeypatch.setattr("app.settings.quiet", lambda: None)  # its settings would outlast the test
    monkeypatch.setattr("app.verify.local_server.LocalServer", lambda: contextlib.nullcontext(server))
    monkeypatch.setattr("app.verify.checks.MAX_PAGES", 3)


def drawing(size: int = 280, mode: str = "L") -> Image.Image:
    """A black 1 on white."""
    image = Image.new("RGB", (size, size), "white")
    ImageDraw.Draw(image).line([(size // 2, size // 5), (size // 2, size * 4 // 5)], fill="black", width=size // 15)
    return image.convert(mode)


def two_characters() -> bytes:
    """Two black lines on white, as in 11, as a PNG."""
    image = Image.new("L", (280, 280), "white")
    for x in (90, 190):
        ImageDraw.Draw(image).line([(x, 60), (x, 220)], fill="black", width=18)
    return encoded(image)


def _rotated() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright; rotate by 90 degrees
    return encoded(drawing(mode="RGB").rotate(90), "JPEG", exif=exif)


def _transparent() -> Image.Image:
    image = Image.new("RGBA", (280, 280), (0, 0, 0, 0))
    ImageDraw.Draw(image).line([(140, 60), (140, 220)], fill=(0, 0, 0, 255), width=18)
    return image


# Unusual images that are accepted; each shows a 1.
UNUSUAL = {
    "rotated by EXIF": _rotated(),
    "transparent": encoded(_transparent()),
    "16 bits": encoded(Image.fromarray(np.asarray(drawing(), np.uint16) * 257)),
    "CMYK": encoded(drawing(mode="CMYK"), "JPEG"),
    "animated": encoded(drawing(), "GIF", save_all=True, append_images=[drawing().rotate(90)]),
    "white on black": encoded(Image.eval(drawing(), lambda value: 255 - value)),
    "palette": encoded(drawing(mode="P")),
    "phone photo": encoded(drawing(4000), "JPEG"),
}

# Images that are refused, with words from the error message.
REFUSED = {
    "blank": (encoded(Image.new("L", (280, 280), 255)), "blank"),
    "transparent all over": (encoded(Image.new("RGBA", (280, 280), (0, 0, 0, 0))), "blank"),
    "truncated": (encoded(drawing(mode="RGB").resize((900, 900)), "JPEG")[:3000], "damaged or truncated"),
    "no image": (b"GIF89a, or so it says", "image"),
    "text": (b"root:x:0:0:root", "not an image"),
    "empty": (b"", "empty"),
    "one pixel": (encoded(Image.new("L", (1, 1), 0)), "blank"),
    "too many pixels": (encoded(Image.new("1", (9000, 9000))), "pixels"),
}


@pytest.fixture
def damaged(zoo_home: Path):
    """A user's model `damaged` whose graph has one changed byte; deleted after the test."""
    folder = zoo_home / "checkpoints" / "damaged"
    shutil.copytree(SHIPPED / "mnist-cnn", folder)
    graph = folder / "model.onnx"
    data = bytearray(graph.read_bytes())
    data[len(data) // 2] ^= 1
    graph.write_bytes(data)
    yield folder
    shutil.rmtree(folder)
