"""The library of the Zoo: `models.load("mnist-cnn").predict(image)` is the whole API.

Importing it loads no torch, no ONNX Runtime and no checkpoint.
"""

import os
from typing import TYPE_CHECKING, Any

from models.errors import BadCheckpoint, BadInput, TooLarge, UnknownModel, ZooError

if TYPE_CHECKING:
    from models.loading import load

# Switches off the telemetry of every library in use. Each library reads its variable on import or first use, and every
# program of the project imports this module first (app and training import it too).
TELEMETRY_OFF = {
    "ORT_DISABLE_TELEMETRY": "1",  # ONNX Runtime: on by default in its wheels since 1.29
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "RAY_USAGE_STATS_ENABLED": "0",
    "DO_NOT_TRACK": "1",  # a convention that other libraries follow
}
os.environ.update(TELEMETRY_OFF)
if not os.environ.get("HF_ENDPOINT", "-").strip():
    del os.environ["HF_ENDPOINT"]  # empty means the default, not an address without a host

__all__ = ["BadCheckpoint", "BadInput", "TooLarge", "UnknownModel", "ZooError", "load"]


def __getattr__(name: str) -> Any:
    """Import `load` on first use, so that importing one part of the library does not import all of it."""
    if name == "load":
        from models.loading import load

        return load
    raise AttributeError(f"module 'models' has no attribute {name!r}")
