"""Raw files of cameras (DNG, NEF, CR2, CR3, ARW, RAF, ORF, RW2 and others), recognised by their content.

Most are TIFF files whose first image is a small preview, which must not be read in place of the photo.
"""

import struct
from typing import BinaryIO

RAW = "This is a camera's raw file; export a JPEG from it and send that."
# Offset and bytes at the start of raw files that are not TIFF files, or that mark themselves.
SIGNATURES = (
    (4, b"ftypcrx "),  # Canon CR3
    (8, b"CR\2"),  # Canon CR2
    (6, b"HEAPCCDR"),  # Canon CRW
    (0, b"FUJIFILMCCD-RAW"),  # Fujifilm RAF
    (0, b"IIRO"),  # Olympus ORF
    (0, b"IIRS"),
    (0, b"MMOR"),
    (0, b"IIU\0"),  # Panasonic RW2
    (0, b"\0MRM"),  # Minolta MRW
    (0, b"FOVb"),  # Sigma X3F
)
PHOTOMETRIC, COMPRESSION, SUB_DIRECTORIES, DNG_VERSION = 262, 259, 330, 50706
SENSOR = (32803, 34892)  # photometric interpretations: a colour filter array, and linear raw
CAMERAS = (32767, 32770, 34713, 65535)  # compressions of Sony ARW, Samsung SRW, Nikon NEF and Pentax PEF
MAX_DIRECTORIES = 32  # of a TIFF that are looked at
MAX_TAGS = 1_000


def is_raw(file: BinaryIO) -> bool:
    """Whether a file is a camera's raw file. Reads its first bytes and, of a TIFF, its directories."""
    head = file.read(16)
    if any(head[at:].startswith(signature) for at, signature in SIGNATURES):
        return True
    if head[:4] not in (b"II*\0", b"MM\0*") or len(head) < 8:
        return False
    order = "<" if head[:2] == b"II" else ">"
    pending, seen = list(struct.unpack(f"{order}I", head[4:8])), set()
    while pending and len(seen) < MAX_DIRECTORIES:
        at = pending.pop(0)
        if at == 0 or at in seen:
            continue
        seen.add(at)
        tags, following = _directory(file, at, order)
        if DNG_VERSION in tags or tags.get(PHOTOMETRIC) in SENSOR or tags.get(COMPRESSION) in CAMERAS:
            return True
        pending += [*tags.get(SUB_DIRECTORIES, ()), following]
    return False


def _directory(file: BinaryIO, at: int, order: str) -> tuple[dict, int]:
    """The tags of the directory at an offset, and the offset of the next one; what cannot be read is left out.

    Single numbers are numbers; SUB_DIRECTORIES is a list of offsets.
    """
    file.seek(at)
    count = int.from_bytes(file.read(2), "little" if order == "<" else "big")
    entries = file.read(12 * min(count, MAX_TAGS))
    following = file.read(4)
    tags = {}
    for number, kind, length, value in struct.iter_unpack(f"{order}HHI4s", entries[: len(entries) // 12 * 12]):
        if number == SUB_DIRECTORIES:
            tags[number] = _offsets(file, order, length, value)
        else:
            tags[number] = struct.unpack(f"{order}H", value[:2])[0] if kind == 3 else 0
    return tags, struct.unpack(f"{order}I", following)[0] if len(following) == 4 else 0


def _offsets(file: BinaryIO, order: str, length: int, value: bytes) -> list[int]:
    if length > 1:
        file.seek(struct.unpack(f"{order}I", value)[0])
        value = file.read(4 * min(length, MAX_DIRECTORIES))
    return [offset for (offset,) in struct.iter_unpack(f"{order}I", value[: len(value) // 4 * 4])]
