"""`python -m training backbone resnet10t`: pre-trains a small photo trunk on Tiny ImageNet.

It has two targets: the 200 labels, and the features of a larger net trained on ImageNet (EfficientNet-Lite0), computed
once for every photo at TEACHER pixels (distillation after Romero et al., "FitNets: Hints for Thin Deep Nets", ICLR
2015). The recipe is run ROUNDS times, each starting from the trunk of the previous round (warm restarts after
Loshchilov and Hutter, ICLR 2017). The trunk is written to models/backbones in float16, without a head.
"""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor, nn

from models import catalog
from models.entry import Augment, Recipe
from models.nets.photo import Maps, PhotoClassifier
from models.paths import data_home, write_atomically
from training.backbone import FOLDER, take_over
from training.data.dataset import DEFAULT, Sources
from training.data.examples import Examples
from training.data.tiny_imagenet import photos
from training.device import device_of
from training.fit import fit
from training.frozen import Frozen

TRUNK = "resnet10t"
TEACHER = 128  # pixels, the size at which the teacher sees the photos
ROUNDS = 2
RECIPE = Recipe(
    datasets=("tiny-imagenet",),
    epochs=9,
    batch=128,
    lr=3e-3,
    weight_decay=0.05,
    label_smoothing=0.1,
    ema=0.995,
    augment=Augment(rotate=5, scale=0.2, shear=0.0, shift=5, mirror=True, colour=0.2),
    distil=5.0,
)


class Student(nn.Module):
    """A trunk with two heads, for labels and for the teacher's features. x: uint8 or float (N, 3, S, S), 0 to 255."""

    def __init__(self, labels: int, teacher: int, trunk: str = TRUNK):
        super().__init__()
        maps = Maps(trunk)
        self.net = PhotoClassifier(maps, nn.Linear(maps.width, labels))
        self.project = nn.Linear(maps.width, teacher)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        logits, features = self.net(x)
        return logits, self.project(features)


def make_backbone(
    recipe: Recipe = RECIPE, *, device: str | None = None, sources: Sources = DEFAULT, limit: int | None = None
) -> Path:
    """Pre-train the trunk and write models/backbones/<TRUNK>.safetensors; continues an interrupted run.

    limit: photos of each split, for a quick test.
    """
    root = sources.folder
    device = device_of(device)
    train, validation = (photos(root, split, limit) for split in ("train", "val"))
    train.inputs["teacher"] = _teacher(train, device)
    checks = {"tiny-imagenet": validation}
    path = FOLDER / f"{TRUNK}.safetensors"
    for turn in range(ROUNDS):
        torch.manual_seed(turn)
        student = Student(int(train.labels.max()) + 1, train.inputs["teacher"].shape[1])
        if turn:
            take_over(student.net.trunk, f"backbone/{TRUNK}")
        folder = data_home() / "runs" / f"backbone-{TRUNK}-{turn}"
        title = f"backbone, round {turn + 1} of {ROUNDS}"
        fitted = fit(student, train, checks, recipe, folder=folder, seed=turn, device=device, resume=True, title=title)
        if fitted.interrupted:
            raise KeyboardInterrupt  # the state is saved; the next call continues
        state = {n: t.half() if t.is_floating_point() else t for n, t in fitted.net.net.trunk.state_dict().items()}
        write_atomically(path, save({name: tensor.cpu().contiguous() for name, tensor in state.items()}))
    return path


def _teacher(examples: Examples, device: str) -> np.ndarray:
    """The teacher's features of every photo, float16 (N, T)."""
    net = catalog.entry("holidays-efficientnet").net()
    take_over(net.trunk, "package/efficientnet-lite0")
    teacher = Frozen(PhotoClassifier(_Enlarged(net.trunk), net.head), device)
    return teacher.through(examples).inputs["x"].astype(np.float16)


class _Enlarged(nn.Module):
    """A trunk that resizes its inputs to TEACHER pixels."""

    def __init__(self, trunk: nn.Module):
        super().__init__()
        self.trunk = trunk

    def forward(self, x: Tensor) -> Tensor:
        return self.trunk(nn.functional.interpolate(x, size=(TEACHER, TEACHER), mode="bicubic", align_corners=False))
