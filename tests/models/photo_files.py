"""Small image files in forms that Pillow cannot write: profiles, deep TIFFs and PNGs, raw files."""

import struct
import zlib

import numpy as np

D50 = (0.9642, 1.0, 0.8249)
# Primaries (red, green, blue) and white in chromaticities x, y, and the exponent of the curve; 0: that of sRGB.
SPACES = {
    "sRGB": ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), (0.3127, 0.3290), 0),
    "Display P3": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.3127, 0.3290), 0),
    "Adobe RGB": ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), (0.3127, 0.3290), 563 / 256),
    "ProPhoto": ((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001), (0.3457, 0.3585), 1.8),
    "linear": ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), (0.3127, 0.3290), 1.0),
}
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def matrix(space: str) -> np.ndarray:
    """The matrix (3, 3) from linear RGB to XYZ relative to D50, the white of profiles."""
    *primaries, white, _ = SPACES[space]
    columns = np.array([(x / y, 1, (1 - x - y) / y) for x, y in primaries]).T
    xyz = np.array([white[0] / white[1], 1, (1 - white[0] - white[1]) / white[1]])
    adapted = np.linalg.inv(BRADFORD) @ np.diag((BRADFORD @ D50) / (BRADFORD @ xyz)) @ BRADFORD
    return adapted @ columns * np.linalg.solve(columns, xyz)


def decoded(values: np.ndarray, space: str) -> np.ndarray:
    """Linear light for encoded values from 0 to 1."""
    exponent = SPACES[space][-1]
    if exponent:
        return values**exponent
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def encoded(light: np.ndarray, space: str) -> np.ndarray:
    """The opposite of `decoded`."""
    exponent = SPACES[space][-1]
    light = light.clip(0, 1)
    if exponent:
        return light ** (1 / exponent)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def in_space(rgb: np.ndarray, space: str) -> np.ndarray:
    """sRGB pixels, uint8 (..., 3), as values from 0 to 1 in another space."""
    light = decoded(rgb / 255, "sRGB") @ matrix("sRGB").T @ np.linalg.inv(matrix(space)).T
    return encoded(light, space)


def profile(space: str) -> bytes:
    """An ICC profile, version 2."""
    exponent, columns = SPACES[space][-1], matrix(space)
    curve = decoded(np.linspace(0, 1, 1024), space) if not exponent else [exponent * 256 / 65535]
    curve = (np.asarray(curve) * 65535).round().astype(">u2")
    parts = {b"desc": b"desc" + struct.pack(">II", 0, 5) + b"test\0" + bytes(78)}
    parts |= {b"cprt": b"text\0\0\0\0none\0", b"wtpt": _xyz(D50)}
    for name, column in zip((b"r", b"g", b"b"), columns.T, strict=True):
        parts[name + b"XYZ"] = _xyz(column)
        parts[name + b"TRC"] = b"curv\0\0\0\0" + struct.pack(">I", len(curve)) + curve.tobytes()
    table, data, at = struct.pack(">I", len(parts)), b"", 128 + 4 + 12 * len(parts)
    for name, part in parts.items():
        table += name + struct.pack(">II", at + len(data), len(part))
        data += part + bytes(-len(part) % 4)
    head = struct.pack(">I4sI4s4s4s", at + len(data), b"lcms", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">III", *(round(value * 65536) for value in D50))
    return head.ljust(128, b"\0") + table + data


def _xyz(values) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">iii", *(round(value * 65536) for value in values))


def png(values: np.ndarray) -> bytes:
    """A PNG of 16 bits, from uint16 (height, width[, 3])."""
    height, width = values.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    head = struct.pack(">IIBBBBB", width, height, 16, 2 if values.ndim == 3 else 0, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


FORMATS = {"u": 1, "i": 2, "f": 3}


def tiff(
    values: np.ndarray,
    order: str = "<",
    compressed: bool = False,
    planar: bool = False,
    rows: int | None = None,
    **tags: int,
) -> bytes:
    """A TIFF from an array (height, width[, 3]) of any number type, in this byte order.

    rows: in a strip; default: all. tags: more of them, such as `tag262=0`.
    """
    height, width, *channels = values.shape
    count = channels[0] if channels else 1
    stored = values.astype(values.dtype.newbyteorder(order))
    planes = [stored[..., channel] for channel in range(count)] if planar else [stored]
    rows = rows or height
    parts = [plane[top : top + rows].tobytes() for plane in planes for top in range(0, height, rows)]
    strips = [zlib.compress(part) if compressed else part for part in parts]
    bits, kind = 8 * values.itemsize, FORMATS[values.dtype.kind]
    fields = {
        256: ("I", [width]),
        257: ("I", [height]),
        258: ("H", [bits] * count),
        259: ("H", [8 if compressed else 1]),
        262: ("H", [2 if count == 3 else 1]),
        273: ("I", [0] * len(strips)),
        277: ("H", [count]),
        278: ("I", [rows]),
        279: ("I", [len(strip) for strip in strips]),
        284: ("H", [2 if planar else 1]),
        339: ("H", [kind] * count),
    }
    fields |= {int(number.removeprefix("tag")): ("H", [value]) for number, value in tags.items()}
    at = 8 + 2 + 12 * len(fields) + 4
    starts = [at, *(at + np.cumsum([len(strip) for strip in strips])[:-1]).tolist()]
    fields[273] = ("I", starts)
    entries, more, after = b"", b"", at + sum(map(len, strips))
    for number, (code, numbers) in sorted(fields.items()):
        data = struct.pack(f"{order}{len(numbers)}{code}", *numbers)
        entries += struct.pack(f"{order}HHI", number, {"H": 3, "I": 4}[code], len(numbers))
        entries += data.ljust(4, b"\0") if len(data) <= 4 else struct.pack(f"{order}I", after + len(more))
        more += data if len(data) > 4 else b""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, len(fields))
    return head + entries + bytes(4) + b"".join(strips) + more


def raw_files() -> dict[str, bytes]:
    """The beginnings of raw files, some of them with a preview that Pillow can read."""
    preview = tiff(np.full((8, 8, 3), 200, np.uint8))
    files = {"CR3": b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "RAF": b"FUJIFILMCCD-RAW 0201FF383501"}
    files |= {"ORF": b"IIRO\x08\0\0\0" + bytes(64), "RW2": b"IIU\0\x18\0\0\0" + bytes(64)}
    files |= {"CR2": b"II*\0\x10\0\0\0CR\2\0" + bytes(64), "DNG": tiff(np.full((8, 8, 3), 200, np.uint8), tag50706=1)}
    sensor = len(preview)
    directory = struct.pack("<HHHII", 1, 262, 3, 1, 32803) + bytes(4)
    with_sub_directory = tiff(np.full((8, 8, 3), 200, np.uint8), tag330=0)
    at = with_sub_directory.index(struct.pack("<HH", 330, 3))
    sensor = len(with_sub_directory)
    entry = struct.pack("<HHII", 330, 4, 1, sensor)
    files["NEF"] = with_sub_directory[:at] + entry + with_sub_directory[at + 12 :] + directory
    files["ARW"] = tiff(np.full((8, 8, 3), 200, np.uint8), ">", tag259=32767)
    return files
