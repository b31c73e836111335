"""Exceptions on a page: one error message, no error box of the framework, the input kept, the traceback logged."""

import ast
import re
import sys
import threading
from pathlib import Path
from types import FrameType, FunctionType

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app.hub import links, navigation, safety
from app.hub.answers import blind_vote, columns, feedback
from app.hub.inputs import drawing, photo, typed
from app.hub.safety import BROKEN
from app.hub.views import home
from app.hub.views import model as model_page
from app.hub.views import task as task_page
from models import catalog
from models.predictor import Predictor
from models.tasks.digits import DRAWINGS
from models.tasks.holidays import PHOTOS
from tests.app.hub.conftest import MAIN, html, keyed

HUB = MAIN.parent
PLANTED = "planted by the test"
SEVEN = drawing.DrawingState(strokes=DRAWINGS["seven"])
CallPath = tuple[object, ...]
HANDLER = ("app.hub.safety.", "app.hub.text_blocks.", "app.hub.markup.escape")  # the handler and what it draws with


class Open:
    """A page to open: its function, query parameters and session state."""

    def __init__(self, show, query=None, state=None):
        self.show, self.query, self.state = show, query or {}, state or {}

    def __call__(self, monkeypatch) -> AppTest:
        def pages():
            others = [links.task(each) for each in catalog.tasks().values()]
            return [st.Page(self.show, title="Tried", url_path="tried", default=True), *others, links.models()]

        monkeypatch.setattr(navigation, "pages", pages)
        page = AppTest.from_file(str(MAIN), default_timeout=60)
        for name, value in self.query.items():
            page.query_params[name] = value
        for name, value in self.state.items():
            page.session_state[name] = value
        return page


def opened_task(slug, model, **state):
    """The page of a task with every section open."""
    opened = {columns.WHY: model, columns.STAGES: {model}, columns.LAYERS: model}
    return Open(lambda: task_page.show(slug), {"models": f"{model},{catalog.models(slug)[-1].id}"}, opened | state)


def _photo() -> photo.PhotoState:
    state = photo.PhotoState(count=1)
    state.picture = photo.picture.read((PHOTOS / "flower.webp").read_bytes())
    state.address = photo.address(state.picture.rgb, 64)
    return state


PAGES = {
    "home": Open(lambda: home.show()),
    "an example": Open(lambda: task_page.show("digits")),
    "a drawing": opened_task("digits", "mnist-cnn", drawing=SEVEN),
    "blind": opened_task("digits", "mnist-cnn", drawing=SEVEN, blind=blind_vote.BlindTest(on=True)),
    "a photo": opened_task("holidays", "holidays-efficientnet", photo=_photo()),
    "a name": opened_task("names", "names-gru", **{"typed-names": typed.TextState(text="Kowalczyk")}),
    "a review": opened_task(
        "reviews", "reviews-rnn", **{"typed-reviews": typed.TextState(text="A dull but lovely film.")}
    ),
    "all models": Open(lambda: model_page.show()),
    "a model": Open(lambda: model_page.show(), {"model": "mnist-cnn"}),
}


def functions_called(page: AppTest) -> dict[FunctionType, set[CallPath]]:
    """Run the page and return the functions of the hub that were called, each with its call paths."""
    functions: dict[FunctionType, set[CallPath]] = {}

    def note(frame, event, _arg):
        name = frame.f_globals.get("__name__", "")
        where = f"{name}.{frame.f_code.co_name}"
        if event == "call" and where.startswith("app.hub.") and not where.startswith(HANDLER):
            function = getattr(sys.modules.get(name), frame.f_code.co_name, None)
            if not hasattr(function, "cache_info"):  # a cached function is called once per process
                function = getattr(function, "__wrapped__", function)
            if isinstance(function, FunctionType) and function.__code__ is frame.f_code:
                functions.setdefault(function, set()).add(_call_path(function, frame.f_back))

    threading.setprofile(note)
    try:
        page.run()
    finally:
        threading.setprofile(None)
    return functions


def _call_path(function: FunctionType, caller: FrameType | None) -> CallPath:
    """The function and the lines of the hub that led to its call: they decide where its exception is contained."""
    path: list[object] = [function]
    while caller:
        if caller.f_globals.get("__name__", "").startswith("app.hub.") and caller.f_globals is not vars(safety):
            path.append((caller.f_code, caller.f_lineno))
        caller = caller.f_back
    return tuple(path)


@pytest.fixture(scope="module")
def tried() -> set[CallPath]:
    """The call paths at which a function has raised, on any page."""
    return set()


def sabotage(monkeypatch, function: FunctionType, tried: set[CallPath]) -> None:
    """Replace the function in every module by one that raises and adds to `tried`."""

    def broken(*_args, **_named):
        tried.add(_call_path(function, sys._getframe(1)))
        raise RuntimeError(PLANTED)

    photo.thumbnail.cache_clear()
    for name, module in list(sys.modules.items()):
        if name.startswith("app.") and module:
            for attribute, value in list(vars(module).items()):
                if value is function or getattr(value, "__wrapped__", None) is function:
                    monkeypatch.setattr(module, attribute, broken)


@pytest.mark.parametrize("name", PAGES)
def test_a_part_that_raises_is_one_error_message(name, monkeypatch, caplog, tried):
    """Each function raises, unless it has on an earlier page, called by the same lines."""
    opened = PAGES[name]
    functions = functions_called(opened(monkeypatch))
    whole = opened(monkeypatch).run()
    assert not whole.exception and BROKEN not in html(whole)
    assert len(functions) > 8
    unreported = []
    for function, paths in functions.items():
        if paths <= tried:
            continue
        where = f"{function.__module__}.{function.__name__}"
        caplog.clear()
        with monkeypatch.context() as planted:
            page = opened(planted)
            sabotage(planted, function, tried)
            page.run()
            assert not page.exception, where
            shown = html(page)
            if BROKEN not in shown or PLANTED not in caplog.text or "Traceback" not in caplog.text:
                unreported.append(where)
            assert PLANTED not in shown, where
        page.run()
        assert not page.exception and BROKEN not in html(page), f"after {where} the page does not recover"
        assert [*_answers(page)] == [*_answers(whole)], f"after {where} the input is lost"
    assert unreported == []  # raised without an error message or without a traceback in the log


# methods of a predictor that a page does not call
UNUSED = {("a drawing", "belief"), ("a photo", "belief"), ("a photo", "activations"), ("a name", "activations")}


@pytest.mark.parametrize("name", ["a drawing", "a photo", "a name"])
@pytest.mark.parametrize("method", ["predict", "explain", "stages", "read", "belief", "activations"])
def test_a_model_that_raises_is_an_error_message(name, method, monkeypatch, caplog):
    opened = PAGES[name]
    with monkeypatch.context() as planted:
        page = opened(planted)
        planted.setattr(Predictor, method, lambda *_: 1 / 0)
        page.run()
        assert not page.exception
        fails = (name, method) not in UNUSED
        assert ("ZeroDivisionError" in caplog.text) == (BROKEN in html(page)) == fails
    page.run()
    assert not page.exception and BROKEN not in html(page)


def _answers(page):
    return re.findall(r'data-model="([^"]*)".*?<b>(.*?)</b>', html(page), re.DOTALL)


CALLBACKS = [
    ("a drawing", "button", "why-mnist-cnn", columns, "_toggle_why"),
    ("a drawing", "button", "stages-mnist-cnn", columns, "_toggle_stages"),
    ("a drawing", "button", "layers-mnist-cnn", columns, "_toggle_layers"),
    ("a drawing", "button", "rewind-button-mnist-cnn", columns, "_toggle_rewind"),
    ("a drawing", "button", "verdict-yes", feedback, "decide"),
    ("a drawing", "button", "verdict-no", feedback, "reject"),
    ("a name", "button", "why-names-gru", columns, "_toggle_why"),
    ("blind", "button", "vote-of-", blind_vote, "vote"),
]


@pytest.mark.parametrize(("name", "kind", "key", "module", "function"), CALLBACKS)
def test_a_callback_that_raises_leaves_the_page_unchanged(name, kind, key, module, function, monkeypatch, caplog):
    def broken(*_):
        raise RuntimeError(PLANTED)

    with monkeypatch.context() as planted:
        page = PAGES[name](planted)
        planted.setattr(module, function, broken)
        before = list(_answers(page.run()))
        buttons = [widget for widget in getattr(page, kind) if (widget.key or "").startswith(key)]
        keyed(buttons[:1], key).click().run()
    assert not page.exception
    assert html(page).count(BROKEN) == 1 and PLANTED in caplog.text
    assert list(_answers(page)) == before
    page.run()
    assert BROKEN not in html(page)


def test_every_callback_is_guarded():
    """Callbacks of widgets are `guarded(...)`; `component()` guards those of web components."""
    for path in sorted(HUB.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or ast.unparse(node.func).startswith("component("):
                continue
            for keyword in node.keywords:
                if (keyword.arg or "").startswith("on_") and not isinstance(keyword.value, ast.Constant):
                    assert ast.unparse(keyword.value).startswith("guarded("), f"{path.name}:{node.lineno} {keyword.arg}"


def test_every_fragment_is_contained():
    for path in sorted(HUB.rglob("*.py")):
        if path != Path(safety.__file__):
            assert "st.fragment" not in path.read_text(), path


def test_an_uncontained_error_is_an_error_message(monkeypatch):
    notices = []
    monkeypatch.setattr(safety, "notice", notices.append)
    assert safety.on_script_error(RuntimeError(PLANTED)) is True
    assert notices == [BROKEN]
