"""The docs are right: commands run, figures are the checkpoints', links work, settings and jobs are complete."""

import ast
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from models import TELEMETRY_OFF

ROOT = Path(__file__).parent.parent
DOCS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
ELSEWHERE = (
    "make",
    "python3",
    ".venv/bin/",
    "curl",
    "zoo train",
    "zoo sweep",
    "zoo serve",
)  # installs, serves or trains; tested elsewhere


def blocks(language: str) -> list[str]:
    return [block for path in DOCS for block in re.findall(rf"```{language}\n(.*?)```", path.read_text(), re.DOTALL)]


COMMANDS = [
    line for block in blocks("sh") for line in block.splitlines() if line and not line.startswith(("#", *ELSEWHERE))
]


@pytest.fixture(scope="module", autouse=True)
def own_home(tmp_path_factory):
    """A ZOO_HOME of these tests: `zoo doctor` finds fault with one in which a model failed `zoo verify`."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("ZOO_HOME", str(tmp_path_factory.mktemp("docs")))
        yield


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_run(command):
    words = shlex.split(command)
    assert words[0] == "zoo", f"do not know how to run {command!r}"
    done = subprocess.run([sys.executable, "-m", "app.cli", *words[1:]], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("code", blocks("python"))
def test_python_runs(code):
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_table_of_the_zoo_is_up_to_date():
    written = runpy.run_path(str(ROOT / "docs" / "readme.py"))["written"]
    text = (ROOT / "README.md").read_text()
    assert text == written(text), "run `make readme`"


def test_links_have_targets():
    for path in DOCS:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_the_table_of_settings_is_complete():
    """Every variable that the code or the Makefile reads is a row, and every row is read somewhere."""
    texts = [(ROOT / "Makefile").read_text()]
    for part in ("app", "models", "training"):
        for path in (ROOT / part).rglob("*.py"):
            constants = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant))
            texts += [node.value for node in constants if isinstance(node.value, str)]
    read = {
        name for text in texts for name in re.findall(r"\b(?:ZOO_[A-Z_]+|HF_[A-Z_]+|TORCH_INDEX|HOST|PORT)\b", text)
    }
    page = (ROOT / "docs" / "settings.md").read_text()
    rows = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))
    set_by_the_zoo = {name for name in read if name in TELEMETRY_OFF}
    assert read - set_by_the_zoo == rows
    assert all(f"`{name}`" in page for name in TELEMETRY_OFF)


def test_every_job_of_training_is_in_the_table_of_jobs():
    from training.cli.jobs import JOBS

    _, after = (ROOT / "CONTRIBUTING.md").read_text().split("## Maintain")
    assert re.findall(r"^\| `([a-z-]+)` \|", after, re.MULTILINE) == list(JOBS)


def test_no_path_of_this_machine_is_committed():
    listed = subprocess.run(
        ["git", "grep", "-lIF", "-e", f"{ROOT}/", "-e", f"{Path.home()}/"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode > 1:
        pytest.skip("not a git checkout")
    assert listed.stdout == ""
