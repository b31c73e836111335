"""Checkpoints: anything that does not match config.json is refused with one sentence; writing loses nothing."""

import hashlib
import json
import shutil

import numpy as np
import pytest

from models import load, paths, writing
from models.checkpoint import Checkpoint
from models.errors import BadCheckpoint, UnusableDevice, ZooError
from models.tasks.digits import DRAWINGS

SLUG = "mnist-cnn"


@pytest.fixture
def folder(tmp_path):
    """A copy of a shipped checkpoint, to damage."""
    return shutil.copytree(paths.SHIPPED / SLUG, tmp_path / SLUG)


def _golden(raw) -> dict:
    """The content of a golden.json with one input."""
    item = {"raw": raw, "arrays": {}, "logits": [0.0], "familiarity": 0.0, "probabilities": [1.0]}
    return {"tolerance": 1e-3, "inputs": [item]}


def rewritten(folder, **changes):
    """Change values of config.json."""
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def tampered(folder, change) -> None:
    """Change the weights and update every hash, so that only the tensors show the change."""
    opened = Checkpoint.open(folder)
    tensors = opened.tensors()
    change(tensors)
    files = writing.pack(
        opened.config,
        processor=opened.processor.to_dict(),
        tensors=tensors,
        onnx=opened.read("model.onnx"),
        evaluation=opened.evaluation,
        golden=opened.golden,
        history=opened.history,
        card=opened.card,
    )
    writing.write(folder, files)


def refused(folder, *words) -> str:
    with pytest.raises(BadCheckpoint) as error:
        load(folder).predict(DRAWINGS["three"])
    sentence = str(error.value)
    assert all(word in sentence for word in words), sentence
    assert "\n" not in sentence
    return sentence


def test_an_unchanged_copy_gives_the_same_answers(folder):
    Checkpoint.open(folder).check()
    assert load(folder).predict(DRAWINGS["three"]).label == "3"


@pytest.mark.parametrize("name", ["config.json", "processor.json", "model.safetensors", "model.onnx"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    refused(folder, name, "restore it")


@pytest.mark.parametrize("name", ["processor.json", "model.safetensors", "model.onnx"])
def test_a_changed_byte_is_noticed(folder, name):
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    refused(folder, name, "damaged or was changed")


def test_a_truncated_file_is_noticed(folder):
    data = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(data[: len(data) // 2])
    refused(folder, "model.onnx", "damaged")


def test_an_unsupported_format_is_refused(folder):
    rewritten(folder, format=99)
    refused(folder, "has format 99, expected format 2; update the Zoo")


@pytest.mark.parametrize(
    "changes, word",
    [
        ({"temperature": -1}, "temperature"),
        ({"threshold": float("nan")}, "threshold"),
        ({"surprise": 1}, "surprise"),
        ({"slug": "../../etc"}, "slug"),
        ({"files": {}}, "does not list processor.json"),
        ({"task": {"slug": "digits"}}, "task"),
    ],
)
def test_an_invalid_config_is_refused(folder, changes, word):
    rewritten(folder, **changes)
    refused(folder, word)


def test_a_file_that_is_not_in_the_format_is_refused(folder):
    files = json.loads((folder / "config.json").read_text())["files"]
    rewritten(folder, files={**files, "../secret.json": "0" * 64})
    refused(folder, "not a file of the format")


def test_config_that_is_not_json_is_refused(folder):
    (folder / "config.json").write_text("{")
    refused(folder, "not JSON")


def test_unknown_files_are_never_read(folder):
    (folder / ".gitattributes").write_text("x")
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04pickle")
    Checkpoint.open(folder).check()


def replaced(folder, name: str, content: bytes) -> None:
    """Replace the content of a file and update its hash."""
    (folder / name).write_bytes(content)
    files = json.loads((folder / "config.json").read_text())["files"]
    rewritten(folder, files={**files, name: hashlib.sha256(content).hexdigest()})


@pytest.mark.parametrize(
    "processor, word",
    [
        ({"name": "ink", "size": "big"}, "processor.json"),
        ({"name": "ink", "size": 28.5}, "processor.json"),
        ({"name": "ink", "box": 0}, "processor.json"),
        ({"name": "characters", "vocabulary": 5}, "processor.json"),
        ({"name": "ink", "size": 29}, "cannot be run"),
    ],
)
def test_a_processor_that_cannot_work_is_refused(folder, processor, word):
    replaced(folder, "processor.json", json.dumps(processor).encode())
    refused(folder, word)


@pytest.mark.parametrize(
    "name, content, look",
    [
        ("golden.json", {"inputs": []}, lambda opened: opened.golden),
        ("golden.json", {"tolerance": 1e-3, "inputs": [{"raw": 1}]}, lambda opened: opened.golden),
        ("golden.json", {"tolerance": 1e9, "inputs": []}, lambda opened: opened.golden),
        ("golden.json", {"tolerance": 1e-3, "inputs": []}, lambda opened: opened.golden),
        ("golden.json", _golden("/etc/hosts"), lambda opened: opened.golden),
        ("golden.json", _golden({"composite": "/etc/hosts"}), lambda opened: opened.golden),
        ("evaluation.json", {"test": []}, lambda opened: opened.evaluation),
        ("evaluation.json", {"seeds": {"mnist": 5}}, lambda opened: opened.evaluation),
        ("evaluation.json", [], lambda opened: opened.evaluation),
    ],
)
def test_files_of_another_shape_are_refused(folder, name, content, look):
    replaced(folder, name, json.dumps(content).encode())
    with pytest.raises(BadCheckpoint, match=name):
        look(Checkpoint.open(folder))


def test_a_golden_file_without_a_tolerance_is_refused(folder, monkeypatch):
    from app.verify.checks import verify

    replaced(folder, "golden.json", b'{"inputs": []}')
    monkeypatch.setattr(paths, "SHIPPED", folder.parent)
    assert [(check.holds, "tolerance" in check.detail) for check in verify(SLUG, server=None, zoo=None)] == [
        (False, True)
    ]


def test_a_linked_checkpoint_folder_is_untrusted(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "home"))
    own = tmp_path / "home" / "checkpoints"
    own.mkdir(parents=True)
    (own / "linked").symlink_to(folder)
    shutil.copytree(folder, own / "copied")
    assert Checkpoint.open(own / "linked").untrusted and not Checkpoint.open(own / "copied").untrusted
    assert not Checkpoint.open(folder).untrusted


def test_a_history_that_is_not_utf8_is_still_read(folder):
    replaced(folder, "history.csv", b"epoch,loss\n1,\xff\n")
    assert Checkpoint.open(folder).history.startswith("epoch,loss")


@pytest.mark.parametrize(
    "side, arrays",
    [
        ("inputs", [{"name": "x", "dtype": "float32", "shape": ["batch", 1, 32, 32]}]),
        ("inputs", [{"name": "x", "dtype": "int64", "shape": ["batch", 1, 28, 28]}]),
        ("outputs", [{"name": "logits", "dtype": "float32", "shape": ["batch", 10]}]),
    ],
)
def test_a_graph_that_differs_from_the_config_is_refused(folder, side, arrays):
    rewritten(folder, **{side: arrays})
    refused(folder, "model.onnx", side)


def first_weight(tensors) -> str:
    return next(name for name in tensors if name.startswith("net."))


def test_nan_in_the_weights_is_refused(folder):
    tampered(folder, lambda tensors: tensors[first_weight(tensors)].flat.__setitem__(0, np.nan))
    refused(folder, "NaN")


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.pop(first_weight(t)),
        lambda t: t.update(extra=np.zeros(3, np.float32)),
        lambda t: t.update({first_weight(t): np.zeros((2, 2), np.float32)}),
    ],
)
def test_weights_of_another_net_are_refused_by_torch(folder, change):
    tampered(folder, change)
    with pytest.raises(UnusableDevice, match="is not the one .* run it with the onnx engine"):
        load(folder, engine="torch")


def test_weights_that_differ_from_the_config_are_refused_without_torch(folder):
    tensors = json.loads((folder / "config.json").read_text())["tensors"]
    rewritten(folder, tensors={**tensors, "extra": ["float32", [3]]})
    refused(folder, "lacks the tensor 'extra'")


def test_a_checkpoint_is_replaced_only_when_the_new_one_is_complete(folder, tmp_path, monkeypatch):
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    mine = tmp_path / "home" / "mine"
    writing.write_version(mine, files)
    first = Checkpoint.open(mine).fingerprint

    def full(path, content):
        if path.name == "model.onnx":
            raise ZooError("Could not write: No space left on device.")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    monkeypatch.setattr(paths, "write_atomically", full)
    with pytest.raises(ZooError, match="No space"):
        writing.write_version(mine, files)
    monkeypatch.undo()
    assert Checkpoint.open(mine).fingerprint == first
    for _ in range(3):
        writing.write_version(mine, files)
    assert len([path for path in mine.iterdir() if path.is_dir()]) == 2  # the current version and the previous one


def test_a_full_disk_is_an_error_and_the_old_file_stays(tmp_path, monkeypatch):
    path = tmp_path / "file.json"
    paths.write_atomically(path, "old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ZooError, match="No space left on device"):
        paths.write_atomically(path, "new")
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_a_pointer_cannot_lead_elsewhere(tmp_path):
    (tmp_path / "current").write_text("../../etc")
    with pytest.raises(BadCheckpoint, match="does not name a folder"):
        Checkpoint.open(tmp_path)
