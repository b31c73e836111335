"""docs/architecture.md: the picture is current, every file and function named exists, and both worked examples work."""

import ast
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
BLOCK = re.compile(r'```python title="(.+?)"\n(.*?)```|```bash\n(.*?)```', re.DOTALL)

# Run in the copy: the model is on its endpoint, its own page and its task's page.
SURFACES = """
import sys
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest
from app.api import routes
from models import catalog

model = catalog.find(sys.argv[1])
def content(block):
    inner = " ".join(content(child) for child in getattr(block, "children", {}).values())
    return f"{getattr(block, 'proto', '')} {inner}"

answer = TestClient(routes.build()).post(f"/predict/{model.id}", json={"strokes": [[[140, 60], [140, 220]]]})
assert answer.status_code == 200 and set(answer.json()["probabilities"]) == set(model.task.labels), answer.text

MODEL_PAGE = "from app.hub.views import model; model.show()"
TASK_PAGE = "import streamlit as st; from app.hub.views import task; task.show(st.query_params['task'])"
for script in (MODEL_PAGE, TASK_PAGE):
    page = AppTest.from_string(script, default_timeout=120)
    for name, value in (("model", model.id), ("task", model.task.slug), ("models", model.id)):
        page.query_params[name] = value
    page.run()
    assert not page.exception, page.exception
    assert model.title in content(page.main), page.main
"""


def section(title: str) -> str:
    """The text under a heading of the page."""
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)[1]


def defined(path: Path) -> set[str]:
    """The functions, classes and methods (`Class.method`) of a file."""
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
            names |= {f"{node.name}.{inner.name}" for inner in getattr(node, "body", ()) if hasattr(inner, "name")}
    return names


def test_the_picture_is_up_to_date():
    drawn = runpy.run_path(str(ROOT / "docs" / "architecture.py"))["draw"]()
    assert (ROOT / "docs" / "images" / "architecture.svg").read_text(encoding="utf-8") == drawn, "run `make readme`"


@pytest.mark.parametrize("title", ["The life of a prediction", "The life of a training run"])
def test_both_walkthroughs_have_ten_steps_that_name_real_functions(title):
    text = section(title)
    steps = re.split(r"^\d+\. ", text, flags=re.MULTILINE)[1:]
    assert len(steps) == 10
    named = re.findall(r"((?:`[\w.]+`(?:,| and)? )+)in `([\w/]+\.py)`", " ".join(text.split()))
    assert len(named) >= 8
    for functions, file in named:
        missing = set(re.findall(r"`([\w.]+)`", functions)) - defined(ROOT / file)
        assert not missing, f"{file} has no {missing}"


def test_every_path_on_the_page_exists():
    made = {title for title, _, _ in BLOCK.findall(PAGE)}
    for path in set(re.findall(r"`((?:app|models|training|tests|docs)/[\w/.-]*)`", PAGE)) - made:
        assert (ROOT / path).exists() or path == "models/checkpoints/mnist-tiny", path


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """A copy of the packages with only the digit models, and without UNIPEN, on which testing takes a minute."""
    folder = tmp_path_factory.mktemp("copy")
    others = [path.name for path in (ROOT / "models" / "checkpoints").iterdir() if path.name[:5] != "mnist"]
    for package in ("app", "models", "training"):
        shutil.copytree(
            ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", "unipen", *others)
        )
    shutil.copytree(ROOT / "docs" / "images", folder / "docs" / "images")
    return folder


@pytest.mark.parametrize("title, id", [("Add a model", "mnist-tiny-mine"), ("Add a task", "shapes-mlp-mine")])
def test_the_worked_example_works(copy, title, id):
    environment = {name: value for name, value in os.environ.items() if name not in ("ZOO_DATA", "PYTHONPATH")}
    environment |= {"ZOO_HOME": str(copy / "home"), "PYTHONPATH": str(copy), "CUDA_VISIBLE_DEVICES": ""}

    def run(*words: str) -> str:
        command = [sys.executable, *words]
        ended = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
        assert ended.returncode == 0, f"{words}: {ended.stderr}"
        return ended.stdout

    printed = {}
    for file, content, commands in BLOCK.findall(section(title)):
        if file:
            (copy / file).write_text(content, encoding="utf-8")
        for line in commands.splitlines():
            zoo, *words = shlex.split(line)
            assert zoo == "zoo"
            printed[words[0]] = run("-m", "app.cli", *words)
    assert id in printed["list"]
    run("-c", SURFACES, id)
