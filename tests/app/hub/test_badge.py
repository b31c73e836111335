"""The badge of a model's page: what `zoo verify` found, or how to have it checked."""

import shutil

import pytest

from app import verified
from app.verify import Check
from models import home
from models.checkpoint import Checkpoint
from tests.app.hub.conftest import html

WELL = [
    Check("files", True, "6 files"),
    Check("Python, onnx on cpu", True, "10 golden answers"),
    Check("REST", True, "10"),
]


@pytest.fixture
def fresh(zoo_home) -> Checkpoint:
    """A model of one's own that was never verified."""
    folder = zoo_home / "checkpoints" / "fresh"
    shutil.copytree(home.SHIPPED / "mnist-cnn", folder)
    config = folder / "config.json"
    config.write_text(config.read_text() + "\n")
    yield Checkpoint.open(folder)
    shutil.rmtree(folder)
    shutil.rmtree(zoo_home / "verified", ignore_errors=True)


def test_the_badge_says_what_was_found(model_page, fresh, monkeypatch):
    def badge() -> str:
        model_page.run()
        assert not model_page.exception
        return html(model_page)

    model_page.query_params["model"] = "fresh"
    assert "<code>zoo verify fresh</code>" in badge() and "zoo-badge" not in html(model_page)
    record = verified.keep(fresh, WELL)
    date = f"{record.date.day} {record.date:%b %Y}"
    assert f"Verified on {date}: golden answers, 2 surfaces<" in badge() and "zoo-badge holds" in html(model_page)
    assert "numpy" in html(model_page)
    verified.keep(fresh, [*WELL, Check("MCP", False, "golden input 0: <b>off</b>")])
    assert f"On {date} this failed: MCP<" in badge() and "golden input 0: &lt;b&gt;off&lt;/b&gt;" in html(model_page)
    verified.keep(fresh, WELL)
    monkeypatch.setattr(verified, "versions", lambda: {"numpy": "99"})
    assert "2 surfaces, with other versions than now" in badge() and "zoo-badge old" in html(model_page)
