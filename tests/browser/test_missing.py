"""A machine without a browser skips the browser tests; CI must not."""

import pytest

from tests.conftest import missing


@pytest.mark.parametrize(("ci", "outcome"), [("", pytest.skip.Exception), ("1", pytest.fail.Exception)])
def test_what_is_missing_fails_in_ci_only(monkeypatch, ci, outcome):
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="no browser"):
        missing("no browser")
