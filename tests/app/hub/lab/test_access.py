"""Who can use the lab, and what is missing to use it."""

from types import SimpleNamespace

import pytest

from app.hub.lab import access, form
from tests.app.hub.conftest import html
from tests.app.hub.lab.conftest import labelled, opened
from training import queue


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
