"""The checkpoint folder: one trained model, complete in itself, the same in a clone, in ZOO_HOME and on the Hub.

    config.json        all that a list or a page's head needs; the sha256 of every other file but the card
    processor.json     how a raw input becomes the net's input
    model.safetensors  the weights, with the familiarity's buffers
    model.onnx         the same net as a graph that needs no torch
    evaluation.json    measured figures (models/evaluation.py)
    golden.json        a few inputs with the answers they must give (models/config.py: Golden)
    history.csv        the training curve: a row for each epoch
    activations.onnx   small convolutional nets only: a graph of its own that returns what each layer makes of an input
    README.md          the model card

Loading is strict; every file is checked against its hash as it is read.
"""

import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from pydantic import BaseModel, ValidationError

from models import format1, paths, processors, store
from models.config import CONTROL, Config, Golden, texts
from models.errors import BadCheckpoint, ZooError
from models.evaluation import Evaluation
from models.processors.base import Processor
from models.task import Task

FORMAT = 2
READABLE = (1, FORMAT)
REQUIRED = ("processor.json", "model.safetensors", "model.onnx", "evaluation.json", "golden.json", "history.csv")
OPTIONAL = ("activations.onnx",)
CARD = "README.md"  # people may edit it on the Hub, so it has no hash
MAX_BYTES = {".json": 32 * 2**20, ".csv": 8 * 2**20, ".md": 2**20, ".safetensors": 2 * 2**30, ".onnx": 2 * 2**30}
Parsed = TypeVar("Parsed", bound=BaseModel)


class Checkpoint:
    """A checkpoint folder, opened: its config is read and checked, the rest is read and checked when asked for."""

    def __init__(self, path: Path, config: Config, version: int = FORMAT):
        self.path = path
        self.config = config
        self.version = version  # of the format on disk; `config` and the files read are always those of FORMAT

    @classmethod
    def open(cls, folder: Path) -> "Checkpoint":
        """Open `folder` (in ZOO_HOME: through its pointer). Raises BadCheckpoint with one sentence."""
        path = store.resolve(folder)
        data = _bounded(path, "config.json")
        try:
            values = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise BadCheckpoint(f"{path.name}/config.json is not JSON; {_WAY_OUT}") from error
        if not isinstance(values, dict) or values.get("format") not in READABLE:
            got = values.get("format") if isinstance(values, dict) else type(values).__name__
            raise BadCheckpoint(
                f"{path.name}/config.json has format {got!r:.60}; this version of the zoo reads format {FORMAT}: "
                f"update the zoo, or {_WAY_OUT}"
            )
        if any(CONTROL.search(text) for text in texts(values)):
            raise BadCheckpoint(f"{path.name}/config.json holds control characters, which terminals obey; {_WAY_OUT}")
        version = values["format"]
        try:
            config = Config.model_validate_json(
                data if version == FORMAT else json.dumps(format1.upgraded_config(values))
            )
        except (ValidationError, TypeError) as error:
            raise BadCheckpoint(f"{path.name}/config.json is not valid at {_fault(error)}; {_WAY_OUT}") from error
        missing = [name for name in REQUIRED if name not in config.files]
        unknown = [name for name in config.files if name not in REQUIRED + OPTIONAL]
        if missing or unknown:
            raise BadCheckpoint(
                f"{path.name}/config.json lists no {missing[0]}; {_WAY_OUT}"
                if missing
                else f"{path.name}/config.json lists {unknown[0]!r:.60}, which is no file of the format; {_WAY_OUT}"
            )
        return cls(path, config, version)

    def read(self, name: str) -> bytes:
        """The content of a file of the format, checked against its hash. Raises BadCheckpoint."""
        data = _bounded(self.path, name if self.version == FORMAT else format1.FILES.get(name, name))
        if name != CARD:
            got, expected = hashlib.sha256(data).hexdigest(), self.config.files.get(name)
            if got != expected:
                raise BadCheckpoint(
                    f"{self.path.name}/{name} is damaged or was changed: its sha256 is {got[:12]}..., config.json "
                    f"says {str(expected)[:12]}...; {_WAY_OUT}"
                )
        return data

    @property
    def untrusted(self) -> bool:
        """Whether it came from the Hub, or is another folder linked among the user's own (`zoo verify FOLDER`).

        Nothing in an untrusted checkpoint is believed before it is checked.
        """
        own = paths.user_checkpoints()
        linked = self.path.is_relative_to(own) and not self.path.resolve().is_relative_to(own.resolve())
        return linked or self.path.is_relative_to(paths.hub_cache())

    def has(self, name: str) -> bool:
        """Whether this checkpoint has the optional file `name`."""
        return name in self.config.files

    @cached_property
    def task(self) -> Task:
        """The task as this checkpoint carries it; its labels are in the order of the logits."""
        return Task.from_dict(self.config.task)

    @cached_property
    def processor(self) -> Processor:
        """The fitted processor."""
        values = self._json("processor.json")
        try:
            if not all(type(value) in (str, int) for value in values.values()):
                raise ValueError("its values are texts and whole numbers")
            return processors.from_dict(values)
        except (ZooError, TypeError, AttributeError, ValueError) as error:
            raise BadCheckpoint(f"{self.path.name}/processor.json cannot be used: {error}; {_WAY_OUT}") from error

    @cached_property
    def evaluation(self) -> Evaluation:
        """evaluation.json. Raises BadCheckpoint."""
        values = self._json("evaluation.json")
        return self._parsed(
            Evaluation, values if self.version == FORMAT else format1.upgraded_evaluation(values), "evaluation.json"
        )

    @cached_property
    def golden(self) -> Golden:
        """golden.json. Raises BadCheckpoint."""
        golden = self._parsed(Golden, self._json("golden.json"), "golden.json")
        if self.task.input != "text" and any(_names_file(item.raw) for item in golden.inputs):
            raise BadCheckpoint(
                f"{self.path.name}/golden.json names a file as an input, which is not allowed; {_WAY_OUT}"
            )
        return golden

    @property
    def history(self) -> str:
        """The training curve as CSV text."""
        return self.read("history.csv").decode(errors="replace")

    @property
    def card(self) -> str:
        """The card as Markdown text."""
        return _bounded(self.path, CARD).decode(errors="replace") if (self.path / CARD).is_file() else ""

    @cached_property
    def digest(self) -> str:
        """The sha256 of config.json, 64 hex digits.

        It identifies the checkpoint: config.json has the sha256 of every other file.
        """
        return hashlib.sha256(_bounded(self.path, "config.json")).hexdigest()

    @cached_property
    def fingerprint(self) -> str:
        """First 12 hex digits of the sha256 of `model.safetensors` followed by `processor.json`."""
        return hashlib.sha256(self.read("model.safetensors") + self.read("processor.json")).hexdigest()[:12]

    def tensors(self) -> dict[str, np.ndarray]:
        """The weights by name, checked for names, shapes, dtypes, NaN and infinity. Raises BadCheckpoint."""
        # Not needed to list models.
        from safetensors import SafetensorError
        from safetensors.numpy import load

        try:
            tensors = load(self.read("model.safetensors"))
        except (SafetensorError, ValueError, TypeError, KeyError) as error:
            raise BadCheckpoint(f"{self.path.name}/model.safetensors cannot be read: {error}; {_WAY_OUT}") from error
        expected = self.config.tensors
        for name in expected.keys() ^ tensors.keys():
            side = "lacks" if name in expected else "has an unknown"
            raise BadCheckpoint(f"{self.path.name}/model.safetensors {side} tensor {name!r:.80}; {_WAY_OUT}")
        for name, tensor in tensors.items():
            got = (str(tensor.dtype), tensor.shape)
            if got != expected[name]:
                raise BadCheckpoint(
                    f"{self.path.name}/model.safetensors: {name!r:.80} is {got[0]} {got[1]}, config.json says "
                    f"{expected[name][0]} {expected[name][1]}; {_WAY_OUT}"
                )
            if tensor.dtype.kind == "f" and not np.isfinite(tensor).all():
                raise BadCheckpoint(
                    f"{self.path.name}/model.safetensors: {name!r:.80} holds NaN or infinity; {_WAY_OUT}"
                )
        return tensors

    def check(self) -> None:
        """Read every file and check it: hashes, JSON, tensors. Raises BadCheckpoint at the first that is wrong."""
        for name in self.config.files:
            self.read(name)
        self.tensors()
        _ = self.processor, self.evaluation, self.golden

    def _parsed(self, kind: type[Parsed], values: dict[str, Any], name: str) -> Parsed:
        try:
            return kind.model_validate(values)
        except ValidationError as error:
            raise BadCheckpoint(f"{self.path.name}/{name} is not valid at {_fault(error)}; {_WAY_OUT}") from error

    def _json(self, name: str) -> dict[str, Any]:
        try:
            values = json.loads(self.read(name))
        except (ValueError, RecursionError) as error:
            raise BadCheckpoint(f"{self.path.name}/{name} is not JSON; {_WAY_OUT}") from error
        if not isinstance(values, dict):
            raise BadCheckpoint(
                f"{self.path.name}/{name} holds a {type(values).__name__}, expected an object; {_WAY_OUT}"
            )
        return values


_WAY_OUT = "take a fresh copy (git checkout for a shipped model, or train or pull it again)."


def stamp(folder: Path) -> tuple[Any, ...]:
    """What changes when the checkpoint is replaced: the pointer's content and config.json's size and times.

    Raises BadCheckpoint.
    """
    path = store.resolve(folder)
    try:
        status = (path / "config.json").stat()
    except OSError as error:
        raise BadCheckpoint(f"{path.name}/config.json cannot be read: {error.strerror}; {_WAY_OUT}") from error
    return path.name, status.st_size, status.st_mtime_ns, status.st_ino


def _fault(error: ValidationError | TypeError) -> str:
    """The first place that is wrong, and why."""
    first = error.errors()[0] if isinstance(error, ValidationError) else {"loc": ("task",), "msg": str(error)}
    where = ".".join(str(part) for part in first["loc"])
    return f"{where[:100]!r}: {first['msg']}"


def limit(name: str) -> int:
    """How many bytes the file `name` of a checkpoint may have."""
    return {"config.json": 2 * 2**20}.get(name) or MAX_BYTES[Path(name).suffix]


def _names_file(raw: Any) -> bool:
    """Whether a raw input would be opened as a path: a text, also within what Gradio's Sketchpad gives."""
    return isinstance(raw.get("composite") if isinstance(raw, dict) else raw, str)


def _bounded(path: Path, name: str) -> bytes:
    file = path / name
    try:
        size = file.stat().st_size
        if size > limit(name):
            raise BadCheckpoint(
                f"{path.name}/{name} has {size:,} bytes; at most {limit(name):,} are read. {_WAY_OUT.capitalize()}"
            )
        return file.read_bytes()
    except OSError as error:
        raise BadCheckpoint(f"{path.name}/{name} cannot be read: {error.strerror or error}; {_WAY_OUT}") from error
