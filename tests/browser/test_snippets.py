"""The snippets of a model's page, run as they stand there against the real server: each must name the digit one."""

import shlex
import shutil
import subprocess
import sys

import pytest

from app.hub.parts.snippets import snippets
from models import catalog
from tests.browser.conftest import ROOT, wait_for_widgets
from tests.conftest import missing

MODEL = next(model for model in catalog.models("digits") if model.origin == "shipped")


@pytest.mark.parametrize("way", ["Python", "REST", "Gradio client"])
def test_a_snippet_answers(address, way):
    code = snippets(MODEL, address)[way]
    if way == "REST":
        if not shutil.which("curl"):
            missing("curl is not installed")
        command = shlex.split(code)
    else:
        command = [sys.executable, "-c", code]
    if way == "Gradio client":
        wait_for_widgets(address)
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    assert '"best":"1"' in run.stdout.replace(" ", "").replace("'", '"').replace("best=", '"best":')
