"""Counts import cycles among the modules of app, models and training: `python docs/import_cycles.py`.

Imports inside functions and those for type checkers count too. tests/test_doors.py fails on any cycle.
"""

import ast
import graphlib
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("app", "models", "training")


def imports(root: Path = ROOT) -> dict[str, set[str]]:
    """The modules of the project that each module imports, by dotted name."""
    files = {_name(path.relative_to(root)): path for package in PACKAGES for path in (root / package).rglob("*.py")}
    return {name: _imported(path, set(files)) - {name} for name, path in files.items()}


def cycle(modules: dict[str, set[str]]) -> list[str]:
    """The modules of one import cycle, each importing the next, the first one again at the end.

    Empty if there is none.
    """
    try:
        graphlib.TopologicalSorter(modules).prepare()
    except graphlib.CycleError as error:
        return error.args[1][::-1]  # graphlib lists what is imported first
    return []


def cycles(modules: dict[str, set[str]]) -> list[list[str]]:
    """Import cycles; each is found after removing one import of the previous cycle."""
    left, found = {name: set(imported) for name, imported in modules.items()}, []
    while path := cycle(left):
        found.append(path)
        left[path[0]].discard(path[1])
    return found


def _name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _imported(path: Path, known: set[str]) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            # `from app import batch` imports the module app.batch; `from app.batch import x` the module app.batch.
            names |= inner & known | ({node.module} if inner - known else set())
    return names & known


if __name__ == "__main__":
    modules = imports()
    found = cycles(modules)
    for path in found:
        print(" -> ".join(path))
    print(f"{len(found)} import cycles in {len(modules)} modules")
    sys.exit(bool(found))
