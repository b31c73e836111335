"""`zoo predict` reads addresses as it reads files; a store that cannot be used is one sentence."""

import csv
import json
from pathlib import Path

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from fsspec.registry import known_implementations

from app.cli import inputs, ray_predict
from models import catalog
from models.errors import ZooError
from tests.app.conftest import ONE, drawing, encoded, sentence


class Locked(MemoryFileSystem):
    """A store that refuses everybody."""

    protocol = "locked"

    def isdir(self, path):
        raise PermissionError("Unable to locate credentials\nTraceback of the driver")

    def _open(self, path, *_, **__):
        raise PermissionError("Unable to locate credentials")


@pytest.fixture(autouse=True)
def store():
    """A store in memory with two drawings, a file that is no image, and a table of names."""
    system = fsspec.filesystem("memory")
    system.pipe(
        {
            "/zoo/scans/a.png": encoded(drawing()),
            "/zoo/scans/b/one.json": json.dumps({"strokes": ONE}).encode(),
            "/zoo/scans/b/d.txt": b"no image",
            "/zoo/scans/.hidden/a.png": b"x",
            "/zoo/names.csv": b"text,number\nAda,1\nGrace,2\n",
        }
    )
    fsspec.register_implementation("locked", Locked, clobber=True)
    yield system
    system.rm("/zoo", recursive=True)


def test_a_folder_and_a_file_are_answered(zoo, tmp_path):
    out = tmp_path / "answers.csv"
    addresses = ("memory://zoo/scans", "memory://zoo/scans/a.png", "memory://zoo/none.png")
    assert zoo("predict", "mnist-cnn", *addresses, "--out", out)[0] == 1
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["input"].partition("zoo/")[2], row["best"]) for row in rows] == [
        ("scans/a.png", "1"),
        ("scans/b/d.txt", ""),
        ("scans/b/one.json", "1"),
        ("scans/a.png", "1"),
        ("none.png", ""),
    ]
    assert "not an image" in rows[1]["error"] and "No such file" in rows[4]["error"]
    assert zoo("predict", "mnist-cnn", "memory://zoo/scans/a.png", "--json")[0] == 0


def test_a_worker_reads_addresses_itself():
    task = catalog.task("digits")
    named = list(inputs.named(["memory://zoo/scans"], task, Path("out.csv"), unread=True))
    assert all(isinstance(raw, inputs.Unread) for _, raw in named)
    job = ray_predict.job("mnist-cnn", None, None, None)
    answer = ray_predict.Worker(job)({"number": [0], "inputs": [ray_predict.pack(named)]})
    assert answer["rows"] == [3] and answer["failed"] == [1] and b"/scans/a.png,1,1," in answer["csv"][0]
    locked = [("a", inputs.Unread("locked://a.png", "a"))]
    answer = ray_predict.Worker(job)({"number": [0], "inputs": [ray_predict.pack(locked)]})
    assert answer["problem"] == [True] and b"Check the address and the credentials for locked." in answer["csv"][0]


def test_a_table_is_read_from_an_address(zoo, tmp_path):
    out = tmp_path / "answers.csv"
    assert zoo("predict", "names-ngrams", "--from", "memory://zoo/names.csv", "--out", out)[0] == 0
    assert [line.split(",")[0] for line in out.read_text().splitlines()] == ["input", "Ada", "Grace"]
    missing = zoo("predict", "names-ngrams", "--from", "memory://zoo/none.csv", "--out", out)
    sentence(missing, "Could not read memory://zoo/none.csv")


@pytest.mark.parametrize(
    "address, words",
    [
        ("locked://scans", "cannot be read: Unable to locate credentials. Check the address and the credentials"),
        ("nosuch://ada:secret@scans", "nosuch://scans cannot be read: nosuch is not the name of an object store"),
        ("nodriver://scans", "needs a driver: Install nodriverfs to use nodriver"),
    ],
)
def test_a_store_that_cannot_be_used_is_a_sentence(zoo, tmp_path, monkeypatch, address, words):
    driver = {"class": "nodriverfs.Driver", "err": "Install nodriverfs to use nodriver"}
    monkeypatch.setitem(known_implementations, "nodriver", driver)
    out = tmp_path / "answers.csv"
    sentence(zoo("predict", "mnist-cnn", address, "--out", out), words)
    sentence(zoo("predict", "names-ngrams", "--from", address, "--out", out), words)
    assert not list(tmp_path.iterdir())


def test_paths_are_not_addresses():
    with pytest.raises(ZooError):
        list(inputs.named(["locked://x"], catalog.task("digits"), Path("out.csv")))
    (_, raw) = next(inputs.named(["c:/a.png"], catalog.task("digits")))
    assert raw == Path("c:/a.png")
