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
            archive.writestr(f"{name}/{file}", data)
    return buffer.getvalue()
