"""Tests that every model in the catalog must pass, whatever its task; a new entry needs no others."""

import json
import subprocess
import sys

import numpy as np
import pytest

from models import catalog, load, paths, processors
from models.checkpoint import Checkpoint
from models.predictor import BATCH

MODELS = sorted(path.name for path in paths.SHIPPED.iterdir() if path.is_dir())


@pytest.fixture(params=MODELS)
def model(request):
    return catalog.find(request.param)


def raw_inputs(model):
    """Raw golden inputs of the model and raw examples of its task."""
    golden = [item.raw for item in Checkpoint.open(model.path).golden.inputs]
    return golden + [example.raw for example in model.task.examples]


def test_every_entry_of_a_shipped_task_has_a_checkpoint():
    shipped = {catalog.find(slug).task.slug for slug in MODELS}
    assert {slug for slug, entry in catalog.entries().items() if entry.task in shipped} <= set(MODELS)


def test_an_answer_is_a_distribution_over_the_labels(model):
    for prediction in load(model.id).predict_batch(raw_inputs(model)):
        values = list(prediction.probabilities.values())
        assert set(prediction.probabilities) == set(model.task.labels)
        assert sum(values) == pytest.approx(1, abs=1e-9) and values == sorted(values, reverse=True)
        assert prediction.best == next(iter(prediction.probabilities))
        assert prediction.label == (None if prediction.abstained else prediction.best)
        json.dumps(prediction.to_dict(), allow_nan=False)


def test_a_single_prediction_equals_its_row_in_a_batch(model):
    predictor = load(model.id)
    for raw, in_batch in zip(raw_inputs(model), predictor.predict_batch(raw_inputs(model)), strict=True):
        single = predictor.predict(raw)
        assert single.label == in_batch.label and single.notes == in_batch.notes
        for label, value in single.probabilities.items():
            assert in_batch.probabilities[label] == pytest.approx(value, abs=1e-5)


def test_both_engines_agree(model):
    onnx, torch = load(model.id, engine="onnx"), load(model.id, engine="torch", device="cpu")
    for a, b in zip(onnx.predict_batch(raw_inputs(model)), torch.predict_batch(raw_inputs(model)), strict=True):
        assert a.label == b.label
        assert a.familiarity == pytest.approx(b.familiarity, abs=2e-3)
        for label, value in a.probabilities.items():
            assert b.probabilities[label] == pytest.approx(value, abs=1e-3)


@pytest.mark.parametrize("engine", ["onnx", "torch"])
def test_the_golden_answers_are_reproduced(model, engine):
    predictor = load(model.id, engine=engine, device="cpu")
    golden = predictor.checkpoint.golden
    for item in golden.inputs:
        arrays = predictor.processor.process(predictor.read(item.raw))
        for name, array in arrays.items():
            np.testing.assert_allclose(array, np.asarray(item.arrays[name]), atol=1e-5)
        outputs = predictor.engine.run({name: array[None] for name, array in arrays.items()})
        np.testing.assert_allclose(outputs["logits"][0], item.logits, atol=golden.tolerance)
        actual = predictor.predict(item.raw).probabilities
        expected = dict(zip(predictor.task.labels, item.probabilities, strict=True))
        assert all(actual[label] == pytest.approx(expected[label], abs=golden.tolerance) for label in expected)


def test_the_processor_survives_the_round_trip_through_json(model):
    processor = Checkpoint.open(model.path).processor
    again = processors.from_dict(json.loads(json.dumps(processor.to_dict())))
    for raw in raw_inputs(model):
        before, after = processor.process(processor.read(raw)), again.process(again.read(raw))
        assert all(np.array_equal(before[name], after[name]) for name in before)


def test_batched_processing_gives_the_same_arrays(model):
    processor = Checkpoint.open(model.path).processor
    canonical = [processor.read(raw) for raw in raw_inputs(model)]
    batch = processor.process_batch(canonical)
    collated = processor.collate([processor.process(item) for item in canonical])
    assert all(np.array_equal(batch[name], collated[name]) for name in collated)


def test_a_fresh_process_without_torch_gives_the_same_answer(model):
    raw = raw_inputs(model)[0]
    here = load(model.id).predict(raw)
    code = (
        "import json, sys; from models import load; raw = json.loads(sys.stdin.read());"
        f"p = load({model.id!r}, device='cpu').predict(raw); assert 'torch' not in sys.modules; "
        "print(json.dumps(p.to_dict()))"
    )
    answer = json.loads(
        subprocess.run(
            [sys.executable, "-c", code], input=json.dumps(raw), capture_output=True, text=True, check=True
        ).stdout
    )
    assert answer["label"] == here.label and answer["checkpoint"] == here.checkpoint
    assert answer["probabilities"] == pytest.approx(here.probabilities, abs=1e-6)


def test_declared_parameters_and_tensors_match_the_net(model):
    entry = catalog.entries().get(model.config.net.name)
    net = entry.net(**model.config.net.arguments)
    assert model.config.parameters == sum(parameter.numel() for parameter in net.parameters())
    tensors = Checkpoint.open(model.path).tensors()
    assert {name for name in tensors if name.startswith("net.")} == {f"net.{name}" for name in net.state_dict()}


def test_every_file_matches_its_hash_and_the_config_is_small(model):
    checkpoint = Checkpoint.open(model.path)
    checkpoint.check()
    assert (checkpoint.path / "config.json").stat().st_size < 100_000
    assert checkpoint.card.startswith("---") and model.config.title in checkpoint.card


def test_the_graph_takes_any_batch_size_and_contains_its_metadata(model):
    import onnxruntime

    checkpoint = Checkpoint.open(model.path)
    metadata = onnxruntime.InferenceSession(checkpoint.read("model.onnx")).get_modelmeta().custom_metadata_map
    assert metadata["slug"] == model.slug and metadata["license"]
    assert json.loads(metadata["labels"]) == list(checkpoint.task.labels)
    assert json.loads(metadata["processor"]) == checkpoint.processor.to_dict()
    predictor = load(model.id, engine="onnx")
    arrays = predictor.processor.process(predictor.read(raw_inputs(model)[0]))
    for size in (1, 2, 7, 64):
        outputs = predictor.engine.run({name: np.repeat(array[None], size, axis=0) for name, array in arrays.items()})
        assert outputs["logits"].shape == (size, len(model.task.labels))
        np.testing.assert_allclose(outputs["logits"], outputs["logits"][:1].repeat(size, axis=0), atol=1e-4)


def test_the_graph_agrees_with_torch_at_every_size(model, monkeypatch):
    """Batch sizes from 1 to 64 (photos: 16, the most a predictor sends); for texts, lengths from 1 to 100 with each."""
    from models.engines.torch import build
    from training import export

    checkpoint = Checkpoint.open(model.path)
    assert min(export.SIZES) == 1 and max(export.SIZES) >= 64
    if model.task.input == "picture":
        monkeypatch.setattr(export, "SIZES", (1, 2, BATCH["picture"]))
    served = build(checkpoint).eval()
    processor = checkpoint.processor
    inputs = processor.process_batch([processor.read(raw) for raw in raw_inputs(model)[:10]])
    ordered = {array.name: inputs[array.name] for array in model.config.inputs}  # in the order of the net's arguments
    assert export.check_parity(served, checkpoint.read("model.onnx"), ordered) <= export.TOLERANCE


def test_the_axes_of_the_graph_are_dynamic(model):
    """The batch axis of every input and output; for texts also the axis of letters or words."""
    import onnxruntime

    session = onnxruntime.InferenceSession(Checkpoint.open(model.path).read("model.onnx"))
    shapes = {value.name: value.shape for value in (*session.get_inputs(), *session.get_outputs())}
    assert {shape[0] for shape in shapes.values()} == {"batch"}
    if "lengths" in shapes:
        assert shapes["x"] == ["batch", "length"]


def test_evidence_has_a_finite_value_for_every_label_and_position(model):
    predictor = load(model.id)
    evidence = predictor.explain(raw_inputs(model)[0])
    assert evidence.label == predictor.predict(raw_inputs(model)[0]).best
    assert len(evidence.values) == len(evidence.labels) == len(model.task.labels)
    assert np.isfinite(evidence.values).all() and evidence.of(evidence.label).max() > 0


def test_the_figures_are_those_of_the_evaluation(model):
    evaluation = Checkpoint.open(model.path).evaluation
    assert model.config.figures
    study = evaluation.studies.cross_validation
    for name, figure in model.config.figures.items():
        measured = study if study and study.dataset == name else evaluation.test[name]
        assert figure.accuracy == measured.accuracy and figure.n == measured.n
        assert figure.interval[0] <= figure.accuracy <= figure.interval[1]
    assert evaluation.test_runs >= 1
