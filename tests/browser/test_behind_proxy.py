"""The pages behind a reverse proxy: below a path with TLS, without websockets, in a frame of another site."""

import io
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from PIL import Image, ImageDraw
from playwright.sync_api import expect

from app.verify.local_server import LocalServer
from tests.browser.conftest import PATIENCE, SEVEN, Watched, draw, settle, wait_for_answer
from tests.proxy import Proxy, certificate


def test_pages_pad_and_widgets_below_a_path(chromium, tmp_path):
    environment = {"ZOO_PROXY": "127.0.0.1", "ZOO_ROOT_PATH": "/hub/zoo"}
    with (
        LocalServer(environment) as server,
        Proxy(server.widgets.removesuffix("/hub/zoo"), "/hub/zoo", True, certificate(tmp_path)) as proxy,
    ):
        context = chromium.new_context(ignore_https_errors=True)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        watched = Watched(urlsplit(proxy.address).netloc)
        page.on("request", watched.request)
        page.on("websocket", watched.request)
        page.on("console", watched.console)
        page.on("pageerror", lambda error: watched.errors.append(str(error)))

        page.goto(proxy.address)
        settle(page)
        page.get_by_role("link", name="Digits").first.click()
        page.wait_for_selector("canvas.ink")
        assert urlsplit(page.url).path == "/hub/zoo/digits"
        draw(page, SEVEN)
        wait_for_answer(page, "7")
        page.reload()
        settle(page)
        page.goto(f"{proxy.address}/models")
        page.locator('a[href="/hub/zoo/models?model=mnist-cnn"]').click()
        page.get_by_role("tab", name="Code").click()
        page.get_by_role("tab", name="REST").click()
        expect(page.get_by_text(f"curl {proxy.address}/api/predict/mnist-cnn").first).to_be_visible()

        page.goto(f"{proxy.address}/")
        settle(page)
        expect(page.get_by_role("link", name="REST API")).to_have_attribute("href", "/hub/zoo/api/docs")
        expect(page.get_by_role("link", name="widgets")).to_have_attribute("href", "/hub/zoo/widgets/")
        page.goto(f"{proxy.address}/widgets/")
        page.get_by_role("tab", name="Names").click()
        page.locator("textarea:visible").fill("Nakamura")
        page.locator("button:visible", has_text="Predict").click()
        expect(page.get_by_text("Japanese").first).to_be_visible()
        expect(page.get_by_role("link", name="Back to the pages.")).to_have_attribute("href", "/hub/zoo/")
        context.close()
        # Chromium itself looks for an icon at the root of the host.
        errors = [error for error in watched.errors if "(/favicon.ico)" not in error]
        beside = [path for path in proxy.beside if path != "/favicon.ico"]
        assert (watched.foreign, errors, beside) == ([], [], [])


def test_without_websockets_a_sentence_says_so(chromium, server):
    with Proxy(server.address, websockets=False) as proxy:
        context = chromium.new_context()
        page = context.new_page()
        page.goto(f"{proxy.address}/digits")
        notice = page.get_by_role("alert")
        expect(notice).to_contain_text("blocks websockets")
        expect(notice.get_by_role("link")).to_have_attribute("href", "./api/docs")
        proxy.websockets = True  # Streamlit keeps trying
        settle(page)
        expect(notice).to_have_count(0)
        context.close()


def test_uploads_in_a_frame_of_another_site(chromium, address):
    """Without a cookie: browsers send none from a frame of another site."""
    drawing = Image.new("L", (280, 280), 255)
    ImageDraw.Draw(drawing).line([(140, 60), (140, 220)], fill=0, width=18)
    file = io.BytesIO()
    drawing.save(file, "PNG")
    context = chromium.new_context(viewport={"width": 1280, "height": 1200})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    statuses = []
    page.on("response", lambda response: statuses.append(response.status) if "upload_file" in response.url else None)
    with _site(f'<iframe src="{address}/digits" width="1200" height="1100"></iframe>') as site:
        page.goto(site)
        frame = page.frame_locator("iframe")
        frame.get_by_text("Test many files").click()
        frame.locator("input[type=file]").last.set_input_files(
            {"name": "one.png", "mimeType": "image/png", "buffer": file.getvalue()}
        )
        frame.get_by_role("button", name="Start").click()
        expect(frame.get_by_text("one.png").first).to_be_visible()
        expect(frame.get_by_role("button", name="Download")).to_be_visible()
    assert statuses and set(statuses) <= {200, 204}
    context.close()


@contextmanager
def _site(html):
    """A server under another name than the Zoo's, with one page."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://localhost:{site.server_address[1]}/"
        site.shutdown()
