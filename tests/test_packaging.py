"""The requirement files: what is imported is pinned, as it is installed here, and serving asks for no torch."""

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_doors import imports, sources

ROOT = Path(__file__).parents[1]


def pins(name: str) -> dict[str, str]:
    """Distribution -> version, of one requirement file and those that it names."""
    found = {}
    for line in (ROOT / name).read_text().splitlines():
        line = line.partition("#")[0].partition(";")[0].strip()
        if line.startswith("-r "):
            found |= pins(line[3:])
        elif line:
            distribution, version = re.fullmatch(r"([A-Za-z0-9_.-]+)(?:\[\w+\])?==(\S+)", line).groups()
            found[distribution.lower().replace("_", "-")] = version
    return found


def needed(*parts: str) -> set[str]:
    """The distributions that the modules of these parts import."""
    of = importlib.metadata.packages_distributions()
    names = {name for part in parts for path in sources(part) for name, _ in imports(path)}
    names -= sys.stdlib_module_names | {"app", "models", "training", "tests"}
    return {of[name][0].lower().replace("_", "-") for name in names if name in of}


TRAINING = {"torch", "torchvision", "timm", "onnx", "onnxscript", "scikit-learn"}


def test_serving_pins_what_it_imports_and_no_torch():
    serving = pins("requirements.txt")
    missing = needed("app", "models") - serving.keys() - TRAINING - {"gradio-client"}  # Gradio's own, pinned by it
    assert not missing
    assert not serving.keys() & TRAINING


def test_training_pins_what_it_imports():
    assert not needed("training", "models") - pins("requirements-train.txt").keys()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-train.txt", "requirements-test.txt"])
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
