"""Gradio's image inputs, handing over the uploaded file unopened.

Gradio's own (6.31) open it with Pillow: they refuse kinds that the library reads, fail before the old answer can be
cleared, and write Pillow's warnings into the log.
"""

from pathlib import Path
from typing import Any

import gradio as gr


class Image(gr.Image):
    """An image whose value is the path of the uploaded file."""

    is_template = True  # the browser shows it as a gr.Image

    def preprocess(self, payload: Any) -> Path | None:
        return Path(payload.path) if payload and payload.path else None


class Sketchpad(gr.Sketchpad):
    """A drawing of which each part is the path of its file, or its bytes."""

    is_template = True

    def get_block_name(self) -> str:
        return "imageeditor"  # of which a gr.Sketchpad is a template itself

    def convert_and_format_image(self, file: Any, flatten_on_white: bool = False) -> Path | bytes | None:
        return Path(file.path) if hasattr(file, "path") else file and bytes(file)
