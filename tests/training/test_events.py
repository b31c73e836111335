"""TensorBoard reads what a run writes, and the training does not depend on it."""

import io
import sys
import time

import numpy as np
import pytest
import torch
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from models import runs
from tests.training.test_fit import RECIPE, _bars, _fit, _interrupt_in_epoch, _net, _same
from training.data.examples import Examples
from training.events import HISTOGRAMS, Events, _drawn
from training.fit import fit
from training.recipe import values
from training.record import Record


@pytest.fixture
def record(tmp_path, monkeypatch) -> Record:
    """The record of a run that is training here, for nets of bars."""
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    fields = {"entry": "mnist-cnn", "task": "bars", "seed": 3, "state": "running", "created": time.time()}
    record = Record(runs.Run(id="quick", model="quick", recipe=values(RECIPE), **fields))
    record.labels = ("vertical", "horizontal")
    record.write()
    return record


def trained(record, recipe=RECIPE, **options):
    """The fit of a recorded run."""
    return _fit(record.folder / "validated", recipe, record=record, **options)


def read(folder) -> EventAccumulator:
    """What TensorBoard finds in a folder."""
    events = EventAccumulator(str(folder), size_guidance={"scalars": 0, "histograms": 0, "images": 0})
    return events.Reload()


def scalars(folder, tag: str) -> dict[int, float]:
    """A curve, step -> value in the order of the steps; no step may come twice.

    TensorBoard reads files of the same second in the order of their names, in which 10 comes before 9.
    """
    points = sorted(read(folder).Scalars(tag), key=lambda point: point.step)
    assert len({point.step for point in points}) == len(points)
    return {point.step: point.value for point in points}


def test_curves_weights_graph_confusion_and_hyperparameters_are_written(record):
    fitted = trained(record)
    events = read(record.folder)
    names = {"loss": "loss/train", "validation loss": "loss/validation", "lr": "lr"}
    for name, tag in {**names, "accuracy": "accuracy/validation", "train accuracy": "accuracy/train"}.items():
        expected = {row["epoch"]: pytest.approx(row[name], abs=1e-6) for row in fitted.history}
        assert scalars(record.folder, tag) == expected
    weights = {name for name, _ in fitted.net.named_parameters()}
    assert set(events.Tags()["histograms"]) == {f"weights/{name}" for name in weights}
    assert [each.step for each in events.Histograms("weights/head.weight")] == [1, 2, 3, 4]
    assert "MaxPool" in str(events.Graph()) or "max_pool" in str(events.Graph())
    (image,) = events.Images("confusion matrix")
    assert image.step == fitted.epoch and Image.open(io.BytesIO(image.encoded_image_string)).width == image.width
    settings = events.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    assert b"weight_decay" in settings and b"mnist-cnn" in settings
    assert scalars(record.folder, "best/accuracy") == {
        fitted.epoch: pytest.approx(fitted.history[fitted.epoch - 1]["accuracy"])
    }


def test_the_second_run_has_a_file_of_its_own(record):
    fit(_net(), _bars(200), None, RECIPE, folder=record.folder / "refit", record=record, part="refit")
    assert set(read(record.folder / "refit").Tags()["scalars"]) == {"loss/train", "accuracy/train", "lr"}
    assert not list(record.folder.glob("events*"))


@pytest.mark.parametrize("part", ["head", "round 2 of 5", "all examples"])
def test_other_parts_write_none(record, part):
    fit(_net(), _bars(64), None, RECIPE, folder=record.folder / "x", record=record, part=part, stop_after=1)
    assert not list(record.folder.rglob("events*"))


def test_a_resumed_run_has_each_epoch_once(record, monkeypatch):
    with pytest.MonkeyPatch.context() as patched:
        _interrupt_in_epoch(patched, 3)
        trained(record)
    resumed = trained(record, net=_net(seed=9), resume=True)
    assert list(scalars(record.folder, "loss/train")) == [1, 2, 3, 4] == [row["epoch"] for row in resumed.history]


def test_long_runs_write_the_weights_a_few_times(record):
    with Events(record, "validation", 0, 300) as events:
        run = type("Run", (), {"average": type("Average", (), {"module": _net()})})
        for epoch in range(1, 301):
            events.epoch(run, {"epoch": epoch, "loss": 1.0})
    assert len(read(record.folder).Histograms("weights/head.bias")) == HISTOGRAMS + 1
    assert len(scalars(record.folder, "loss/train")) == 300


def test_weights_that_are_no_numbers_are_left_out(record):
    net = _net()
    net.head.weight.data.fill_(float("nan"))
    run = type("Run", (), {"average": type("Average", (), {"module": net})})
    with Events(record, "validation", 0, 1) as events:
        events.epoch(run, {"epoch": 1, "loss": float("nan")})
    assert "weights/head.bias" in read(record.folder).Tags()["histograms"]


def test_a_net_that_cannot_be_traced_has_no_graph(record, capsys):
    net = _net()
    forward = type(net).forward

    class Untraceable(type(net)):
        def forward(self, x):
            if torch.jit.is_tracing():
                raise TypeError("not traceable")
            return forward(self, x)

    net.__class__ = Untraceable
    trained(record, net=net)
    tags = read(record.folder).Tags()
    assert not tags["graph"] and tags["scalars"] and "rror" not in capsys.readouterr().out


def test_without_the_package_training_goes_on(record, monkeypatch):
    with_events = trained(record)
    for path in record.folder.glob("events*"):
        path.unlink()
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    without = trained(record)
    assert _same(with_events, without) and not list(record.folder.glob("events*"))


def test_a_full_disk_does_not_end_the_training(record, monkeypatch):
    from tensorboard.summary.writer import record_writer

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(record_writer.RecordWriter, "write", full)
    assert len(trained(record).history) == RECIPE.epochs


@pytest.mark.parametrize("classes", [2, 10, 30, 31, 100, 700])
def test_the_confusion_matrix_is_drawn_for_any_number_of_labels(classes):
    counts = np.eye(classes, dtype=int) * 7
    image = _drawn(counts, tuple(f"label {number}" for number in range(classes)))
    assert image.dtype == np.uint8 and image.shape[2] == 3 and max(image.shape) <= 800
    assert image.min() == 0 and image.max() == 255


def test_texts_are_traced_with_all_their_inputs(record):
    class Reader(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.letters, self.head = torch.nn.Embedding(10, 4), torch.nn.Linear(4, 2)

        def forward(self, x, lengths):
            features = self.letters(x).mean(dim=1) / lengths[:, None]
            return self.head(features), features

    x = np.random.default_rng(0).integers(1, 10, (64, 5))
    examples = Examples({"x": x, "lengths": np.full(64, 5)}, (x[:, 0] > 5).astype(np.int64))
    fit(Reader(), examples, {"letters": examples}, RECIPE, folder=record.folder / "validated", record=record)
    assert read(record.folder).Tags()["graph"]
