"""The data sets: their contents, and the errors when they are missing."""

import gzip
import subprocess
import sys

import numpy as np
import pytest

from models.errors import ZooError
from training.data import dataset, datasets
from training.data.dataset import Sources, hold_out
from training.data.idx import read_idx
from training.data.made_up import noise, scribbles


def test_importing_the_data_sets_loads_no_torch():
    code = "import sys, training.data as d; d.datasets(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_data_set_names_its_source():
    for name, data_set in datasets().items():
        assert data_set.name == name and data_set.title and data_set.address and data_set.licence and data_set.splits


def test_an_unknown_data_set_suggests_similar_ones():
    with pytest.raises(ZooError, match="did you mean mnist"):
        dataset("mnits")


def test_without_data_and_network_the_error_names_both_remedies(tmp_path, monkeypatch):
    from torchvision.datasets import MNIST

    def offline(*arguments, **options):
        raise RuntimeError("Error downloading train-images-idx3-ubyte.gz")

    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.setattr(MNIST, "download", offline)
    with pytest.raises(
        ZooError,
        match="could not be downloaded. Either connect to the network and try again, or put .* and set --data or "
        "ZOO_DATA",
    ):
        dataset("mnist").read("train", Sources(tmp_path))


def test_a_file_with_another_hash_is_refused(tmp_path):
    folder = tmp_path / "MNIST" / "raw"
    folder.mkdir(parents=True)
    for stem in ("train", "t10k"):
        for kind in ("images-idx3", "labels-idx1"):
            (folder / f"{stem}-{kind}-ubyte.gz").write_bytes(gzip.compress(b"\0\0\x08\x01\0\0\0\0"))
    with pytest.raises(ZooError, match="not the published file"):
        dataset("mnist").read("test", Sources(tmp_path))


@pytest.mark.parametrize(
    "content",
    [b"", b"no gzip", gzip.compress(b"\0\0\x08\x01\0\0\0\x09short"), gzip.compress(b"\1\2\3")],
    ids=["empty", "no gzip", "too short", "no header"],  # gzip writes the time
)
def test_a_damaged_idx_file_is_refused(tmp_path, content):
    path = tmp_path / "images.gz"
    path.write_bytes(content)
    with pytest.raises(ZooError, match="damaged"):
        read_idx(path)


def test_mnist_train_is_split_by_seed_and_test_is_unchanged(data):
    parts = {part: dataset("mnist").read(part, Sources(data)) for part in ("train", "validation", "test")}
    assert [len(raw.inputs) for raw in parts.values()] == [55_000, 5_000, 10_000]
    assert np.bincount(parts["test"].labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert (np.bincount(parts["train"].labels) + np.bincount(parts["validation"].labels)).sum() == 60_000


def test_hold_out_is_a_partition():
    remaining, held_out = hold_out(100, 30)
    assert sorted([*remaining, *held_out]) == list(range(100)) and len(held_out) == 30


def test_pen_digits_are_committed_and_drawn_190_px_long_in_the_middle_of_the_pad():
    counts = []
    for part in ("train", "validation", "test"):
        raw = dataset("unipen-digits").read(part, Sources())
        counts.append(len(raw.inputs))
    assert counts == [10_140, 1_372, 1_551]
    for drawing in raw.inputs[:50]:
        points = np.concatenate(drawing["strokes"])
        low, high = points.min(axis=0), points.max(axis=0)
        assert max(high - low) == pytest.approx(190)
        assert (low + high) / 2 == pytest.approx([140, 140])
        assert drawing["pen"] == 18
    assert dataset("unipen-digits-pen8").read("test", Sources()).inputs[0]["pen"] == 8


def test_digits8x8_always_works():
    raw = [dataset("digits8x8").read(part, Sources()) for part in ("train", "validation", "test")]
    assert sum(len(split.inputs) for split in raw) == 1_797
    assert raw[0].inputs.shape[1:] == (8, 8) and raw[0].inputs.max() == 255


def test_missing_letters_are_an_error_that_names_their_folder():
    with pytest.raises(ZooError, match="nothing.npz was not found. Put"):
        from training.data.unipen_strokes import read_strokes

        read_strokes("nothing", ("a",), 18, "test", Sources())


def test_synthetic_data_is_deterministic():
    assert (noise() == noise()).all() and noise().shape == (1000, 28, 28) and noise().dtype == np.uint8
    first, again = scribbles(20), scribbles(20)
    assert all(
        (a == b).all()
        for x, y in zip(first, again, strict=True)
        for a, b in zip(x["strokes"], y["strokes"], strict=True)
    )
    assert all(3 <= len(drawing["strokes"]) <= 6 for drawing in first)
    assert all(
        4 <= len(stroke) <= 10 and stroke.min() >= 0 and stroke.max() <= 280
        for drawing in first
        for stroke in drawing["strokes"]
    )
