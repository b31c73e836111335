"""Measured prediction times: stored per version of a model and per device."""

import json
from dataclasses import replace

import pytest

from app import speed
from models import catalog, paths


@pytest.fixture(autouse=True)
def no_stored_speeds(monkeypatch, tmp_path):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.setattr("app.settings.quiet", lambda: None)  # its settings would outlast the test


def test_measured_speeds_are_stored(zoo):
    assert speed.known() == {}
    code, printed, _ = zoo("speed", "mnist-cnn", "names-ngrams")
    assert code == 0 and "mnist-cnn" in printed
    known = speed.known()
    assert set(known) == {"mnist-cnn", "names-ngrams"} and all(0 < ms < 10_000 for ms in known.values())
    assert f"{known['mnist-cnn']:.2f}" in printed


def test_speeds_of_another_version_do_not_count(monkeypatch):
    model = catalog.find("mnist-cnn")
    speed.measure(model)
    files = {**model.config.files, "model.onnx": "0" * 64}
    other = replace(model, config=model.config.model_copy(update={"files": files}))
    monkeypatch.setattr(catalog, "models", lambda task=None: [other])
    assert speed.known() == {}


def test_speeds_on_another_device_do_not_count(monkeypatch):
    speed.measure(catalog.find("mnist-cnn"))
    monkeypatch.setattr(speed, "best_device", lambda: "cuda")
    assert "mnist-cnn" not in speed.known()


@pytest.mark.parametrize("content", ["", "[]", "no JSON", json.dumps({"x": "y"}), "\udcff"])
def test_a_damaged_file_is_replaced(content):
    path = paths.data_home() / speed.FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, errors="surrogateescape")
    assert speed.known() == {}
    speed.measure(catalog.find("names-ngrams"))
    assert set(speed.known()) == {"names-ngrams"}


def test_the_server_measures_only_while_idle(monkeypatch):
    two = catalog.models()[:2]
    monkeypatch.setattr(catalog, "models", lambda task=None: two)
    quiet, slept = iter([False, False, *[True] * 6]), []
    monkeypatch.setattr(speed, "is_quiet", lambda: next(quiet))
    monkeypatch.setattr(speed.time, "sleep", slept.append)
    speed.measure_missing()
    assert slept == [speed.PAUSE, 1, 1] and set(speed.known()) == {model.id for model in two}


def test_speeds_measured_under_load_are_measured_again(monkeypatch):
    model = catalog.find("names-ngrams")
    monkeypatch.setattr(catalog, "models", lambda task=None: [model])
    monkeypatch.setattr(speed.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(speed, "is_quiet", lambda: False)
    speed.measure(model)
    assert set(speed.known()) == {model.id} and not speed._is_settled(model)
    monkeypatch.setattr(speed, "is_quiet", lambda: True)
    speed.measure_missing()
    assert speed._is_settled(model)


def test_a_model_that_cannot_be_measured_is_skipped(monkeypatch):
    two = catalog.models()[:2]
    monkeypatch.setattr(catalog, "models", lambda task=None: two)
    monkeypatch.setattr(speed, "is_quiet", lambda: True)
    monkeypatch.setattr(speed.time, "sleep", lambda seconds: None)
    real = speed.models.load

    def load(id):
        if id == two[0].id:
            raise speed.ZooError("damaged")
        return real(id)

    monkeypatch.setattr(speed.models, "load", load)
    speed.measure_missing()
    assert set(speed.known()) == {two[1].id}
