"""The memory and time that decoding the largest images takes: `python -m benchmarks.images`.

For each kind of file an image with as many pixels as `models/inputs/image_file.py` allows is made, or with `--part`, a
part of them, and read in a process of its own. Printed: the peak of memory above what the process used before, in
total and per pixel, and the seconds. Fails if a kind takes more than `BOUND`.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image

from benchmarks.load import peak_memory, resident_memory
from models.inputs import image_file, picture

SEVEN = Path(__file__).parents[1] / "docs/images/seven.png"
BOUND = 850 * 10**6  # bytes
KINDS = {  # what is measured: the kind in BOUNDS, the mode, and options of the encoder
    "JPEG": (image_file.JPEG, "RGB", {}),
    "JPEG, CMYK": (image_file.JPEG, "CMYK", {}),
    "progressive JPEG": (image_file.PROGRESSIVE, "RGB", {"progressive": True, "subsampling": 0}),
    "progressive JPEG, CMYK": (image_file.PROGRESSIVE, "CMYK", {"progressive": True}),
    "PNG": ("PNG", "RGB", {"compress_level": 1}),
    "PNG with transparency": ("PNG", "RGBA", {"compress_level": 1}),
    "PNG, palette with transparency": ("PNG", "P", {"transparency": 0, "compress_level": 1}),
    "TIFF, CMYK": ("TIFF", "CMYK", {"compression": "tiff_lzw"}),
    "GIF": ("GIF", "L", {}),
    "WebP": (image_file.WEBP, "RGB", {"method": 0}),
    "HEIC": ("HEIF", "RGB", {"quality": 30}),
    "AVIF": ("AVIF", "RGB", {"speed": 10}),
}


def make(name: str, file: Path, part: float) -> None:
    """Write an image of soft colours with as many pixels as its kind may have, or a part of them."""
    kind, mode, options = KINDS[name]
    pixels = part * image_file.BOUNDS.get(kind, image_file.OTHER_BOUND)
    size = int((pixels * 4 / 3) ** 0.5), int((pixels * 3 / 4) ** 0.5)
    small = np.random.default_rng(0).integers(0, 256, (48, 64, 4), np.uint8)
    image = Image.fromarray(small if mode == "RGBA" else small[..., :3])
    image = image.convert(mode) if mode != "P" else image.quantize(256)
    image = image.resize(size, Image.Resampling.NEAREST if mode == "P" else Image.Resampling.BILINEAR)
    pillow_heif.register_heif_opener()
    image.save(file, kind.split()[-1].upper(), **options)


def read(file: Path) -> None:
    """Print the peak in bytes, the pixels and the seconds of reading a file."""
    data = file.read_bytes()
    picture.MAX_BYTES = len(data)
    picture.open_image(SEVEN)  # loads what is imported when it is needed
    before, began = resident_memory(os.getpid()), time.perf_counter()
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    _, size, _ = picture.open_image(data)
    seconds = time.perf_counter() - began
    print((peak_memory(os.getpid()) - before) * 2**20, size[0] * size[1], seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", type=float, default=1.0, help="of the pixels that a kind may have")
    parser.add_argument("--make", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--read", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        return make(options.make[0], Path(options.make[1]), options.part)
    if options.read:
        return read(Path(options.read))
    largest = 0.0
    run = [sys.executable, "-m", "benchmarks.images", "--part", str(options.part)]
    for name in KINDS:
        with tempfile.TemporaryDirectory() as folder:
            file = f"{folder}/image"
            subprocess.run([*run, "--make", name, file], check=True)
            done = subprocess.run([*run, "--read", file], check=True, capture_output=True, text=True)
        peak, pixels, seconds = map(float, done.stdout.split())
        largest = max(largest, peak)
        print(
            f"{name}: {pixels / 1e6:.0f} megapixels, {peak / 1e6:.0f} MB ({peak / pixels:.1f} B/pixel), {seconds:.1f} s"
        )
    if largest > BOUND * max(0.05, options.part):
        raise SystemExit(f"One took more than {BOUND / 1e6:.0f} MB.")


if __name__ == "__main__":
    main()
