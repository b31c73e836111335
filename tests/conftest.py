"""Fixtures for all tests.

They use a temporary ZOO_HOME; tests that need real data are skipped unless ZOO_DATA names its folder.
"""

import io
import os
from pathlib import Path
from typing import NoReturn

import pytest
from PIL import Image

# For torch, before anything imports it: the nets of the tests are so small that threads cost more than they save.
os.environ.setdefault("OMP_NUM_THREADS", "1")

pytest_plugins = ["tests.hub.fixtures", "tests.ray_cluster"]


def missing(reason: str) -> NoReturn:
    """Skip a test that lacks a tool; in CI, where every tool must be installed, fail it."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


def encoded(image: Image.Image, format: str = "PNG", **options) -> bytes:
    """Return the bytes of an image file."""
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


@pytest.fixture(scope="session", autouse=True)
def zoo_home(tmp_path_factory) -> Path:
    """A temporary ZOO_HOME; subprocesses inherit it."""
    folder = tmp_path_factory.mktemp("zoo-home")
    os.environ["ZOO_HOME"] = str(folder)
    return folder


@pytest.fixture(scope="session")
def data() -> Path:
    """The data root; skip the test without one."""
    root = os.environ.get("ZOO_DATA")
    if not root or not Path(root).is_dir():
        pytest.skip("needs the real data: set ZOO_DATA")
    return Path(root)
