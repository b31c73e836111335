"""Sweeps and searches in the lab."""

import pytest

from models import sweeps
from tests.app.hub.conftest import html
from tests.app.hub.lab.conftest import opened, record
from training import queue


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
