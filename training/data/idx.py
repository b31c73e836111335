"""Reads IDX, the format of MNIST and similar data sets: gzipped arrays of bytes with a short header."""

import gzip
from pathlib import Path

import numpy as np

from models.errors import ZooError


def read_idx(path: Path) -> np.ndarray:
    """The array in a gzipped IDX file of unsigned bytes; images are uint8 (N, height, width), labels uint8 (N,).

    Raises ZooError for a damaged file.
    """
    try:
        data = gzip.decompress(path.read_bytes())
        dimensions = data[3]
        shape = tuple(int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(dimensions))
        if data[:3] != b"\0\0\x08":
            raise ValueError("not an IDX file of bytes")
        return np.frombuffer(data, np.uint8, offset=4 + 4 * dimensions).reshape(shape)
    except (OSError, EOFError, ValueError, IndexError) as error:
        raise ZooError(f"{path} is damaged ({error}); delete it and download it again.") from error
