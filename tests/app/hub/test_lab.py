"""The page of the lab, run by Streamlit's AppTest. Nothing is trained; what would be queued is looked at."""

import os
import time
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from app.hub.components import runs as run_component
from app.hub.lab import access, command, form, live, words
from app.hub.lab.command import Choice, arguments
from models import catalog, runs, sweeps
from models.runs import Run
from tests.app.hub.conftest import html
from training import queue
from training.data.availability import availability, trainable
from training.recipe import options

PHRASE = "Press Train"
CURVE = """epoch,loss,validation loss,accuracy,train accuracy,lr,seconds
1,2.0,1.9,0.2,0.3,0.001,0.1
2,1,0.9,0.9,0.8,0.01,0.2
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A ZOO_HOME of its own, in which no worker starts; the lab is open to all."""
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.setenv("ZOO_LAB", "on")
    monkeypatch.setattr(queue, "start_worker", lambda: None)
    return tmp_path


@pytest.fixture
def page(home) -> AppTest:
    """The page of the lab; set the run or the part in its `query_params`."""

    def script() -> None:
        import streamlit as st

        from app.hub import links
        from app.hub.views import lab
        from models import catalog

        others = [links.lab(), links.models(), *(links.task(task) for task in catalog.tasks().values())]
        st.navigation([st.Page(lab.show, title="Lab", default=True), *others]).run()

    return AppTest.from_function(script, default_timeout=120)


def opened(page: AppTest, **address: str) -> AppTest:
    for name, value in address.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def labelled(elements, label: str):
    return next(element for element in elements if element.label == label)


def record(id: str, **changes) -> Run:
    """Write the record of a run."""
    values = {"lr": 0.01, "epochs": 3, "datasets": ["digits8x8"]} | changes.pop("recipe", {})
    fields = {"model": id, "entry": "mnist-softmax", "task": "digits", "seed": 0, "state": "finished", "created": 1.0}
    changed = {name: value for name, value in values.items() if name != "epochs"}
    run = Run(id=id, recipe=values, changed=changed, **{**fields, **changes})
    runs.write(run)
    return run


def test_an_open_lab_starts_with_the_digits_that_train_in_seconds(page):
    opened(page)
    assert labelled(page.selectbox, "Task").value == "digits"
    assert labelled(page.button_group, "Examples to learn from").value == ["digits8x8"]
    assert labelled(page.number_input, "Learning rate").value == catalog.entry("mnist-cnn").recipe.lr
    assert PHRASE in html(page) and "training is quick" in html(page)


@pytest.mark.parametrize(("setting", "sentence"), [("off", access.OFF), ("local", access.NOT_LOCAL)])
def test_to_others_the_page_is_one_sentence(page, monkeypatch, setting, sentence):
    monkeypatch.setenv("ZOO_LAB", setting)
    opened(page)
    assert sentence in html(page) and not page.button and not page.selectbox


def test_without_the_packages_the_page_says_how_to_get_them(page, monkeypatch):
    monkeypatch.setattr(access, "find_spec", lambda name: None if name == "torch" else SimpleNamespace())
    opened(page)
    assert "make train-tools" in html(page) and not page.button


def test_a_visitor_from_elsewhere_cannot_name_files_of_the_server(page):
    opened(page)
    assert not [element for element in page.button_group if element.label == "Learn from"]


def test_a_visitor_on_this_machine_can_train_on_own_examples(page, monkeypatch, tmp_path):
    monkeypatch.setattr(access, "is_local", lambda: True)
    opened(page, entry="titanic-mlp")
    page.segmented_control(key=f"{form.START}source").set_value(form.OWN).run()
    assert "Enter the path of a CSV file" in html(page) and page.button(key="lab-train").disabled
    labelled(page.text_input, "Folder or file on this machine").set_value(str(tmp_path / "none.csv")).run()
    assert "no such folder or file" in html(page) and page.button(key="lab-train").disabled
    (tmp_path / "people.csv").write_text("Age,Survived\n1,yes\n")
    labelled(page.text_input, "Folder or file on this machine").set_value(str(tmp_path / "people.csv")).run()
    labelled(page.text_input, "Column with the labels").set_value("Survived").run()
    page.button(key="lab-train").click().run()
    assert not page.exception
    (run,) = queue.queued()
    assert run.command[5:] == ["--examples", str(tmp_path / "people.csv"), "--label-column", "Survived"]


def test_every_hyperparameter_has_a_label_and_a_sentence_on_what_raising_it_does():
    named = {name for group in words.GROUPS for name in group.names} | {"datasets"}
    for name in options():
        assert name in named and words.WORDS[name].effect.endswith("."), name


@pytest.mark.parametrize("slug", catalog.entries())
def test_the_form_of_every_network_is_drawn_without_what_has_no_effect(page, slug):
    opened(page, entry=slug)
    entry = catalog.entry(slug)
    assert labelled(page.selectbox, "Network").value == slug
    labels = {element.label for element in (*page.number_input, *page.checkbox)}
    kind = catalog.task(entry.task).input
    assert (words.WORDS["rotate"].label in labels) == (kind in ("ink", "picture") and not entry.recipe.frozen)
    assert (words.WORDS["mirror"].label in labels) == (kind == "picture" and not entry.recipe.frozen)
    assert "All settings have this network" in html(page)
    if set(entry.recipe.datasets) & set(trainable(entry.recipe.datasets)):
        assert not next(button for button in page.button if button.key == "lab-train").disabled


def test_what_an_optimizer_does_not_use_is_not_offered(page):
    opened(page, entry="mnist-softmax")
    assert words.WORDS["momentum"].label not in {element.label for element in page.number_input}
    labelled(page.selectbox, words.WORDS["optimizer"].label).set_value("sgd").run()
    labels = {element.label for element in page.number_input}
    assert words.WORDS["momentum"].label in labels and words.WORDS["weight_decay"].label not in labels


def test_a_change_is_named_trained_and_reset(page):
    opened(page, entry="mnist-softmax")
    labelled(page.number_input, "Learning rate").set_value(0.5).run()
    labelled(page.number_input, "Epochs").set_value(2).run()
    assert "Learning rate 0.5 (default: " in html(page)
    next(button for button in page.button if button.key == "lab-train").click().run()
    assert not page.exception
    (run,) = queue.queued()
    assert run.changed["lr"] == 0.5 and run.changed["epochs"] == 2 and run.model == "mnist-softmax-1"
    assert run.command[-1] == "--no-test" and "mnist-softmax-1" in page.query_params["run"]
    assert "mnist-softmax-1" in html(page) and "next in the queue" in html(page)
    assert labelled(page.text_input, "Name of the new model").value == "mnist-softmax-2"
    next(button for button in page.button if button.label == "Reset").click().run()
    assert labelled(page.number_input, "Epochs").value == catalog.entry("mnist-softmax").recipe.epochs
    next(button for button in page.button if button.label == "Remove from the queue").click().run()
    assert not page.exception and queue.queued() == []


@pytest.mark.parametrize(
    ("label", "value", "words"),
    [
        ("Epochs", 3000, "Epochs: expected a whole number from 1 to 1,000."),
        ("Epochs", 0, "Epochs: expected a whole number from 1 to 1,000."),
        ("Learning rate", -1.0, "Learning rate: expected a number above 0 and below 100."),
        ("Seed", -1, "Seed: expected a whole number from 0 to 4,294,967,295."),
    ],
)
def test_a_number_out_of_its_limits_is_not_trained_with_another(page, label, value, words):
    opened(page, entry="mnist-softmax")
    labelled(page.number_input, label).set_value(value).run()
    assert not page.exception and words in html(page)
    assert next(button for button in page.button if button.key == "lab-train").disabled
    labelled(page.number_input, label).set_value(3).run()
    assert words not in html(page)
    assert not next(button for button in page.button if button.key == "lab-train").disabled


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


def test_a_waiting_run_says_its_place(page, monkeypatch):
    for name in ("first", "second"):
        queue.enqueue(["mnist-softmax", "--datasets", "digits8x8", "--slug", name])
    assert "This run is number 2 in the queue" in html(opened(page, run="second"))
    queue.stop("first", keep=False)
    assert "This run is next in the queue and starts within a minute." in html(page.run())
    monkeypatch.setattr(live, "trains_now", lambda: queue.queued()[0])
    assert "starts when the current one has ended" in html(page.run())


def test_an_impossible_name_is_a_sentence(page):
    opened(page, entry="mnist-softmax")
    labelled(page.text_input, "Name of the new model").set_value("--help ; rm").run()
    next(button for button in page.button if button.key == "lab-train").click().run()
    assert not page.exception and "not a valid slug" in html(page) and runs.runs() == []


def test_choices_become_typed_arguments(tmp_path):
    changes = {"lr": 0.05, "epochs": 3, "refit": False, "start_from": ""}
    choice = Choice("mnist-cnn", "mine", 7, changes, ("digits8x8", "mnist"))
    assert arguments(choice) == (
        ["mnist-cnn", "--slug", "mine", "--seed", "7", "--datasets", "digits8x8,mnist", "--lr", "0.05", "--epochs", "3"]
        + ["--no-refit", "--start-from", "", "--no-test"]
    )
    own = Choice("titanic-mlp", "mine", 0, examples=tmp_path / "a b.csv", label_column="Survived")
    assert arguments(own)[5:] == ["--examples", str(tmp_path / "a b.csv"), "--label-column", "Survived"]
    assert not Choice("mnist-cnn", "mine", 0).is_complete and choice.is_complete and own.is_complete


def test_epochs_are_bounded():
    assert form.limits("epochs", options()["epochs"]) == (1, command.MAX_EPOCHS)
    assert form.limits("lr", options()["lr"])[0] > 0


def test_data_sets_say_where_they_come_from(monkeypatch):
    monkeypatch.delenv("ZOO_DATA", raising=False)
    assert availability("digits8x8") == "here" and availability("otto") == "missing"
    assert "digits8x8" in trainable(("digits8x8", "noise")) and "noise" not in trainable(("digits8x8", "noise"))


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


def test_without_runs_the_page_says_so(page):
    assert "There are no runs yet" in html(opened(page, view="Runs"))


def test_a_sweep_is_planned_queued_and_removed(page):
    opened(page, view="Sweep", entry="mnist-softmax")
    assert "6 runs, one after another" in html(page)
    values = [element for element in page.text_input if element.label == "Values"]
    values[1].set_value("32, 31.5").run()
    assert "expected a whole number" in html(page) and page.button(key="lab-sweep").disabled
    [element for element in page.text_input if element.label == "Values"][1].set_value(
        ",".join(map(str, range(2, 60)))
    ).run()
    assert "at most 100 can be trained" in html(page)
    [element for element in page.text_input if element.label == "Values"][1].set_value("64").run()
    page.button(key="lab-sweep").click().run()
    assert not page.exception
    (sweep,) = queue.queued_sweeps()
    assert sweep.settings == {"datasets": "digits8x8", "lr": "0.001,0.01,0.1", "batch": "64"} and sweep.names == ("lr",)
    assert queue.state_of_sweep(sweep.name) == "queued" and "This sweep starts when" in html(page)
    page.button(key="lab-stop-sweep").click().run()
    assert not page.exception and sweeps.sweeps() == []


@pytest.mark.parametrize("names", [("lr",), ("lr", "batch"), ("lr", "batch", "epochs"), ()])
def test_the_results_of_a_sweep_are_a_table_and_a_picture(page, names):
    texts = {"lr": "0.01,0.1", "batch": "32,64", "epochs": "2,3"}
    settings = {"datasets": "digits8x8", **{name: texts[name] for name in names}}
    sweeps.write(sweeps.Sweep(name="s", entry="mnist-softmax", settings=settings, names=names, seeds=1, created=1.0))
    recipes = [
        {name: kind(texts[name].split(",")[at]) for name, kind in zip(names, (float, int, int), strict=False)}
        for at in (0, 1)
    ]
    record("s", sweep="s", recipe=recipes[0], accuracy=0.9, loss=0.2, command=["mnist-softmax", "--lr", "0.01"])
    record("s-2", sweep="s", recipe=recipes[1], state="failed", reason="It diverged.")
    opened(page, view="Sweep", sweep="s")
    text = html(page)
    assert ("90.0%" in text) and (not names or "failed: It diverged." in text)
    assert len(page.get("vega_lite_chart")) == bool(names)
    assert page.code[0].value == "zoo train mnist-softmax --lr 0.01"


def test_a_search_takes_ranges_and_a_number_of_settings(page):
    opened(page, view="Sweep", entry="mnist-softmax")
    values = [element for element in page.text_input if element.label == "Values"]
    values[0].set_value("0.001..0.1").run()
    assert "is a range; choose Search" in html(page) and page.button(key="lab-sweep").disabled
    page.segmented_control(key="lab-form-sweep-way").set_value("Search").run()
    [element for element in page.number_input if element.label == "Settings to try"][0].set_value(5).run()
    assert [element.value for element in page.text_input if element.label == "Values"][0] == "0.001..0.1"
    assert "5 runs, one after another" in html(page)
    page.button(key="lab-sweep").click().run()
    assert not page.exception
    (sweep,) = queue.queued_sweeps()
    assert (sweep.search, sweep.settings["lr"], sweep.names) == (5, "0.001..0.1", ("batch", "lr"))


@pytest.mark.parametrize("names", [("lr",), ("batch", "lr"), ("batch", "epochs", "lr"), ("optimizer",)])
def test_the_results_of_a_search_are_a_picture_too(page, names):
    settings = {"datasets": "digits8x8", "lr": "0.001..0.1"}
    plan = {"settings": settings, "names": names, "seeds": 1, "search": 3, "created": 1.0}
    sweeps.write(sweeps.Sweep(name="s", entry="mnist-softmax", **plan))
    for number, lr in enumerate((0.002, 0.03, 0.07)):
        recipe = {"lr": lr, "batch": 32, "epochs": number + 1, "optimizer": "adamw"}
        record(f"s-{number}", sweep="s", recipe=recipe, accuracy=0.8 + lr, loss=0.2, command=["mnist-softmax"])
    opened(page, view="Sweep", sweep="s")
    assert not page.exception and len(page.get("vega_lite_chart")) == 1


def test_a_training_does_not_replace_a_model(page):
    opened(page, entry="mnist-softmax")
    name = labelled(page.text_input, "Name of the new model")
    record("taken", state="queued")
    name.set_value("taken").run()
    page.button(key="lab-train").click().run()
    assert not page.exception
    assert "The name taken is already in use; choose another, such as taken-1." in html(page)
    assert [run.id for run in queue.queued()] == ["taken"]
