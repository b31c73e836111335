"""Photo classifiers: a trunk that makes maps of features, their mean over the photo, a linear head.

So each place's say can be told.

Class activation maps after Zhou et al., "Learning Deep Features for Discriminative Localization", CVPR 2016: the head
is linear, so a score is a sum over places, and its summands are the map.
"""

from torch import Tensor, nn
from torch.nn import functional

LENGTH = 10.0  # of the features, so that a head from small random numbers learns quickly


class PhotoClassifier(nn.Module):
    """`forward(x)`: uint8 (N, 3, S, S) -> logits (N, classes) and features (N, C) of one length.

    trunk: float (N, 3, S, S), about -1 to 1 -> maps (N, C, rows, columns). mirrored: to answer, look at the photo's
        mirror image too and take the mean of both; in training half of the photos are mirrored anyway.
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
        """Features by place, (N, C, rows, columns), scaled so that their mean over the places has the length LENGTH."""
        x = x.float() / 127.5 - 1
        maps = self.trunk(x)
        if self.mirrored and not self.training:
            maps = (maps + self.trunk(x.flip(3)).flip(3)) / 2
        length = maps.mean(dim=(2, 3), keepdim=True).norm(dim=1, keepdim=True)
        return maps * (LENGTH / length.clamp_min(1e-6))

    def with_evidence(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits, features, and evidence (N, classes, rows, columns): each place's share of a logit, less the mean."""
        maps = self.maps(x)
        features = maps.mean(dim=(2, 3))
        weight = self.head.weight - self.head.weight.mean(dim=0)  # (classes, C)
        evidence = functional.conv2d(maps, weight[:, :, None, None]) / (maps.shape[2] * maps.shape[3])
        return self.head(features), features, evidence


class Maps(nn.Module):
    """A timm net up to its maps of features: no pooling, no head. name: as timm knows it."""

    def __init__(self, name: str, **options):
        super().__init__()
        import timm

        self.net = timm.create_model(name, pretrained=False, num_classes=0, global_pool="", **options)
        self.width = self.net.head_hidden_size  # C

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class Head(nn.Module):
    """The head of a classifier by itself, for features that were computed before: (N, C) -> logits and the features."""

    def __init__(self, head: nn.Linear):
        super().__init__()
        self.head = head

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.head(x), x
