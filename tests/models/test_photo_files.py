"""Photos as phones, cameras and microscopes store them are read like the 8-bit sRGB original."""

import os
import subprocess
import sys
import zlib

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from models.errors import BadInput, TooLarge
from models.inputs import colour, image_file, picture
from models.inputs.picture import read
from tests.conftest import encoded
from tests.models import photo_files

ROTATED = "The photo was rotated to its upright position."


def scene(height: int = 96, width: int = 128) -> np.ndarray:
    """Soft random colours that every space contains, with a white and a black corner: uint8 (height, width, 3)."""
    randomness = np.random.default_rng(0)
    small = Image.fromarray(randomness.integers(60, 200, (6, 8, 3), np.uint8))
    rgb = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC)).copy()
    rgb[:8, :8], rgb[-8:, -8:] = 255, 0
    return rgb


def assert_same(data: object, rgb: np.ndarray, off: float, notes: tuple[str, ...] = ()) -> None:
    picture = read(data)
    difference = np.abs(picture.rgb.astype(int) - rgb)
    assert picture.rgb.shape == rgb.shape and picture.notes == notes
    assert np.quantile(difference, 0.99) <= off, np.quantile(difference, 0.99)


@pytest.mark.parametrize("format", ["HEIF", "AVIF"])
@pytest.mark.parametrize("orientation", [1, 2, 3, 6, 8])
def test_a_photo_that_only_its_exif_data_turns_is_upright(format, orientation):
    pillow_heif.register_heif_opener()
    exif = Image.Exif()
    exif[0x0128] = orientation  # another tag: the encoders move an orientation into boxes of their own
    lying = scene()
    data = encoded(Image.fromarray(lying), format, exif=exif.tobytes(), quality=95)
    tag = bytes.fromhex("0128000300000001")
    assert data.count(tag) == 1
    turned = {
        1: lying, 2: lying[:, ::-1], 3: lying[::-1, ::-1], 6: np.rot90(lying, -1), 8: np.rot90(lying)
    }[orientation]  # fmt: skip
    assert_same(data.replace(tag, b"\1\x12" + tag[2:]), turned, 12, (ROTATED,) if orientation > 1 else ())


@pytest.mark.parametrize("format", ["HEIF", "AVIF"])
def test_a_photo_turned_by_its_own_box_is_not_turned_again_by_its_exif_data(format):
    pillow_heif.register_heif_opener()
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(Image.fromarray(scene()), format, exif=exif.tobytes(), quality=95)
    assert b"irot" in data
    assert_same(data, np.rot90(scene(), -1), 12, (ROTATED,) if format == "AVIF" else ())


@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("space", sorted(photo_files.SPACES))
def test_colours_are_converted_to_srgb(space, format):
    stored = (photo_files.in_space(scene(), space) * 255).round().astype(np.uint8)
    options = {"quality": 98, "subsampling": 0} if format == "JPEG" else {"lossless": True} if format == "WEBP" else {}
    data = encoded(Image.fromarray(stored), format, icc_profile=photo_files.profile(space), **options)
    assert_same(data, scene(), 14 if space == "linear" else 8 if format == "JPEG" else 5)


def test_a_profile_of_srgb_changes_no_pixel():
    profiles = [photo_files.profile("sRGB"), ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()]
    for profile in profiles:
        image = Image.fromarray(scene())
        assert colour.to_srgb(image, profile) is image
        assert np.array_equal(read(encoded(image, icc_profile=profile)).rgb, scene())


def test_colours_that_a_file_names_without_a_profile_are_converted():
    pillow_heif.register_heif_opener()
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA005] = {1: "R03"}  # a camera's JPEG in Adobe RGB
    stored = {name: Image.fromarray((photo_files.in_space(scene(), name) * 255).round().astype(np.uint8)) for name in
              ("Adobe RGB", "Display P3", "linear")}  # fmt: skip
    options = {"quality": 98, "subsampling": 0}
    assert_same(encoded(stored["Adobe RGB"], "JPEG", exif=exif, **options), scene(), 8)
    primaries = {"color_primaries": 12, "transfer_characteristics": 13, "matrix_coefficients": 6, "full_range_flag": 1}
    assert_same(encoded(stored["Display P3"], "HEIF", quality=95, chroma=444, **primaries), scene(), 10)
    linear = encoded(stored["linear"], "PNG")
    for gamma, rgb in ((100_000, scene()), (45_455, np.asarray(stored["linear"]))):
        chunk = b"gAMA" + gamma.to_bytes(4)
        chunk = b"\0\0\0\4" + chunk + zlib.crc32(chunk).to_bytes(4)
        assert_same(linear[:33] + chunk + linear[33:], rgb, 14)


def test_sixteen_bits_with_a_profile_and_transparency():
    stored = (photo_files.in_space(scene(), "ProPhoto") * 255).round().astype(np.uint8)
    image = Image.fromarray(np.dstack([stored, np.full(stored.shape[:2], 255, np.uint8)]))
    assert_same(encoded(image, icc_profile=photo_files.profile("ProPhoto")), scene(), 5)


@pytest.mark.parametrize("profile", [b"no profile", photo_files.profile("Display P3")[:200], b"\0" * 5_000])
def test_a_damaged_profile_is_noted(profile):
    assert_same(encoded(Image.fromarray(scene()), icc_profile=profile), scene(), 0, (colour.UNUSABLE,))


def grey() -> np.ndarray:
    """The scene in grey: uint8 (height, width)."""
    return np.asarray(Image.fromarray(scene()).convert("L"))


@pytest.mark.parametrize("bits", range(9, 17))
@pytest.mark.parametrize("pixels", ["grey", "colours"])
def test_nine_to_sixteen_bits_are_as_bright_as_eight(pixels, bits):
    rgb = scene() if pixels == "colours" else grey()
    values = (rgb / 255 * (2**bits - 1)).round().astype(np.uint16)
    expected = rgb if rgb.ndim == 3 else np.dstack([rgb] * 3)
    if bits != 15:
        for data in (photo_files.png(values), photo_files.tiff(values), photo_files.tiff(values, ">", compressed=True)):
            assert_same(data, expected, 1)
        assert_same(values, expected, 1)


NUMBERS = {
    "int16": (np.int16, 2**15 - 1),
    "int32, full": (np.int32, 2**31 - 1),
    "int32, 16 bits": (np.int32, 65535),
    "int32, 8 bits": (np.int32, 255),
    "uint32, full": (np.uint32, 2**32 - 1),
    "uint32, 12 bits": (np.uint32, 4095),
    "float32, 0 to 1": (np.float32, 1),
    "float32, 0 to 255": (np.float32, 255),
    "float32, 0 to 65535": (np.float32, 65535),
    "float64, 0 to 1": (np.float64, 1),
    "uint16": (np.uint16, 65535),
}


@pytest.mark.parametrize("pixels", ["grey", "colours", "planes"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("kind", NUMBERS)
def test_a_tiff_of_other_numbers_is_read_like_eight_bits(kind, order, compressed, pixels):
    dtype, top = NUMBERS[kind]
    rgb = grey() if pixels == "grey" else scene()
    values = rgb / 255 * top if dtype in (np.float32, np.float64) else (rgb / 255 * top).round()
    data = photo_files.tiff(values.astype(dtype), order, compressed, planar=pixels == "planes")
    assert_same(data, rgb if rgb.ndim == 3 else np.dstack([rgb] * 3), 1)


@pytest.mark.parametrize("rows", [1, 7, 96])
@pytest.mark.parametrize("planar", [False, True])
def test_a_tiff_of_several_strips(rows, planar):
    data = photo_files.tiff(scene() / np.float32(255), compressed=True, planar=planar, rows=rows)
    assert_same(data, scene(), 1)


@pytest.mark.parametrize("predictor", [1, 2, 3])
def test_a_tiff_of_differences(predictor):
    """libtiff writes them; Pillow writes grey ones only."""
    values = grey() / np.float32(255) if predictor == 3 else (grey().astype(np.int32) * 2**23)
    options = {"compression": "tiff_adobe_deflate", "tiffinfo": {317: predictor}}
    data = encoded(Image.fromarray(values), "TIFF", **options)
    assert image_file.tiff.layout(data).predictor == predictor
    assert_same(data, np.dstack([grey()] * 3), 1)


def test_a_grey_tiff_whose_zero_is_white():
    for values in (grey(), grey().astype(np.uint16) * 257, grey() / np.float32(255)):
        assert_same(photo_files.tiff(values, tag262=0), np.dstack([255 - grey()] * 3), 1)


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_a_jpeg_without_its_last_bytes_is_read_with_a_note(options):
    data = encoded(Image.fromarray(scene(1200, 1600)), "JPEG", quality=90, **options)
    whole = read(data)
    for missing in (1, 2):
        picture = read(data[:-missing])
        assert np.array_equal(picture.rgb, whole.rgb) and picture.size == whole.size
        assert picture.notes == (image_file.INCOMPLETE,)


def test_a_jpeg_of_which_little_is_missing_is_read_and_one_of_which_much_is_missing_is_not():
    data = encoded(Image.fromarray(scene(1200, 1600)), "JPEG", quality=90)
    whole, picture = read(data), read(data[: len(data) * 97 // 100])
    height = len(picture.rgb)
    assert 0.9 * len(whole.rgb) <= height <= len(whole.rgb) and image_file.INCOMPLETE in picture.notes
    assert np.abs(picture.rgb[: height - 20].astype(int) - whole.rgb[: height - 20]).mean() < 1
    with pytest.raises(BadInput, match="truncated"):
        read(data[: len(data) // 2])


@pytest.mark.parametrize("kind", sorted(photo_files.raw_files()))
def test_a_raw_file_is_refused_and_never_its_preview(kind, tmp_path):
    data = photo_files.raw_files()[kind]
    large = tmp_path / "large"
    with large.open("wb") as file:  # a sparse file, larger than an image may be
        file.write(data)
        file.truncate(picture.MAX_FILE_BYTES + 2)
    for raw in (data, large, data.ljust(picture.MAX_BYTES + 2, b"\0")):
        with pytest.raises(BadInput, match="raw file; export a JPEG"):
            read(raw)


def test_an_ordinary_tiff_is_no_raw_file():
    assert_same(photo_files.tiff(scene()), scene(), 0)


JPEGS = [(8160, 6144), (9280, 6944), (12000, 9000), (16384, 12288), (30000, 3000)]


@pytest.mark.parametrize("size", JPEGS)
def test_photos_of_large_sensors_and_panoramas_are_read(size):
    image = Image.fromarray(scene()).resize(size, Image.Resampling.NEAREST)
    data = encoded(image, "JPEG", quality=75)
    image.close()
    photo = read(data)
    assert photo.size == size and max(photo.rgb.shape) == picture.MAX_SIDE
    small = np.asarray(Image.fromarray(photo.rgb).resize((128, 96), Image.Resampling.BOX), int)
    assert np.quantile(np.abs(small - scene()), 0.9) < 12


def test_a_file_on_this_machine_may_be_larger_than_one_that_is_sent(tmp_path, monkeypatch):
    data = encoded(Image.fromarray(scene()), "PNG")
    monkeypatch.setattr(picture, "MAX_BYTES", len(data) - 1)
    (tmp_path / "photo").write_bytes(data)
    assert_same(tmp_path / "photo", scene(), 0)
    with pytest.raises(TooLarge, match=f"This file has {len(data):,} bytes; at most {len(data) - 1:,}"):
        read(data)
    monkeypatch.setattr(picture, "MAX_FILE_BYTES", len(data) - 1)
    with pytest.raises(TooLarge, match=f"This file has {len(data):,} bytes; at most {len(data) - 1:,}"):
        read(tmp_path / "photo")


def test_every_kind_has_its_bound_and_its_sentence_exact_numbers(monkeypatch):
    image = Image.fromarray(scene())
    pillow_heif.register_heif_opener()
    kinds = {"PNG": {}, "WEBP": {}, "HEIF": {}, "AVIF": {}, "TIFF": {}, "JPEG": {}, "progressive JPEG": {}}
    monkeypatch.setattr(image_file, "OTHER_BOUND", 12_287)
    monkeypatch.setattr(image_file, "BOUNDS", dict.fromkeys(image_file.BOUNDS, 12_287))
    for kind in kinds:
        data = encoded(image, kind.split()[-1], **({"progressive": True} if " " in kind else {}))
        name = image_file.NAMES.get(kind, kind)
        with pytest.raises(TooLarge, match=f"This {name} has 128 x 96 = 12,288 pixels; the limit is 12,287"):
            read(data)


def test_a_jpeg_in_several_passes_has_the_lower_bound():
    image = Image.fromarray(scene())
    for options, several in [({}, False), ({"progressive": True}, True)]:
        assert image_file._scans(encoded(image, "JPEG", **options))[1] == several
    data = encoded(image, "JPEG", progressive=True)
    last = data[data.rindex(b"\xff\xda") : -2]
    assert read(data[:-2] + last * 3 + b"\xff\xd9").size == (128, 96)
    with pytest.raises(BadInput, match="damaged"):
        read(data[:-2] + last * 40 + b"\xff\xd9")


QUIET = """
import sys, warnings
from pathlib import Path
warnings.simplefilter("always")
from models.errors import BadInput
from PIL import Image
from models.inputs import picture
for file in sorted(Path(sys.argv[1]).iterdir()):
    try:
        picture.read(file)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            opened = Image.open(file)
        picture.read(opened)
    except (BadInput, OSError):
        pass
"""


def test_decoders_write_nothing_to_stderr(tmp_path):
    randomness = np.random.default_rng(0)
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a photo"
    image = Image.fromarray(scene())
    files = [encoded(image, format, exif=exif) for format in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF")]
    files += [encoded(image.convert("P"), "PNG", transparency=bytes(range(256))), encoded(image, "GIF")]
    files += [encoded(image, "TIFF", compression=kind) for kind in ("tiff_lzw", "jpeg", "tiff_deflate")]
    files += [photo_files.tiff(scene().astype(np.float32)), photo_files.png(scene().astype(np.uint16))]
    for number, data in enumerate(files):
        for turn in range(12):
            damaged = bytearray(data)
            for _ in range(turn and 4):
                damaged[randomness.integers(len(data) if turn % 2 else min(len(data), 400))] = randomness.integers(256)
            (tmp_path / f"{number}-{turn}").write_bytes(bytes(damaged[: len(data) - (turn == 11) * 50]))
    (tmp_path / "large").write_bytes(
        encoded(Image.new("L", (12_000, 8_000)), "JPEG")
    )  # Pillow warns from 89 megapixels
    run = subprocess.run(
        [sys.executable, "-c", QUIET, str(tmp_path)], capture_output=True, text=True, env={**os.environ}
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
