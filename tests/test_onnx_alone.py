"""The script of docs/onnx.md over every shipped model, in a process that has neither the Zoo nor torch."""

import json
import re
import subprocess
import sys

from models import paths
from tests.test_docs import ROOT

ALONE = """
import sys

class No:
    def find_spec(self, name, *rest):
        if name.partition(".")[0] in ("models", "app", "training", "torch", "onnx", "safetensors", "PIL"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, No())
"""


def test_the_script_gives_the_golden_answers_of_every_model(tmp_path):
    script = re.search(r"```python\n(.*?)```", (ROOT / "docs" / "onnx.md").read_text(), re.DOTALL)[1]
    lines = [line for line in script.splitlines() if line and not line.startswith("import ")]
    assert len(lines) <= 10
    folders = sorted(path for path in paths.SHIPPED.iterdir() if path.is_dir())
    parts = [script.replace('"models/checkpoints/mnist-cnn"', repr(str(folder))) for folder in folders]
    assert str(folders[0]) in parts[0]
    code = ALONE + "\nprint('next')\n".join(parts)
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    printed = [part.strip().splitlines() for part in ended.stdout.split("next\n")]
    for folder, answers in zip(folders, printed, strict=True):
        golden = json.loads((folder / "golden.json").read_text())
        assert len(answers) == len(golden["inputs"]) > 0
        for line, item in zip(answers, golden["inputs"], strict=True):
            label, _, off = line.rsplit(" ", 2)
            labels = json.loads((folder / "config.json").read_text())["task"]["labels"]
            assert label == labels[max(range(len(labels)), key=item["probabilities"].__getitem__)]
            assert float(off) <= golden["tolerance"]
