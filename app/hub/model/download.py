"""A checkpoint as one zip, made in memory when somebody asks for it."""

import io
import zipfile

from models.checkpoint import CARD, Checkpoint


def zipped(checkpoint: Checkpoint, name: str) -> bytes:
    """The checkpoint's files in a folder `name`, every one checked against its hash on the way."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(checkpoint.config.files):
            archive.writestr(f"{name}/{file}", checkpoint.read(file))
        archive.writestr(f"{name}/{CARD}", checkpoint.card)
        archive.writestr(f"{name}/config.json", checkpoint.config.model_dump_json(indent=1))
    return buffer.getvalue()
