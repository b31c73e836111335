"""One's own photos, the whole way by the README's command: a head on a frozen trunk, evaluated, explained, in the hub.

The photos are synthetic, noise around a colour; the trunk is a small one in the place of EfficientNet's, whose export
alone takes a minute.
"""

import re
import shlex
from contextlib import redirect_stderr
from dataclasses import replace
from io import StringIO
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import models
from app.verify.checks import verify
from models import catalog
from models.checkpoint import Checkpoint
from models.processors.photo import Photo
from training.__main__ import main

ENGINES = 3  # checks of `zoo verify`: the files and both engines; tests/app covers the interfaces
README = Path(__file__).parents[3] / "README.md"
COLOURS = {"dune": (220, 190, 90), "lake": (40, 90, 190), "wood": (40, 130, 50)}
EACH = 8


def small_net(classes: int):
    from torch import nn

    from models.nets.photo import PhotoClassifier

    trunk = nn.Sequential(nn.Conv2d(3, 8, 8, stride=8), nn.BatchNorm2d(8), nn.ReLU())
    return PhotoClassifier(trunk, nn.Linear(8, classes), mirrored=True)


@pytest.fixture(scope="module")
def photos(tmp_path_factory) -> Path:
    """Eight photos of each label, a smaller copy of one of them, and a file that is not an image."""
    folder, random = tmp_path_factory.mktemp("photos") / "my-photos", np.random.default_rng(0)
    for name, colour in COLOURS.items():
        (folder / name).mkdir(parents=True)
        for number in range(EACH):
            pixels = np.clip(colour + random.normal(0, 60, (9, 12, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).resize((200, 150)).save(folder / name / f"{number}.jpg", quality=90)
    Image.open(folder / "dune" / "0.jpg").resize((100, 75)).save(folder / "dune" / "smaller.jpg", quality=70)
    (folder / "dune" / "broken.jpg").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def printed(photos, tmp_path_factory):
    """The output of the training of `my-photos`."""
    command = re.search(r"zoo train (holidays-efficientnet --examples my-photos/[^`\n]*)", README.read_text())[1]
    arguments = shlex.split(command.replace("my-photos/", str(photos)))
    shipped = catalog.entry("holidays-efficientnet")
    recipe = replace(shipped.recipe, start_from=None, lr=3e-2)
    small = replace(shipped, net=small_net, processor=lambda: Photo(size=32, cells=4), recipe=recipe)
    with pytest.MonkeyPatch.context() as patch, redirect_stderr(StringIO()) as err:
        patch.setenv("ZOO_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setattr(catalog, "entries", lambda: {small.slug: small})
        assert main([*arguments, "--device", "cpu"]) == 0
        yield err.getvalue()


def test_training_reports_its_photos_and_the_skipped_files(printed):
    assert "25 pictures with 3 labels" in printed and "1 left out: dune/broken.jpg" in printed
    assert "Fewer than 10 pictures of dune, lake, wood" in printed


def test_the_model_of_photos_is_complete_in_the_hub(printed):
    model = catalog.find("my-photos")
    assert (model.origin, model.task.slug, model.task.input) == ("mine", "my-photos", "picture")
    checkpoint = Checkpoint.open(model.path)
    checkpoint.check()
    study = checkpoint.evaluation.studies.cross_validation
    assert study.n == 25 and study.accuracy > 0.6  # guessing: 1/3
    assert set(checkpoint.evaluation.ood) == {"patterns"}
    assert all(check.holds for check in islice(verify("my-photos", server=None, zoo=None), ENGINES))


def test_the_model_of_photos_answers_with_evidence(printed, photos):
    predictor = models.load("my-photos", engine="onnx")
    right = [predictor.predict(photos / name / "1.jpg").best == name for name in COLOURS]
    assert sum(right) >= 2
    evidence = predictor.explain(photos / "wood" / "1.jpg")
    assert evidence.values.shape == (3, 4, 4) and evidence.values.any()
