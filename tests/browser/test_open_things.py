"""The input changes twice while each part that a page can open is open, on every task.

There is no error box, and nothing outdated.
"""

import re
import sys
from contextlib import suppress

import playwright.sync_api
import pytest
from playwright.sync_api import expect

from app.hub.answers import ask
from app.hub.components.chooser import DEFAULT_COUNT
from app.hub.safety import BROKEN
from app.verify.local_server import LocalServer
from models import catalog
from models.task import Task
from tests.browser.conftest import SEVEN, THREE, draw, settle

TASKS = {slug: task for slug, task in catalog.tasks().items() if task.examples}
ERRORS = '[data-testid="stException"], [data-testid="stAlert"], [data-testid="stComponentError"], .zoo-broken'


def calm(page) -> None:
    """Check that there is no error box of the framework and no error sentence."""
    settle(page)
    expect(page.locator(ERRORS)).to_have_count(0)
    expect(page.get_by_text(BROKEN)).to_have_count(0)


def example(page, task: Task, number: int) -> None:
    """Take the task's example as the input, as a visitor does, and wait for its answer."""
    buttons = page.locator(
        "[class*=st-key-example-] button" if task.input == "fields" else ".rail button, .examples button"
    )
    buttons.first.wait_for()
    buttons.nth(number % buttons.count()).click()
    page.wait_for_selector(".zoo-tag", state="detached")
    page.wait_for_timeout(300)  # the click reaches the server
    calm(page)


def why(page) -> None:
    page.get_by_role("button", name=re.compile("^Why")).first.click()
    expect(page.get_by_role("combobox", name="Evidence for or against")).to_be_visible()


def why_another(page) -> None:
    why(page)
    page.get_by_role("combobox", name="Evidence for or against").click()
    page.get_by_role("option").last.click()


def what_it_saw(page) -> None:
    page.get_by_role("button", name="What it sees").first.click()
    page.wait_for_selector(".zoo-stages")


def layers(page) -> None:
    # a model may be called "Two hidden layers"
    page.get_by_role("button", name="Layers", exact=True).first.click()
    page.wait_for_selector(".zoo-layers")


def blind_vote(page) -> None:
    page.get_by_text("Blind test").click()
    page.get_by_text("Which answer would you pick?").wait_for()


def voted(page) -> None:
    blind_vote(page)
    page.locator(".st-key-vote button").first.click()
    page.get_by_text("Your picks").wait_for()


def engine(page) -> None:
    box = page.get_by_role("combobox", name="Engine")
    if box.count():  # where PyTorch is installed
        options = page.get_by_role("option")
        for _ in range(5):  # drawing the page again closes the list
            box.press("ArrowDown")
            with suppress(playwright.sync_api.TimeoutError):
                options.last.wait_for(timeout=10_000)
                break
        assert options.count()
        box.press("ArrowDown")
        box.press("Enter")
        calm(page)


def denied(page) -> None:
    page.locator(".st-key-verdict").get_by_role("button", name=re.compile("^(No|Something else)$")).first.click()
    page.get_by_text("What was it?").first.wait_for()


def batch(page) -> None:
    page.get_by_text("Test many files").click()
    page.get_by_role("button", name="Start").wait_for()


OPEN = [why, why_another, what_it_saw, layers, blind_vote, voted, engine, denied, batch]


def has_layers(slug: str) -> bool:
    """Whether a model that is shown by default has the outputs of its layers."""
    return any(ask.has_layers(model) for model in catalog.models(slug)[:DEFAULT_COUNT])


OPENED = [(slug, thing) for slug in TASKS for thing in OPEN if thing is not layers or has_layers(slug)]


@pytest.mark.parametrize(("slug", "thing"), OPENED, ids=[f"{slug}-{thing.__name__}" for slug, thing in OPENED])
def test_the_input_changes_twice_while_it_is_open(visit, slug, thing):
    task = TASKS[slug]
    page = visit(f"/{slug}")
    example(page, task, 0)
    thing(page)
    calm(page)
    for number in (1, 2):
        example(page, task, number)
        if thing in (why, why_another):
            _explains_the_answer(page)
    example(page, task, 0)  # and back


def _explains_the_answer(page) -> None:
    """Check that the evidence is about this input's answer, not the previous one's."""
    box = page.get_by_role("combobox", name="Evidence for or against")
    expect(box).to_have_count(1)
    for _ in range(50):
        said = box.evaluate("box => box.value || box.closest('[data-baseweb=select]')?.innerText || ''")
        words = page.locator(".zoo-answer").first.text_content()
        if re.match(r"Why (?!not )", said) and said[4:-1].lower() in words.lower():
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{said!r} is asked of {words!r}")


GROWING = {
    "names": ("Schmidt", "Kowalczyk", "Kowalczy", "Ko", "K", "", "Rossi", "Rossi Schmidt Kowalczyk"),
    "reviews": (
        "A lovely film",
        "A lovely film, but dull",
        "A lovely film, but dull in its second half. " * 8,
        "A",
        "",
        "Dull",
    ),
}


@pytest.mark.parametrize("slug", [slug for slug in GROWING if slug in TASKS])
def test_a_text_grows_and_shrinks_while_another_label_is_explained(visit, slug):
    page = visit(f"/{slug}")
    field = page.get_by_role("textbox").first
    field.fill("Rossi" if slug == "names" else "A film")
    page.wait_for_selector(".zoo-tag", state="detached")
    why_another(page)
    for text in GROWING[slug]:
        field.fill(text)
        page.wait_for_timeout(400)
        calm(page)


@pytest.mark.parametrize("slug", [slug for slug in ("digits", "letters") if slug in TASKS])
def test_strokes_are_added_and_undone_while_another_label_is_explained(visit, slug):
    page = visit(f"/{slug}")
    draw(page, SEVEN)
    page.wait_for_selector(".zoo-tag", state="detached")
    why_another(page)
    for strokes in (THREE, [[(60, 140), (220, 140)]], [[(140, 40), (140, 240)]]):
        draw(page, strokes)
        page.wait_for_timeout(300)
        calm(page)
        _explains_the_answer(page)
    for _ in range(3):
        page.get_by_role("button", name="undo").click()
        page.wait_for_timeout(300)
        calm(page)


def test_two_tabs_keep_their_own_input(visit):
    first, second = visit("/digits"), visit("/digits")
    example(first, TASKS["digits"], 0)
    example(second, TASKS["digits"], 1)
    why(first)
    why_another(second)
    example(first, TASKS["digits"], 2)
    example(second, TASKS["digits"], 0)
    example(first, TASKS["digits"], 1)
    calm(first)
    calm(second)


def test_searches_follow_each_other_while_the_table_is_sorted(visit):
    page = visit("/models")
    page.get_by_role("columnheader").first.get_by_role("button").click()
    for text in ("gru", "zzz", "", "mnist"):
        page.get_by_role("searchbox").fill(text)
        page.wait_for_timeout(300)
        calm(page)


def test_cells_and_test_sets_change_while_a_confusion_cell_is_open(visit):
    page = visit("/models?model=mnist-cnn")
    page.get_by_role("tab", name="Mistakes").click()

    def choose(name: str) -> None:
        page.get_by_role("radio", name=name, exact=True).or_(page.get_by_role("button", name=name, exact=True)).click()
        calm(page)

    mistakes = page.get_by_text("Most frequent mistakes")
    of_first_set = mistakes.inner_text()
    choose("tiny scanned digits")
    expect(mistakes).not_to_have_text(of_first_set)  # the button below is another one from now on
    offer = page.get_by_role("button", name="Show the examples")
    cell = page.locator('.zoo-picks td[data-pick="3,3"]')
    offer.or_(cell).first.wait_for()
    if offer.count():
        offer.click()
    for place in ("3,3", "1,1", "3,3"):
        page.locator(f'.zoo-picks td[data-pick="{place}"]').click()
        page.wait_for_selector(f'.zoo-picks td.chosen[data-pick="{place}"]')
        calm(page)
    names = page.locator('[data-testid="stButtonGroup"] button').all_inner_texts()
    for name in (*names, *reversed(names)):
        choose(name)


PLANTED = "planted by the test"
BREAK = """for (const kind of [ShadowRoot, Element, DocumentFragment]) {
    const find = kind.prototype.querySelector;
    kind.prototype.querySelector = function (selector) {
        if (selector === "%s") throw new Error("planted by the test");
        return find.call(this, selector);
    };
}"""


@pytest.mark.parametrize(
    ("path", "part"), [("/digits", ".ink"), ("/names", "textarea"), ("/holidays", ".board"), ("/models", "tbody")]
)
def test_a_failing_component_shows_one_sentence(chromium, address, path, part):
    """Its script does not find an element that it needs; Streamlit would show a red box."""
    context = chromium.new_context()
    try:
        page = context.new_page()
        logged = []
        page.on("console", lambda message: logged.append(message.text))
        page.add_init_script(BREAK % part)
        page.goto(address + path)
        settle(page)
        expect(page.locator(".zoo-broken")).to_have_count(1)
        expect(page.locator('[data-testid="stException"], [data-testid="stAlert"]')).to_have_count(0)
        assert any(PLANTED in text for text in logged)
    finally:
        context.close()


SABOTAGED = """
from app import server
from app.hub import safety
def broken():
    raise RuntimeError("planted by the test")
safety.show_failed_callback = broken  # which runs outside all other error handling
server.main()
"""


def test_an_error_outside_every_part_shows_one_sentence(chromium):
    """`st.App` shows a sentence for an error that the page itself does not catch."""
    with LocalServer(command=(sys.executable, "-c", SABOTAGED)) as server:
        context = chromium.new_context()
        page = context.new_page()
        page.goto(f"{server.address}/models")
        page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
        expect(page.get_by_text(BROKEN).first).to_be_visible()
        expect(page.locator('[data-testid="stException"], [data-testid="stAlert"]')).to_have_count(0)
        context.close()
        server.wait_for(PLANTED)
