"""The lessons in a browser: by mouse and keyboard, played, reloaded, and by link."""

import re

from playwright.sync_api import expect


def test_descent_by_buttons_keys_and_reload(visit):
    page = visit("/lessons/descent")
    page.get_by_role("button", name="Step", exact=True).click()
    expect(page.get_by_text("1.9333333333333336")).to_be_visible()
    page.get_by_role("slider", name="Steps taken").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("1.9955555555555555")).to_be_visible()
    page.wait_for_url(re.compile("step=2"))
    page.reload()
    expect(page.get_by_text("1.9955555555555555")).to_be_visible()


def test_a_played_lesson_goes_on_and_stops(visit):
    page = visit("/lessons/hello")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("img", name=re.compile("After [1-9]"))).to_have_count(2)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("slider", name="Epochs of training")).to_be_visible()
    page.wait_for_url(re.compile("epoch=[1-9]"))


def test_an_address_of_two_parts_keeps_its_state(visit):
    page = visit("/lessons/hello?epoch=100&reads=ab&answers=ba")
    expect(page.get_by_role("img", name="After 100 epochs it answers ba")).to_have_count(2)
