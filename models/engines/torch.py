"""The torch engine: the entry's own net with the checkpoint's weights, on CUDA, MPS or the CPU."""

from contextlib import suppress

import numpy as np

from models import catalog
from models.checkpoint import Checkpoint
from models.errors import UnknownModel, UnusableDevice, ZooError

MISSING = "PyTorch is not installed; run make train-tools, or pip install -r requirements-train.txt."
CHECKED = 4  # golden inputs whose logits are compared with those of the graph
TOLERANCE = 1e-3  # part of the largest logit by which they may differ


class TorchEngine:
    """Runs the net in eager torch.

    Raises ZooError if torch is not installed, UnusableDevice if it cannot use `device` or the net is no longer that of
    the checkpoint.
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


def gpus() -> list[str]:
    """The CUDA devices that torch can use: name, memory, and whether they compute in bfloat16."""
    import torch

    found = []
    for index in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        device = torch.cuda.get_device_properties(index)
        with torch.cuda.device(index):
            has_bfloat16 = torch.cuda.is_bf16_supported(including_emulation=False)
        precision = "bfloat16" if has_bfloat16 else "no bfloat16"
        found.append(f"{device.name}, {device.total_memory / 2**30:.0f} GiB, {precision}")
    return found


def module(checkpoint: Checkpoint):
    """The checkpoint's net alone, as a `torch.nn.Module` in evaluation mode. Raises ZooError if it cannot be built."""
    try:
        return build(checkpoint).net.eval()
    except ImportError as error:
        if error.name == "torch":
            raise ZooError(MISSING) from error
        raise ZooError(f"{checkpoint.config.slug} needs {error.name}: pip install -r requirements-train.txt") from error


def build(checkpoint: Checkpoint):
    """The checkpoint's net with its familiarity (`models.nets.familiarity.Served`), in float32, on the CPU.

    Raises UnusableDevice if the entry now defines another net than the checkpoint's: an entry's file may be edited, and
    a model of the Hub may name an entry that is missing or different here. Its graph still runs in ONNX Runtime.
    """
    import torch

    from models.nets.familiarity import Served, new_familiarity

    config = checkpoint.config
    try:
        definition = catalog.entry(config.net.name).net
    except UnknownModel as error:
        raise UnusableDevice(
            f"The net {config.net.name!r:.60} of {config.slug} is not part of this Zoo; run it with the onnx engine."
        ) from error

    def new_net() -> Served:
        return Served(definition(**config.net.arguments), new_familiarity(config.net.familiarity))

    try:
        if checkpoint.untrusted:
            with torch.device("meta"):  # takes no memory, whatever sizes the arguments ask for
                shapes = {name: tuple(tensor.shape) for name, tensor in new_net().state_dict().items()}
            if shapes != {name: shape for name, (_, shape) in config.tensors.items()}:
                raise _changed(checkpoint)
        served = new_net()
    except (ImportError, UnusableDevice):
        raise
    except Exception as error:  # an entry's own code
        raise _changed(checkpoint) from error
    state = {name: torch.from_numpy(tensor.copy()) for name, tensor in checkpoint.tensors().items()}
    try:
        served.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise _changed(checkpoint) from error
    _check_definition(served, checkpoint)
    return served


def _check_definition(served, checkpoint: Checkpoint) -> None:
    """Raise UnusableDevice if the net's logits are not those of the checkpoint's graph for the first golden inputs.

    Weights also fit into a net with another activation or another order of layers.
    """
    import torch

    # Only needed beside torch for this check.
    from models.engines.onnx import OnnxEngine

    inputs = []
    for item in checkpoint.golden.inputs[:CHECKED]:
        with suppress(ZooError):  # a reader may have become stricter
            inputs.append(checkpoint.processor.process(checkpoint.processor.read(item.raw)))
    if not inputs:
        return
    arrays = checkpoint.processor.collate(inputs)
    expected = OnnxEngine(checkpoint).run(arrays)["logits"]
    was_training = served.training
    try:
        with torch.inference_mode():
            tensors = [torch.from_numpy(np.ascontiguousarray(arrays[array.name])) for array in checkpoint.config.inputs]
            logits = served.eval()(*tensors)[0].float().numpy()
    except Exception as error:  # an entry's own code
        raise _changed(checkpoint) from error
    served.train(was_training)
    allowed = TOLERANCE * max(1.0, float(np.abs(expected).max()))
    if logits.shape != expected.shape or not float(np.abs(logits - expected).max()) <= allowed:
        raise _changed(checkpoint)


def _changed(checkpoint: Checkpoint) -> UnusableDevice:
    name = checkpoint.config.net.name
    return UnusableDevice(
        f"The net that {name} defines in this Zoo is not the one with which {checkpoint.config.slug} was trained; run "
        f"it with the onnx engine, or train it again: zoo train {name}"
    )
