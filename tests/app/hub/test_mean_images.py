"""The mean images on the page of pixel-similarity, and their difference."""

import numpy as np

from app.hub.model.mean_images import BLUE, ORANGE, difference_picture, ink_picture
from tests.app.hub.conftest import html


def test_the_page_shows_both_means_and_their_difference(model_page):
    model_page.query_params["model"] = "pixel-similarity"
    model_page.run()
    assert not model_page.exception
    text = html(model_page)
    assert all(f'alt="{title}"' in text for title in ("Mean 3", "Mean 7", "Difference"))


def test_other_models_have_none(model_page):
    model_page.query_params["model"] = "mnist-cnn"
    model_page.run()
    assert "What the model compares" not in html(model_page)


def test_ink_is_dark_and_a_difference_is_blue_or_orange():
    assert ink_picture(np.array([[0.0, 1.0]])).tolist() == [[255, 0]]
    picture = difference_picture(np.array([[0.0, 0.5, -0.5]]))
    assert picture[0].tolist() == [[255, 255, 255], BLUE.tolist(), ORANGE.tolist()]
    assert (difference_picture(np.zeros((2, 2))) == 255).all()
