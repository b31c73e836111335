"""A photo model under load, and the memory that takes: `python -m benchmarks.photos`.

Eight clients send photos of 12 megapixels by REST; each sends the next one when the last one is answered. Printed:
answers per second, errors, and the server's peak memory beside its bound: what it used before, one photo being decoded,
and what the clients have sent. Everything stays on this machine's loopback address.
"""

import argparse
import asyncio
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image

from app.verify.local_server import LocalServer
from benchmarks.load import Call, Connection, load, peak_memory, resident_memory

CLIENTS = 8
PHOTOS = 2  # different ones, sent in turn
SIZE = 4000, 3000  # width and height in pixels
DECODING = 12  # bytes for a pixel of the one photo that is being decoded (models/inputs/picture.py)
COPIES = 2  # of a body: as it arrived, and the file in it
BOUNDARY = "the-zoo-photo"


def photos(model: str) -> Call:
    """A call of the REST API with a photo as a file."""
    bodies = [_form(_photo(seed)) for seed in range(PHOTOS)]

    async def call(connection: Connection, turn: int) -> tuple[int, str | None]:
        content_type = f"multipart/form-data; boundary={BOUNDARY}"
        status, answer = await connection.request(f"/api/predict/{model}", bodies[turn % len(bodies)], content_type)
        return status, json.loads(answer)["best"] if status == 200 else None

    return call


def _photo(seed: int) -> bytes:
    """A JPEG of coloured clouds with the grain of a phone's camera, about 5 MB."""
    randomness = np.random.default_rng(seed)
    clouds = Image.fromarray(randomness.integers(0, 256, (6, 8, 3), np.uint8)).resize(SIZE, Image.Resampling.BICUBIC)
    grain = randomness.integers(-12, 13, (*reversed(SIZE), 1), np.int16)
    file = io.BytesIO()
    Image.fromarray((np.asarray(clouds, np.int16) + grain).clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=92)
    return file.getvalue()


def _form(file: bytes) -> bytes:
    """The body of a form with one file."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="photo.jpg"\r\n\r\n'
    return head.encode() + file + f"\r\n--{BOUNDARY}--\r\n".encode()


def send(model: str, seconds: float) -> None:
    """Print what clients that send photos see, and the server's memory beside its bound."""
    call, size = photos(model), len(_photo(0)) / 2**20
    with LocalServer({"ZOO_WIDGETS": "off"}) as server:
        address, pid = server.address, server.process.pid
        asyncio.run(load(address, call, 1, 2, pid))  # loads the model
        before = resident_memory(pid)
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # resets the peak
        result = asyncio.run(load(address, call, CLIENTS, seconds, pid))
        peak, after = peak_memory(pid), resident_memory(pid)
    megapixels = SIZE[0] * SIZE[1] / 1e6
    bound = before + DECODING * megapixels * 1e6 / 2**20 + COPIES * CLIENTS * size
    print(f"{model}: {CLIENTS} clients, photos of {megapixels:.0f} megapixels and {size:.1f} MB, {seconds:g} s")
    print(f"  {result.rate:.1f} per s, median {result.median:.0f} ms; refused {result.refused}, wrong {result.wrong}")
    print(f"  memory: {before:.0f} MB before, {peak:.0f} MB at the peak (bound: {bound:.0f} MB), {after:.0f} MB after")
    if peak > bound:
        raise SystemExit("The server exceeded its bound.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="holidays-efficientnet")
    parser.add_argument("--seconds", type=float, default=15)
    options = parser.parse_args()
    send(options.model, options.seconds)


if __name__ == "__main__":
    main()
