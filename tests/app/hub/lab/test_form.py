"""The form of the lab, and the command that it queues."""

import pytest

from app.hub.lab import command, form, words
from app.hub.lab.command import Choice, arguments
from models import catalog, runs
from tests.app.hub.conftest import html
from tests.app.hub.lab.conftest import labelled, opened, record
from training import queue
from training.data.availability import trainable
from training.recipe import options


def test_an_open_lab_starts_with_the_digits_that_train_in_seconds(page):
    opened(page)
    assert labelled(page.selectbox, "Task").value == "digits"
    assert labelled(page.button_group, "Examples to learn from").value == ["digits8x8"]
    assert labelled(page.number_input, "Learning rate").value == catalog.entry("mnist-cnn").recipe.lr
    assert "Press Train" in html(page) and "training is quick" in html(page)


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


def test_an_impossible_name_is_a_sentence(page):
    opened(page, entry="mnist-softmax")
    labelled(page.text_input, "Name of the new model").set_value("--help ; rm").run()
    next(button for button in page.button if button.key == "lab-train").click().run()
    assert not page.exception and "not a valid slug" in html(page) and runs.runs() == []


def test_a_training_does_not_replace_a_model(page):
    opened(page, entry="mnist-softmax")
    name = labelled(page.text_input, "Name of the new model")
    record("taken", state="queued")
    name.set_value("taken").run()
    page.button(key="lab-train").click().run()
    assert not page.exception
    assert "The name taken is already in use; choose another, such as taken-1." in html(page)
    assert [run.id for run in queue.queued()] == ["taken"]


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
