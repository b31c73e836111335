"""The view of one run in the lab: waiting, training or ended."""

import os
import time

import pytest

from app.hub.lab import live
from models import runs
from tests.app.hub.conftest import html
from tests.app.hub.lab.conftest import labelled, opened, record
from training import queue

CURVE = """epoch,loss,validation loss,accuracy,train accuracy,lr,seconds
1,2.0,1.9,0.2,0.3,0.001,0.1
2,1,0.9,0.9,0.8,0.01,0.2
"""


def test_a_run_that_trains_stays_in_view_when_another_is_added(page, monkeypatch):
    monkeypatch.setattr(queue, "is_of_queue", lambda id: id == "first")
    first = queue.enqueue(["mnist-softmax", "--datasets", "digits8x8", "--slug", "first"])
    runs.write(first.model_copy(update={"state": "running", "started": time.time(), "pid": os.getpid()}))
    opened(page, entry="mnist-softmax")
    next(button for button in page.button if button.key == "lab-train").click().run()
    assert not page.exception and page.query_params["run"] == "first"
    assert "Waiting: 1" in html(page) and any(button.label == "Stop and keep" for button in page.button)
    queue.stop("first", keep=True)
    page.run()
    assert labelled(page.button, "Stop and keep").disabled and not labelled(page.button, "Stop and discard").disabled
    queue.stop("first", keep=False)
    runs.write(runs.read("first").model_copy(update={"state": "failed", "reason": runs.GONE}))  # its process is killed
    text = html(page.run())
    assert ">stopping<" in text and ">failed<" not in text and "The run is being removed." in text


def test_a_waiting_run_says_its_place(page, monkeypatch):
    for name in ("first", "second"):
        queue.enqueue(["mnist-softmax", "--datasets", "digits8x8", "--slug", name])
    assert "This run is number 2 in the queue" in html(opened(page, run="second"))
    queue.stop("first", keep=False)
    assert "This run is next in the queue and starts within a minute." in html(page.run())
    monkeypatch.setattr(live, "trains_now", lambda: queue.queued()[0])
    assert "starts when the current one has ended" in html(page.run())


def test_beside_the_form_is_a_run_of_its_network(page):
    record("mine", ended=time.time(), accuracy=0.9)
    assert "mine" in html(opened(page, entry="mnist-softmax")) and "not of the network in the form" not in html(page)
    assert "mine" not in html(opened(page, entry="linear-37")) and "Press Train." in html(page)


def test_a_run_of_another_network_says_so(page):
    record("mine", ended=time.time(), accuracy=0.9)
    shown = html(opened(page, run="mine", entry="linear-37"))
    assert "This is a run of Softmax (Digits), not of the network in the form." in shown
    record("going", state="running", pid=os.getpid(), started=time.time())
    del page.query_params["run"]
    assert "not of the network in the form" in html(page.run()) and page.query_params["run"] == "going"


def test_an_unknown_run_in_the_address_is_a_sentence(page):
    assert "There is no run" in html(opened(page, run="<b>no"))
    assert "<b>no" not in html(page)


@pytest.mark.parametrize("state", ["finished", "failed", "stopped"])
def test_a_run_that_has_ended_shows_its_result_and_recipe(page, home, state):
    figures = {"accuracy": 0.985, "interval": (0.957, 0.995), "n": 200, "loss": 0.12, "epoch": 3}
    run = record(
        "mine", state=state, reason="It broke." if state == "failed" else "", command=["mnist-softmax"], **figures
    )
    (home / "runs" / "mine" / "validated").mkdir()
    (home / "runs" / "mine" / "validated" / "history.csv").write_text(CURVE)
    text = html(opened(page, run=run.id))
    assert ("98.5% correct" in text) == (state == "finished") and ("It broke." in text) == (state == "failed")
    assert "80.0%" in text and "90.0%" in text and len(page.get("vega_lite_chart")) == 3
    assert "zoo train mnist-softmax" in page.code[0].value


def test_a_run_without_a_loss_shows_only_what_it_has(page, home):
    run = record("means", entry="pixel-similarity", task="three-or-seven", accuracy=0.95, n=200)
    (home / "runs" / "means" / "validated").mkdir()
    (home / "runs" / "means" / "validated" / "history.csv").write_text("epoch,accuracy,seconds\n1,0.95,1.0\n")
    text = html(opened(page, run=run.id))
    assert "Validation accuracy" in text and len(page.get("vega_lite_chart")) == 1
    assert "Training loss" not in text and "Learning rate</dt>" not in text


def test_a_run_that_is_discarded_in_another_tab_is_one_sentence(page):
    record("mine", ended=time.time())
    assert "mine" in html(opened(page, run="mine", entry="mnist-softmax"))
    runs.remove("mine")
    text = html(page.run())
    assert not page.exception and "run" not in page.query_params
    assert "The run mine has been removed." in text and "There is no run" not in text
