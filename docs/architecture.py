"""Draws docs/images/architecture.svg from the folders and imports of this clone.

`python docs/architecture.py` (in `make readme`).

tests/test_architecture.py fails when the committed picture is not what this script draws. A new folder of code must get
a line in FOLDERS.
"""

import ast
from html import escape
from pathlib import Path

from models import checkpoint

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "images" / "architecture.svg"

# The content of each folder. Subfolders that are not listed belong to the listed folder above them.
FOLDERS = {
    "training": "training run, export, evaluation",
    "training/cli": "zoo train and the maintainers' jobs",
    "training/data": "data sets: read, split, turned into arrays",
    "training/custom": "your own examples: folders, CSVs, splits",
    "training/sweeps": "many settings, to find the best one",
    "training/studies": "ablations, learning curves, checks",
    "models": "catalog, checkpoint, predictor, prediction",
    "models/tasks": "one file per task: question and labels",
    "models/zoo": "one file per model: net and recipe",
    "models/inputs": "raw input to one canonical input",
    "models/processors": "canonical input to the net's arrays",
    "models/nets": "building blocks of the nets (torch)",
    "models/engines": "run the net: ONNX Runtime or torch",
    "models/lessons": "arithmetic of the lessons, in NumPy",
    "models/huggingface": "push to and pull from Hugging Face",
    "app": "server, settings, Gradio widgets",
    "app/api": "REST API",
    "app/cli": "the zoo command, a file per subcommand",
    "app/verify": "checks a model on every surface",
    "app/hub": "Streamlit pages: navigation, style, tables",
    "app/hub/views": "home, tasks, models, lessons, lab",
    "app/hub/lessons": "a file per lesson, with its page",
    "app/hub/lab": "training in the page, runs, sweeps",
    "app/hub/inputs": "the visitor's drawing, photo or text",
    "app/hub/answers": "predictions and their explanations",
    "app/hub/model": "figures, charts and studies of a model",
    "app/hub/components": "web components: pad, photo, table",
}
# The files of a checkpoint folder.
CHECKPOINT = {
    "config.json": "task, net, labels, recipe",
    "processor.json": "input to arrays",
    "model.safetensors": "weights",
    "model.onnx": "the net, without torch",
    "activations.onnx": "layer outputs (CNNs)",
    "snapshots.safetensors": "weights in training (small nets)",
    "map.safetensors": "features of test examples",
    "evaluation.json": "figures on the test sets",
    "golden.json": "inputs and answers",
    "history.csv": "training curve",
    "README.md": "model card",
}
COLUMNS = {"training": 20, "models": 380, "app": 740}  # package -> left edge in pixels
WIDTH, CELL, GAP, TOP = 300, 50, 8, 92


def folders_of_code() -> dict[Path, str]:
    """Each Python file of the three packages, relative to the clone, and the listed folder it belongs to."""
    found = {}
    for package in COLUMNS:
        for path in sorted((ROOT / package).rglob("*.py")):
            file = path.relative_to(ROOT)
            names = [parent.as_posix() for parent in file.parents]
            found[file] = next(name for name in names if name in FOLDERS)
            if names[0] not in FOLDERS and names[0].count("/") == 1:
                raise SystemExit(f"{names[0]} is new: describe it in FOLDERS of docs/architecture.py.")
    return found


def imported_packages() -> dict[str, set[str]]:
    """For each listed folder, which of the other packages its files import, at any level."""
    imports: dict[str, set[str]] = {name: set() for name in FOLDERS}
    for file, folder in folders_of_code().items():
        for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            imports[folder] |= {name.partition(".")[0] for name in names} & COLUMNS.keys() - {file.parts[0]}
    return imports


def _cell(name: str, x: int, y: int) -> str:
    title = name if "/" in name else f"{name}/*.py"
    return (
        f'<rect x="{x}" y="{y}" width="{WIDTH - 24}" height="{CELL}" rx="6" fill="#fff" stroke="#c8ccd4"/>'
        f'<text x="{x + 12}" y="{y + 21}" font-weight="600">{escape(title)}</text>'
        f'<text x="{x + 12}" y="{y + 39}" font-size="11.5" fill="#555b66">{escape(FOLDERS[name])}</text>'
    )


def _checkpoint(x: int, y: int) -> str:
    """The box that lists the files of a checkpoint folder."""
    files = {"config.json", *checkpoint.REQUIRED, *checkpoint.OPTIONAL, checkpoint.CARD}
    if files != CHECKPOINT.keys():
        raise SystemExit(f"Bring CHECKPOINT of docs/architecture.py up to date: {files ^ CHECKPOINT.keys()}")
    lines = [
        f'<rect x="{x}" y="{y}" width="{WIDTH - 24}" height="{40 + 20 * len(CHECKPOINT)}" rx="6" fill="#fff" '
        'stroke="#3b5bdb" stroke-dasharray="5 4"/>'
        f'<text x="{x + 12}" y="{y + 22}" font-weight="600">A checkpoint folder</text>'
    ]
    for row, (file, words) in enumerate(CHECKPOINT.items()):
        below = y + 44 + 20 * row
        lines.append(
            f'<text x="{x + 12}" y="{below}" font-size="11">{file}</text>'
            f'<text x="{x + 118}" y="{below}" font-size="11" fill="#555b66">{escape(words)}</text>'
        )
    return "".join(lines)


def _arrow(start: int, end: int, y: int, label: str, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    middle = (start + end) / 2
    return (
        f'<line x1="{start}" y1="{y}" x2="{end}" y2="{y}" stroke="#3b5bdb" stroke-width="2"{dash} '
        'marker-end="url(#head)"/>'
        f'<text x="{middle:g}" y="{y - 7}" font-size="11" fill="#3b5bdb" text-anchor="middle">{escape(label)}</text>'
    )


def draw() -> str:
    """The picture as SVG text."""
    imports = imported_packages()
    cells: dict[str, list[str]] = {package: [] for package in COLUMNS}
    for name in FOLDERS:
        if not (ROOT / name).is_dir():
            raise SystemExit(f"{name} is gone: remove it from FOLDERS of docs/architecture.py.")
        cells[name.partition("/")[0]].append(name)
    rows = max(map(len, cells.values()))
    panel = 64 + rows * (CELL + GAP)
    bottom = TOP + panel
    right = max(COLUMNS.values()) + WIDTH
    parts = []
    for package, x in COLUMNS.items():
        uses = sorted(set().union(*(imports[name] for name in cells[package] if name != "app/cli")))
        says = f"imports {' and '.join(uses)}" if uses else "imports neither of the others"
        parts.append(
            f'<rect x="{x}" y="{TOP}" width="{WIDTH}" height="{panel}" rx="10" fill="#f4f6fa" stroke="#c8ccd4"/>'
            f'<text x="{x + 12}" y="{TOP + 28}" font-size="18" font-weight="700">{package}/</text>'
            f'<text x="{x + WIDTH - 12}" y="{TOP + 28}" font-size="12" fill="#3b5bdb" text-anchor="end">{says}</text>'
        )
        parts += [_cell(name, x + 12, TOP + 46 + row * (CELL + GAP)) for row, name in enumerate(cells[package])]
    left, middle, far = COLUMNS.values()
    parts.append(_checkpoint(left + 12, TOP + 62 + len(cells["training"]) * (CELL + GAP)))
    flow = [
        (left, WIDTH, "data set → training run"),
        (middle, WIDTH, "checkpoint folder → predictor"),
        (far, WIDTH, "pages, widgets, REST, command line"),
    ]
    for x, width, text in flow:
        parts.append(
            f'<rect x="{x}" y="34" width="{width}" height="34" rx="17" fill="#3b5bdb"/>'
            f'<text x="{x + width / 2:g}" y="56" fill="#fff" text-anchor="middle">{escape(text)}</text>'
        )
    parts.append(_arrow(left + WIDTH + 2, middle - 4, 51, "writes"))
    parts.append(_arrow(middle + WIDTH + 2, far - 4, 51, "answers"))
    lazily = [name for name in cells["app"] if "training" in imports[name]]
    words = f"{' and '.join(lazily)} imports training inside the commands that need it"
    parts.append(_arrow(far + WIDTH // 2, left + WIDTH // 2, bottom + 34, words, dashed=True))
    body = "\n".join(parts)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {right + 20} {bottom + 54}" \
font-family="system-ui, sans-serif" font-size="14" fill="#1c1f26">
<title>The packages of the Zoo and which imports which</title>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">\
<path d="M0 0 8 4 0 8z" fill="#3b5bdb"/></marker></defs>
<rect width="100%" height="100%" fill="#fff"/>
{body}
</svg>
"""


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
