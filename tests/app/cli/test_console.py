"""A console that does not know every character, as on Windows: no traceback, unknown characters are escaped."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from models import paths
from tests.app.conftest import ROOT


def run(encoding, *arguments, module="app.cli", **environment):
    """Exit code and output of a command on a console with this encoding."""
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "0", "PYTHONIOENCODING": encoding, **environment},
        capture_output=True,
        timeout=300,
    )
    return done.returncode, done.stdout.decode(encoding), done.stderr.decode(encoding)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_an_unknown_character_is_escaped(encoding):
    code, out, err = run(encoding, "predict", "names-ngrams", "\u0416ukov", "M\u00fcller")
    assert code == 0 and "\\u0416ukov" in out and "Traceback" not in err
    assert ("M\u00fcller" if encoding == "cp1252" else "M\\xfcller") in out
    code, out, err = run(encoding, "show", "\u2603")
    assert (code, out) == (1, "") and err.startswith("There is no model '\\u2603'")


@pytest.mark.parametrize("command", ["list", "doctor", "--help"])
def test_commands_print_on_such_a_console(command):
    code, out, err = run("ascii", command)
    assert out and "Traceback" not in err


PROGRESS = """
from models import console
from training.progress import Progress

console.escape_unknown()
with Progress("\\u2603", 1, 1) as progress:
    progress.epoch({"epoch": 1, "loss": 0.5, "seconds": 1.0})
"""


@pytest.mark.parametrize("color", ["", "1"], ids=["lines", "bar"])
def test_training_prints_on_such_a_console(color):
    code, out, err = run("ascii", "\u2603", module="training")
    assert (code, out) == (1, "") and "\\u2603" in err and "Traceback" not in err
    done = subprocess.run(
        [sys.executable, "-c", PROGRESS],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "0", "PYTHONIOENCODING": "cp1252", "FORCE_COLOR": color},
        capture_output=True,
        timeout=300,
    )
    assert done.returncode == 0 and b"\\u2603" in done.stderr, done.stderr


def test_a_title_is_escaped(tmp_path):
    folder = shutil.copytree(paths.SHIPPED / "names-ngrams", tmp_path / "checkpoints" / "snow")
    config = json.loads((folder / "config.json").read_bytes())
    (folder / "config.json").write_text(json.dumps({**config, "slug": "snow", "title": "Snow \u2603"}))
    code, out, err = run("ascii", "list", ZOO_HOME=str(tmp_path))
    assert code == 0 and "Snow \\u2603" in out, err
