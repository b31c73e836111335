"""The mean features of photos of all sorts: for the trunk they were computed with, and for no other."""

import pytest

from training.mean_features import START, mean_features


def test_the_mean_is_that_of_unit_features_of_the_trunk():
    mean = mean_features(START)
    assert mean.shape == (1280,)
    assert mean.min() >= 0  # the trunk ends in a ReLU
    assert 0.3 < mean.norm() < 0.9  # photos have something in common, but differ


@pytest.mark.parametrize("start_from", [None, "backbone/resnet10t", "timm/resnet18.a1_in1k"])
def test_other_trunks_have_none(start_from):
    assert mean_features(start_from) is None
