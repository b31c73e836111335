"""The pages behind a reverse proxy: below a path with TLS."""

from urllib.parse import urlsplit

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
