"""The drawing pad, used as visitors do."""

import pytest
from playwright.sync_api import expect

from models import catalog
from tests.browser.conftest import DESKTOP, PHONE, SEVEN, THREE, draw, settle, wait_for_answer
from tests.conftest import missing

WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
DIGITS = {"3": THREE, "7": SEVEN}


@pytest.mark.parametrize("label", DIGITS)
@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "touch"])
def test_a_drawn_digit_is_answered_when_the_pen_goes_up(visit, label, touch):
    page = visit("/digits", PHONE if touch else DESKTOP)
    draw(page, DIGITS[label], touch)
    wait_for_answer(page, label)


def test_drawing_by_finger_does_not_scroll_the_page(visit):
    page = visit("/digits", PHONE)
    draw(page, [[(140, 250), (140, 20)]], touch=True)
    wait_for_answer(page, "1")
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop + window.scrollY") == 0


def test_the_drawing_survives_leaving_the_page(visit):
    page = visit("/digits")
    draw(page, SEVEN)
    wait_for_answer(page, "7")
    page.get_by_role("link", name="The Zoo").first.click()
    page.wait_for_selector("[class*=st-key-card-]")
    page.get_by_role("link", name="Digits").first.click()
    wait_for_answer(page, "7")
    assert ink(page) > 500


def test_a_drawing_is_kept_between_digits_and_letters(visit):
    if not catalog.models("letters"):
        missing("there is no letters model; `zoo train letters-scratch` trains one")
    page = visit("/digits")
    draw(page, SEVEN)
    wait_for_answer(page, "7")
    drawn = ink(page)
    page.get_by_role("link", name="Read as a letter").click()
    expect(page.locator("h1")).to_have_text("Which letter is this?")
    page.wait_for_selector(".zoo-tag", state="detached")
    expect(page.locator(".zoo-answer .says").first).to_contain_text("This looks like the letter")
    assert ink(page) == drawn
    draw(page, [[(60, 140), (220, 140)]])
    settle(page)
    more = ink(page)
    assert more > drawn
    page.get_by_role("link", name="Read as a digit").click()
    expect(page.locator("h1")).to_have_text("Which digit is this?")
    page.wait_for_selector(".zoo-tag", state="detached")
    assert ink(page) == more
    page.get_by_role("button", name="clear").click()
    page.wait_for_selector(".zoo-tag")
    page.get_by_role("link", name="Letters").first.click()
    expect(page.locator("h1")).to_have_text("Which letter is this?")
    expect(page.locator(".zoo-tag")).to_be_visible()
    assert ink(page) == 0


def test_undo_redo_and_clear(visit):
    page = visit("/digits")
    draw(page, SEVEN)
    wait_for_answer(page, "7")
    page.get_by_role("button", name="undo").click()
    page.wait_for_selector(".zoo-tag")  # empty again: the example is back
    assert ink(page) == 0
    page.get_by_role("button", name="redo").click()
    wait_for_answer(page, "7")
    page.get_by_role("button", name="clear").click()
    page.wait_for_selector(".zoo-tag")
    expect(page.get_by_role("button", name="clear")).to_be_disabled()
    page.get_by_role("button", name="undo").click()
    wait_for_answer(page, "7")


def test_the_pen_width_applies_to_the_drawing(visit):
    page = visit("/digits")
    draw(page, SEVEN)
    wait_for_answer(page, "7")
    medium = ink(page)
    page.get_by_role("button", name="thick pen").click()
    expect(page.get_by_role("button", name="thick pen")).to_have_attribute("aria-pressed", "true")
    assert ink(page) > 1.3 * medium
    page.get_by_role("button", name="thin pen").click()
    assert ink(page) < 0.7 * medium


def test_a_click_draws_an_example(visit):
    page = visit("/digits")
    expect(page.locator(".zoo-tag")).to_contain_text("Example: three")
    example = catalog.task("digits").examples[1]
    page.get_by_role("button", name=f"Example: {example.title}").click()
    wait_for_answer(page, str(WORDS.index(example.title)))


def test_the_keyboard_alone_draws_and_undoes(visit):
    page = visit("/digits")
    page.locator("canvas.ink").focus()
    for key in ["ArrowUp"] * 9 + [" "] + ["ArrowDown"] * 18 + [" "]:
        page.keyboard.press(key)
    wait_for_answer(page, "1")
    page.keyboard.press("Control+z")
    page.wait_for_selector(".zoo-tag")


def test_a_second_finger_does_not_disturb_the_first(visit):
    page = visit("/digits", PHONE)
    box = page.locator("canvas.ink").bounding_box()
    session = page.context.new_cdp_session(page)
    x, top, bottom = box["x"] + box["width"] / 2, box["y"] + 30, box["y"] + box["height"] - 30
    palm = {"x": box["x"] + 20, "y": box["y"] + 20, "id": 2}
    steps = [{"x": x, "y": top + (bottom - top) * part / 10, "id": 1} for part in range(11)]
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [steps[0]]})
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [steps[0], palm]})
    for step in steps[1:]:
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [step, palm]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    wait_for_answer(page, "1")


def test_a_new_answer_does_not_bring_back_an_older_drawing(visit):
    page = visit("/digits")
    before = 0
    for count in range(1, 4):
        draw(page, [[(60 * count, 60), (60 * count, 200)]])
        settle(page)
        assert ink(page) > before
        before = ink(page)


def ink(page) -> int:
    """The number of pad pixels with ink."""
    return page.locator("canvas.ink").evaluate(
        """canvas => { const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        let count = 0; for (let i = 3; i < data.length; i += 4) count += data[i] > 128; return count }"""
    )
