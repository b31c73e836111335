"""A file in memory that a decoder may read only so often."""

import io

# How often a decoder may read from a file, by the file's first bytes. Pillow follows every chunk, segment or block in
# Python, and a hostile file has millions of them. An ordinary photo takes hundreds, a PNG of 20 MB some thousands.
MAX_READS = {b"\xff\xd8": 4_000, b"BM": 1_000_000}
OTHER_MAX_READS = 20_000
BYTES_PER_READ = 1_000  # a larger file may be read more often
MAX_REPEATS = 4  # times that all bytes of a file may be read; the tags of a TIFF may all name the same megabyte


class BoundedFile(io.BytesIO):
    """An image file in memory. Raises OSError when it is read too often, or too much is read."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._reads = MAX_READS.get(data[:2], max(OTHER_MAX_READS, len(data) // BYTES_PER_READ))
        self._bytes = MAX_REPEATS * len(data) + 2**20

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes."""
        data = super().read(size)
        self._reads -= 1
        self._bytes -= len(data)
        if self._reads < 0 or self._bytes < 0:
            raise OSError("too many parts")
        return data
