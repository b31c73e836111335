"""The device that a net is trained on."""

import torch

from models.errors import ZooError


def device_of(device: str | None) -> str:
    """The device to train on (default: CUDA if available, else the CPU).

    Raises ZooError if `device` is not available.
    """
    if device is None:
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise ZooError("No CUDA device is available, or this torch was built without CUDA; train with --device cpu.")
    if device == "mps" and not torch.backends.mps.is_available():
        raise ZooError("No Apple GPU is available, or this torch was built without MPS; train with --device cpu.")
    if device not in ("cpu", "cuda", "mps"):
        raise ZooError(f"The device {device!r} is unknown; expected cpu, cuda or mps.")
    return device
