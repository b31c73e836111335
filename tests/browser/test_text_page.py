"""A text task's page: focus, answers during typing, the address without history entries, reading letter by letter."""

import pytest
from playwright.sync_api import expect

from models import catalog
from tests.browser.conftest import DESKTOP, PHONE, answers, settle
from tests.browser.test_every_page import findings
from tests.conftest import missing

EXAMPLES = [example.raw for example in catalog.task("names").examples]


@pytest.fixture
def names(visit):
    """`names(query="", ...)` opens the page of the names; the test is skipped without a model for it."""
    if not catalog.models("names"):
        missing("there is no names model; `zoo train names-ngrams` trains one")

    def opened(query="", *more):
        page = visit(f"/names{query}", *more)
        expect(page.locator("textarea")).to_be_focused()  # keys typed before that are lost, as a visitor would notice
        return page

    return opened


def read(page) -> str:
    """The letters of the first column, as its model read them; "" while it shows the example."""
    return page.evaluate(
        """() => document.querySelector('.zoo-tag') ? '' :
        [...document.querySelectorAll('.zoo-answer .zoo-tell.zoo-typed')][0]?.textContent ?? ''"""
    )


def wait_until_read(page, letters: str) -> None:
    page.wait_for_function(
        """letters => !document.querySelector('.zoo-tag') &&
        document.querySelector('.zoo-answer .zoo-tell.zoo-typed')?.textContent === letters""",
        arg=letters,
    )


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_field_has_the_focus_and_the_first_answer_is_on_screen(names, size):
    page = names("", size)
    expect(page.locator("textarea")).to_be_focused()
    page.keyboard.type("Novák", delay=50)
    wait_until_read(page, "novak")
    box = answers(page).first.bounding_box()
    assert box["y"] + box["height"] <= size[1]
    assert page.locator("textarea").bounding_box()["y"] >= 0
    assert "Read as a" not in page.content()


def test_nothing_moves_during_typing(names):
    page = names()
    parts = (".zoo-answer .name", ".zoo-answer .says", ".zoo-belief", ".zoo-bars")
    before = [page.locator(part).first.bounding_box()["y"] for part in parts]
    for letter in "Smith":
        page.keyboard.type(letter)
        page.wait_for_timeout(300)
    wait_until_read(page, "smith")
    after = [page.locator(part).first.bounding_box()["y"] for part in parts]
    assert before == pytest.approx(after, abs=1)


def test_the_address_has_the_text_and_back_leaves_the_page(visit, names):
    page = visit("/")
    page.get_by_role("link", name="Names").first.click()
    expect(page.locator("textarea")).to_be_focused()
    settle(page)
    entries = page.evaluate("history.length")
    page.keyboard.type("Smith")
    page.wait_for_url("**/names?text=Smith")
    page.get_by_role("button", name=EXAMPLES[0], exact=True).click()
    expect(page.locator("textarea")).to_have_value(EXAMPLES[0])
    page.wait_for_url(f"**/names?text={EXAMPLES[0]}")
    wait_until_read(page, EXAMPLES[0].lower())
    page.get_by_role("button", name=EXAMPLES[1], exact=True).click()
    page.wait_for_url(f"**/names?text={EXAMPLES[1]}")
    assert page.evaluate("history.length") == entries
    page.go_back()
    page.wait_for_selector("[class*=st-key-card-]")
    page.go_forward()
    wait_until_read(page, EXAMPLES[1].lower())
    expect(page.locator("textarea")).to_have_value(EXAMPLES[1])


def test_the_text_survives_leaving_the_page(names):
    page = names()
    page.keyboard.type("Smith")
    wait_until_read(page, "smith")
    page.get_by_role("link", name="Digits").first.click()
    page.wait_for_selector("canvas.ink")
    page.wait_for_timeout(600)
    assert "text=" not in page.url
    page.get_by_role("link", name="Names").first.click()
    wait_until_read(page, "smith")
    page.wait_for_url("**text=Smith")


def test_text_typed_before_the_script_has_loaded_is_answered(names):
    """The field appears shortly before its script runs; what a fast typist has typed must not be lost."""
    page = names()
    page.add_init_script(
        """const attach = Element.prototype.attachShadow; // each component is in a shadow root
        Element.prototype.attachShadow = function (options) {
            const root = attach.call(this, options);
            new MutationObserver((_, observer) => {
                const field = root.querySelector('.field textarea');
                if (field) { field.value = 'Smith'; observer.disconnect(); }
            }).observe(root, { childList: true, subtree: true });
            return root;
        }"""
    )
    page.reload()
    wait_until_read(page, "smith")
    expect(page.locator("textarea")).to_have_value("Smith")


def test_a_link_contains_text_and_models(names):
    model = catalog.models("names")[0]
    page = names(f"?models={model.id}&text=O%27Sullivan%20%26%20co")
    expect(page.locator("textarea")).to_have_value("O'Sullivan & co")
    expect(page.locator(".zoo-answer[data-model]")).to_have_count(1)
    page.keyboard.press("End")
    page.keyboard.type(".")
    page.wait_for_url("**text=O%27Sullivan+%26+co.")
    page.reload()
    settle(page)
    expect(page.locator("textarea")).to_have_value("O'Sullivan & co.")


def test_a_cleared_field_shows_the_example_again(names):
    page = names("?text=Smith")
    wait_until_read(page, "smith")
    page.get_by_role("button", name="clear").click()
    expect(page.locator(".zoo-tag")).to_contain_text("Example")
    expect(page.locator("textarea")).to_be_focused()
    page.wait_for_function("() => !location.search.includes('text=')")


@pytest.mark.parametrize("touch", [False, True], ids=["hover", "tap"])
def test_an_unknown_letter_has_a_tooltip(names, touch):
    page = names("?text=Žuк", PHONE if touch else DESKTOP)
    unknown = page.locator(".zoo-answer mark.unknown").first
    unknown.tap() if touch else unknown.hover()
    said = unknown.evaluate("mark => getComputedStyle(mark, '::after').content")
    assert said == '"“к” is unknown to this model"'


@pytest.mark.parametrize("text", ["x" * 10_000, "👩‍👩‍👧🦓", "السّيِّد", "Жуков", "<b>x</b>"])
def test_any_pasted_text_is_answered_and_fits_the_screen(names, text):
    page = names("", PHONE)
    page.locator("textarea").fill(text)
    page.wait_for_selector(".zoo-tag", state="detached")
    settle(page)
    page.wait_for_timeout(600)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert len(page.url) < 3_000
    assert read(page)


def test_the_last_of_many_fast_keys_is_answered(names):
    page = names()
    page.keyboard.type("Papadopoulos")  # no delay at all
    wait_until_read(page, "papadopoulos")
    for _ in range(4):
        page.keyboard.press("Backspace")
    wait_until_read(page, "papadopo")
    expect(page.locator("textarea")).to_have_value("Papadopo")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_full_of_answers(names, theme):
    page = names("?text=Žuков", DESKTOP, theme)
    page.get_by_role("button", name="why not another answer?").first.click()
    page.get_by_role("button", name="What it sees").first.click()
    page.wait_for_selector(".zoo-stages")
    assert findings(page) == []


def test_no_word_under_the_bars_is_cut_on_a_phone(visit):
    text = "a warm and wonderful film that is never boring but sometimes disappointing"
    page = visit(f"/reviews?models=reviews-gru&text={text.replace(' ', '+')}", PHONE)
    names = page.locator(".zoo-belief.words .name")
    expect(names).to_have_text(text.split())
    cut = "name => name.scrollWidth > name.clientWidth + 1 || name.scrollHeight > name.clientHeight + 1"
    assert names.evaluate_all(f"names => names.filter({cut}).map(name => name.textContent)") == []
