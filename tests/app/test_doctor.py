"""`zoo doctor`: one line per check, how to fix what is wrong, and no secrets."""

import importlib.metadata
import json
import socket
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
import torch

from app import doctor

CHECKS = [
    "Python",
    "libraries",
    "torch",
    "device",
    "GPU",
    "Ray",
    "models",
    "verified",
    "ZOO_HOME",
    "the Hub",
    "proxies",
    "port",
    "Chromium",
]


def line(lines, what):
    return next(line for line in lines if line["what"] == what)


@pytest.fixture
def look(zoo, monkeypatch, tmp_path):
    """Run `zoo doctor --json` and return its exit code and lines.

    The data sets are not read, and ZOO_HOME is empty.
    """
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.setattr("app.cli.doctor._data", lambda: doctor.Line("data sets", "ok", "all"))

    def run():
        code, out, err = zoo("doctor", "--json")
        assert err == ""
        return code, json.loads(out)

    return run


def test_doctor_lists_every_check(look, zoo):
    code, lines = look()
    assert code == 0 and [check["what"] for check in lines] == [*CHECKS, "data sets"]
    assert all(check["detail"] for check in lines)
    states = {check["what"]: check["state"] for check in lines}
    assert [states[what] for what in ("Python", "libraries", "models", "verified", "ZOO_HOME")] == [
        "ok",
        "ok",
        "ok",
        "note",  # nothing is verified yet
        "ok",
    ]
    assert "fix" not in states.values()  # the other states depend on the machine
    text = zoo("doctor")[1]
    assert len(text.splitlines()) == len(lines) and "onnxruntime" in text


def test_data_sets_are_listed_without_downloading(zoo, monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "look", lambda: iter(()))
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    code, out, _ = zoo("doctor")
    assert code == 0 and "digits8x8" in out.partition("missing:")[0] and "mnist" in out.partition("missing:")[2]
    monkeypatch.setenv("ZOO_DATA", str(tmp_path / "none"))
    code, out, _ = zoo("doctor")
    assert code == 1 and out.startswith("fix   data sets") and "which is not a folder" in out


def test_missing_and_outdated_packages_are_reported(look, monkeypatch):
    original = importlib.metadata.version

    def version(name):
        if name in ("torch", "streamlit"):
            raise importlib.metadata.PackageNotFoundError(name)
        return "0.1" if name == "numpy" else original(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    code, lines = look()
    assert code == 1 and line(lines, "torch")["fix"] == "make train-tools"
    assert line(lines, "libraries")["state"] == "fix" and "streamlit" in line(lines, "libraries")["detail"]


def test_ray_is_reported_without_importing_it(look, monkeypatch):
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "2.60.0")
    assert line(look()[1], "Ray") == {"what": "Ray", "state": "ok", "detail": "2.60.0", "fix": ""}

    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    ray = line(look()[1], "Ray")
    assert ray["state"] == "note" and ray["fix"] == "pip install -r requirements-scale.txt"


def test_gpus_are_reported_with_memory_and_precision(look, monkeypatch):
    monkeypatch.setattr(doctor, "best_device", lambda: "cpu")
    assert line(look()[1], "GPU")["detail"].startswith("torch sees none")
    monkeypatch.setattr(doctor, "best_device", lambda: "cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    properties = SimpleNamespace(name="Some GPU", total_memory=24 * 2**30)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda index: properties)
    monkeypatch.setattr(torch.cuda, "device", lambda index: nullcontext())
    native = iter([True, False])
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: next(native))
    gpu = line(look()[1], "GPU")
    assert gpu["detail"] == "Some GPU, 24 GiB, bfloat16; Some GPU, 24 GiB, no bfloat16"
    assert gpu["fix"].startswith("torchrun --nproc-per-node 2 -m training")


def test_no_token_is_printed(look, monkeypatch, tmp_path):
    from huggingface_hub import constants

    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    assert line(look()[1], "the Hub")["state"] == "note"
    (tmp_path / "token").write_text("hf_secret")
    lines = look()[1]
    assert line(lines, "the Hub")["detail"].startswith("logged in") and "secret" not in json.dumps(lines)
    monkeypatch.setenv("HF_TOKEN", "hf_other")
    assert "hf_other" not in json.dumps(look()[1])


def test_the_user_of_the_port_is_reported(look, monkeypatch, server):
    monkeypatch.setenv("PORT", server.address.rpartition(":")[2])
    assert line(look()[1], "port")["detail"] == f"the Zoo is running at {server.address}"
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0)
        monkeypatch.setattr(doctor, "_is_zoo", lambda *_: False)  # would wait for an answer
        monkeypatch.setenv("PORT", str(other.getsockname()[1]))
        assert "in use by another program" in line(look()[1], "port")["detail"]
    assert line(look()[1], "port")["detail"].endswith("is free")
    tried = []
    monkeypatch.setattr(doctor.socket, "create_connection", lambda where, **_: tried.append(where[0]) or other)
    for host in ("::1", "[::1]", "::", "[::]"):
        monkeypatch.setenv("HOST", host)
        look()
    assert tried == ["::1"] * 4
    monkeypatch.setenv("PORT", "http")
    code, lines = look()
    assert code == 1 and "must be a number" in line(lines, "port")["detail"]


def test_a_zoo_home_that_is_a_file_is_reported(look, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "file"))
    assert line(look()[1], "ZOO_HOME")["detail"].endswith("is a file")


def test_a_damaged_model_is_reported(look, tmp_path):
    (tmp_path / "checkpoints" / "broken").mkdir(parents=True)
    code, lines = look()
    problems = [check["detail"] for check in lines if check["state"] == "fix"]
    assert code == 1 and len(problems) == 1 and problems[0].startswith("broken cannot be used: ")
