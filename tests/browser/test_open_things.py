"""The input changes twice while each thing that a page can open is open, on every task; no error box, and nothing stale."""

import re

import pytest
from playwright.sync_api import expect

from app.hub.parts.safety import BROKEN
from models import catalog
from models.task import Task
from tests.browser.conftest import settle

TASKS = {slug: task for slug, task in catalog.tasks().items() if task.examples}
ERRORS = '[data-testid="stException"], [data-testid="stAlert"], [data-testid="stComponentError"], .zoo-broken'


def calm(page) -> None:
    """No box of the framework's, and no sentence of the net's."""
    settle(page)
    expect(page.locator(ERRORS)).to_have_count(0)
    expect(page.get_by_text(BROKEN)).to_have_count(0)


def example(page, task: Task, number: int) -> None:
    """Take the task's example as the input, as a visitor does, and wait for its answer."""
    buttons = page.locator(".rail button, .examples button")
    buttons.nth(number % buttons.count()).click()
    page.wait_for_selector(".zoo-tag", state="detached")
    page.wait_for_timeout(300)  # the click reaches the server
    calm(page)


def why(page) -> None:
    page.get_by_role("button", name=re.compile("^why")).first.click()
    expect(page.get_by_role("combobox", name="Evidence for or against")).to_be_visible()


def why_another(page) -> None:
    why(page)
    page.get_by_role("combobox", name="Evidence for or against").click()
    page.get_by_role("option").last.click()


def what_it_saw(page) -> None:
    page.get_by_role("button", name="what it saw").first.click()
    page.wait_for_selector(".zoo-stages")


def layers(page) -> None:
    button = page.get_by_role("button", name="layers")
    if button.count():
        button.first.click()
        page.wait_for_selector(".zoo-layers")


def blind_vote(page) -> None:
    page.get_by_text("hide the models' names").click()
    page.get_by_text("Which answer do you believe?").wait_for()


def voted(page) -> None:
    blind_vote(page)
    page.locator(".st-key-vote button").first.click()
    page.get_by_text("Your blind votes").wait_for()


def engine(page) -> None:
    box = page.get_by_role("combobox", name="Computed by")
    if box.count():
        box.click()
        page.get_by_role("option").last.click()
        calm(page)


def denied(page) -> None:
    page.locator(".st-key-verdict").get_by_role("button", name=re.compile("^(no|another)$")).first.click()
    page.get_by_text("What was it?").first.wait_for()


def batch(page) -> None:
    page.get_by_text("Many at once").click()
    page.get_by_text("Who answers").wait_for()


OPEN = [why, why_another, what_it_saw, layers, blind_vote, voted, engine, denied, batch]


@pytest.mark.parametrize("thing", OPEN, ids=lambda thing: thing.__name__)
@pytest.mark.parametrize("slug", TASKS)
def test_the_input_changes_twice_while_it_is_open(visit, slug, thing):
    task = TASKS[slug]
    page = visit(f"/{slug}")
    example(page, task, 0)
    thing(page)
    calm(page)
    for number in (1, 2, 0):
        example(page, task, number)
        if thing in (why, why_another):
            _explains_the_answer(page, task)


def _explains_the_answer(page, task: Task) -> None:
    """What is explained is this input's answer, not the last one's."""
    box = page.get_by_role("combobox", name="Evidence for or against")
    expect(box).to_have_count(1)
    for _ in range(50):
        said = box.evaluate("box => box.value || box.closest('[data-baseweb=select]')?.innerText || ''")
        words = page.locator(".zoo-answer").first.text_content()
        if re.match(r"why (?!not )", said) and said[4:-1].lower() in words.lower():
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{said!r} is asked of {words!r}")


def test_a_name_grows_and_shrinks_while_another_label_is_explained(visit):
    page = visit("/names")
    field = page.get_by_role("textbox").first
    field.fill("Rossi")
    page.wait_for_selector(".zoo-tag", state="detached")
    why_another(page)
    for text in ("Schmidt", "Kowalczyk", "Kowalczy", "Ko", "K", "", "Rossi", "Rossi Schmidt Kowalczyk"):
        field.fill(text)
        page.wait_for_timeout(400)
        calm(page)


def test_two_tabs_keep_their_own(visit):
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


def test_a_filter_and_a_search_change_while_a_model_is_chosen(visit):
    page = visit("/models")
    search = page.get_by_role("searchbox").first
    for text in ("gru", "zzz", "", "mnist"):
        search.fill(text)
        page.wait_for_timeout(300)
        calm(page)
    page = visit("/models?model=mnist-cnn")
    page.get_by_role("tab", name="Mistakes").click()
    pills = page.locator('[data-testid="stButtonGroup"] button')
    for number in (1, 2, 0, 1):
        if pills.count() > number:
            pills.nth(number).click()
            calm(page)


def test_a_component_that_breaks_is_one_calm_sentence(visit):
    """The script of the pad cannot find its canvas; Streamlit would show a red box."""
    page = visit("/")
    page.context.add_init_script(
        """for (const kind of [ShadowRoot, Element, DocumentFragment]) {
            const find = kind.prototype.querySelector;
            kind.prototype.querySelector = function (selector) {
                if (selector === ".ink") throw new Error("planted by the test");
                return find.call(this, selector);
            };
        }"""
    )
    page.goto(page.url + "digits")
    settle(page)
    expect(page.locator(".zoo-broken")).to_have_count(1)
    expect(page.locator('[data-testid="stException"], [data-testid="stAlert"]')).to_have_count(0)
    page.wait_for_timeout(300)
