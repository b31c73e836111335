"""The table of all runs in the lab, and the comparison of those that are chosen."""

import json
import re
import time

from streamlit.testing.v1 import AppTest

from app.hub.components import runs as run_component
from models import runs
from tests.app.hub.conftest import html
from tests.app.hub.lab.conftest import labelled, opened, record


def test_all_runs_are_listed_compared_and_annotated(page, home):
    record("first", recipe={"lr": 0.01}, accuracy=0.9, interval=(0.85, 0.94), n=200, note="the old one")
    record("second", recipe={"lr": 0.1}, accuracy=0.8, seed=1, started=time.time() - 60, ended=time.time())
    record("third", recipe={"lr": 0.1}, accuracy=0.7, seed=2)
    record("broken", state="failed", reason="It broke.")
    opened(page, view="Runs")
    assert "mean ± spread" in html(page) and "75.0% ± 7.1" in html(page)
    rows = {run.id: run for run in runs.runs()}
    assert run_component.valid("first", ["second", "no", 3], list(rows.values())) == ("first", [rows["second"]])
    assert run_component.valid("no", "first", list(rows.values()), ["third"]) == (None, [rows["third"]])


def test_chosen_runs_show_what_differs_and_can_be_deleted(home, monkeypatch):
    record("first", recipe={"lr": 0.01}, accuracy=0.9, interval=(0.85, 0.94), n=200, note="the old one")
    record("second", recipe={"lr": 0.1}, accuracy=0.8, seed=1)

    def script() -> None:
        from app.hub.lab import history
        from models import runs

        history.table = lambda every, tasks: (None, runs.runs())
        history.show()

    page = AppTest.from_function(script, default_timeout=60).run()
    assert not page.exception
    text = html(page)
    assert "No finished epochs: first, second." in text and not page.get("vega_lite_chart")
    assert "Learning rate" in text and "0.01" in text and "(85.0–94.0)" in text and "Epochs" not in text
    note = labelled(page.text_input, "Note on first")
    assert note.value == "the old one"
    note.set_value("better").run()
    assert runs.read("first").note == "better"
    page.button(key="lab-delete-second").click().run()
    assert not page.exception and [run.id for run in runs.runs()] == ["first"]


def test_only_what_the_runs_have_is_drawn_and_the_rest_is_a_dash(home):
    """A failed run has no epoch, and mean images have no loss."""
    record("means", entry="pixel-similarity", task="three-or-seven", accuracy=0.95, n=200)
    record("broken", state="failed", reason="It broke.")
    (home / "runs" / "means" / "validated").mkdir()
    (home / "runs" / "means" / "validated" / "history.csv").write_text("epoch,accuracy,seconds\n1,0.95,1.0\n")

    def script() -> None:
        from app.hub.lab import history
        from models import runs

        history.table = lambda every, tasks: (None, runs.runs())
        history.show()

    page = AppTest.from_function(script, default_timeout=60).run()
    assert not page.exception and "No finished epochs: broken." in html(page)
    (chart,) = page.get("vega_lite_chart")
    spec = json.loads(chart.proto.spec)
    assert "Accuracy of the chosen runs" in spec["description"]
    assert spec["encoding"]["color"]["scale"]["domain"] == ["means"]
    cells = re.findall("<td>([^<]*)</td>", html(page))
    assert cells.count("–") == 5 and "" not in cells  # the accuracy of one, the loss and the time of both


def test_without_runs_the_page_says_so(page):
    assert "There are no runs yet" in html(opened(page, view="Runs"))
