"""A Ray cluster of two nodes on this machine, for the tests of `--ray`.

`tests/conftest.py` loads this file as a plugin.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


class TwoNodes:
    """A cluster; `address` is for --ray. Further nodes are on this machine too."""

    def __init__(self, cluster: Any):
        self._cluster = cluster
        self.address = cluster.address
        self.second = self.add()

    def add(self, **options: Any) -> Any:
        """Start one more node, with one core. env_vars: its environment variables."""
        return self._cluster.add_node(num_cpus=1, **options)

    def kill(self, node: Any) -> None:
        """End a node without warning, as a power cut does."""
        self._cluster.remove_node(node, allow_graceful=False)

    @contextmanager
    def with_site(self, folder: Path, code: str) -> Iterator[None]:
        """One more node, on which every Python process runs `code` first."""
        (folder / "sitecustomize.py").write_text(code)
        node = self.add(env_vars={"PYTHONPATH": os.pathsep.join([str(folder), os.environ["PYTHONPATH"]])})
        try:
            yield
        finally:
            self._cluster.remove_node(node, allow_graceful=True)  # counts as gone at once


@pytest.fixture(scope="module")
def two_nodes() -> Iterator[TwoNodes]:
    """The cluster of a module's tests; its processes and files are removed at the end."""
    cluster_utils = pytest.importorskip("ray.cluster_utils")
    folder = tempfile.mkdtemp(prefix="zoo-", dir="/tmp")  # short: the address of a Unix socket has 107 characters
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])))
        patch.setenv("RAY_TMPDIR", folder)
        patch.setenv("RAY_worker_niceness", "0")  # Ray's own, 15, gets nothing on a machine with other work
        cluster = cluster_utils.Cluster()
        try:
            cluster.add_node(num_cpus=1, include_dashboard=False)
            yield TwoNodes(cluster)
        finally:
            cluster.shutdown()
            shutil.rmtree(folder, ignore_errors=True)
