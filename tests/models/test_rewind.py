"""Rewinding: the answers at moments of the training, the last of which are those of the finished model."""

import shutil

import numpy as np
import pytest
from safetensors.numpy import load, save

import models
from models import catalog
from models.checkpoint import Checkpoint
from models.errors import BadCheckpoint
from models.paths import SHIPPED
from models.snapshots import FILE, MOST
from models.writing import attach

WITH = [model for model in catalog.models() if model.origin == "shipped" and FILE in model.config.files]


def test_the_small_nets_of_the_courses_can_be_rewound():
    assert {"mnist-cnn", "mnist-softmax", "net-37"} <= {model.id for model in WITH}


@pytest.mark.parametrize("model", WITH, ids=lambda model: model.id)
def test_the_last_moment_is_the_golden_answer_and_the_first_is_a_guess(model):
    predictor = models.load(model.id, engine="onnx")
    golden = predictor.checkpoint.golden
    for item in golden.inputs:
        rewound = predictor.rewind(item.raw)
        assert rewound.labels == predictor.task.labels
        assert np.abs(rewound.probabilities[-1] - item.probabilities).max() < golden.tolerance
        assert rewound.probabilities[0].max() < 0.5 + 0.5 / len(rewound.labels)
    assert len(rewound.moments) == len(rewound.probabilities) <= MOST
    assert rewound.moments[0] == "before training" and rewound.moments[-1].startswith("finished")


@pytest.mark.parametrize("id", ["mnist-softmax", "net-37"])
def test_the_evidence_at_the_last_moment_is_that_of_the_finished_model(id):
    predictor = models.load(id, engine="onnx")
    raw = predictor.task.examples[1].raw
    rewound, evidence = predictor.rewind(raw, evidence=True), predictor.explain(raw)
    assert len(rewound.evidence) == len(rewound.moments)
    assert np.allclose(rewound.evidence[-1].values, evidence.values, atol=1e-3)
    assert rewound.evidence[-1].places == evidence.places and rewound.evidence[-1].label == evidence.label
    assert np.abs(rewound.evidence[0].values).max() < np.abs(evidence.values).max() / 2


def test_a_model_without_snapshots_cannot_be_rewound():
    predictor = models.load("mnist-mlp", engine="onnx")
    with pytest.raises(BadCheckpoint, match="only small nets have snapshots"):
        predictor.rewind(predictor.task.examples[0].raw)


FAULTS = {
    "rise from 0": lambda t: t | {"steps": t["steps"] + 1},
    "2 to 24 moments": lambda t: t | {"steps": np.arange(100, dtype=np.int32)},
    "no valid 'batches_an_epoch'": lambda t: t | {"batches_an_epoch": np.array([0], np.int32)},
    "NaN or infinity": lambda t: t | {"net.head.bias": np.full_like(t["net.head.bias"], np.inf)},
    "expected float16": lambda t: t | {"net.head.bias": t["net.head.bias"][:, :-1].copy()},
    "weights of the net: 'net.head.bias'": lambda t: {name: t[name] for name in t if name != "net.head.bias"},
    "weights of the net: 'net.other'": lambda t: t | {"net.other": t["net.head.bias"]},
    "cannot be read": None,
    "at most 1,048,576": lambda t: t | {"net.other": np.zeros(2**20, np.float16)},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_snapshots_that_do_not_fit_the_net_are_refused(tmp_path, fault):
    folder = tmp_path / "net"
    shutil.copytree(SHIPPED / "net-37", folder)
    change = FAULTS[fault]
    attach(folder, FILE, save(change(load((folder / FILE).read_bytes()))) if change else b"\0" * 100)
    with pytest.raises(BadCheckpoint, match=fault):
        Checkpoint.open(folder).check()
    predictor = models.load(folder)
    predictor.predict(predictor.task.examples[0].raw)
    with pytest.raises(BadCheckpoint, match=fault):
        predictor.rewind(predictor.task.examples[0].raw)


def test_weights_that_the_graph_does_not_contain_are_refused(tmp_path):
    folder = tmp_path / "net"
    shutil.copytree(SHIPPED / "net-37", folder)
    graph = (folder / "model.onnx").read_bytes().replace(b"net.head.bias", b"net.head.bios")
    attach(folder, "model.onnx", graph)
    predictor = models.load(folder)
    with pytest.raises(BadCheckpoint, match="no weights 'net.head.bias'"):
        predictor.rewind(predictor.task.examples[0].raw)
