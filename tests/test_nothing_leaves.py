"""No program of the project looks up a name or opens a connection beyond this machine, nor leaves an identifier behind.

Each runs in a network of its own (`tests/isolated/watch.py`), with a HOME of its own, and without the variables by
which libraries notice a CI (ONNX Runtime sends nothing there, so the test would see nothing).
"""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.test_docs import ROOT

WATCH = Path(__file__).parent / "isolated" / "watch.py"
ALONE = ["unshare", "--user", "--map-root-user", "--net", "--mount"]
PYTHON = sys.executable
STROKES = "{'strokes': [[[140, 60], [140, 220]]]}"
PATIENCE = 480  # seconds, on a loaded machine

# Whatever a library sends in the background, it has begun to send after this long: ONNX Runtime's first report takes
# about ten seconds.
LINGER = "import time; time.sleep(20)"

EVERY_MODULE = """
import pkgutil, importlib
for package in ("models", "training", "app"):
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        if not module.name.endswith("__main__") and module.name != "app.hub.main":
            importlib.import_module(module.name)
"""
EVERY_TASK = f"""
import models
from models import catalog
for task in catalog.tasks().values():
    predictor = models.load(catalog.models(task.slug)[0].id, engine="onnx")
    for example in task.examples[:2]:
        predictor.predict(example.raw)
        predictor.explain(example.raw)
models.load("mnist-cnn", engine="torch", device="cpu").predict({STROKES})
{LINGER}
"""
ONNX_ALONE = """
import re
from pathlib import Path
exec(re.search(r"```python\\n(.*?)```", Path("docs/onnx.md").read_text(), re.DOTALL)[1])
"""
TRAINING_ALONE = f"""
from training import golden
from models import catalog
from models.checkpoint import Checkpoint
import models
mnist = Checkpoint.open(catalog.find("mnist-cnn").path)
golden.golden(mnist.task, models.load("mnist-cnn").processor, mnist.read("model.onnx"), 1.0)
{LINGER}
"""
HUGGING_FACE = """
import os
from pathlib import Path
from tests.hub.fixtures import run_zoo
from tests.hub.server import Hub
home = Path(os.environ["ZOO_HOME"])
with Hub() as hub:
    push = "push mnist-cnn --repo ada/cnn"
    for words in (push, push + " --space", "pull ada/cnn", "predict ada/cnn docs/images/seven.png"):
        done = run_zoo(hub, home, *words.split())
        assert done.returncode == 0, done.stderr
"""
SPACE = """
import json, os, re, subprocess, sys, time, urllib.request
from pathlib import Path
from app import space
folder = Path(os.environ["ZOO_HOME"], "space")
for path, data in space.files("mnist-cnn", "ada/cnn").items():
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(data)
environment = {**os.environ, "PYTHONPATH": "", "PYTHONUNBUFFERED": "1"}
process = subprocess.Popen([sys.executable, "serve.py"], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
address = next(match[0] for line in process.stdout if (match := re.search("http://127.0.0.1:[0-9]+", line)))
call = address + "/gradio_api/call/digits"
body = json.dumps({"data": [{"strokes": [[[140, 60], [140, 220]]]}, "mnist-cnn"]}).encode()
request = urllib.request.Request(call, body, {"Content-Type": "application/json"})
event = json.load(urllib.request.urlopen(request))["event_id"]
event_text = urllib.request.urlopen(f"{call}/{event}").read().decode()
assert "event: complete" in event_text, event_text
time.sleep(20)
process.terminate()
process.wait()
"""
TRAIN = "-m app.cli train mnist-cnn --datasets digits8x8 --epochs 1 --slug quick"
PROGRAMS = {
    "import every module": [PYTHON, "-c", EVERY_MODULE],
    "predict and explain every task": [PYTHON, "-c", EVERY_TASK],
    "the script of docs/onnx.md": [PYTHON, "-c", ONNX_ALONE],
    "serve and ask every surface": [PYTHON, "-m", "app.cli", "verify", "mnist-cnn"],
    "train, export and evaluate": [PYTHON, *TRAIN.split()],
    "training's own use of ONNX Runtime": [PYTHON, "-c", TRAINING_ALONE],
    "push to and pull from a Hub on this machine": [PYTHON, "-c", HUGGING_FACE],
    "serve as a Space": [PYTHON, "-c", SPACE],
    "look around": [PYTHON, "-m", "app.cli", "doctor"],
}


@dataclass(frozen=True)
class Report:
    """What a program did.

    Its exit code and output, the names it looked up, where it connected to, the files it left in HOME.
    """

    code: int
    output: str
    lookups: list[str]
    connections: list[str]
    files: list[str]


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """`watched(command)`: a command run alone, and what it did."""
    needed = [tool for tool in ("unshare", "ip", "mount") if shutil.which(tool) is None]
    if needed or subprocess.run([*ALONE, "true"], capture_output=True).returncode:
        missing(f"needs network namespaces: {needed or 'unshare is refused here'}")

    def run(command: list[str]) -> Report:
        folder = tmp_path_factory.mktemp("alone")
        home, report = folder / "home", folder / "report.json"
        home.mkdir()
        inherited = {
            name: os.environ[name]
            for name in ("PATH", "LANG", "ZOO_DATA", "VIRTUAL_ENV", "OMP_NUM_THREADS")
            if name in os.environ
        }
        environment = {**inherited, "HOME": str(home), "ZOO_HOME": str(folder / "zoo"), "PYTHONPATH": str(ROOT)}
        ended = subprocess.run(
            [*ALONE, PYTHON, str(WATCH), str(report), *command],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
        )
        assert report.exists(), ended.stdout
        files = sorted(path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file())
        return Report(output=ended.stdout, files=files, **json.loads(report.read_text()))

    return run


@pytest.fixture(scope="module")
def reports(watched):
    """What each program did, as futures: several run at the same time, because they mostly wait."""
    pool = ThreadPoolExecutor(max_workers=3)
    yield {name: pool.submit(watched, command) for name, command in PROGRAMS.items()}
    pool.shutdown(cancel_futures=True)


def test_a_lookup_a_connection_and_a_file_are_recorded(watched):
    """The watcher can fail: by name, by address, over UDP and IPv6, and by what lies in HOME."""
    code = """
import pathlib, socket
def reach(family, kind, address):
    with socket.socket(family, kind) as one:
        one.settimeout(5)
        try:
            one.connect(address)
            one.send(b"x")
        except OSError:
            pass
reach(socket.AF_INET, socket.SOCK_STREAM, (socket.gethostbyname("telemetry.example"), 443))
reach(socket.AF_INET, socket.SOCK_STREAM, ("198.51.100.9", 80))
reach(socket.AF_INET, socket.SOCK_DGRAM, ("198.51.100.9", 53))
reach(socket.AF_INET6, socket.SOCK_STREAM, ("2001:db8::9", 443))
reach(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 9))
pathlib.Path.home().joinpath("id").write_text("me")
"""
    seen = watched([PYTHON, "-c", code])
    assert seen.code == 0, seen.output
    assert seen.lookups == ["telemetry.example"] and seen.files == ["id"]
    reached = ["tcp 203.0.113.7:443", "tcp 198.51.100.9:80", "udp 198.51.100.9:53", "tcp 2001:db8::9:443"]
    assert seen.connections == reached


@pytest.mark.parametrize("program", PROGRAMS)
def test_nothing_leaves_this_machine(reports, program):
    seen = reports[program].result()
    assert seen.lookups == [] and seen.connections == []
    assert seen.files == []
    assert seen.code == 0, seen.output
