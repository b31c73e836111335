"""Random augmentation of batches of ink and photos.

Every image gets its own small rotation, scaling, shear and shift and, optionally, an elastic distortion, all applied in
one `grid_sample`. Optionally, the line thickness of ink or the brightness and contrast of photos changes too, and a
rectangle is erased. Areas that come into view at the edges are paper for ink and a mirror image for photos.

The elastic distortion moves each point of a 5x5 control lattice by a normal displacement with a standard deviation of
`elastic` pixels. Between the points it is bicubic; interpolation from a fixed lattice is linear, F = B P B^T.
"""

from functools import cache
from math import log, pi

import torch
from torch.nn import functional as F

CONTROL = 5  # control points along each side of the elastic lattice
ERASED = (0.02, 0.33)  # of the image, the area of an erased rectangle
RATIO = 3.3  # of the sides of an erased rectangle, at most


def augment(images: torch.Tensor, amounts, generator: torch.Generator) -> torch.Tensor:
    """Change each image at random; returns float32 of the same shape.

    images: ink (N, 1, H, W), or photos (N, 3, H, W) with values from 0 to 255. amounts: a `models.entry.Augment`, the
    largest changes (rotate in degrees, scale and shear as fractions, shift in pixels; elastic is a standard deviation
    in pixels). generator: on the device of the images.
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
    if amounts.thickness:
        moved = _thicker(moved, amounts.thickness, generator)
    return _erased(moved, amounts.erase, generator) if amounts.erase else moved


def is_identity(amounts) -> bool:
    """Whether these amounts change no image, so that `augment` can be skipped."""
    return not any(vars(amounts).values())


def _thicker(images: torch.Tensor, amount: float, generator: torch.Generator) -> torch.Tensor:
    """Thicken or thin lines by up to `amount` pixels on each side, by blending with the 3x3 dilated or eroded image."""
    by = (torch.rand(len(images), 1, 1, 1, device=images.device, generator=generator) * 2 - 1) * amount
    grown = F.max_pool2d(images, 3, stride=1, padding=1)
    shrunk = -F.max_pool2d(-images, 3, stride=1, padding=1)
    return images + by.clamp_min(0) * (grown - images) + by.clamp_max(0) * (images - shrunk)


def _coloured(images: torch.Tensor, amount: float, generator: torch.Generator) -> torch.Tensor:
    """Change the contrast about the mean and the brightness of photos, 0 to 255, each by a factor of up to `amount`."""
    contrast, light = (
        1 + (torch.rand(2, len(images), 1, 1, 1, device=images.device, generator=generator) * 2 - 1) * amount
    )
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    return ((images - mean) * contrast + mean * light).clamp(0, 255)


def _erased(images: torch.Tensor, share: float, generator: torch.Generator) -> torch.Tensor:
    """Erase a random rectangle in a `share` of the images: to paper, or to the mean colour of a photo.

    After Zhong et al., "Random Erasing Data Augmentation", AAAI 2020, which fills with random values.
    """
    n, channels, height, width = images.shape
    u = torch.rand(5, n, device=images.device, generator=generator)
    area = (ERASED[0] + u[0] * (ERASED[1] - ERASED[0])) * height * width
    ratio = torch.exp((u[1] * 2 - 1) * log(RATIO))
    ys, xs = (
        _between(size, (area * factor).sqrt().round().clamp(1, size), start)
        for size, factor, start in ((height, ratio, u[2]), (width, 1 / ratio, u[3]))
    )
    inside = (ys[:, :, None] & xs[:, None, :] & (u[4] < share)[:, None, None])[:, None]  # (N, 1, H, W)
    filling = images.mean(dim=(2, 3), keepdim=True) if channels == 3 else torch.zeros((), device=images.device)
    return torch.where(inside, filling, images)


def _between(size: int, length: torch.Tensor, start: torch.Tensor) -> torch.Tensor:
    """Whether each of `size` pixels is in an interval, (N, size): `length` in pixels, `start` from 0 to 1."""
    first = (start * (size - length + 1)).floor()[:, None]
    pixels = torch.arange(size, device=length.device)
    return (pixels >= first) & (pixels < first + length[:, None])


def _shifts(u: torch.Tensor, amounts) -> torch.Tensor:
    """Shifts in pixels, for u from -1 to 1; whole ones if nothing else moves the pixels: no image is blurred."""
    if amounts.rotate or amounts.scale or amounts.shear or amounts.elastic or amounts.shift % 1:
        return u * amounts.shift
    return (u * (amounts.shift + 0.5)).round().clamp(-amounts.shift, amounts.shift)


def _affine(n, height, width, amounts, device, generator) -> torch.Tensor:
    """Sampling positions of a random affine map per image, (N, 2, H, W): x and y from -1 to 1 in the old image."""
    u = torch.rand(6, n, device=device, generator=generator) * 2 - 1
    angle = u[0] * (pi / 180 * amounts.rotate)
    shear = u[1] * amounts.shear
    across = 1 / (1 + u[2] * amounts.scale)  # an enlarged image samples a smaller part of the old one
    down = 1 / (1 + u[3] * amounts.scale)
    cos, sin = angle.cos(), angle.sin()
    x = (cos * across, (shear * cos - sin) * across, _shifts(u[4], amounts) * (2 / width))
    y = (sin * down, (shear * sin + cos) * down, _shifts(u[5], amounts) * (2 / height))
    theta = torch.stack(x + y, dim=1).view(2 * n, 3)
    return (theta @ _places(height, width, device)).view(n, 2, height, width)


def _elastic(n, height, width, pixels, device, generator) -> torch.Tensor:
    """Random displacements (N, 2, H, W) in grid units; `pixels` is the standard deviation at the control points."""
    moves = torch.randn(n, 2, CONTROL, CONTROL, device=device, generator=generator)
    moves *= torch.tensor([2 * pixels / width, 2 * pixels / height], device=device).view(2, 1, 1)
    return _bicubic(height, device) @ moves @ _bicubic(width, device).T


@cache
def _places(height: int, width: int, device) -> torch.Tensor:
    """Homogeneous coordinates of the pixel centres, (3, H * W): x and y from -1 to 1, and 1."""
    ys, xs = torch.meshgrid(_centres(height, device), _centres(width, device), indexing="ij")
    return torch.stack((xs, ys, torch.ones_like(xs))).view(3, -1)


def _centres(size: int, device) -> torch.Tensor:
    """The centres of `size` pixels from -1 to 1, (size,)."""
    return (torch.arange(size, device=device) * 2 + 1) / size - 1


@cache
def _bicubic(size: int, device) -> torch.Tensor:
    """The matrix (size, CONTROL) that interpolates from the control points to `size` pixels."""
    unit = torch.eye(CONTROL, device=device)[:, None, None, :]  # one control point at a time set to 1
    return F.interpolate(unit, size=(1, size), mode="bicubic", align_corners=True)[:, 0, 0].T.contiguous()
