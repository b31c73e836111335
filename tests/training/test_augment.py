"""Augmentation: small, seeded, and around the middle of the image."""

import pytest
import torch

from models.entry import Augment
from training.augment import augment, is_identity

STILL = Augment(rotate=0, scale=0, shear=0, shift=0, elastic=0)


def _cross(n: int = 8) -> torch.Tensor:
    images = torch.zeros(n, 1, 28, 28)
    images[:, :, 6:22, 13:15] = 1
    images[:, :, 13:15, 8:20] = 1
    return images


def _generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _centres(images: torch.Tensor) -> torch.Tensor:
    """Centres of mass (N, 2), y then x, in pixels."""
    at = torch.arange(28.0)
    mass = images.sum(dim=(1, 2, 3))
    return torch.stack(((images.sum(3) * at).sum((1, 2)) / mass, (images.sum(2) * at).sum((1, 2)) / mass), dim=1)


def test_zero_amounts_do_not_change_the_images():
    assert is_identity(STILL)
    assert torch.allclose(augment(_cross(), STILL, _generator()), _cross(), atol=1e-5)


@pytest.mark.parametrize("name", ["rotate", "scale", "shear", "shift", "elastic"])
def test_each_amount_changes_the_images_differently(name):
    amounts = Augment(
        **{**STILL.__dict__, name: 10.0 if name == "rotate" else 0.2 if name in ("scale", "shear") else 2.0}
    )
    assert not is_identity(amounts)
    moved = augment(_cross(), amounts, _generator())
    assert not torch.allclose(moved, _cross(), atol=0.05)
    assert not torch.allclose(moved[0], moved[1], atol=0.05)


def test_images_depend_on_the_seed():
    amounts = Augment(elastic=1)
    first, again, other = (augment(_cross(), amounts, _generator(seed)) for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_shift_is_bounded():
    moves = _centres(augment(_cross(200), Augment(0, 0, 0, shift=2, elastic=0), _generator())) - _centres(_cross(200))
    assert moves.abs().max() <= 2.01
    assert moves.abs().max() > 1.5
    assert moves.mean().abs() < 0.3


def test_a_rotation_keeps_the_centre_and_the_ink():
    turned = augment(_cross(100), Augment(rotate=10, scale=0, shear=0, shift=0, elastic=0), _generator())
    assert (_centres(turned) - _centres(_cross(100))).abs().max() < 0.1
    assert (turned.sum((1, 2, 3)) / _cross(100).sum((1, 2, 3)) - 1).abs().max() < 0.05


def test_a_rotation_has_the_right_angle():
    bar = torch.zeros(300, 1, 28, 28)
    bar[:, :, 4:24, 13:15] = 1
    turned = augment(bar, Augment(rotate=10, scale=0, shear=0, shift=0, elastic=0), _generator())
    at = torch.arange(28.0) - 13.5
    y, x = torch.meshgrid(at, at, indexing="ij")
    slope = (turned[:, 0] * x * y).sum((1, 2)) / (turned[:, 0] * y * y).sum((1, 2))
    degrees = torch.rad2deg(torch.atan(slope))
    assert 9 < degrees.abs().max() < 11


def test_photos_are_mirrored_half_of_the_time_and_changed_in_colour():
    photos = torch.zeros(200, 3, 8, 8, dtype=torch.uint8)
    photos[:, 0, :, :4] = 200
    mirrored = augment(photos, Augment(**{**STILL.__dict__, "mirror": True}), _generator())
    flipped = mirrored[:, 0, 0, 0] < 100
    assert 60 < int(flipped.sum()) < 140
    assert torch.allclose(mirrored[flipped], photos.flip(3)[flipped].float(), atol=1e-3)
    coloured = augment(photos, Augment(**{**STILL.__dict__, "colour": 0.3}), _generator())
    assert coloured.min() >= 0 and coloured.max() <= 255 and float(coloured.mean(dim=(1, 2, 3)).std()) > 2


def test_photo_edges_are_filled_by_reflection():
    photos = torch.full((20, 3, 16, 16), 90.0)
    moved = augment(photos, Augment(rotate=20, scale=0.4, shear=0.2, shift=4), _generator())
    assert torch.allclose(moved, photos, atol=1e-3)
