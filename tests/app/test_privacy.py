"""Nothing of a visitor reaches the log or another visitor."""

import asyncio
import json
import os
import re
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from gradio_client import Client, handle_file
from streamlit.proto.BackMsg_pb2 import BackMsg

from app.middleware import logged
from app.verify.local_server import LocalServer
from benchmarks.visitors import DIGITS, Visitor
from tests.app.conftest import ask, drawing
from tests.conftest import encoded

CANARY = "Xanthippe9731"  # in every text, name of a file, query string and header that is sent
TOKEN = "hf_canaryTokenQ7"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A server of its own, whose log is read at the end."""
    environment = {"HF_TOKEN": TOKEN, "ZOO_HOME": str(tmp_path_factory.mktemp("home"))}
    with LocalServer(environment) as server:
        yield server


def form(name: str, data: bytes) -> tuple[bytes, str]:
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    return head + data + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"


def rest(address: str) -> None:
    """Right and wrong requests, all with the canary."""
    headers = {"Authorization": f"Bearer {CANARY}", "Cookie": f"x={CANARY}", "User_Agent": CANARY, "Referer": CANARY}
    bodies = [
        {"text": CANARY},
        {"text": 3, CANARY: 1},
        {"image": CANARY},
        {"strokes": CANARY},
        {"inputs": [{CANARY: 1}]},
    ]
    for model in ("names-rnn", "mnist-cnn"):
        path = f"/api/predict/{model}?q={CANARY}"
        for body in bodies:
            ask(address, path, "POST", json.dumps(body), Content_Type="application/json", **headers)
        for data in (encoded(drawing()), CANARY.encode()):
            body, kind = form(f"{CANARY}.png", data)
            ask(address, path, "POST", body, Content_Type=kind, **headers)
    ask(address, f"/names?text={CANARY}", **headers)
    ask(address, f"/api/models?task={CANARY}", **headers)


def widgets(address: str, folder) -> list[str]:
    """Calls and uploads of Gradio and MCP; returns the paths of the uploads."""
    file = folder / f"{CANARY}.png"
    file.write_bytes(encoded(drawing()))
    client = Client(f"{address}/widgets/", verbose=False, headers={"Authorization": f"Bearer {CANARY}"})
    assert client.predict(CANARY, "names-rnn", api_name="/names")["best"]
    assert client.predict(handle_file(str(file)), "mnist-cnn", api_name="/digits")["best"] == "1"
    for wrong in ({"path": f"/etc/{CANARY}"}, {"path": "a\0b" + CANARY}, {"composite": None, "layers": CANARY}):
        with pytest.raises(Exception):  # noqa: B017 (Gradio's client has no class of its own for it)
            client.predict(wrong, "mnist-cnn", api_name="/digits")
    body, kind = form(f"{CANARY}.png", encoded(drawing()))
    _, _, uploaded = ask(
        address, "/widgets/gradio_api/upload", "POST", body.replace(b"file", b"files", 1), Content_Type=kind
    )
    paths = json.loads(uploaded)
    assert ask(address, f"/widgets/gradio_api/file={paths[0]}")[0] == 200
    call = {"name": "names", "arguments": {"input": CANARY, "model": "names-rnn"}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    request = Request(
        f"{address}/widgets/gradio_api/mcp/",
        json.dumps(message).encode(),
        {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"},
    )
    with build_opener(ProxyHandler({})).open(request, timeout=60) as answer:
        assert answer.status == 200
    return paths


async def two_visitors(address: str) -> None:
    """One draws a 7, the other a 1, and a third opens the page: each sees its own answer, the third none of theirs."""
    first, second, third = (Visitor(address, "digits") for _ in range(3))
    await first.open()
    await second.open()
    for number in range(3):
        seven, one = ([[[x + number, y] for x, y in DIGITS[digit]]] for digit in "71")
        sevens, ones = await asyncio.gather(first.draw(seven), second.draw(one))
        assert set(sevens) == {"7"} and set(ones) == {"1"}
    await third.open()
    message = BackMsg()
    message.rerun_script.page_name = "digits"
    await third.socket.send(message.SerializeToString())
    page = "".join(await third._finished())
    assert "Example" in page  # the pad is empty
    typing, other = Visitor(address, "names"), Visitor(address, "names")
    texts = [await opened(visitor, query) for visitor, query in ((typing, f"text={CANARY}"), (other, ""))]
    assert CANARY.lower()[:9] in re.sub("<[^>]*>", "", texts[0]).lower()
    assert CANARY.lower()[:9] not in re.sub("<[^>]*>", "", texts[1]).lower()
    for visitor in (first, second, third, typing, other):
        await visitor.close()


async def opened(visitor: Visitor, query: str) -> str:
    """Open a page with a query string; returns the texts on it."""
    visitor.pad = "none"
    await visitor.open()
    message = BackMsg()
    message.rerun_script.page_name = visitor.page
    message.rerun_script.query_string = query
    await visitor.socket.send(message.SerializeToString())
    return "".join(await visitor._finished())


def test_the_log_has_no_input_no_file_name_and_no_token(running, tmp_path):
    address = running.widgets
    rest(address)
    widgets(address, tmp_path)
    asyncio.run(two_visitors(address))
    ask(address, "/last-line-of-the-log")
    running.wait_for("/last-line-of-the-log")
    log = "\n".join(running.lines)
    assert "/api/predict/names-rnn 200" in log and "/widgets/gradio_api/file/... 200" in log
    for secret in (CANARY, TOKEN, "Traceback"):
        assert secret not in log, [line for line in running.lines if secret in line]


def test_an_upload_cannot_be_guessed_by_its_name(running):
    address = running.widgets
    body, kind = form("mine.png", encoded(drawing()))
    uploads = [
        json.loads(
            ask(address, "/widgets/gradio_api/upload", "POST", body.replace(b"file", b"files", 1), Content_Type=kind)[2]
        )
    ]
    folder, digest, name = uploads[0][0].rsplit("/", 2)
    assert name == "mine.png" and re.fullmatch("[0-9a-f]{64}", digest)
    for guess in (
        folder,
        f"{folder}/{digest}",
        f"{folder}/{'0' * 64}/mine.png",
        "/etc/passwd",
        os.path.dirname(folder),
    ):
        assert ask(address, f"/widgets/gradio_api/file={guess}")[0] in (403, 404)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/widgets/gradio_api/file=/tmp/x/ab/mine.png", "/widgets/gradio_api/file/..."),
        ("/widgets/gradio_api/heartbeat/abc", "/widgets/gradio_api/heartbeat/..."),
        ("/widgets/gradio_api/call/digits/abc", "/widgets/gradio_api/call/digits/..."),
        ("/widgets/gradio_api/call/digits", "/widgets/gradio_api/call/digits"),
        ("/zoo/_stcore/upload_file/session/file", "/zoo/_stcore/upload_file/..."),
        ("/media/abc.csv", "/media/..."),
        ("/api/predict/ada/cnn", "/api/predict/ada/cnn"),
        ("/a\nb", "/a%0Ab"),
    ],
)
def test_the_log_shows_no_address_of_a_file_or_session(path, shown):
    assert logged(path) == shown


HOSTILE = (
    [],
    "x",
    5,
    {"drawing": []},
    {"drawing": {"strokes": [["\ud800"]], "pen": 1e400, "revision": 0}},
    {"file": 3},
)


async def send_whatever(address: str) -> list[str]:
    """Values that no browser sends, then a drawing; returns the answers to it."""
    visitor = Visitor(address, "digits")
    await visitor.open()
    for value in HOSTILE:
        message = BackMsg()
        state = message.rerun_script.widget_states.widgets.add()
        state.id, state.json_value = visitor.pad, json.dumps(value)
        message.rerun_script.page_name = "digits"
        await visitor.socket.send(message.SerializeToString())
        await visitor._finished()
    answers = await visitor.draw([DIGITS["7"]])
    await visitor.close()
    return answers


def test_values_that_no_browser_sends_break_no_page(running):
    assert set(asyncio.run(send_whatever(running.address))) == {"7"}
    assert not [line for line in running.lines if "A part of a page failed" in line]  # Streamlit logs its own errors
