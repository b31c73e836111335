"""The badge on a model page: the result of `zoo verify`, or the command to run."""

import shutil

import pytest

from app.verify import records
from app.verify.records import Check
from models import paths
from models.checkpoint import Checkpoint
from tests.app.hub.conftest import html

PASSED = [
    Check(what="files", holds=True, detail="6 files"),
    Check(what="Python, onnx on cpu", holds=True, detail="10 expected answers"),
    Check(what="REST", holds=True, detail="10"),
]


@pytest.fixture
def fresh(zoo_home) -> Checkpoint:
    """A user's model that was never verified."""
    folder = zoo_home / "checkpoints" / "fresh"
    shutil.copytree(paths.SHIPPED / "mnist-cnn", folder)
    config = folder / "config.json"
    config.write_text(config.read_text() + "\n")
    yield Checkpoint.open(folder)
    shutil.rmtree(folder)
    shutil.rmtree(zoo_home / "verified", ignore_errors=True)


def test_the_badge_shows_the_result_of_verify(model_page, fresh, monkeypatch):
    def badge() -> str:
        model_page.run()
        assert not model_page.exception
        return html(model_page)

    model_page.query_params["model"] = "fresh"
    assert "<code>zoo verify fresh</code>" in badge() and "zoo-badge" not in html(model_page)
    record = records.save(fresh, PASSED)
    date = f"{record.date.day} {record.date:%b %Y}"
    assert f"Verified on {date}: expected answers, 2 interfaces<" in badge() and "zoo-badge holds" in html(model_page)
    assert "numpy" in html(model_page)
    records.save(fresh, [*PASSED, Check(what="MCP", holds=False, detail="input 0 of golden.json: <b>off</b>")])
    assert f"Failed on {date}: MCP<" in badge() and "input 0 of golden.json: &lt;b&gt;off&lt;/b&gt;" in html(model_page)
    records.save(fresh, PASSED)
    monkeypatch.setattr(records, "versions", lambda: {"numpy": "99"})
    assert "2 interfaces, with different versions" in badge() and "zoo-badge old" in html(model_page)
