"""Colour profiles: an image with an embedded ICC profile is converted to sRGB, which the nets are trained on."""

import io

import numpy as np
from PIL import Image

UNUSABLE = "The colour profile of this picture cannot be used, so its colours may differ slightly."
MAX_PROFILE_BYTES = 4 * 2**20  # those of printers have about 1 MB
MAX_DIFFERENCE = (
    4  # of 255, for any colour; a profile that changes less describes sRGB, and the pixels stay as they are
)
SPACES = {"GRAY": "L", "RGB": "RGB", "CMYK": "CMYK"}  # mode of the pixels by the profile's colour space


def to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert an image of mode L, LA, RGB, RGBA or CMYK from the colours of an ICC profile to sRGB.

    Returns the image itself if that changes nothing. Raises ValueError for a profile that cannot be used.
    """
    # Most images have no profile.
    from PIL import ImageCms

    if len(profile) > MAX_PROFILE_BYTES:
        raise ValueError("the profile is too large")
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = SPACES.get(opened.profile.xcolor_space.strip())
        if mode is None:  # such as Lab, whose pixels Pillow has converted
            return image
        if (mode == "CMYK") != (image.mode == "CMYK"):
            raise ValueError("the profile is for other pixels")
        if mode == "L" and image.mode not in ("L", "LA"):
            raise ValueError("the profile is for a grey image")
        transform = ImageCms.buildTransform(opened, ImageCms.createProfile("sRGB"), mode, "RGB")
        if mode != "CMYK" and _is_identity(transform, mode):
            return image
        converted = transform.apply(image.convert(mode))
    except (ImageCms.PyCMSError, OSError, TypeError, AttributeError) as error:
        raise ValueError("the profile cannot be read") from error
    if image.mode in ("LA", "RGBA"):
        converted.putalpha(image.getchannel("A"))
    return converted


def _is_identity(transform, mode: str) -> bool:
    """Whether a transform to RGB changes no colour by more than MAX_DIFFERENCE, tried with steps of 15."""
    steps = np.arange(0, 256, 15, dtype=np.uint8)
    if mode == "L":
        probe = steps[None]
    else:
        probe = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(1, -1, 3)
    changed = np.asarray(transform.apply(Image.fromarray(probe)), np.int16)
    return int(np.abs(changed - np.asarray(Image.fromarray(probe).convert("RGB"), np.int16)).max()) <= MAX_DIFFERENCE
