"""The page of lessons, run by Streamlit's AppTest."""

import pytest
from streamlit.testing.v1 import AppTest

from app.hub.lessons import lessons
from models import catalog
from tests.app.hub.conftest import html


@pytest.fixture
def page() -> AppTest:
    """The page of lessons; set the lesson in its `query_params`."""

    def script() -> None:
        import streamlit as st

        from app.hub import links
        from app.hub.views import lessons
        from models import catalog

        others = [links.lessons(), *(links.task(task) for task in catalog.tasks().values())]
        st.navigation([st.Page(lessons.show, title="Lessons", default=True), *others]).run()

    return AppTest.from_function(script, default_timeout=60)


def opened(page: AppTest, lesson: str, **values: str) -> AppTest:
    for name, value in {"lesson": lesson, **values}.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def test_the_list_shows_every_lesson(page):
    page.run()
    assert not page.exception
    assert all(lesson.goals[0] in html(page) for lesson in lessons().values())


def test_an_unknown_lesson_is_a_sentence_above_the_list(page):
    text = html(opened(page, "<b>x</b>"))
    assert "There is no lesson" in text and "<b>x</b>" not in text and next(iter(lessons().values())).goals[0] in text


@pytest.mark.parametrize("slug", lessons())
def test_every_lesson_has_three_goals_a_challenge_and_models(page, slug):
    lesson = lessons()[slug]
    text = html(opened(page, slug))
    assert all(goal in text for goal in lesson.goals) and lesson.challenge in text
    assert set(lesson.tasks) & set(catalog.tasks())


def test_a_step_shows_the_values_of_the_course(page):
    opened(page, "descent")
    for _ in range(2):
        next(button for button in page.button if button.label == "Step").click().run()
    assert not page.exception
    text = html(page)
    assert "1.9333333333333336" in text and "0.020740740740740594" in text and "1.9955555555555555" in text


@pytest.mark.parametrize("data", ("y = w x", "Speed over time", "Hours studied"))
@pytest.mark.parametrize("step", ("0", "1", "200"))
def test_every_data_set_is_drawn_at_any_step(page, data, step):
    assert "loss" in html(opened(page, "descent", data=data, step=step))


def test_too_high_a_rate_says_what_to_do(page):
    text = html(opened(page, "descent", **{"rate-line": "1", "step": "50"}))
    assert "Diverged after" in text and "Lower the learning rate" in text
    assert "580.7037037037038" in text


def test_other_data_start_from_the_beginning(page):
    opened(page, "descent", step="30")
    page.segmented_control(key="data").set_value("hours").run()
    assert not page.exception and "At the start: w = 0, b = 0" in html(page)


def test_the_word_is_spelled_as_training_goes_on(page):
    opened(page, "hello")
    assert "After 0 epochs it answers" in html(page) and "answers ohlol" not in html(page)
    page.slider(key="epoch").set_value(40).run()
    assert html(page).count("After 40 epochs it answers ohlol") == 2


@pytest.mark.parametrize("words", (("ab", "abc"), ("", ""), ("<b>", "x&y"), ("日本語", "語本日")))
def test_own_words_are_trained_or_refused(page, words):
    text = html(opened(page, "hello", reads=words[0], answers=words[1], epoch="100"))
    assert ("zoo-spelled" in text) is (len(words[0]) == len(words[1]) > 0)
    assert '<span class="right"><</span>' not in text
