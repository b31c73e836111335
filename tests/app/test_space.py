"""The Space of a model starts from the pushed files alone."""

import signal
import sys

import pytest

from app import space
from app.verify.local_server import LocalServer
from tests.app.conftest import ONE
from tests.hub.fixtures import ROOT, run_zoo

REPORT = """
import sys, atexit
def report():
    from pathlib import Path
    here = Path.cwd()
    ours = {name for name, module in sys.modules.items() if name.partition(".")[0] in ("app", "models", "training")}
    files = {name: getattr(sys.modules[name], "__file__", None) for name in ours}
    outside = [name for name, file in files.items() if file and not Path(file).is_relative_to(here)]
    print("heavy:", *[name for name in ("torch", "onnx", "streamlit") if name in sys.modules], flush=True)
    print("outside:", *outside, flush=True)
atexit.register(report)
import signal
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
import runpy
runpy.run_path("serve.py", run_name="__main__")
"""


@pytest.fixture
def started(hub, zoo_home, tmp_path):
    """A process that runs the files made by `zoo push --space` in their own folder, and the repository of the Space."""
    done = run_zoo(hub, zoo_home, "push", "names-ngrams", "--repo", "ada/names", "--space")
    assert done.returncode == 0, done.stderr
    repo = hub.repos["space", "ada/names"]
    for path, blob in repo.commits[repo.refs["main"]].items():
        file = tmp_path / "space" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(blob.data)
    alone = {"PYTHONPATH": "", "GRADIO_SERVER_NAME": "127.0.0.1"}
    with LocalServer(alone, command=(sys.executable, "-c", REPORT), cwd=tmp_path / "space") as server:
        yield server, repo


def test_a_space_serves_its_model_from_the_pushed_files_without_torch(started):
    from gradio_client import Client

    server, repo = started
    assert repo.sdk == "gradio" and len(repo.messages) == 2  # the first commit is made by the Hub
    served = Client(server.address, verbose=False)
    answer = served.predict("Nakamura", "names-ngrams", api_name="/names")
    assert answer["label"] == "Japanese" and answer["engine"] == "onnx"
    with pytest.raises(Exception, match="mnist-cnn"):
        served.predict("mnist-cnn", {"strokes": ONE}, api_name="/predict")  # the Space contains only its own model
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(60)
    assert server.wait_for("heavy:") == "heavy:" and server.wait_for("outside:") == "outside:", server.lines


def test_requirements_are_pinned_and_do_not_include_torch():
    files = space.files("mnist-cnn", "ada/cnn")
    pinned = (ROOT / "requirements.txt").read_text().splitlines()
    lines = files["requirements.txt"].decode().splitlines()
    assert set(lines) <= set(pinned) and not [line for line in lines if "torch" in line]
    card = files["README.md"].decode()
    assert "sdk: gradio" in card and "app_file: serve.py" in card and "ada/cnn" in card
    assert "python_version: '3.11'" in card
    assert not [path for path in files if "/backbones/" in path or "/." in path]
    assert not [path for path in files if "/nets/" in path or path.startswith(("training", "app/cli"))]
    assert {path.split("/")[2] for path in files if path.startswith("models/checkpoints/")} == {"mnist-cnn"}
