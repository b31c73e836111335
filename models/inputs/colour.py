"""Colour profiles: an image in other colours is converted to sRGB, which the nets are trained on.

Its colours are described by an ICC profile, or without one by numbers in a HEIC, by the EXIF data of a camera that was
set to Adobe RGB, or by the gamma of a PNG.
"""

import io
from typing import NamedTuple

import numpy as np
from PIL import Image

UNUSABLE = "The colour profile of this picture cannot be used, so its colours may differ slightly."
MAX_PROFILE_BYTES = 4 * 2**20  # those of printers have about 1 MB
MAX_DIFFERENCE = (
    4  # of 255, for any colour; a profile that changes less describes sRGB, and the pixels stay as they are
)
EXIF, INTEROPERABILITY = 0x8769, 0xA005  # directories of EXIF data
WIDE = (9, 12)  # primaries of ITU-T H.273 that are not those of sRGB: BT.2020 and Display P3
BRIGHT = (16, 18)  # its curves for HDR, which are not converted
SPACES = {"GRAY": "L", "RGB": "RGB", "CMYK": "CMYK"}  # mode of the pixels by the profile's colour space


class Space(NamedTuple):
    """Colours relative to the white of sRGB.

    primaries: x and y of red, green and blue. exponent: of the curve; 0: the curve of sRGB.
    """

    primaries: tuple[tuple[float, float], ...]
    exponent: float


WHITE = 0.3127, 0.3290
SRGB = Space(((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)), 0)
ADOBE_RGB = Space(((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)), 563 / 256)


def described(image: Image.Image) -> Space | None:
    """The space that a file without an ICC profile names, None for sRGB. May raise what Pillow raises for EXIF data."""
    numbers = image.info.get("nclx_profile")
    if numbers and numbers["color_primaries"] in WIDE and numbers["transfer_characteristics"] not in BRIGHT:
        names = ("red", "green", "blue")
        return Space(
            tuple((numbers[f"color_primary_{name}_x"], numbers[f"color_primary_{name}_y"]) for name in names), 0
        )
    gamma = image.info.get("gamma", 0) if image.format == "PNG" and "srgb" not in image.info else 0
    if 0.2 <= gamma <= 2 and abs(gamma - 1 / 2.2) > 0.02:
        return Space(SRGB.primaries, 1 / gamma)
    exif = image.getexif() if image.format in ("JPEG", "MPO", "TIFF") else None
    if exif and EXIF in exif and exif.get_ifd(INTEROPERABILITY).get(1) == "R03":
        return ADOBE_RGB
    return None


def from_space(image: Image.Image, space: Space) -> Image.Image:
    """Convert an image of mode L, LA, RGB or RGBA from a space to sRGB."""
    values = np.asarray(image.convert("RGB"), np.float32) / 255
    exponent = space.exponent
    light = (
        values**exponent if exponent else np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    )
    light = (light @ (np.linalg.inv(_to_xyz(SRGB)) @ _to_xyz(space)).T.astype(np.float32)).clip(0, 1)
    values = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    converted = Image.fromarray((values * 255).round().astype(np.uint8))
    if image.mode in ("LA", "RGBA"):
        converted.putalpha(image.getchannel("A"))
    return converted


def _to_xyz(space: Space) -> np.ndarray:
    """The matrix (3, 3) from linear RGB to XYZ."""
    columns = np.array([(x / y, 1, (1 - x - y) / y) for x, y in space.primaries]).T
    x, y = WHITE
    return columns * np.linalg.solve(columns, (x / y, 1, (1 - x - y) / y))


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
