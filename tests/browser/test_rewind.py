"""The slider over the moments of a net's training: dragging, keyboard, another input, evidence, two models."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PATIENCE, PHONE, SEVEN, THREE, draw, settle, wait_for_answer

FIRST_BAR = "els => els.map(bar => Math.round(parseFloat(bar.style.width)))"


def rewound(visit, models: str, size=DESKTOP):
    """The page of digits with a seven and an open slider for each of the models, separated by commas."""
    page = visit(f"/digits?models={models}", size)
    draw(page, SEVEN, touch=size == PHONE)
    wait_for_answer(page, "7")
    for model in models.split(","):
        page.locator(f".st-key-rewind-button-{model} button").click()
        column(page, model).locator(".slider").wait_for()
    settle(page)
    return page


def shaded(page, expected) -> int:
    """Wait until how much of the drawing is covered by evidence is as expected; returns it."""
    shade = """canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data
        .reduce((sum, value, i) => sum + (i % 4 === 3 ? value : 0), 0)"""
    for _ in range(PATIENCE // 100):
        if expected(covered := page.locator("canvas.evidence").evaluate(shade)):
            return covered
        page.wait_for_timeout(100)
    raise AssertionError(f"the evidence stays at {covered}")


def column(page, model: str):
    return page.locator(f".st-key-answer-{model}")


def bars(page, model: str) -> list[int]:
    return column(page, model).locator(".zoo-bars .bar i").evaluate_all(FIRST_BAR)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_answer_moves_with_the_slider_and_ends_as_the_models_own(visit, size):
    page = rewound(visit, "mnist-cnn", size)
    slider, moment = column(page, "mnist-cnn").locator(".slider"), column(page, "mnist-cnn").locator("output")
    finished = bars(page, "mnist-cnn")
    assert len(finished) == 10 and finished.index(max(finished)) == 7
    expect(moment).to_contain_text("finished")
    slider.focus()
    page.keyboard.press("Home")
    expect(moment).to_have_text("before training")
    assert max(bars(page, "mnist-cnn")) < 50
    page.keyboard.press("ArrowRight")
    expect(moment).to_have_text("after 1 batch")
    assert "after 1 batch: " in slider.get_attribute("aria-valuetext")
    page.keyboard.press("End")
    assert bars(page, "mnist-cnn") == finished
    expect(column(page, "mnist-cnn").locator(".says b")).to_have_text("7")


def test_another_input_keeps_the_moment(visit):
    page = rewound(visit, "mnist-cnn")
    shown = column(page, "mnist-cnn")
    shown.locator(".slider").fill("10")
    moment = shown.locator("output").text_content()
    assert moment.startswith("after ")
    page.get_by_role("button", name="Clear").click()
    draw(page, THREE)
    expect(shown.locator(".says b")).to_have_text("3")
    expect(shown.locator("output")).to_have_text(moment)


def test_two_models_are_rewound_separately(visit):
    page = rewound(visit, "mnist-cnn,mnist-softmax")
    before = bars(page, "mnist-softmax")
    column(page, "mnist-cnn").locator(".slider").fill("0")
    assert max(bars(page, "mnist-cnn")) < 50
    assert bars(page, "mnist-softmax") == before
    expect(column(page, "mnist-softmax").locator("output")).to_contain_text("finished")
    page.locator(".st-key-rewind-button-mnist-cnn button").click()
    expect(column(page, "mnist-cnn").locator(".slider")).to_have_count(0)
    expect(column(page, "mnist-softmax").locator(".slider")).to_have_count(1)


def test_the_evidence_on_the_drawing_moves_too(visit):
    page = rewound(visit, "mnist-softmax")
    page.locator(".st-key-why-mnist-softmax button").click()
    finished = shaded(page, lambda shade: shade > 0)
    column(page, "mnist-softmax").locator(".slider").fill("0")
    shaded(page, lambda shade: shade < finished / 2)
    column(page, "mnist-softmax").locator(".slider").fill("23")
    shaded(page, lambda shade: shade == finished)


def test_a_model_without_snapshots_has_no_slider(visit):
    page = visit("/digits?models=mnist-mlp")
    draw(page, SEVEN)
    wait_for_answer(page, "7")
    expect(page.get_by_role("button", name="What it sees")).to_have_count(1)
    expect(page.get_by_role("button", name="Rewind")).to_have_count(0)
