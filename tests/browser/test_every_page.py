"""Every page of the catalog and the widgets, in both themes and both sizes.

There are no requests to other hosts and no errors on the console (`visit` checks that), no error box, nothing wider
than the screen, and no serious finding of axe-core except the frameworks' own.
"""

from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from app.hub.lessons import lessons
from models import catalog
from tests.browser.conftest import DESKTOP, PHONE, SEVEN, draw, wait_for_answer

PAGES = ["/", *(f"/{slug}" for slug in catalog.tasks()), "/models", "/models?model=no-such-model"]
PAGES += ["/lab", "/lab?view=Runs", "/lab?view=Sweep", "/lab?run=none"]
PAGES += ["/lessons", *(f"/lessons/{slug}" for slug in lessons())]
LOOKS = [(size, theme) for size in (DESKTOP, PHONE) for theme in ("light", "dark")]
MODELS = [model for model in catalog.models() if model.origin == "shipped"]
BEST = {model.task.slug: model.id for model in reversed(MODELS)}  # the best of each task, whose page has every look
VIEWS = [(path, *look) for path in PAGES for look in LOOKS]
VIEWS += [
    (f"/models?model={quote(model.id)}", *look)
    for number, model in enumerate(MODELS)
    # the pages of the others have the same parts: one look each, in turn
    for look in (LOOKS if model.id == BEST[model.task.slug] else [LOOKS[number % len(LOOKS)]])
]
FRAMEWORKS_OWN = {  # rule -> part of the element or its selector
    "svg-img-alt": ("marks",),  # Vega draws its charts with role=img and names them elsewhere
    "aria-prohibited-attr": ('aria-label="Empty value"',),  # Gradio's Label without an answer
}


@pytest.mark.parametrize(
    ("path", "size", "theme"),
    VIEWS,
    ids=[f"{path}-{'phone' if size == PHONE else 'desktop'}-{theme}" for path, size, theme in VIEWS],
)
def test_page(visit, path, size, theme):
    page = visit(path, size, theme)
    expect(page.locator('[data-testid="stException"], [data-testid="stAlert"]')).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert findings(page) == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_content_of_a_card_stays_inside_it(visit, size):
    page = visit("/", size)
    page.wait_for_selector(".zoo-thumb")
    spilt = """[...document.querySelectorAll('.zoo-thumb')].flatMap(thumb => [...thumb.children].filter(part => {
        const [inner, outer] = [part.getBoundingClientRect(), thumb.getBoundingClientRect()]
        return inner.top < outer.top - 1 || inner.bottom > outer.bottom + 1 || inner.right > outer.right + 1
    }).map(part => part.outerHTML))"""
    assert page.evaluate(spilt) == []


def test_a_page_full_of_answers(visit):
    page = visit("/digits")
    draw(page, SEVEN)
    wait_for_answer(page, "7")
    page.get_by_role("button", name="Why?").first.click()
    page.get_by_role("button", name="What it sees").first.click()
    page.wait_for_selector(".zoo-stages")
    assert findings(page) == []


@pytest.mark.parametrize(("size", "theme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop", "phone"])
def test_a_slider_over_the_training_and_the_inside_of_its_model(visit, size, theme):
    page = visit("/digits?models=mnist-cnn", size, theme)
    draw(page, SEVEN, touch=size == PHONE)
    wait_for_answer(page, "7")
    page.get_by_role("button", name="Rewind").click()
    page.locator(".zoo-rewind .slider").fill("3")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert findings(page) == []
    page.get_by_role("link", name="About").click()
    page.get_by_role("tab", name="Inside").click()
    page.get_by_text("Your drawing is ringed.").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert findings(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_tab_of_a_model(visit, theme):
    page = visit(VIEWS[-1][0], theme=theme)
    tabs = page.get_by_role("tab")
    for index in range(tabs.count()):
        if tabs.nth(index).is_visible():
            tabs.nth(index).click()
            assert findings(page) == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_widgets(visit, server, size):
    server.wait_for("The widgets are ready")
    page = visit("/widgets/", size, ready=lambda page: page.wait_for_selector(".gradio-container button.primary"))
    expect(page.get_by_role("tab", name="Digits")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert findings(page) == []


def findings(page) -> list[str]:
    """The findings that axe-core rates serious or critical."""
    results = Axe().run(page, options={"resultTypes": ["violations"]})
    return [
        f"{violation['id']}: {node['target']} {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
        for violation in results.response["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
        if not any(own in str(node["target"]) + node["html"] for own in FRAMEWORKS_OWN.get(violation["id"], ()))
    ]
