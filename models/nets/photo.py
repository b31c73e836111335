"""Photo classifiers: a trunk that computes feature maps, their mean over the photo, and a linear head.

Class activation maps after Zhou et al., "Learning Deep Features for Discriminative Localization", CVPR 2016: the head
is linear, so a logit is a sum over the cells of the maps, and its terms are the evidence.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

LENGTH = 10.0  # norm of the features, so that a head with small initial weights learns quickly


class PhotoClassifier(nn.Module):
    """`forward(x)`: uint8 (N, 3, S, S) -> logits (N, classes) and features (N, C) of equal norm.

    trunk: float (N, 3, S, S), about -1 to 1 -> maps (N, C, rows, columns). mirrored: in evaluation, average the
        maps of the photo and of its mirror image; in training, augmentation mirrors half of the photos.
    """

    def __init__(self, trunk: nn.Module, head: nn.Linear, mirrored: bool = False):
        super().__init__()
        self.trunk = trunk
        self.head = head
        self.mirrored = mirrored

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        features = self.maps(x).mean(dim=(2, 3))
        return self.head(features), features

    def maps(self, x: Tensor) -> Tensor:
        """Feature maps, (N, C, rows, columns), scaled so that their mean over the cells has the norm LENGTH."""
        x = _centred(x)
        maps = self.trunk(x)
        if self.mirrored and not self.training:
            maps = (maps + self.trunk(x.flip(3)).flip(3)) / 2
        return _scaled(maps)

    def with_evidence(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits, features, and evidence (N, classes, rows, columns).

        Evidence is each cell's share of a logit, minus the mean over classes.
        """
        return self._evidence(self.maps(x))

    def with_layers(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """As `with_evidence`, and the statistics of all layers (N, W), for a trunk of the class `Maps`."""
        x = _centred(x)
        maps, layers = self.trunk.with_layers(x)
        if self.mirrored and not self.training:
            mirrored, layers_of_mirrored = self.trunk.with_layers(x.flip(3))
            maps, layers = (maps + mirrored.flip(3)) / 2, (layers + layers_of_mirrored) / 2
        return *self._evidence(_scaled(maps)), layers

    def _evidence(self, maps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        features = maps.mean(dim=(2, 3))
        weight = self.head.weight - self.head.weight.mean(dim=0)  # (classes, C)
        evidence = functional.conv2d(maps, weight[:, :, None, None]) / (maps.shape[2] * maps.shape[3])
        return self.head(features), features, evidence


def _centred(x: Tensor) -> Tensor:
    """Bytes as floats from -1 to 1."""
    return x.float() / 127.5 - 1


def _scaled(maps: Tensor) -> Tensor:
    length = maps.mean(dim=(2, 3), keepdim=True).norm(dim=1, keepdim=True)
    return maps * (LENGTH / length.clamp_min(1e-6))


class Maps(nn.Module):
    """A timm net up to its feature maps, without pooling and head. name: timm's name of the net."""

    def __init__(self, name: str, **options):
        super().__init__()
        import timm

        self.net = timm.create_model(name, pretrained=False, num_classes=0, global_pool="", **options)
        self.width = self.net.head_hidden_size  # C

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)

    def with_layers(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The maps, and the mean and standard deviation over the cells of each channel of each stage, (N, W)."""
        maps, stages = self.net.forward_intermediates(x)
        means = [stage.mean(dim=(2, 3)) for stage in stages]
        # Written out, because the exporter of ONNX graphs has no rule for the standard deviation over two dimensions.
        deviations = [
            (stage - mean[:, :, None, None]).square().mean(dim=(2, 3)).sqrt()
            for stage, mean in zip(stages, means, strict=True)
        ]
        return maps, torch.cat([*means, *deviations], dim=1)


class Head(nn.Module):
    """The head of a classifier alone, for precomputed features: (N, C) -> logits and the features."""

    def __init__(self, head: nn.Linear):
        super().__init__()
        self.head = head

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.head(x), x
