"""Ray is started quietly and removed; a cluster that cannot be used, or differs from this machine, is one sentence."""

import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from models import cluster
from models.errors import ZooError


def test_a_local_cluster_leaves_nothing_behind(capfd, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # too long a path for Ray, so /tmp is used
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    folders = set(Path("/tmp").glob("zoo-*/session_latest"))
    with cluster.connected(cores=1) as (node,):
        cluster.check([node], model="mnist-cnn")
        (session,) = set(Path("/tmp").glob("zoo-*/session_latest")) - folders
        assert node.cores == 1
    assert not session.parent.exists() and not list(tmp_path.iterdir())
    started = {child.pid for child in psutil.Process().children(recursive=True)} - before
    assert not [psutil.Process(pid).cmdline() for pid in started]
    assert capfd.readouterr() == ("", "")


def test_workers_take_a_core_or_a_gpu_each():
    nodes = [cluster.Node("a", "a", 4, 0), cluster.Node("b", "b", 2, 1), cluster.Node("c", "c", 1, 2)]
    assert cluster.workers(nodes, None) == cluster.workers(nodes, "cpu") == 7
    assert cluster.workers(nodes, "cuda") == 2
    with pytest.raises(ZooError, match="No node of the Ray cluster has a GPU; omit --device cuda"):
        cluster.workers(nodes[:1], "cuda")


@pytest.mark.parametrize(
    "address, words",
    [
        ("127.0.0.1:1", "cannot be reached: Connection refused"),
        ("ray://127.0.0.1:1", "does not take ray:// addresses; run the command on a node"),
        ("nonsense", "is none of these"),
        ("127.0.0.1:99999", "is none of these"),
    ],
)
def test_an_unreachable_cluster_is_a_sentence(address, words):
    with pytest.raises(ZooError, match=words), cluster.connected(address):
        pass


def test_a_program_that_never_answers_is_not_a_cluster(monkeypatch):
    monkeypatch.setattr(cluster, "UNREACHABLE", 3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ZooError, match="not within 3 s"), cluster.connected(address):
            pass


def test_without_ray_the_sentence_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ZooError, match=r"needs ray, .* pip install -r requirements-scale"), cluster.connected():
        pass


def test_other_versions_of_ray_or_python_are_a_sentence():
    """In the words of Ray 2.60."""
    text = "Version mismatch: The cluster was started with:\n    Ray: 2.50.0\n    Python: 3.12.1\n"
    text += "This process on node 10.0.0.1 was started with:\n    Ray: 2.60.0\n    Python: 3.11.2\n"
    sentence = cluster._not_connected("10.0.0.1:6379", RuntimeError(text))
    assert "runs Ray 2.50.0 and Python 3.12.1, this machine Ray 2.60.0 and Python 3.11.2; install" in sentence


def test_equal_nodes_pass(two_nodes):
    with cluster.connected(two_nodes.address) as nodes:
        assert len(nodes) == 2
        cluster.check(nodes, model="mnist-cnn")


VERSION = """
import importlib.metadata
version = importlib.metadata.version
importlib.metadata.version = lambda name: "1.0" if name == "pillow" else version(name)
"""
WITHOUT = "import sys; sys.modules['models'] = None"


@pytest.mark.parametrize(
    "code, words",
    [(VERSION, "has pillow 1.0, here "), (WITHOUT, "does not have the Zoo; install it there")],
)
def test_a_node_that_differs_is_named(two_nodes, tmp_path, code, words):
    with two_nodes.with_site(tmp_path, code), cluster.connected(two_nodes.address) as nodes:
        assert len(nodes) == 3
        with pytest.raises(ZooError, match=rf"The node \S+ \(\S+\) {words}"):
            cluster.check(nodes)


def test_what_may_differ():
    here = {"the Zoo": "a" * 12, "numpy": "2.4.6", "mnist-cnn": "b" * 12}
    for there, words in [
        ({}, "does not have the Zoo"),
        (here | {"the Zoo": "c" * 12}, "has another version of the Zoo"),
        (here | {"numpy": "2.0"}, "has numpy 2.0, here 2.4.6"),
        (here | {"mnist-cnn": "d" * 12}, f"has another checkpoint of mnist-cnn: {'d' * 12}, here {'b' * 12}"),
        (here | {"mnist-cnn": "none"}, "does not have the model mnist-cnn"),
    ]:
        assert words in cluster.difference(here, there)
    assert cluster.difference(here, here) is None


def test_nothing_imports_ray_without_the_option():
    code = (
        "import sys, app.cli, app.server, training.train, models.cluster\n"
        "from typer.testing import CliRunner\n"
        "assert CliRunner().invoke(app.cli.app, ['--help']).exit_code == 0\n"
        "assert CliRunner().invoke(app.cli.app, ['predict', 'names-ngrams', 'Ada']).exit_code == 0\n"
        "assert 'ray' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=True)
