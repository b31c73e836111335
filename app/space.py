"""The files of a Hugging Face Space that serves one model with Gradio.

They are the code it needs, the model and its requirements, without torch.
"""

import re
from pathlib import Path

from models import catalog
from models.checkpoint import CARD, Checkpoint
from models.errors import ZooError
from models.huggingface.card import licence, space_card
from models.huggingface.failures import address
from models.writing import contents

ROOT = Path(__file__).parents[1]
APP = (  # of app/: what gradio_app.py imports
    "__init__.py",
    "api/__init__.py",
    "api/batches.py",
    "api/inputs.py",
    "blocks.py",
    "deferred.py",
    "gradio_app.py",
    "gradio_components.py",
    "gradio_endpoints.py",
    "gradio_errors.py",
    "gradio_queue.py",
    "hub/markup.py",
    "parameters.py",
    "predict_many.py",
    "sentences.py",
    "settings.py",
)
# Of models/, left out: what only training, torch or the Hub need.
LEFT_OUT = {"backbones", "checkpoints", "lessons", "nets", "huggingface", "__pycache__"}
NEEDED_BY_CATALOG = ("huggingface/__init__.py", "huggingface/names.py", "huggingface/cache.py")
PYTHON = "3.11"  # which our requirements need; the Hub's own default may be older
NEEDED = "gradio numpy onnxruntime pillow pillow-heif pydantic safetensors".split()
SCRIPT = '''"""Serves one model of the Zoo with Gradio: a Space starts it, and `python serve.py` does the same."""

import os
from pathlib import Path

os.environ["ZOO_HOME"] = str(Path(__file__).parent / "home")  # only the model in this folder

from app import gradio_app  # noqa: E402

if __name__ == "__main__":
    gradio_app.launch()
'''


def files(slug: str, id: str) -> dict[str, bytes]:
    """The files of a model's Space, by path.

    id: the model's repository, which the Space's card names. Raises ZooError.
    """
    model = catalog.find(slug)
    checkpoint = Checkpoint.open(model.path)
    checkpoint.check()
    pins = _pins()
    whole = {
        "README.md": _card(model, id, pins["gradio"]).encode(),
        "serve.py": SCRIPT.encode(),
        "requirements.txt": "".join(f"{line}\n" for line in pins.values()).encode(),
    }
    for path in (*_sources(), *(ROOT / "app" / name for name in APP)):
        whole[path.relative_to(ROOT).as_posix()] = path.read_bytes()
    at = f"models/checkpoints/{model.slug}"
    for name, data in contents(checkpoint).items():
        if name != CARD:
            whole[f"{at}/{name}"] = data
    return whole


def _sources() -> list[Path]:
    library = ROOT / "models"
    files = [path for path in library.rglob("*") if path.is_file() and _is_needed(path.relative_to(library).parts)]
    return sorted([*files, *(library / name for name in NEEDED_BY_CATALOG)])


def _is_needed(parts: tuple[str, ...]) -> bool:
    return not LEFT_OUT & set(parts) and not any(part.startswith(".") for part in parts)


def _pins() -> dict[str, str]:
    """The lines of requirements.txt that a Space needs, by package; the Space's card names gradio's version too."""
    text = (ROOT / "requirements.txt").read_text()
    pins = {name: re.search(rf"^{name}(\[.*\])?==.*$", text, re.MULTILINE) for name in NEEDED}
    if missing := [name for name, pin in pins.items() if pin is None]:
        raise ZooError(f"requirements.txt has no version of {missing[0]}, which a Space needs; restore the file.")
    return {name: pin[0] for name, pin in pins.items()}


def _card(model: catalog.Model, id: str, gradio: str) -> str:
    text = f"# {model.title}\n\n{model.config.description}\n\nThe model is [{id}]({address(id)})."
    return space_card(
        text,
        title=model.title[:100],
        sdk="gradio",
        python_version=PYTHON,
        sdk_version=gradio.rpartition("=")[2],
        app_file="serve.py",
        models=[id],
        tags=["zoo"],
        **licence(model.config.license),
    )
