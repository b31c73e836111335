"""The first page, before Streamlit has loaded, and that it goes when it has."""

import pytest

from models import catalog
from tests.browser.conftest import DESKTOP, PHONE, settle

PLACES = """selector => [...document.querySelectorAll(selector)].map((element) => {
  const { x, y, width } = element.getBoundingClientRect();
  return [x, y, width].map(Math.round);
})"""


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_it_stands_where_the_page_will_stand_and_goes_once_that_is_drawn(chromium, address, size):
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    held = []
    page.route("**/static/js/index.*.js", lambda route: held.append(route))
    page.goto(f"{address}/", wait_until="commit")
    page.wait_for_selector("#zoo-first h1")
    assert page.get_by_role("heading", name="The Zoo").count() == 1
    assert page.get_by_role("link", name="Which digit is this?").is_visible()
    assert page.get_by_role("status").inner_text() == "The interactive page is loading."
    page.wait_for_function("document.fonts.size && document.fonts.check('18px \"zoo-first\"')")  # lines break alike
    before = page.evaluate(PLACES, "#zoo-first :is(h1, .under, li)")
    page.wait_for_timeout(500)  # until the script is held
    for route in held:
        route.continue_()
    settle(page)
    page.wait_for_selector("#zoo-first", state="detached")
    page.wait_for_selector(".zoo-under")
    page.wait_for_function("document.querySelectorAll('[class*=st-key-card-]').length === " + str(len(catalog.tasks())))
    after = page.evaluate(PLACES, ".zoo-title, .zoo-under, [class*=st-key-card-]")
    assert len(before) == len(after) == 2 + len(catalog.tasks())
    assert all(
        abs(a - b) <= 2 for first, then in zip(before, after, strict=True) for a, b in zip(first, then, strict=True)
    )
    assert page.evaluate("document.querySelector('link[rel=stylesheet]').media") == "all"
    context.close()


def test_without_scripts_the_tasks_can_be_read(chromium, address):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/")
    assert "need JavaScript" in page.locator("#zoo-first").inner_text()
    page.get_by_role("link", name="Where is this name from?").click()
    page.wait_for_url("**/names")
    assert page.get_by_role("heading").inner_text() == "Where is this name from?"
    assert not page.get_by_text("The interactive page is loading.").is_visible()
    context.close()
