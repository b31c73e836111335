"""The torch engine: the entry's own net with the checkpoint's weights, on CUDA, MPS or the CPU."""

import numpy as np

from models import catalog
from models.checkpoint import Checkpoint
from models.errors import BadCheckpoint, UnknownModel, UnusableDevice, ZooError


class TorchEngine:
    """Runs the net in eager torch.

    Raises ZooError if torch is not installed, UnusableDevice if it cannot use `device`, BadCheckpoint if the weights do
    not fit the net.
    """

    name = "torch"

    def __init__(self, checkpoint: Checkpoint, device: str = "cpu"):
        try:
            # Optional: without it models run on ONNX Runtime.
            import torch
        except ImportError as error:
            raise ZooError(
                "The torch engine needs PyTorch, which is not installed; run make train-tools, or pip install -r "
                "requirements-train.txt"
            ) from error
        self.device = device
        self._torch = torch
        self._inputs = [array.name for array in checkpoint.config.inputs]
        self._outputs = [array.name for array in checkpoint.config.outputs]
        try:
            self._net = build(checkpoint).to(device).eval()
        except ImportError as error:  # a net may need other packages, such as timm
            raise UnusableDevice(
                f"{checkpoint.config.slug} needs {error.name} to run in torch: pip install -r "
                "requirements-train.txt; or run it with the onnx engine."
            ) from error
        except (RuntimeError, AssertionError) as error:
            raise UnusableDevice(
                f"torch cannot use the device {device!r:.20}: {str(error).splitlines()[0]:.200}",
                missing=not is_available(device),
            ) from error

    def run(self, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Run a batch: `{"logits": (N, L), "familiarity": (N,), ...}`, float32."""
        try:
            with self._torch.inference_mode():
                tensors = [
                    self._torch.from_numpy(np.ascontiguousarray(arrays[name])).to(self.device) for name in self._inputs
                ]
                return {
                    name: value.float().cpu().numpy()
                    for name, value in zip(self._outputs, self._net(*tensors), strict=True)
                }
        except RuntimeError as error:
            raise ZooError(f"The net cannot be run on {self.device}: {str(error).splitlines()[0]:.200}") from error


def is_available(device: str) -> bool:
    """Whether the installed torch can use "cuda" or "mps" on this machine."""
    import torch

    return torch.cuda.is_available() if device == "cuda" else torch.backends.mps.is_available()


def build(checkpoint: Checkpoint):
    """The checkpoint's net with its familiarity (`models.nets.familiarity.Served`), in float32."""
    import torch

    from models.nets.familiarity import Familiarity, Served

    config = checkpoint.config

    def new_net() -> Served:
        net = catalog.entry(config.net.name).net(**config.net.arguments)
        return Served(net, Familiarity(**config.net.familiarity))

    # The net of a model from the Hub may be missing or different here; its graph still runs on the CPU.
    refused = UnusableDevice if checkpoint.untrusted else BadCheckpoint
    try:
        if checkpoint.untrusted:
            with torch.device("meta"):  # takes no memory, whatever sizes the arguments ask for
                shapes = {name: tuple(tensor.shape) for name, tensor in new_net().state_dict().items()}
            if shapes != {name: shape for name, (_, shape) in config.tensors.items()}:
                raise ValueError("its tensors have other names or shapes")
        served = new_net()
    except (UnknownModel, TypeError, ValueError, RuntimeError) as error:
        raise refused(
            f"The net {config.net.name!r:.60} of {config.slug} is not part of this Zoo; run it with the onnx engine."
        ) from error
    state = {name: torch.from_numpy(tensor.copy()) for name, tensor in checkpoint.tensors().items()}
    try:
        served.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise BadCheckpoint(
            f"The weights of {config.slug} do not fit its net: {' '.join(str(error).split())[:200]}"
        ) from error
    return served
