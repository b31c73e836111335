"""The zoo's library: `models.load("mnist-cnn").predict(image)` is the whole API.

Importing it loads no torch, no ONNX Runtime, no checkpoint.
"""

import os
from typing import TYPE_CHECKING, Any

from models.errors import BadCheckpoint, BadInput, TooLarge, UnknownModel, ZooError

if TYPE_CHECKING:
    from models.loading import load

# Nothing is sent anywhere: this switches off the telemetry of every library in use. Each reads its variable when it is
# imported or first used, and every program of the project imports this module first (app and training import it too).
SWITCHES = {
    "ORT_DISABLE_TELEMETRY": "1",  # ONNX Runtime: on by default in its wheels since 1.29
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",  # whatever else honours it
}
os.environ.update(SWITCHES)

__all__ = ["BadCheckpoint", "BadInput", "TooLarge", "UnknownModel", "ZooError", "load"]


def __getattr__(name: str) -> Any:
    """`load` is looked up when first used, so that importing one part of the library does not import all of it."""
    if name == "load":
        from models.loading import load

        return load
    raise AttributeError(f"module 'models' has no attribute {name!r}")
