"""Which package may import which, and what importing a package may load (docs/architecture.md)."""

import ast
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY = {"models": {"models"}, "training": {"training", "models"}, "app": {"app", "models"}}
LAZILY = {"app": {"training"}}  # inside a function of the command line or of the lab
TORCH_ONLY_IN = ("models/nets/", "models/engines/torch.py", "training/")
HEAVY = (
    "torch",
    "torchvision",
    "onnxruntime",
    "onnx",
    "gradio",
    "streamlit",
    "sklearn",
    "pandas",
    "huggingface_hub",
    "ray",
)


def imports(path: Path):
    """Yield (top-level name, whether at module level) of each import in a file, except those for type checkers."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            child.parent = node
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module]
        elif isinstance(node, ast.ImportFrom):
            pytest.fail(f"{path}: relative import")
        else:
            continue
        above, top, checking = node, True, False
        while above := getattr(above, "parent", None):
            top &= not isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef)
            checking |= isinstance(above, ast.If) and "TYPE_CHECKING" in ast.unparse(above.test)
        if not checking:
            yield from ((name.partition(".")[0], top) for name in names)


def test_no_modules_import_each_other():
    """Imports inside functions and those for type checkers count as well."""
    script = runpy.run_path(str(ROOT / "docs" / "import_cycles.py"))
    known = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}
    assert [set(path) for path in script["cycles"](known)] == [{"a", "b", "c"}]
    assert script["cycles"](script["imports"]()) == []


def sources(part: str):
    return sorted((ROOT / part).rglob("*.py"))


@pytest.mark.parametrize("part", MAY)
def test_each_package_imports_only_what_it_may(part):
    ours = {"app", "models", "training", "tests", "benchmarks"}
    for path in sources(part):
        for name, top in imports(path):
            allowed = MAY[part] | (set() if top else LAZILY.get(part, set()))
            assert name not in ours or name in allowed, f"{path.relative_to(ROOT)} imports {name}"


def test_of_the_pages_only_the_lab_calls_training():
    lab = ROOT / "app" / "hub" / "lab" / "tools.py"
    for path in sources("app"):
        if "training" in {name for name, _ in imports(path)}:
            assert path == lab or path.is_relative_to(ROOT / "app" / "cli"), (
                f"{path.relative_to(ROOT)} imports training"
            )


def test_torch_is_imported_only_where_allowed():
    for part in MAY:
        for path in sources(part):
            place = path.relative_to(ROOT).as_posix()
            if place.startswith(TORCH_ONLY_IN):
                continue
            for name, top in imports(path):
                if name in ("torch", "torchvision"):
                    inside_an_entrys_net = place.startswith("models/zoo/") and not top
                    assert inside_an_entrys_net, f"{place} imports {name}"


def test_onnx_runtime_is_imported_in_one_place():
    """Importing that module imports `models` first, which switches telemetry off."""
    for part in MAY:
        for path in sources(part):
            place = path.relative_to(ROOT).as_posix()
            names = {name for name, _ in imports(path)}
            assert "onnxruntime" not in names or place == "models/engines/onnx.py", f"{place} imports onnxruntime"


@pytest.mark.parametrize(
    "module", ["models.errors", "training.golden", "training.export", "app.settings", "app.gradio_app"]
)
def test_every_entry_point_switches_telemetry_off_first(module):
    code = (
        "import os, sys; first = []\n"
        "seen = lambda event, args: first or event != 'import' or args[0].partition('.')[0] not in"
        " ('onnxruntime', 'gradio', 'streamlit', 'huggingface_hub') or "
        "first.append(os.environ.get('ORT_DISABLE_TELEMETRY'))\n"
        f"sys.addaudithook(seen); import {module}\n"
        "assert os.environ['ORT_DISABLE_TELEMETRY'] == '1' and first in ([], ['1']), first"
    )
    without = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=without, check=True)


def test_only_the_huggingface_package_contacts_the_hub():
    for part in MAY:
        for path in sources(part):
            for name, top in imports(path):
                if name in ("huggingface_hub", "httpx2"):
                    place = path.relative_to(ROOT).as_posix()
                    assert place.startswith("models/huggingface/") and not top, f"{place} imports {name}"


def loaded_by(code: str) -> set[str]:
    """Return the heavy packages that are loaded after `code` in a new process."""
    ask = f"import sys\n{code}\nprint(*[name for name in {HEAVY} if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(ended.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "code",
    [
        "import models",
        "import app",
        "import app.cli",
        "import app.server",
        "import training",
        "from models import catalog; catalog.tasks(); catalog.entries(); catalog.models()",
    ],
)
def test_importing_and_listing_load_nothing_heavy(code):
    assert loaded_by(code) == set()


def test_importing_opens_no_checkpoint():
    code = (
        "import sys; opened = []\n"
        "sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == 'open' else None)\n"
        "import models, app, app.cli, app.server\n"
        "assert not [path for path in opened if 'checkpoints' in path], opened"
    )
    assert loaded_by(code) == set()


def test_a_prediction_loads_only_onnx_runtime():
    code = "import models; models.load('mnist-cnn', device='cpu').predict({'strokes': [[[140, 60], [140, 220]]]})"
    assert loaded_by(code) == {"onnxruntime"}


def test_the_whole_server_loads_no_torch():
    """With the server built, a page run, a prediction made and Gradio loaded."""
    code = (
        "from app import gradio_app, server, settings\n"
        "server.build(settings.Settings())\n"
        "gradio_app.build('/widgets')\n"
        "from streamlit.testing.v1 import AppTest\n"
        "AppTest.from_file('app/hub/main.py', default_timeout=60).run()\n"
        "import app.api, models; models.load('mnist-cnn', device='cpu').predict({'strokes': [[[140, 60], [140, 220]]]})"
    )
    loaded = loaded_by(code)
    assert {"gradio", "streamlit", "onnxruntime"} <= loaded
    assert not loaded & {"torch", "torchvision", "onnx", "sklearn"}
