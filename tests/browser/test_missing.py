"""Without a browser, the browser tests are skipped; in CI they fail."""

import pytest

from tests.conftest import missing


@pytest.mark.parametrize(("ci", "outcome"), [("", pytest.skip.Exception), ("1", pytest.fail.Exception)])
def test_a_missing_tool_fails_only_in_ci(monkeypatch, ci, outcome):
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="no browser"):
        missing("no browser")
