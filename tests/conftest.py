"""What all tests share.

A ZOO_HOME of their own, and the real data where ZOO_DATA names it (tests marked `data` skip without).
"""

import os
from pathlib import Path
from typing import NoReturn

import pytest

# For torch, before anything imports it: the nets of the tests are so small that threads cost more than they save.
os.environ.setdefault("OMP_NUM_THREADS", "1")

pytest_plugins = ["tests.hub.fixtures"]


def missing(reason: str) -> NoReturn:
    """A test that lacks a tool is skipped; in CI, where every tool must be, it fails."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


@pytest.fixture(scope="session", autouse=True)
def zoo_home(tmp_path_factory) -> Path:
    """A ZOO_HOME that is thrown away; subprocesses inherit it."""
    folder = tmp_path_factory.mktemp("zoo-home")
    os.environ["ZOO_HOME"] = str(folder)
    return folder


@pytest.fixture(scope="session")
def data() -> Path:
    """The data root; without it the test is skipped."""
    root = os.environ.get("ZOO_DATA")
    if not root or not Path(root).is_dir():
        pytest.skip("needs the real data: set ZOO_DATA")
    return Path(root)
