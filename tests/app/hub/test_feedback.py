"""Feedback on answers: whether they were right, and votes in blind mode, for this session only."""

from string import ascii_uppercase

import pytest

from app.hub.answers import blind_vote, feedback
from app.hub.inputs import drawing
from models import catalog
from models.tasks.digits import DRAWINGS, TASK
from tests.app.hub.conftest import html, keyed

THREE, SEVEN = (drawing.DrawingState(strokes=DRAWINGS[name]) for name in ("three", "seven"))


@pytest.fixture
def page(task_page, models):
    """The digits page with a seven on the pad and the answers of every model."""
    task_page.session_state[drawing.KEY] = SEVEN
    task_page.query_params["models"] = ",".join(model.id for model in models)
    task_page.run()
    assert not task_page.exception
    return task_page


def click(page, key):
    keyed(page.button, key).click().run()
    assert not page.exception


def draw(page, state):
    page.session_state[drawing.KEY] = state
    page.run()
    assert not page.exception


def marks(page):
    """Return the marks of the columns from left to right."""
    return [part.partition('"')[0] for part in html(page).split('data-model="')[1:]]


def test_yes_counts_once_for_every_model(page, models):
    click(page, "verdict-yes")
    assert "Noted: it was <b>7</b>" in html(page)
    for model in models:
        assert f"{model.title} 1 of 1 correct" in html(page)
    draw(page, THREE)
    click(page, "verdict-yes")
    assert html(page).count("2 of 2 correct") == len(models)
    draw(page, SEVEN)
    assert "Noted: it was <b>7</b>" in html(page)
    click(page, "verdict-back")
    assert html(page).count("1 of 1 correct") == len(models)
    click(page, "verdict-reset")
    assert "Your tally" not in html(page)


def test_no_asks_for_the_right_label(page, models):
    click(page, "verdict-no")
    choice = keyed(page.selectbox, "verdict-what")
    assert choice.value is None
    assert "7" not in choice.options and "1" in choice.options and "none of these" in choice.options
    choice.set_value(choice.options.index("1")).run()
    assert not page.exception
    assert "Noted: it was <b>1</b>" in html(page)
    assert html(page).count("0 of 1 correct") == len(models)


def test_a_model_chosen_later_is_counted(task_page, models):
    task_page.session_state[drawing.KEY] = SEVEN
    task_page.query_params["models"] = models[0].id
    task_page.run()
    click(task_page, "verdict-yes")
    task_page.query_params["models"] = f"{models[0].id},{models[1].id}"
    task_page.run()
    assert html(task_page).count("1 of 1 correct") == 2


def test_each_of_several_answers_has_a_button(task_page, models, monkeypatch):
    real = blind_vote.Answer

    def differing(chosen, raw):
        from dataclasses import replace

        from app.hub.answers.ask import _answer

        answers = [_answer(model, raw) for model in chosen]
        first = answers[0].prediction
        return [real(answers[0].model, replace(first, label="4", best="4")), *answers[1:]]

    monkeypatch.setattr("app.hub.answers.ask.ask", differing)
    task_page.session_state[drawing.KEY] = SEVEN
    task_page.query_params["models"] = f"{models[0].id},{models[1].id}"
    task_page.run()
    assert not task_page.exception
    assert "Which is right?" in html(task_page)
    assert [button.label for button in task_page.button if (button.key or "").startswith("verdict-of-")] == ["4", "7"]
    keyed([button for button in task_page.button if button.label == "7"], "verdict-of-").click().run()
    assert f"{models[0].title} 0 of 1 correct" in html(task_page)
    assert f"{models[1].title} 1 of 1 correct" in html(task_page)


def test_each_task_has_its_own_tally(monkeypatch):
    monkeypatch.setattr("streamlit.session_state", {})
    state = feedback.state()
    state.verdicts = {
        ("digits", "a"): feedback.Verdict("7", {"m": "7", "n": None}),
        ("digits", "b"): feedback.Verdict(None, {"m": "7", "n": None}),
        ("letters", "a"): feedback.Verdict("z", {"m": "z"}),
    }
    assert feedback.tally(TASK) == {"m": (1, 2), "n": (1, 2)}
    feedback.reset(TASK)
    assert list(state.verdicts) == [("letters", "a")]


def test_the_number_of_verdicts_is_bounded(monkeypatch):
    monkeypatch.setattr("streamlit.session_state", {})
    monkeypatch.setattr(feedback, "MAX_INPUTS", 3)
    for number in range(5):
        feedback.decide(("digits", str(number)), "7", [])
    assert [name for _, name in feedback.state().verdicts] == ["2", "3", "4"]


def test_blind_mode_hides_the_names_until_a_vote(page, models):
    page.toggle(key=blind_vote.SWITCH).set_value(True).run()
    assert not page.exception
    text = html(page)
    assert marks(page) == list(ascii_uppercase[: len(models)])
    for model in models:
        assert model.title not in text and "% correct" not in text and " ms on this" not in text
    assert not [button.key for button in page.button if button.key.startswith(("why-", "stages-", "verdict-"))]
    click(page, "vote-of-")
    assert sorted(marks(page)) == sorted(model.id for model in models)
    assert "You picked <b>7</b>" in html(page)
    assert html(page).count(" 1 of 1<") == len(models)


def test_each_blind_round_has_a_random_order(page, models):
    page.toggle(key=blind_vote.SWITCH).set_value(True).run()
    orders = set()
    for state in (THREE, SEVEN) * 6:
        draw(page, state)
        assert marks(page) == list(ascii_uppercase[: len(models)])
        click(page, "vote-none")
        order = marks(page)
        page.run()
        assert marks(page) == order  # the order stays once the names are shown
        orders.add(tuple(order))
    assert len(orders) > 1  # all twelve equal: probability 1 in 6 ** 11
    assert html(page).count(" 0 of 12<") == len(models)


def test_one_model_alone_is_not_hidden(task_page, models):
    task_page.session_state[drawing.KEY] = SEVEN
    task_page.session_state[blind_vote.KEY] = blind_vote.BlindTest(on=True)
    task_page.query_params["models"] = models[0].id
    task_page.run()
    assert marks(task_page) == [models[0].id]
    assert len(catalog.models("digits")) > 1
