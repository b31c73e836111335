"""Tiny ImageNet as unpacked from its archive and as npz files: the same photos with the same classes."""

import io

import numpy as np
import pytest
from PIL import Image

from models.errors import ZooError
from training.data.tiny_imagenet import photos

WNIDS = ("n01", "n02", "n10")


def _jpeg(colour: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), (colour, 0, 255 - colour)).save(file, "JPEG")
    return file.getvalue()


def _publishers(root):
    folder = root / "tiny-imagenet"
    for label, wnid in enumerate(WNIDS):
        (folder / "train" / wnid / "images").mkdir(parents=True)
        for number in range(2):
            (folder / "train" / wnid / "images" / f"{wnid}_{number}.JPEG").write_bytes(_jpeg(80 * label + 10 * number))
    (folder / "val" / "images").mkdir(parents=True)
    (folder / "val" / "images" / "val_0.JPEG").write_bytes(_jpeg(200))
    (folder / "val" / "val_annotations.txt").write_text("val_0.JPEG\tn10\t0\t0\t62\t62\n")


def _archives(root):
    files = [_jpeg(80 * label + 10 * number) for label in range(3) for number in range(2)]
    for part, images, labels in (("train-0", files, [0, 0, 1, 1, 2, 2]), ("val", [_jpeg(200)], [2])):
        (root / "tiny-imagenet").mkdir(exist_ok=True)
        offsets = np.cumsum([0, *map(len, images)])
        data = np.frombuffer(b"".join(images), np.uint8)
        np.savez(root / "tiny-imagenet" / f"{part}.npz", bytes=data, offsets=offsets, labels=np.array(labels, np.uint8))


def test_both_layouts_give_the_same_images(tmp_path):
    for name, make in (("a", _publishers), ("b", _archives)):
        (tmp_path / name).mkdir()
        make(tmp_path / name)
    for part, labels in (("train", [0, 0, 1, 1, 2, 2]), ("val", [2])):
        a, b = photos(tmp_path / "a", part), photos(tmp_path / "b", part)
        assert a.labels.tolist() == b.labels.tolist() == labels
        assert (a.inputs["x"] == b.inputs["x"]).all() and a.inputs["x"].shape[1:] == (3, 64, 64)
    assert photos(tmp_path / "a", "train", 3).labels.tolist() == [0, 1, 2]
    assert len(photos(tmp_path / "b", "train", 3)) == 3


def test_without_data_the_error_names_a_remedy(tmp_path):
    for root in (None, tmp_path):
        with pytest.raises(ZooError, match="DATA/tiny-imagenet/train.*--data"):
            photos(root, "train")
