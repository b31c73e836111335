"""Installing: imports are pinned as installed, serving needs no torch, no wheel is built, `make` picks a torch."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.test_doors import imports, sources

ROOT = Path(__file__).parents[1]


def pins(name: str) -> dict[str, str]:
    """Distribution -> version, of one requirement file and those it includes."""
    versions = {}
    for line in (ROOT / name).read_text().splitlines():
        line = line.partition("#")[0].partition(";")[0].strip()
        if line.startswith("-r "):
            versions |= pins(line[3:])
        elif line:
            distribution, version = re.fullmatch(r"([A-Za-z0-9_.-]+)(?:\[[\w,]+\])?==(\S+)", line).groups()
            versions[distribution.lower().replace("_", "-")] = version
    return versions


def needed(*parts: str) -> set[str]:
    """The distributions that the modules of these parts import."""
    of = importlib.metadata.packages_distributions()
    names = {name for part in parts for path in sources(part) for name, _ in imports(path)}
    names -= sys.stdlib_module_names | {"app", "models", "training", "tests"}
    return {of[name][0].lower().replace("_", "-") for name in names if name in of}


PINNED_BY_OTHERS = {"gradio-client", "pydantic-core"}  # Gradio and pydantic require one version each
RAY = {"ray", "pyarrow", "fsspec", "filelock"}
TRAINING = {"torch", "torchvision", "timm", "onnx", "onnxscript", "scikit-learn"}


def test_serving_pins_what_it_imports_and_no_torch():
    serving = pins("requirements.txt")
    assert not needed("app", "models") - serving.keys() - TRAINING - RAY - PINNED_BY_OTHERS
    assert not serving.keys() & (TRAINING | RAY)


def test_training_pins_what_it_imports():
    assert not needed("training", "models") - pins("requirements-train.txt").keys() - RAY


def test_scaling_pins_ray():
    assert pins("requirements-scale.txt").keys() - pins("requirements.txt").keys() == RAY


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-train.txt", "requirements-scale.txt", "requirements-test.txt"]
)
def test_the_pinned_versions_are_the_tested_ones(name):
    for distribution, version in pins(name).items():
        installed = importlib.metadata.version(distribution)
        assert installed.partition("+")[0] == version, f"{distribution} is {installed}, {name} says {version}"


def test_the_weights_are_kept_byte_for_byte():
    command = ["git", "check-attr", "text", "models/checkpoints/mnist-cnn/config.json"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if ended.returncode:
        pytest.skip("not a git clone")
    assert ended.stdout.strip().endswith("text: unset")


@pytest.fixture
def copy(tmp_path) -> Path:
    """The files that installing reads, with empty packages, in a folder of their own."""
    for name in (
        "Makefile",
        "pyproject.toml",
        "setup.py",
        "README.md",
        "LICENSE",
        *map(str, ROOT.glob("requirements*")),
    ):
        shutil.copy(ROOT / name, tmp_path)
    for package in ("app", "models", "training"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    return tmp_path


@pytest.mark.parametrize("hook", ["build_wheel", "build_sdist", "build_editable"])
def test_only_an_editable_install_is_built(copy, hook):
    code = f"from setuptools import build_meta; print(build_meta.{hook}('out'))"
    ended = subprocess.run([sys.executable, "-c", code], cwd=copy, capture_output=True, text=True)
    if hook == "build_editable":
        assert ended.returncode == 0, ended.stderr
        assert [path.suffix for path in (copy / "out").iterdir()] == [".whl"]
    else:
        assert ended.returncode != 0 and "runs from a clone of its repository" in ended.stderr
        assert not list((copy / "out").glob("zoo*"))
    assert "Private :: Do Not Upload" in (copy / "pyproject.toml").read_text()


CPU = "https://download.pytorch.org/whl/cpu"


@pytest.mark.skipif(sys.platform != "linux", reason="the CPU index is for Linux alone")
@pytest.mark.parametrize(
    "listed, driver, setting, index",
    [
        ("2.14.0+cpu, {torch}+cpu", False, "", CPU),
        ("{torch}, 2.13.0+cpu", False, "", None),  # the pinned version is not there, or only on another index
        ("", False, "", None),  # not reachable
        ("{torch}+cpu", True, "", None),
        ("{torch}+cpu", False, "https://example.org/cu130", "https://example.org/cu130"),
    ],
)
def test_make_takes_the_cpu_builds_of_torch_where_there_is_no_nvidia_driver(copy, listed, driver, setting, index):
    if not shutil.which("make"):
        missing("make is not here")
    if not driver and (Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi")):
        pytest.skip("this machine has an NVIDIA driver")
    programs = copy / "programs"
    programs.mkdir()
    torch = pins("requirements-train.txt")["torch"]
    script = (
        f'#!/bin/sh\necho "$@" >> calls\ncase "$*" in *"index versions"*) echo "{listed.format(torch=torch)}";; esac\n'
    )
    for name in ("python", *(["nvidia-smi"] if driver else [])):
        (programs / name).write_text(script)
        (programs / name).chmod(0o755)
    (copy / ".venv").mkdir()
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "TORCH_INDEX": setting}
    subprocess.run(["make", ".venv/.torch", f"PY={programs}/python"], cwd=copy, env=environment, check=True)
    install = (copy / "calls").read_text().splitlines()[-1]
    assert f"torch=={torch}" in install and "torchvision==" in install
    assert ("--index-url" in install) == (index is not None) and (index or "") in install
