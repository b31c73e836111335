"""The snippets of a model's page, run unchanged against the real server.

Each gives the same answer as Python.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest
from PIL import Image, ImageDraw

import models
from app.hub.model.snippets import PYTHON, STROKES, sentence, snippets
from models import catalog
from models.tasks.holidays import PHOTOS
from tests.browser.conftest import ROOT
from tests.conftest import missing

KINDS = {"ink": "digits", "picture": "holidays", "text": "names", "fields": "titanic"}
WAYS = ["Python", "Command line", "REST", "Gradio client", "MCP"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder in which the snippets are run, with their pictures."""
    folder = tmp_path_factory.mktemp("snippets")
    one = Image.new("L", (280, 280), 255)
    ImageDraw.Draw(one).line([(140, 60), (140, 220)], fill=0, width=18)
    one.save(folder / "my.png")
    shutil.copy(PHOTOS / "flower.webp", folder / "my.jpg")  # the content of a file counts, not its name
    return folder


def test_every_kind_of_snippet_is_tested():
    assert list(snippets(catalog.models()[0], "")) == WAYS and {*PYTHON, "text", "fields"} == set(KINDS)


def test_the_text_is_an_example_of_the_task_and_is_quoted(monkeypatch):
    model = catalog.find("names-ngrams")
    assert f'"{model.task.examples[0].raw}"' in snippets(model, "")["REST"]
    monkeypatch.setattr("app.hub.model.snippets.sentence", lambda task: """it's "$(x)" \\ done""")
    ways = snippets(model, "")
    assert shlex.split(ways["Command line"])[-1] == """it's "$(x)" \\ done"""
    assert json.loads(shlex.split(ways["REST"])[-1]) == {"text": """it's "$(x)" \\ done"""}
    compile(ways["Python"], "snippet", "exec")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_a_snippet_gives_the_answer(server, address, folder, way, kind):
    model = next((one for one in catalog.models(KINDS[kind]) if one.origin == "shipped"), None)
    if model is None:
        missing(f"there is no model for {KINDS[kind]}")
    code = snippets(model, address)[way]
    command = shlex.split(code) if way in ("REST", "Command line") else [sys.executable, "-c", code]
    if way == "REST" and not shutil.which("curl"):
        missing("curl is not installed")
    if way == "Command line":
        command = [sys.executable, "-m", "app.cli", *command[1:]]
    if way in ("Gradio client", "MCP"):
        server.wait_for("The widgets are ready")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    fields = model.task.examples[0].raw
    raw = {"ink": eval(STROKES), "picture": folder / "my.jpg", "text": sentence(model.task), "fields": fields}[kind]
    best = models.load(model.id).predict(raw).best
    if way == "Command line":
        assert re.search(rf"^ *{re.escape(best)} +[\d.]+%", run.stdout.splitlines()[1])
    else:
        assert re.search(rf"""['"]?best['"]?[:=] ?['"]{re.escape(best)}['"]""", run.stdout), run.stdout
