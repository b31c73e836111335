"""Gradio's image inputs, handing over the uploaded file unopened.

Gradio's own (6.31) open it with Pillow: they refuse kinds that the library reads, fail before the old answer can be
cleared, and write Pillow's warnings into the log. The methods are replaced on the components themselves, since Gradio
writes a .pyi file beside the module of each class derived from a component.
"""

from pathlib import Path
from typing import Any

import gradio as gr


def image(**options: Any) -> gr.Image:
    """An image whose value is the path of the uploaded file."""
    component = gr.Image(**options)
    component.preprocess = lambda payload: _file(payload)  # type: ignore[method-assign]
    return component


def sketchpad(**options: Any) -> gr.Sketchpad:
    """A drawing of which each part is the path of its file, or its bytes."""
    component = gr.Sketchpad(**options)
    component.convert_and_format_image = lambda file, flatten_on_white=False: _file(file)  # type: ignore[method-assign]
    return component


def _file(file: Any) -> Path | bytes | None:
    if not file or isinstance(file, bytes | bytearray | memoryview):
        return bytes(file) if file else None
    return Path(file.path) if file.path else None
