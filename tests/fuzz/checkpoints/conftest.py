"""The checkpoints that the tests damage, and what is done with each: it is used, or refused with one sentence."""

import hashlib
import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.hub.model.charts import curve
from app.model_summary import ModelDetails
from models import catalog, load, paths
from models.checkpoint import OPTIONAL, Checkpoint
from models.errors import ZooError
from models.tasks.digits import DRAWINGS
from tests.fuzz.cases import in_time

SLUGS = ("mnist-cnn", "names-rnn")
RAW = {"ink": DRAWINGS["three"], "text": "Müller-Ivanov"}
COMMIT = "0" * 40
ID = "ada/strange"


def files_of(slug: str) -> dict[str, bytes]:
    """The files of a shipped checkpoint without the optional ones, which have tests of their own."""
    folder = paths.SHIPPED / slug
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in OPTIONAL}
    config = json.loads(files["config.json"])
    config["files"] = {name: digest for name, digest in config["files"].items() if name not in OPTIONAL}
    return files | {"config.json": json.dumps(config).encode()}


FILES = {slug: files_of(slug) for slug in SLUGS}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of a model that was pulled from the Hub: nothing in it is trusted."""
    home = tmp_path_factory.mktemp("zoo-home")
    patch = pytest.MonkeyPatch()
    patch.setenv("ZOO_HOME", str(home))
    folder = home / "hub" / ID / f"{COMMIT}.000000"
    folder.mkdir(parents=True)
    (folder.parent / "current").write_text(folder.name)
    yield folder
    patch.undo()


def write(folder: Path, files: dict[str, bytes], resign: bool = True) -> None:
    """Write the files; resign: with their hashes in config.json, as an attacker would."""
    files = dict(files)
    if resign:
        try:
            config = json.loads(files["config.json"])
            for name in config["files"]:
                config["files"][name] = hashlib.sha256(files[name]).hexdigest()
            files["config.json"] = json.dumps(config).encode()
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            pass
    for name, data in files.items():
        (folder / name).write_bytes(data)


def use(folder: Path) -> None:
    """Do with a checkpoint whatever pages, REST and the command line do."""
    with in_time():
        for listed in catalog.models():
            if listed.id == ID:
                details = ModelDetails.of(listed).to_dict()
                json.dumps(details, allow_nan=False)
        opened = Checkpoint.open(folder)
        for call in (opened.check, lambda: opened.card, lambda: rows(opened)):
            attempt(call)
        predictor = load(folder)
        raw = RAW.get(opened.task.input, b"")
        for call in (predictor.predict, predictor.explain, predictor.stages):
            attempt(partial(call, raw))
        if opened.task.input == "text":
            attempt(partial(predictor.belief, raw))
        prediction = predictor.predict(raw)
        json.dumps(prediction.to_dict(), allow_nan=False)
        assert 0.99 < sum(prediction.probabilities.values()) < 1.01


def rows(opened: Checkpoint) -> None:
    """Read the training curve, as a page does."""
    assert all(np.isfinite(list(row.values())).all() for row in curve(opened.history))


def attempt(call: Any) -> ZooError | None:
    """The ZooError that a call raises, if it raises one."""
    try:
        call()
    except ZooError as error:
        return checked(error)
    return None


def checked(error: ZooError) -> ZooError:
    sentence = str(error)
    assert "\n" not in sentence and len(sentence) < 2_000, sentence
    return error


def used_or_refused(folder: Path) -> None:
    try:
        use(folder)
    except ZooError as error:
        checked(error)
