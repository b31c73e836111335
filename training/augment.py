"""Batch augmentation of ink and photos.

Every image of a batch gets its own small rotation, scaling, shear and shift, optionally an elastic distortion, all in
one `grid_sample`, and optionally lines of another thickness or, for photos, other colours. What becomes visible at the
edge is paper for ink, and for photos their own mirror image.

The elastic distortion is a 5x5 lattice of control points over the image, each moved by a normal of `elastic` pixels;
the field between them is bicubic, which as an interpolation from a fixed lattice is two small matrices:  F = B P B^T.
"""

from functools import cache
from math import pi

import torch
from torch.nn import functional as F

CONTROL = 5  # control points along each side of the elastic lattice


def augment(images: torch.Tensor, amounts, generator: torch.Generator) -> torch.Tensor:
    """`images` (N, 1, H, W) of ink, or (N, 3, H, W) of photos with values from 0 to 255, changed at random.

    amounts: the largest changes (rotate in degrees, scale and shear as fractions, shift and elastic in pixels; elastic
        is a standard deviation). generator: on the images' device.
    """
    n, _, height, width = images.shape
    grid = _affine(n, height, width, amounts, images.device, generator)
    if amounts.elastic:
        grid = grid + _elastic(n, height, width, amounts.elastic, images.device, generator)
    grid = grid.permute(0, 2, 3, 1)  # (N, H, W, 2)
    if amounts.mirror:
        flipped = torch.rand(n, 1, 1, device=images.device, generator=generator) < 0.5
        grid = torch.stack((torch.where(flipped, -grid[..., 0], grid[..., 0]), grid[..., 1]), dim=3)
    edge = "reflection" if images.shape[1] == 3 else "zeros"
    moved = F.grid_sample(images.float(), grid, mode="bilinear", padding_mode=edge, align_corners=False)
    if amounts.colour:
        moved = _coloured(moved, amounts.colour, generator)
    return _thicker(moved, amounts.thickness, generator) if amounts.thickness else moved


def nothing(amounts) -> bool:
    """Whether these amounts leave every image as it is, so that the batch need not pass through `augment`."""
    return not any(vars(amounts).values())


def _thicker(images: torch.Tensor, amount: float, generator: torch.Generator) -> torch.Tensor:
    """Lines grown or shrunk by up to `amount` pixels on each side: a blend with the 3x3 dilated or eroded image."""
    by = (torch.rand(len(images), 1, 1, 1, device=images.device, generator=generator) * 2 - 1) * amount
    grown = F.max_pool2d(images, 3, stride=1, padding=1)
    shrunk = -F.max_pool2d(-images, 3, stride=1, padding=1)
    return images + by.clamp_min(0) * (grown - images) + by.clamp_max(0) * (images - shrunk)


def _coloured(images: torch.Tensor, amount: float, generator: torch.Generator) -> torch.Tensor:
    """Photos, 0 to 255, of another contrast about their own mean and another brightness, each by up to `amount`."""
    contrast, light = (
        1 + (torch.rand(2, len(images), 1, 1, 1, device=images.device, generator=generator) * 2 - 1) * amount
    )
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    return ((images - mean) * contrast + mean * light).clamp(0, 255)


def _affine(n, height, width, amounts, device, generator) -> torch.Tensor:
    """Where each pixel of the new image looks in the old one, (N, 2, H, W), x and y in -1..1.

    One affine map an image.
    """
    u = torch.rand(6, n, device=device, generator=generator) * 2 - 1
    angle = u[0] * (pi / 180 * amounts.rotate)
    shear = u[1] * amounts.shear
    across = 1 / (1 + u[2] * amounts.scale)  # an enlarged image looks at less of the old one
    down = 1 / (1 + u[3] * amounts.scale)
    cos, sin = angle.cos(), angle.sin()
    x = (cos * across, (shear * cos - sin) * across, u[4] * (amounts.shift * 2 / width))
    y = (sin * down, (shear * sin + cos) * down, u[5] * (amounts.shift * 2 / height))
    theta = torch.stack(x + y, dim=1).view(2 * n, 3)
    return (theta @ _places(height, width, device)).view(n, 2, height, width)


def _elastic(n, height, width, pixels, device, generator) -> torch.Tensor:
    """Displacements (N, 2, H, W) in grid units: a normal of `pixels` at each control point, bicubic between them."""
    moves = torch.randn(n, 2, CONTROL, CONTROL, device=device, generator=generator)
    moves *= torch.tensor([2 * pixels / width, 2 * pixels / height], device=device).view(2, 1, 1)
    return _bicubic(height, device) @ moves @ _bicubic(width, device).T


@cache
def _places(height: int, width: int, device) -> torch.Tensor:
    """Homogeneous pixel centres (3, H * W): x, y in -1..1 and 1."""
    ys, xs = torch.meshgrid(_centres(height, device), _centres(width, device), indexing="ij")
    return torch.stack((xs, ys, torch.ones_like(xs))).view(3, -1)


def _centres(size: int, device) -> torch.Tensor:
    return (torch.arange(size, device=device) * 2 + 1) / size - 1


@cache
def _bicubic(size: int, device) -> torch.Tensor:
    """Matrix (size, CONTROL) that interpolates values at the control points to `size` pixels."""
    unit = torch.eye(CONTROL, device=device)[:, None, None, :]  # each control point in turn set to one
    return F.interpolate(unit, size=(1, size), mode="bicubic", align_corners=True)[:, 0, 0].T.contiguous()
