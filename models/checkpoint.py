"""The checkpoint folder: one trained model, self-contained, identical in a clone, in ZOO_HOME and on the Hub.

    config.json        what lists and page heads need; the SHA-256 of every other file except the card
    processor.json     how a raw input is converted to the input of the net
    model.safetensors  the weights, including the buffers for familiarity
    model.onnx         the same net as a graph that needs no torch
    evaluation.json    measured figures (models/evaluation.py)
    golden.json        a few inputs with the expected answers (models/config.py: Golden)
    history.csv        the training curve: one row per epoch
    activations.onnx   small convolutional nets only: a separate graph that returns the activations of each layer
    snapshots.safetensors  small nets only: the weights at some moments of the training (models/snapshots.py)
    map.safetensors    features of test examples as points in a plane (models/embedding.py)
    README.md          the model card

Loading is strict: every file is checked against its hash when it is read.
"""

import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from pydantic import BaseModel, ValidationError

from models import format1, paths, processors, snapshots, store
from models.config import Config, Golden, problem
from models.errors import BadCheckpoint, ZooError
from models.processors.base import Processor
from models.snapshots import Snapshots
from models.task import Task

if TYPE_CHECKING:
    from models.evaluation import Evaluation

FORMAT = 2
READABLE_FORMATS = (1, FORMAT)
FIX = "restore it (git checkout for a shipped model), or train or pull it again."
REQUIRED = ("processor.json", "model.safetensors", "model.onnx", "evaluation.json", "golden.json", "history.csv")
MAP = "map.safetensors"
OPTIONAL = ("activations.onnx", snapshots.FILE, MAP)
CARD = "README.md"  # can be edited on the Hub, so it has no hash
MAX_BYTES = {".json": 32 * 2**20, ".csv": 8 * 2**20, ".md": 2**20, ".safetensors": 2 * 2**30, ".onnx": 2 * 2**30}
Parsed = TypeVar("Parsed", bound=BaseModel)


class Checkpoint:
    """An open checkpoint folder. Its config is read and checked at once, each other file on access."""

    def __init__(self, path: Path, config: Config, version: int = FORMAT):
        self.path = path
        self.config = config
        self.version = (
            version  # of the format on disk; `config` and the content of files are always converted to FORMAT
        )

    @classmethod
    def open(cls, folder: Path) -> "Checkpoint":
        """Open `folder`, in ZOO_HOME through its pointer. Raises BadCheckpoint."""
        path = store.resolve(folder)
        data = _read_bounded(path, "config.json")
        try:
            values = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise BadCheckpoint(f"{path.name}/config.json is not JSON; {FIX}") from error
        if not isinstance(values, dict) or values.get("format") not in READABLE_FORMATS:
            got = values.get("format") if isinstance(values, dict) else type(values).__name__
            raise BadCheckpoint(
                f"{path.name}/config.json has format {got!r:.60}, expected format {FORMAT}; update the Zoo, or {FIX}"
            )
        version = values["format"]
        try:
            # Not from `data`, of which another parser might make something else, such as of a key that is there twice.
            config = Config.model_validate_json(
                json.dumps(values if version == FORMAT else format1.upgraded_config(values))
            )
        except RecursionError as error:
            raise BadCheckpoint(f"{path.name}/config.json is nested too deeply; {FIX}") from error
        except (ValidationError, TypeError) as error:
            raise BadCheckpoint(f"{path.name}/config.json is invalid at {_first_error(error)}; {FIX}") from error
        if wrong := problem(values):
            raise BadCheckpoint(f"{path.name}/config.json {wrong}; {FIX}")
        missing = [name for name in REQUIRED if name not in config.files]
        unknown = [name for name in config.files if name not in REQUIRED + OPTIONAL]
        if missing or unknown:
            raise BadCheckpoint(
                f"{path.name}/config.json does not list {missing[0]}; {FIX}"
                if missing
                else f"{path.name}/config.json lists {unknown[0]!r:.60}, which is not a file of the format; {FIX}"
            )
        return cls(path, config, version)

    def read(self, name: str) -> bytes:
        """Read a file of the checkpoint and check it against its hash. Raises BadCheckpoint."""
        data = _read_bounded(self.path, name if self.version == FORMAT else format1.FILES.get(name, name))
        if name != CARD:
            got, expected = hashlib.sha256(data).hexdigest(), self.config.files.get(name)
            if got != expected:
                raise BadCheckpoint(
                    f"{self.path.name}/{name} is damaged or was changed: its sha256 is {got[:12]}..., "
                    f"expected {str(expected)[:12]}... (config.json); {FIX}"
                )
        return data

    @property
    def untrusted(self) -> bool:
        """Whether it is from the Hub, or a folder linked into the user's checkpoints from elsewhere (`zoo verify`).

        Nothing in an untrusted checkpoint is used before it is checked.
        """
        home = paths.user_checkpoints()
        is_linked = self.path.is_relative_to(home) and not self.path.resolve().is_relative_to(home.resolve())
        return is_linked or self.path.is_relative_to(paths.hub_cache())

    def has(self, name: str) -> bool:
        """Whether this checkpoint has the optional file `name`."""
        return name in self.config.files

    @cached_property
    def task(self) -> Task:
        """The task as saved in this checkpoint; its labels are in the order of the logits."""
        return Task.from_dict(self.config.task)

    @cached_property
    def processor(self) -> Processor:
        """The fitted processor."""
        values = self._json("processor.json")
        try:
            if not all(type(value) in (str, int, list) for value in values.values()):
                raise ValueError("every value must be a string, a whole number or a list")
            if wrong := problem([value for value in values.values() if isinstance(value, list)]):
                raise ValueError(f"it {wrong}")
            return processors.from_dict(values)
        except (ZooError, TypeError, AttributeError, ValueError) as error:
            raise BadCheckpoint(f"{self.path.name}/processor.json cannot be used: {error}; {FIX}") from error

    @cached_property
    def evaluation(self) -> "Evaluation":
        """evaluation.json. Raises BadCheckpoint."""
        from models.evaluation import Evaluation  # a prediction does not need it: 25 ms of start-up

        values = self._json("evaluation.json")
        if wrong := problem(values):
            raise BadCheckpoint(f"{self.path.name}/evaluation.json {wrong}; {FIX}")
        return self._parsed(
            Evaluation, values if self.version == FORMAT else format1.upgraded_evaluation(values), "evaluation.json"
        )

    @cached_property
    def golden(self) -> Golden:
        """golden.json. Raises BadCheckpoint."""
        golden = self._parsed(Golden, self._json("golden.json"), "golden.json")
        if self.task.input != "text" and any(_names_file(item.raw) for item in golden.inputs):
            raise BadCheckpoint(
                f"{self.path.name}/golden.json has a file name as an input, which is not allowed; {FIX}"
            )
        return golden

    @cached_property
    def snapshots(self) -> Snapshots:
        """The weights at moments of the training. Raises BadCheckpoint if there are none or they do not fit the net."""
        name = f"{self.path.name}/{snapshots.FILE}"
        if not self.has(snapshots.FILE):
            raise BadCheckpoint(f"There is no {name}; only small nets have snapshots, so choose one of those.")
        try:
            return snapshots.parse(self.read(snapshots.FILE), self.config.tensors)
        except ValueError as error:
            raise BadCheckpoint(f"{name} {error}; {FIX}") from error

    @property
    def history(self) -> str:
        """The training curve as CSV text."""
        return self.read("history.csv").decode(errors="replace")

    @property
    def card(self) -> str:
        """The model card as Markdown text, empty if there is none."""
        return _read_bounded(self.path, CARD).decode(errors="replace") if (self.path / CARD).is_file() else ""

    @cached_property
    def digest(self) -> str:
        """The sha256 of config.json, 64 hex digits.

        It identifies the checkpoint, because config.json contains the sha256 of every other file.
        """
        return hashlib.sha256(_read_bounded(self.path, "config.json")).hexdigest()

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
            raise BadCheckpoint(f"{self.path.name}/model.safetensors cannot be read: {error}; {FIX}") from error
        expected = self.config.tensors
        for name in expected.keys() ^ tensors.keys():
            problem = "lacks the" if name in expected else "has an unknown"
            raise BadCheckpoint(f"{self.path.name}/model.safetensors {problem} tensor {name!r:.80}; {FIX}")
        for name, tensor in tensors.items():
            got = (str(tensor.dtype), tensor.shape)
            if got != expected[name]:
                raise BadCheckpoint(
                    f"{self.path.name}/model.safetensors: {name!r:.80} is {got[0]} {got[1]}, "
                    f"expected {expected[name][0]} {expected[name][1]} (config.json); {FIX}"
                )
            if tensor.dtype.kind == "f" and not np.isfinite(tensor).all():
                raise BadCheckpoint(f"{self.path.name}/model.safetensors: {name!r:.80} contains NaN or infinity; {FIX}")
        return tensors

    def check(self) -> None:
        """Read and check every file: hashes, JSON, tensors. Raises BadCheckpoint for the first error."""
        for name in self.config.files:
            self.read(name)
        self.tensors()
        if self.has(snapshots.FILE):
            _ = self.snapshots
        _ = self.processor, self.evaluation, self.golden

    def _parsed(self, kind: type[Parsed], values: dict[str, Any], name: str) -> Parsed:
        try:
            return kind.model_validate(values)
        except ValidationError as error:
            raise BadCheckpoint(f"{self.path.name}/{name} is invalid at {_first_error(error)}; {FIX}") from error

    def _json(self, name: str) -> dict[str, Any]:
        try:
            values = json.loads(self.read(name))
        except (ValueError, RecursionError) as error:
            raise BadCheckpoint(f"{self.path.name}/{name} is not JSON; {FIX}") from error
        if not isinstance(values, dict):
            raise BadCheckpoint(
                f"{self.path.name}/{name} contains a {type(values).__name__}, expected an object; {FIX}"
            )
        return values


def stamp(folder: Path) -> tuple[Any, ...]:
    """A value that changes when the checkpoint is replaced: its version, and the size, times and inode of config.json.

    Raises BadCheckpoint.
    """
    path = store.resolve(folder)
    try:
        status = (path / "config.json").stat()
    except OSError as error:
        raise BadCheckpoint(f"{path.name}/config.json cannot be read: {error.strerror}; {FIX}") from error
    return path.name, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _first_error(error: ValidationError | TypeError) -> str:
    """Where the first validation error is, and its message."""
    first = error.errors()[0] if isinstance(error, ValidationError) else {"loc": ("task",), "msg": str(error)}
    where = ".".join(str(part) for part in first["loc"])
    return f"{where[:100]!r}: {first['msg']}"


def limit(name: str) -> int:
    """The maximum size of the file `name` of a checkpoint, in bytes."""
    return {"config.json": 2 * 2**20, "evaluation.json": 16 * 2**20, snapshots.FILE: 2**20, MAP: 2**20}.get(
        name
    ) or MAX_BYTES[Path(name).suffix]


def _names_file(raw: Any) -> bool:
    """Whether a raw input would be opened as a path: a str, also inside the dict of Gradio's Sketchpad."""
    return isinstance(raw.get("composite") if isinstance(raw, dict) else raw, str)


def _read_bounded(path: Path, name: str) -> bytes:
    file = path / name
    try:
        size = file.stat().st_size
        if size > limit(name):
            raise BadCheckpoint(f"{path.name}/{name} has {size:,} bytes, at most {limit(name):,} are allowed; {FIX}")
        return file.read_bytes()
    except OSError as error:
        raise BadCheckpoint(f"{path.name}/{name} cannot be read: {error.strerror or error}; {FIX}") from error
