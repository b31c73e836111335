"""The checks of `zoo doctor`: what is installed and configured on this machine, and how to fix what is wrong."""

import http.client
import importlib.metadata
import json
import os
import platform
import re
import shutil
import socket
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app import settings
from app.verify.records import verified
from models import catalog, paths
from models.checkpoint import Checkpoint
from models.engines.torch import gpus, is_available
from models.errors import ZooError
from models.huggingface import endpoint
from models.huggingface.login import login
from models.loading import best_device

REQUIREMENTS = Path(__file__).parents[1] / "requirements.txt"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAIN = ("numpy", "onnxruntime", "streamlit", "gradio", "fastapi", "mcp")  # shown with their versions
LITTLE_SPACE = 100 * 2**20  # bytes; training and pulling write tens of megabytes
INSTALL = "pip install -r requirements.txt"


@dataclass(frozen=True)
class Line:
    """One check. state: "ok", "note" (it works, but there is something to know) or "fix"; fix: what to do."""

    what: str
    state: str
    detail: str
    fix: str = ""


def look() -> Iterator[Line]:
    """Every check except the data sets, which only `training` can read."""
    checks = {
        "Python": _python,
        "libraries": _libraries,
        "torch": _torch,
        "device": _device,
        "GPU": _gpu,
        "Ray": _ray,
        "models": _models,
        "verified": _checked,
        "ZOO_HOME": _home,
        "the Hub": _hub,
        "proxies": _proxies,
        "port": _port,
        "Chromium": _chromium,
    }
    for what, check in checks.items():
        try:
            lines = check()
            yield from [lines] if isinstance(lines, Line) else lines
        except ZooError as error:
            yield Line(what, "fix", str(error))


def _python() -> Line:
    return Line("Python", "ok", f"{platform.python_version()} ({sys.executable})")


def _libraries() -> Line:
    """The packages that serving needs, compared with the tested versions."""
    if not REQUIREMENTS.is_file():
        return Line("libraries", "note", "requirements.txt is missing, so versions cannot be compared")
    pins = re.findall(r"^([\w.-]+)(?:\[\w+\])?==([^\s;]+)(.*)$", REQUIREMENTS.read_text(), re.MULTILINE)
    missing, other, here = [], [], {}
    for name, version, marker in pins:
        if "win32" in marker and sys.platform == "win32":
            continue
        installed = _version(name)
        if installed is None:
            missing.append(name)
            continue
        here[name] = installed
        if installed != version:
            other.append(f"{name} {installed} instead of {version}")
    if missing:
        return Line("libraries", "fix", f"not installed: {', '.join(missing)}", INSTALL)
    if other:
        return Line("libraries", "note", ", ".join(other), f"{INSTALL} installs the tested versions")
    main = ", ".join(f"{name} {here[name]}" for name in MAIN if name in here)
    return Line("libraries", "ok", f"all {len(here)} required, in the tested versions: {main} and others")


def _version(package: str) -> str | None:
    """The installed version of a package; None if it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _torch() -> Line:
    version = _version("torch")
    if version is None:
        detail = "not installed; only training needs it, predictions use ONNX Runtime"
        return Line("torch", "note", detail, "make train-tools")
    return Line("torch", "ok", f"{version}, so models can be trained")


def _device() -> Line:
    device, cores = best_device(), os.cpu_count() or 1
    if device != "cpu" and not is_available(device):
        fix = "install a build of torch that supports it, or ignore this: models run on the CPU"
        return Line("device", "note", f"there is a driver for {device}, but the installed torch cannot use it", fix)
    runs = "ONNX Runtime" if device == "cpu" else "torch"
    machine = f"{platform.system()} {platform.machine()}, {cores} {'core' if cores == 1 else 'cores'}"
    return Line("device", "ok", f"models run on {device}, with {runs} ({machine})")


def _gpu() -> Line:
    """The GPUs that training can use. torch, which takes seconds to import, is asked only if there is a driver."""
    seen = gpus() if best_device() == "cuda" else []
    if not seen:
        return Line("GPU", "ok", "torch sees none; training runs on the CPU")
    fix = f"torchrun --nproc-per-node {len(seen)} -m training ENTRY uses all" if len(seen) > 1 else ""
    return Line("GPU", "ok", "; ".join(seen), fix)


def _ray() -> Line:
    version = _version("ray")
    if version is None:
        detail = "not installed; only --ray needs it, to compute on several machines"
        return Line("Ray", "note", detail, "pip install -r requirements-scale.txt")
    return Line("Ray", "ok", version)


def _models() -> Iterator[Line]:
    origins = Counter(model.origin for model in catalog.models())
    counts = ", ".join(f"{count} {origin}" for origin, count in origins.items())
    yield Line("models", "ok" if counts else "note", counts or "none", "" if counts else "zoo train mnist-cnn")
    for id, problem in catalog.problems().items():
        yield Line("models", "fix", f"{id} cannot be used: {problem}", f"zoo verify {id} checks it")


def _checked() -> Line:
    records = [verified(Checkpoint.open(model.path)) for model in catalog.models()]
    current = [record for record in records if record and record.current]
    failed = sum(bool(record.failed) for record in current)
    detail = f"{len(current)} of {len(records)} models, with the installed versions"
    if failed:
        return Line("verified", "fix", f"{detail}; {failed} failed", "zoo verify shows which")
    return Line("verified", "ok" if len(current) == len(records) else "note", detail, "" if current else "zoo verify")


def _home() -> Line:
    folder = paths.data_home()
    if not folder.exists():
        above = next(parent for parent in folder.absolute().parents if parent.exists())
        if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
            return Line("ZOO_HOME", "fix", f"{folder} cannot be created in {above}", "Set ZOO_HOME to another folder.")
        return Line("ZOO_HOME", "ok", f"{folder} (created when needed)")
    if not folder.is_dir():
        return Line("ZOO_HOME", "fix", f"{folder} is a file", "Set ZOO_HOME to a folder.")
    parts = {path.name: _size(path) for path in sorted(folder.iterdir()) if path.is_dir() and path.name[0] != "."}
    sizes = ", ".join(f"{name} {_bytes(size)}" for name, size in parts.items()) or "empty"
    free = shutil.disk_usage(folder).free
    detail = f"{folder}: {sizes}; {_bytes(free)} free on this disk"
    if not os.access(folder, os.W_OK):
        return Line("ZOO_HOME", "fix", f"{folder} is not writable", "Set ZOO_HOME to another folder.")
    if free < LITTLE_SPACE:
        return Line("ZOO_HOME", "fix", detail, "Free some space, or set ZOO_HOME to another folder.")
    return Line("ZOO_HOME", "ok", detail, "cache may be deleted; it is rebuilt when needed" if "cache" in parts else "")


def _hub() -> Line:
    endpoint.check()
    try:
        by = login()
    except ImportError:
        return Line("the Hub", "note", "huggingface_hub is not installed", INSTALL)
    if by:
        return Line("the Hub", "ok", f"logged in by {by}", "hf auth whoami shows the user")
    return Line("the Hub", "note", "not logged in to Hugging Face; only publishing needs it", "hf auth login")


def _proxies() -> Line:
    """The proxies that pull and push use, without passwords."""
    used = ", ".join(f"{kind}: {endpoint.masked(address)}" for kind, address in endpoint.proxies().items())
    direct = ", ".join(endpoint.not_proxied())
    return Line("proxies", "ok", f"{used}; not for {direct}" if used and direct else used or "none")


def _port() -> Line:
    try:
        config = settings.read()
    except ZooError as error:
        return Line("port", "fix", str(error))
    bare = config.host.strip("[]")  # an IPv6 address may come in brackets
    host, port = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bare, bare), config.port
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        return Line("port", "ok", f"{port} on {config.host} is free", "zoo serve")
    if _is_zoo(host, port):
        return Line("port", "ok", f"the Zoo is running at {config.address}")
    return Line(
        "port", "note", f"port {port} is in use by another program", f"PORT={port + 1} zoo serve uses another port"
    )


def _is_zoo(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        health = json.loads(connection.getresponse().read(10_000))
        return isinstance(health, dict) and "widgets" in health
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _chromium() -> Line:
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        return Line("Chromium", "note", "not found; only the browser tests need it", "apt install chromium")
    return Line("Chromium", "ok", f"{path}, for the browser tests")


def _size(folder: Path) -> int:
    total = 0
    for where, _, files in os.walk(folder):
        for file in files:
            with suppress(OSError):
                total += os.stat(os.path.join(where, file), follow_symlinks=False).st_size
    return total


def _bytes(count: float) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
