"""The command line: output, exit codes, and errors as one sentence on stderr."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

import models
from models import catalog, paths
from tests.app.conftest import ONE, REFUSED, ROOT, UNUSUAL, drawing, encoded, sentence, two_characters


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "one.png"
    path.write_bytes(encoded(drawing()))
    return path


def test_the_help_has_examples_and_exit_codes(zoo):
    code, out, _ = zoo("--help")
    assert code == 0 and "Examples:" in out and "Exit codes" in out
    for command in ("list", "show", "predict", "train", "evaluate", "verify", "serve", "doctor"):
        assert f"\n  {command}" in out
        code, page, _ = zoo(command, "--help")
        assert code == 0 and "Example" in page and f"zoo {command}" in page


def test_help_and_list_load_nothing_heavy():
    for arguments in (["--help"], ["list"], ["train", "--help"]):
        code = f"import sys; sys.argv = ['zoo', *{arguments}]\nfrom app.cli import main\ntry: main()\n"
        code += (
            "finally: print([m for m in ('torch', 'onnxruntime', 'gradio', 'streamlit', 'pandas') if m in sys.modules])"
        )
        ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
        assert ended.stdout.splitlines()[-1] == "[]"


def test_the_overview_loads_neither_the_catalog_nor_training():
    code = "import sys; sys.argv = ['zoo', '--help']\nfrom app.cli import main\ntry: main()\n"
    code += "finally: print([m for m in ('numpy', 'pydantic', 'training') if m in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "[]"


def test_list_prints_the_catalog(zoo):
    code, out, _ = zoo("list", "--json")
    listed = json.loads(out)
    assert code == 0 and [model["id"] for model in listed] == [model.id for model in catalog.models()]
    header = ["id", "task", "accuracy", "95%", "interval", "parameters", "origin", "title"]
    assert zoo("list", "--task", "digits")[1].splitlines()[0].split() == header
    sentence(zoo("list", "--task", "digit"), "did you mean digits")


def test_show_prints_a_model(zoo):
    code, out, _ = zoo("show", "mnist-cnn")
    assert code == 0 and out.startswith("Course CNN (mnist-cnn)\n") and "8,490" in out
    assert "best_epoch" not in out and re.search(r"^epochs +24 \(best: \d+\); then \d+ on", out, re.MULTILINE)
    assert re.search(r"^epochs +24 \(default: 30\)$", out, re.MULTILINE) and "\nDefaults: batch 256, lr 0.01," in out
    assert json.loads(zoo("show", "mnist-cnn", "--json")[1])["parameters"] == 8490


def test_predict_prints_a_sentence_and_bars(zoo, picture):
    code, out, _ = zoo("predict", "mnist-cnn", picture)
    lines = out.splitlines()
    assert code == 0 and lines[0].startswith("This looks like the digit 1.")
    assert lines[1].split()[0] == "1" and lines[1].endswith("#") and "onnx on cpu" in lines[-1]


def test_predict_json_matches_python(zoo, picture):
    code, out, _ = zoo("predict", "mnist-cnn", picture, "--json")
    expected = models.load("mnist-cnn").predict(picture).to_dict()
    assert code == 0 and set(json.loads(out)) == set(expected)
    assert json.loads(out)["probabilities"] == pytest.approx(expected["probabilities"], abs=1e-9)


def test_the_lines_of_several_inputs_have_their_notes(zoo, picture, tmp_path):
    two = tmp_path / "two.png"
    two.write_bytes(two_characters())
    code, out, _ = zoo("predict", "mnist-cnn", picture, two)
    one, other = out.splitlines()
    assert code == 0 and len(one.split("\t")) == 3
    assert other.split("\t")[3] == "This looks like more than one character; draw one at a time."


def test_predict_needs_no_data_and_no_network(picture, tmp_path):
    """In a fresh clone: without ZOO_DATA, ZOO_HOME and network."""
    away = "http://127.0.0.1:9"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ZOO")}
    environment |= {"ZOO_HOME": str(tmp_path / "none"), "http_proxy": away, "https_proxy": away}
    command = [sys.executable, "-m", "app.cli", "predict", "mnist-cnn", str(picture), "--json"]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert json.loads(ended.stdout)["label"] == "1" and ended.stderr == ""
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("kind", UNUSUAL)
def test_unusual_images_are_answered(zoo, tmp_path, kind):
    path = tmp_path / "picture"
    path.write_bytes(UNUSUAL[kind])
    code, out, _ = zoo("predict", "mnist-cnn", path, "--json")
    assert code == 0 and json.loads(out)["best"] == "1"


@pytest.mark.parametrize("kind", REFUSED)
def test_bad_images_are_refused_with_one_sentence(zoo, tmp_path, kind):
    data, word = REFUSED[kind]
    path = tmp_path / "picture"
    path.write_bytes(data)
    sentence(zoo("predict", "mnist-cnn", path), word)


def test_a_missing_file_or_a_folder_is_an_error(zoo, tmp_path):
    sentence(zoo("predict", "mnist-cnn", tmp_path / "none.png"), "none.png", "No such file")
    sentence(zoo("predict", "mnist-cnn", tmp_path), str(tmp_path))


def test_strokes_are_read_from_a_json_file(zoo, picture, tmp_path):
    good, bad, named = (tmp_path / f"{name}.json" for name in ("good", "bad", "named"))
    good.write_text(json.dumps({"strokes": ONE}))
    bad.write_text("[")
    named.write_text(json.dumps({"path": str(picture)}))
    code, out, _ = zoo("predict", "mnist-cnn", good, "--json")
    expected = models.load("mnist-cnn").predict(ONE)
    assert code == 0 and json.loads(out)["familiarity"] == pytest.approx(expected.familiarity, abs=1e-6)
    sentence(zoo("predict", "mnist-cnn", bad), "not valid JSON")
    sentence(zoo("predict", "mnist-cnn", named), "this one has path")
    sentence(zoo("predict", "mnist-cnn", tmp_path / "none.json"), "No such file")
    code, out, _ = zoo("predict", "mnist-cnn", good, bad, picture, "--json")
    assert code == 1 and [json.loads(line).get("label") for line in out.splitlines()] == ["1", None, "1"]


def test_many_inputs_give_one_line_each_in_order(zoo, picture, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no image")
    blank = tmp_path / "blank.png"
    blank.write_bytes(REFUSED["blank"][0])
    code, out, err = zoo("predict", "mnist-cnn", picture, bad, picture, blank, "--json")
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 1 and [line.get("label") for line in lines] == ["1", None, "1", None]
    assert lines[1]["input"] == str(bad) and "image" in lines[1]["error"] and "blank" in lines[3]["error"]
    assert err.count("\n") == 2 and err.startswith(f"{bad}: ")
    code, out, _ = zoo("predict", "mnist-cnn", picture, picture)
    assert code == 0 and [line.split("\t")[1] for line in out.splitlines()] == ["1", "1"]


def test_an_image_is_read_from_stdin(picture):
    command = [sys.executable, "-m", "app.cli", "predict", "mnist-cnn", "-", "--json"]
    ended = subprocess.run(command, cwd=ROOT, input=picture.read_bytes(), capture_output=True, check=True)
    assert json.loads(ended.stdout)["label"] == "1"


@pytest.mark.parametrize(
    "arguments",
    [
        ["predict", "mnist-cnn"],
        ["predict"],
        ["bogus"],
        ["train"],
        ["train", "mnist-cnn", "--epochs", "many"],
        ["train", "mnist-cnn", "--bogus", "1"],
        ["train", "mnist-cnn", "--few", "many"],
        ["train", "mnist-cnn", "--refit", "false"],
        ["train", "mnist-cnn", "--lr", "abc"],
        ["train", "mnist-cnn", "--distil", "1"],
        ["train", "mnist-cnn", "--epoch", "3"],
        ["train", "mnist-cnn", "more"],
        ["evaluate", "mnist-cnn", "--split", "train"],
        ["evaluate", "mnist-cnn", "--seeds", "--on", "mnist"],
        ["evaluate", "mnist-cnn", "--record", "--split", "validation"],
        ["serve", "--port", "http"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2(zoo, arguments):
    code, out, err = zoo(*arguments)
    assert code == 2 and out == "" and "error:" in err.lower()


def test_unknown_names_suggest_similar_ones(zoo, picture):
    sentence(zoo("predict", "mnist-cn", picture), "'mnist-cn'", "did you mean mnist-cnn")
    sentence(zoo("show", "mnist-cn"), "did you mean mnist-cnn")
    sentence(zoo("evaluate", "mnist-cn"), "did you mean mnist-cnn")
    sentence(zoo("verify", "mnist-cn"), "did you mean mnist-cnn")
    sentence(zoo("train", "mnist-cn"), "did you mean mnist-cnn")
    sentence(zoo("evaluate", "mnist-cnn", "--on", "mnits"), "did you mean mnist")


def test_unknown_engines_and_devices_are_refused(zoo, picture):
    sentence(zoo("predict", "mnist-cnn", picture, "--engine", "tensorflow"), "'tensorflow'", "onnx or torch")
    sentence(zoo("predict", "mnist-cnn", picture, "--device", "tpu"), "'tpu'", "cpu, cuda or mps")


def test_a_damaged_checkpoint_is_an_error_and_fails_verification(zoo, damaged, picture, verifier):
    sentence(zoo("predict", "damaged", picture), "model.onnx", "damaged or was changed", "train or pull it again")
    code, out, _ = zoo("verify", "damaged")
    assert code == 1 and "FAILED" in out and "model.onnx" in out
    assert zoo("list")[0] == 0


def test_an_incomplete_or_unsupported_checkpoint_is_an_error(zoo, zoo_home, picture):
    folder = zoo_home / "checkpoints" / "strange"
    shutil.copytree(paths.SHIPPED / "mnist-cnn", folder)
    try:
        (folder / "model.onnx").unlink()
        sentence(zoo("predict", "strange", picture), "model.onnx", "No such file")
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps({**config, "format": 99}))
        sentence(zoo("predict", "strange", picture), "format 99")
        code, out, err = zoo("list")
        assert code == 0 and "mnist-cnn" in out and "Not listed: strange" in err
        (folder / "config.json").write_text("{")
        sentence(zoo("show", "strange"), "not JSON")
        (folder / "config.json").unlink()
        sentence(zoo("show", "strange"), "config.json")
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("missing", "arguments"),
    [("torch", ["train", "mnist-cnn"]), ("sklearn", ["evaluate", "mnist-cnn", "--on", "digits8x8"])],
)
def test_a_missing_training_package_is_named(missing, arguments):
    code = (
        "import sys\nclass No:\n def find_spec(self, name, *rest):\n"
        f"  if name.split('.')[0] == {missing!r}: raise ModuleNotFoundError(name, name=name)\n"
        f"sys.meta_path.insert(0, No()); sys.argv = ['zoo', *{arguments}]\nfrom app.cli import main\nmain()"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 1 and ended.stdout == "" and ended.stderr.count("\n") == 1
    assert f"needs {missing}" in ended.stderr and "pip install -r requirements-train.txt" in ended.stderr


def test_a_port_that_is_no_number_is_wrong_usage(zoo):
    code, out, err = zoo("serve", "--port", "http")
    assert (code, out) == (2, "") and err.splitlines()[-1].endswith("'http' is not a number from 0 to 65535.")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_output_to_a_full_disk_is_an_error():
    with open("/dev/full", "w") as full:
        ended = subprocess.run([sys.executable, "-m", "app.cli", "list"], cwd=ROOT, stdout=full, stderr=subprocess.PIPE)
    assert ended.returncode == 1 and ended.stderr.decode().startswith("Could not write the output: No space left")


def test_a_closed_pipe_is_no_error():
    script = f"{sys.executable} -m app.cli list --json | head -c 1"
    ended = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert ended.stdout == "[" and ended.stderr == ""
