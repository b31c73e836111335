"""What the docs show works: each command is run, each figure is the checkpoint's, each link leads somewhere."""

import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
ELSEWHERE = (
    "make",
    "python3",
    ".venv/bin/",
    "curl",
    "zoo train",
    "zoo serve",
)  # installs, serves or trains; tested elsewhere


def blocks(language: str) -> list[str]:
    return [block for path in DOCS for block in re.findall(rf"```{language}\n(.*?)```", path.read_text(), re.DOTALL)]


COMMANDS = [
    line for block in blocks("sh") for line in block.splitlines() if line and not line.startswith(("#", *ELSEWHERE))
]


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


def test_links_lead_somewhere():
    for path in DOCS:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_no_path_of_this_machine_is_committed():
    listed = subprocess.run(
        ["git", "grep", "-lIF", "-e", f"{ROOT}/", "-e", f"{Path.home()}/"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode > 1:
        pytest.skip("not a git checkout")
    assert listed.stdout == ""
