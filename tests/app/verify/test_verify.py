"""`zoo verify`: every interface of a real server gives the expected answers; one that does not is named."""

import json
import shutil
import sys
from dataclasses import replace

import numpy as np
import pytest

from app.cli import verify
from app.verify import records
from app.verify.golden import compare_answer
from app.verify.local_server import LocalServer
from app.verify.records import Check
from models import catalog, golden, paths
from models.checkpoint import Checkpoint
from models.errors import ZooError
from models.processors.ink import Ink
from training import evaluate as evaluating

INTERFACES = ["command line", "page", "REST", "Gradio", "MCP"]
CHECKS = ["files", "Python, onnx on cpu", "Python, torch on cpu", *INTERFACES]
DRIFTS = """
from app import server
from models.engines.onnx import OnnxEngine

run = OnnxEngine.run
OnnxEngine.run = lambda self, arrays: {name: array + 0.01 for name, array in run(self, arrays).items()}
server.main()
"""


@pytest.fixture(autouse=True)
def no_card(monkeypatch):
    """Pretend that this machine has no graphics card."""
    monkeypatch.setattr("app.verify.checks.best_device", lambda: "cpu")


@pytest.fixture(autouse=True)
def no_stored_results(zoo_home, monkeypatch):
    """Delete the results after each test; `zoo doctor` would report the planted failures."""
    monkeypatch.setattr("app.settings.quiet", lambda: None)  # servers call it themselves
    yield
    shutil.rmtree(zoo_home / "verified", ignore_errors=True)


@pytest.fixture
def checkpoint() -> Checkpoint:
    return Checkpoint.open(paths.SHIPPED / "mnist-cnn")


@pytest.mark.parametrize("id", ["mnist-cnn", "holidays-efficientnet", "names-ngrams"])
def test_every_interface_gives_the_golden_answers(zoo, verifier, id):
    code, out, _ = zoo("verify", id, "--json")
    checks = [json.loads(line) for line in out.splitlines()]
    assert code == 0, out
    assert [check["what"] for check in checks] == CHECKS and {check["id"] for check in checks} == {id}
    assert all(check["holds"] and check["seconds"] >= 0 for check in checks)
    assert all("expected answers" in check["detail"] for check in checks[1:])
    record = records.verified(Checkpoint.open(catalog.find(id).path))
    assert record.current and not record.failed and [check.what for check in record.checks] == CHECKS


def test_a_shifted_processor_fails(zoo, verifier, monkeypatch, checkpoint):
    """In this process, so Python, the command line and the page fail; the server is not affected."""
    original = Ink._cut
    monkeypatch.setattr(Ink, "_cut", lambda *arguments: np.roll(original(*arguments), 8, axis=2))
    code, out, _ = zoo("verify", "mnist-cnn", "--json")
    checks = {line["what"]: line for line in map(json.loads, out.splitlines())}
    assert code == 1 and "array 'x' differs by" in checks["Python, onnx on cpu"]["detail"]
    failed = [what for what, check in checks.items() if not check["holds"]]
    assert failed == ["Python, onnx on cpu", "Python, torch on cpu", "command line", "page"]
    assert [check.what for check in records.verified(checkpoint).failed] == failed


def test_verifying_a_folder_needs_a_writable_home(zoo, monkeypatch, tmp_path):
    folder, blocked = tmp_path / "one", tmp_path / "a file"
    shutil.copytree(paths.SHIPPED / "names-ngrams", folder)
    blocked.touch()
    monkeypatch.setenv("ZOO_HOME", str(blocked / "home"))
    code, _, err = zoo("verify", str(folder))
    assert code == 1 and "Could not make" in err and "ZOO_HOME" in err
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.setattr("app.cli.temporary_models.os.access", lambda *_: False)  # root may write anywhere
    code, _, err = zoo("verify", str(folder))
    assert code == 1 and "is not writable" in err and "ZOO_HOME" in err


def test_a_server_with_a_drifting_engine_fails_for_a_folder(zoo, monkeypatch, tmp_path, zoo_home):
    """With a new server, started as by `zoo verify`, for a folder outside the catalog."""
    folder = tmp_path / "from elsewhere"
    shutil.copytree(paths.SHIPPED / "mnist-mlp", folder)
    (folder / "README.md").unlink()  # not needed
    monkeypatch.setattr(LocalServer, "COMMAND", (sys.executable, "-c", DRIFTS))
    monkeypatch.setattr("app.verify.checks.MAX_PAGES", 1)
    before = [model.id for model in catalog.models()]
    code, out, _ = zoo("verify", folder)
    lines = {what: line for line in out.splitlines() for what in CHECKS if f"  {what}  " in line}
    assert code == 1 and len(lines) == len(CHECKS) == len(out.splitlines()), out
    assert all(line.startswith(str(folder)) for line in lines.values())
    for what, line in lines.items():
        assert ("familiarity differs by 0.01" in line) == ("FAILED" in line) == (what in ("REST", "Gradio", "MCP")), (
            line
        )
    assert [model.id for model in catalog.models()] == before and not (zoo_home / "checkpoints" / "verified").exists()
    assert [check.what for check in records.verified(Checkpoint.open(folder)).failed] == ["REST", "Gradio", "MCP"]


def test_a_server_that_does_not_start_fails_its_interfaces(zoo, monkeypatch):
    monkeypatch.setattr(LocalServer, "COMMAND", (sys.executable, "-c", "print('no room'); raise SystemExit(1)"))
    monkeypatch.setattr("app.verify.checks.MAX_PAGES", 1)
    code, out, _ = zoo("verify", "names-ngrams", "--json")
    checks = {line["what"]: line for line in map(json.loads, out.splitlines())}
    assert code == 1 and checks["page"]["holds"]
    for what in ("REST", "Gradio", "MCP"):
        assert not checks[what]["holds"] and checks[what]["detail"] == "the server did not start: no room"


def test_an_invalid_checkpoint_fails_and_an_unknown_name_is_an_error(zoo, verifier, tmp_path):
    (tmp_path / "config.json").write_text('{"format": 1}')
    code, out, _ = zoo("verify", tmp_path)
    assert code == 1 and out.count("\n") == 1 and "FAILED" in out and "config.json is invalid" in out
    code, out, err = zoo("verify", "mnist-cn")
    assert code == 1 and out == "" and "did you mean mnist-cnn" in err


def test_figures_are_measured_again(monkeypatch):
    model = catalog.find("mnist-cnn")
    published = model.config.figures["digits8x8"].accuracy
    holds, detail = verify._measured(model, "digits8x8", published, "accuracy")
    assert holds and f"published {published:.2%}" in detail
    assert verify._measured(model, "digits8x8", published - 0.002, "accuracy")[0] is False

    def missing(*_):
        raise ZooError("There is no mnist here.")

    monkeypatch.setattr(evaluating, "evaluate", missing)
    checks = list(verify._figures(model))
    assert {check.what for check in checks} >= {"figures on mnist", "figures on fashion"}
    assert all(check.holds is None and check.detail == "There is no mnist here." for check in checks)


def test_every_field_of_the_golden_answer_is_compared(checkpoint):
    expected_answer, task = golden.expected(checkpoint, "mnist-cnn")[0], checkpoint.task
    good = expected_answer.to_dict()
    assert compare_answer(0, expected_answer, good, checkpoint, task) == 0
    shifted = {label: value + 0.002 * (label == expected_answer.best) for label, value in good["probabilities"].items()}
    for change, words in (
        ({"probabilities": shifted}, "probabilities differ by 0.002"),
        ({"probabilities": {**shifted, "x": 0.0}}, "labels are not those"),
        ({"probabilities": dict.fromkeys(shifted, "none")}, "differ by inf"),
        ({"familiarity": float("nan")}, "familiarity differs by inf"),
        ({"label": None}, "the answer is None"),
        ({"checkpoint": "0" * 12}, "answered by checkpoint"),
        ({"model": "mnist-mlp"}, "answered by model"),
        ({"says": "This looks like the digit 4."}, "the page says"),
    ):
        with pytest.raises(golden.Mismatch, match=words):
            compare_answer(0, expected_answer, {**good, **change}, checkpoint, task)
    with pytest.raises(golden.Mismatch, match="expected an answer"):
        compare_answer(0, expected_answer, {"error": "blank"}, checkpoint, task)
    torn = replace(
        expected_answer, familiarity=checkpoint.config.threshold
    )  # within the tolerance both abstaining and answering are right
    either = {**good, "familiarity": torn.familiarity, "label": None}
    assert compare_answer(0, torn, either, checkpoint, task) == 0


def test_results_that_cannot_be_stored_are_still_printed(checkpoint, monkeypatch, capsys):
    def full(*_):
        raise ZooError("The disk is full.")

    checks = [Check(what="files", holds=True, detail="6 files")]
    monkeypatch.setattr("app.verify.checks.verify", lambda *_: iter(checks))
    monkeypatch.setattr(records, "save", full)
    assert list(verify._verified("mnist-cnn", None, None, False)) == checks
    assert capsys.readouterr().err == "The results for mnist-cnn were not stored: The disk is full.\n"


def test_a_figure_with_a_long_name_is_stored(checkpoint):
    long = Check(what=f"figures on {'x' * 300}", holds=True, detail="")
    assert records.save(checkpoint, [long]).checks[0].what == long.what


def test_a_record_belongs_to_its_checkpoint_and_versions(checkpoint, tmp_path, monkeypatch, zoo_home):
    folder = tmp_path / "copy"
    shutil.copytree(paths.SHIPPED / "mnist-cnn", folder)
    config = folder / "config.json"
    config.write_text(config.read_text() + "\n")  # another checkpoint, without a record
    other = Checkpoint.open(folder)
    assert records.verified(other) is None
    records.save(other, [Check(what="files", holds=True, detail="6 files")])
    assert records.verified(other).current
    with monkeypatch.context() as newer:
        newer.setattr(records, "versions", lambda: {"numpy": "99"})
        assert not records.verified(other).current
        records.save(other, [Check(what="files", holds=False, detail="no files")])
        assert records.verified(other).current and records.verified(other).failed
    assert not records.verified(other).failed
    for path in (zoo_home / "verified").iterdir():
        if path.name.startswith(other.digest[: records.KEY_DIGITS]):
            path.write_text("{")
    assert records.verified(other) is None
