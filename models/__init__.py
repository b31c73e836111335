"""The zoo's library: `models.load("mnist-cnn").predict(image)` is the whole API. Importing it loads no torch, no ONNX Runtime, no checkpoint."""

from typing import TYPE_CHECKING, Any

from models.errors import BadCheckpoint, BadInput, TooLarge, UnknownModel, ZooError

if TYPE_CHECKING:
    from models.loading import load

__all__ = ["BadCheckpoint", "BadInput", "TooLarge", "UnknownModel", "ZooError", "load"]


def __getattr__(name: str) -> Any:
    """`load` is looked up when first used, so that importing one part of the library does not import all of it."""
    if name == "load":
        from models.loading import load

        return load
    raise AttributeError(f"module 'models' has no attribute {name!r}")
