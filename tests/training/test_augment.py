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


def test_shifts_alone_are_of_whole_pixels():
    image = torch.rand(1, 1, 28, 28, generator=_generator()).expand(200, 1, 28, 28)
    moved = augment(image, Augment(0, 0, 0, shift=2, elastic=0), _generator())
    possible = [image[0].roll((dy, dx), (1, 2))[:, 2:-2, 2:-2] for dy in range(-2, 3) for dx in range(-2, 3)]
    inner = moved[:, :, 2:-2, 2:-2]
    equal = torch.stack([(inner - each).abs().amax(dim=(1, 2, 3)) < 1e-4 for each in possible])  # (25, N)
    assert torch.equal(equal.sum(dim=0), torch.ones(200, dtype=torch.int64))
    assert equal.any(dim=1).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_a_rectangle_is_erased_in_a_share_of_the_images(channels):
    images = 1 + (torch.rand(400, channels, 28, 28, generator=_generator()) > 0.5).float()  # no pixel has the mean
    erased = augment(images, Augment(**{**STILL.__dict__, "erase": 0.5}), _generator())
    changed = ((erased - images).abs() > 1e-3).any(dim=1)  # (N, H, W)
    area = changed.float().mean(dim=(1, 2))
    assert 160 < int((area > 0).sum()) < 240
    assert 0.01 < area[area > 0].min() < 0.1 < 0.25 < area.max() < 0.36
    for image, before, mask in zip(erased, images, changed, strict=True):
        if mask.any():
            rows, columns = mask.any(dim=1), mask.any(dim=0)
            assert torch.equal(mask, rows[:, None] & columns[None])  # a full rectangle
            filling = before.mean(dim=(1, 2)) if channels == 3 else torch.zeros(1)
            assert torch.allclose(image[:, mask], filling[:, None].expand(channels, int(mask.sum())), atol=1e-4)


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
