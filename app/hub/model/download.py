"""A checkpoint as one zip file, created in memory when it is downloaded."""

import io
import zipfile

from models.checkpoint import Checkpoint
from models.writing import contents


def zipped(checkpoint: Checkpoint, name: str) -> bytes:
    """The checkpoint's files in a folder `name`, every one checked against its hash on the way."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, data in sorted(contents(checkpoint).items()):
            member = zipfile.ZipInfo(f"{name}/{file}")  # without the time: a clock before 1980 would be an error
            member.external_attr = 0o644 << 16
            archive.writestr(member, data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
