"""The part "Inside" of a model's page: weights as images, the map of features and the visitor's input on it."""

import json

import numpy as np
import pytest

from app.hub.inputs import drawing
from app.hub.model import charts, inside
from app.hub.safety import BROKEN
from models import catalog
from tests.app.hub.conftest import html

SEVEN = [[[80, 70], [190, 68], [170, 110], [135, 220]]]


def charts_of(page) -> str:
    return "".join(json.dumps(json.loads(element.proto.spec)) for element in page.get("vega_lite_chart"))


@pytest.mark.parametrize(
    ("id", "count", "words"),
    [
        ("mnist-cnn", 10, "The 10 kernels of the first layer**, 5 by 5 weights each"),
        ("net-37", 30, "The 30 units of the first layer**, 28 by 28 weights each"),
        ("mnist-mlp", inside.MOST, f"Only the first {inside.MOST} of"),
    ],
)
def test_the_first_layer_is_shown(model_page, id, count, words):
    model_page.query_params["model"] = id
    model_page.run()
    assert not model_page.exception and BROKEN not in html(model_page)
    text = html(model_page)
    assert text.count('alt="Kernel ') + text.count('alt="Unit ') == count
    assert words in "".join(each.value for each in [*model_page.markdown, *model_page.caption]) + text


def test_a_linear_net_has_an_image_for_each_label(model_page):
    model_page.query_params["model"] = "mnist-softmax"
    model_page.run()
    assert html(model_page).count("Blue: for it. Orange: against it.") == 10
    assert inside.has_inside(catalog.find("mnist-softmax"))


def test_the_map_shows_the_visitors_drawing(model_page):
    model_page.query_params["model"] = "mnist-cnn"
    model_page.run()
    assert not model_page.exception and charts.OWN not in charts_of(model_page)
    assert "page and come back: your drawing appears on the map." in html(model_page)
    model_page.session_state[drawing.KEY] = drawing.DrawingState(strokes=SEVEN)
    model_page.run()
    assert not model_page.exception and BROKEN not in html(model_page)
    assert charts.OWN in charts_of(model_page) and "Your drawing is ringed." in html(model_page)


def test_a_model_of_texts_has_nothing_to_show(model_page):
    assert not inside.has_inside(catalog.find("names-gru"))
    model_page.query_params["model"] = "names-gru"
    model_page.run()
    assert [tab.label for tab in model_page.tabs][:3] == ["Figures", "Mistakes", "Training"]


def test_colour_kernels_become_pictures():
    picture = inside._picture(np.arange(27, dtype=np.float32).reshape(3, 3, 3))
    assert picture.shape == (3, 3, 3) and (picture.min(), picture.max()) == (0, 255)


def test_the_recipe_stands_on_the_page(model_page):
    model_page.query_params["model"] = "mnist-softmax"
    model_page.run()
    assert not model_page.exception
    text = html(model_page)
    assert "Settings that differ from the defaults" in text and "<td>512</td><td>256</td>" in text
    assert "Settings with default values" in text and "Decay of the moving average of the weights" in text
