"""`zoo evaluate`: figures on test sets, and over seeds."""

import json
import os
import re
import subprocess
import sys

import pytest

from models import catalog
from models.checkpoint import Checkpoint
from tests.app.conftest import ROOT, sentence

BOTH = ("fashion-cnn-batchnorm", "fashion-cnn")


def test_evaluate_without_data_names_the_network_and_zoo_data():
    """In a separate process, because urllib caches the proxy settings."""
    away = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    environment = {**os.environ, **away, "ZOO_DATA": ""}
    command = [sys.executable, "-m", "app.cli", "evaluate", "mnist-cnn", "--on", "mnist"]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    sentence((ended.returncode, ended.stdout, ended.stderr), "network", "ZOO_DATA")


def test_evaluate_prints_one_object(zoo):
    code, out, _ = zoo("evaluate", "mnist-cnn", "--on", "digits8x8", "--json")
    figures = json.loads(out)
    assert code == 0 and {"slug", "dataset", "n", "accuracy", "interval", "kept", "refused"} <= set(figures)
    assert figures["slug"] == "mnist-cnn" and figures["dataset"] == "digits8x8" and 0.5 < figures["accuracy"] <= 1
    code, out, _ = zoo("evaluate", "mnist-cnn", "--on", "noise", "--json")
    assert code == 0 and json.loads(out)["accuracy"] is None and 0 <= json.loads(out)["abstained"] <= 1
    assert ": accuracy " in zoo("evaluate", "mnist-cnn", "--on", "digits8x8")[1]


def test_the_means_over_seeds_are_compared(zoo):
    code, out, _ = zoo("evaluate", "fashion-cnn-batchnorm", "--seeds", "--against", "fashion-cnn")
    mean, difference = out.splitlines()
    assert code == 0 and mean.startswith("fashion-cnn-batchnorm on fashion: mean 9")
    found = re.fullmatch(
        r"fashion-cnn-batchnorm minus fashion-cnn on fashion: (.+) points \(95% interval (.+) to (.+)\)", difference
    )
    points, low, high = map(float, found.groups())
    assert low < points < high
    seeds = [Checkpoint.open(catalog.find(id).path).evaluation.seeds["fashion"] for id in BOTH]
    assert points == pytest.approx(100 * (seeds[0].mean - seeds[1].mean), abs=0.006)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mnist-cnn", "--seeds"], "mnist-cnn was trained with only one seed."),
        (["fashion-cnn", "--seeds", "--against", "mnist-cnn"], "mnist-cnn was trained with only one seed."),
        (["fashion-cnn", "--seeds", "--against", "names-gru"], "were not tested on the same data sets."),
        (["fashion-cnn", "--seeds", "--against", "fashion-cn"], "did you mean fashion-cnn"),
    ],
)
def test_seeds_that_cannot_be_compared_are_one_sentence(zoo, arguments, words):
    sentence(zoo("evaluate", *arguments), words)


@pytest.mark.parametrize("others", [[], ["--seeds", "--json"]])
def test_against_goes_with_seeds(zoo, others):
    code, out, err = zoo("evaluate", "fashion-cnn", "--against", "fashion-dropout", *others)
    assert code == 2 and out == "" and "use it with --seeds and without --json" in err
