"""Static files: how long browsers keep them, and how they are compressed."""

import gzip
import re
from pathlib import Path

import brotli
import gradio
import pytest
import streamlit
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient

from app import static_assets
from app.static_assets import HASHED, StaticAssets
from app.stored import store
from tests.app.conftest import ask

SCRIPT = b"export const answer = 42;\n" * 1000
HASH, PICTURE = "/static/js/page.Ab3_-xYz.js", "/static/media/page.Ab3_-xYz.png"
YEAR = "public, max-age=31536000, immutable"


@pytest.fixture
def asked() -> list[str]:
    """The paths that the app below the middleware was asked for."""
    return []


@pytest.fixture
def client(tmp_path, asked):
    for name, content in ((HASH, SCRIPT), (PICTURE, b"\x89PNG" * 999), ("/static/js/plain.js", SCRIPT)):
        (tmp_path / name[1:]).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name[1:]).write_bytes(content)
    files = StaticFiles(directory=tmp_path)

    async def noted(scope, receive, send):
        asked.append(scope["path"])
        await files(scope, receive, send)

    async def events(request):
        async def stream():
            for _ in range(3):
                yield "data: " + 2000 * "x" + "\n\n"

        return StreamingResponse(stream(), media_type="text/event-stream")

    async def large(request):
        return JSONResponse(["word"] * 999)

    app = Starlette(
        routes=[
            Route("/events", events),
            Route("/large", large, methods=["GET", "POST"]),
            Route("/small", lambda request: PlainTextResponse("ok")),
            Route("/lost", lambda request: PlainTextResponse("no", 404, {"Cache-Control": "public, max-age=9"})),
            Mount("/", noted),
        ]
    )
    app.add_middleware(StaticAssets)
    return TestClient(app)


@pytest.mark.parametrize(
    ("accepts", "encoding", "decode"),
    [
        ("br, gzip", "br", brotli.decompress),
        ("gzip, deflate", "gzip", gzip.decompress),
        ("br;q=0, gzip;q=0.5", "gzip", gzip.decompress),
        ("identity", None, bytes),
        ("", None, bytes),
    ],
)
def test_a_hashed_text_file_is_compressed_once_and_kept_for_a_year(client, asked, accepts, encoding, decode):
    for _ in range(3):
        with client.stream("GET", HASH, headers={"Accept-Encoding": accepts}) as response:
            body = b"".join(response.iter_raw())
        assert response.status_code == 200 and decode(body) == SCRIPT
        assert response.headers.get("content-encoding") == encoding
        assert response.headers["cache-control"] == YEAR and response.headers["vary"] == "Accept-Encoding"
        assert int(response.headers["content-length"]) == len(body)
    assert len(asked) == (1 if encoding else 3)


def test_head_and_conditions_and_ranges(client):
    whole = client.get(HASH)
    head = client.head(HASH)
    assert head.content == b"" and head.headers == whole.headers
    for etag in (
        whole.headers["etag"],
        whole.headers["etag"].removeprefix("W/"),
        '"other", ' + whole.headers["etag"],
        "*",
    ):
        same = client.get(HASH, headers={"If-None-Match": etag})
        assert same.status_code == 304 and same.content == b"" and same.headers["cache-control"] == YEAR
    assert client.get(HASH, headers={"If-None-Match": '"other"'}).status_code == 200
    part = client.get(HASH, headers={"Range": "bytes=0-9"})
    assert part.status_code == 206 and part.content == SCRIPT[:10] and "content-encoding" not in part.headers


def test_files_that_are_no_text_are_kept_and_not_compressed(client):
    response = client.get(PICTURE)
    assert response.headers["cache-control"] == YEAR and "content-encoding" not in response.headers


def test_a_file_without_a_hash_is_asked_for_again_with_its_validator(client):
    response = client.get("/static/js/plain.js")
    assert response.headers["cache-control"] == "no-cache" and response.headers["content-encoding"] == "gzip"
    again = client.get("/static/js/plain.js", headers={"If-None-Match": response.headers["etag"]})
    assert again.status_code == 304 and again.content == b""


@pytest.mark.parametrize("path", ["/static/js/none.Ab3_-xYz.js", "/lost"])
def test_an_error_is_not_kept(client, path):
    for _ in range(2):
        response = client.get(path)
        assert response.status_code == 404 and "max-age" not in response.headers.get("cache-control", "")


def test_other_responses_are_compressed_unless_small_or_events_or_to_post(client):
    assert client.get("/large").headers["content-encoding"] == "gzip"
    for response in (client.get("/small"), client.get("/events"), client.post("/large")):
        assert response.status_code == 200 and "content-encoding" not in response.headers


def test_the_compressed_files_are_bounded(tmp_path, monkeypatch):
    (tmp_path / "static/js").mkdir(parents=True)
    names = [f"/static/js/page.Ab3_-xY{letter}.js" for letter in "abcdef"]
    for name in names:
        (tmp_path / name[1:]).write_bytes(SCRIPT)
    monkeypatch.setattr(
        static_assets, "store", lambda kind, body, encoding, *rest: store(kind, body, None, *rest)
    )  # uncompressed
    middleware = StaticAssets(StaticFiles(directory=tmp_path), limit=3 * len(SCRIPT))
    client = TestClient(middleware)
    for name in names:
        assert client.get(name).content == SCRIPT
    assert [path for path, _ in middleware.stored] == names[-3:]


def test_bundled_files_have_hashes_that_are_recognised():
    """If this fails after an upgrade: their names have another form, and `HASHED` needs a look."""
    bundles = {
        Path(streamlit.__file__).parent / "static" / "static": "/static/",
        Path(gradio.__file__).parent / "templates" / "frontend" / "assets": "/widgets/assets/",
    }
    for folder, prefix in bundles.items():
        names = [prefix + file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()]
        recognised = [name for name in names if HASHED.fullmatch(name)]
        assert len(recognised) > 0.99 * len(names) > 100
    for name in (
        "/static/js/plain.js",
        "/static/js/some.bundling.js",
        "/widgets/static/js/a-Ab3_-xYz.js",
        "/favicon.png",
    ):
        assert not HASHED.fullmatch(name)


def test_the_servers_own_files(server):
    page = ask(server.address, "/")[2]
    script = re.search(r'src="\.(/static/js/[^"]+)"', page)[1]
    status, headers, _ = ask(server.address, script, Accept_Encoding="br")
    assert status == 200 and headers["content-encoding"] == "br" and headers["cache-control"] == YEAR
    status, headers, _ = ask(server.address, "/static/js/none.Ab3_-xYz.js", Accept_Encoding="br")
    assert status == 404 and headers["cache-control"] == "no-store"
    assert ask(server.address, "/favicon.png")[1]["cache-control"] == "no-cache"
    assert ask(server.address, "/")[1]["cache-control"] == "no-cache"
    assert ask(server.address, "/api/models", Accept_Encoding="gzip")[1]["content-encoding"] == "gzip"
    assert server.widgets
    page = ask(server.address, "/widgets/")[2]
    script = re.search(r'src="\.(/assets/[^"]+)"', page)[1]
    status, headers, _ = ask(server.address, f"/widgets{script}", Accept_Encoding="br")
    assert status == 200 and headers["content-encoding"] == "br" and headers["cache-control"] == YEAR
