"""docs/notebook.ipynb runs from top to bottom, without a network, in a zoo of its own."""

import os
from pathlib import Path

import pytest

from tests.conftest import missing

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "docs" / "notebook.ipynb"


@pytest.fixture(scope="module")
def outputs() -> str:
    """The text that the notebook prints."""
    try:
        import nbclient
        import nbformat
    except ImportError:
        missing("nbclient is not installed")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    quiet = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    client = nbclient.NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(ROOT / "docs")}})
    client.execute(env=quiet)
    parts = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return "\n".join(part.get("text", "") or str(part.get("data", {}).get("text/plain", "")) for part in parts)


def test_the_notebook_trains_compares_and_looks_inside(outputs):
    assert "mnist-softmax" in outputs and "of 597 correct" in outputs
    assert "torch.Size([100, 320])" in outputs
    assert "before training" in outputs and "finished, after epoch" in outputs
    assert "model.safetensors" in outputs and "snapshots.safetensors" in outputs


def test_the_notebook_is_stored_without_outputs():
    import nbformat

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert not [cell for cell in notebook.cells if cell.cell_type == "code" and (cell.outputs or cell.execution_count)]
