"""Gradio's Blocks, hardened for a public server.

They open only uploaded files, fetch no address, and keep nothing of one caller for the next.
`tests/app/test_middleware.py` and the tests in `tests/app/test_gradio_*.py` fail if a new version of Gradio bypasses
these classes.
"""

from contextvars import ContextVar
from pathlib import Path
from typing import Any, NoReturn

import gradio as gr
import gradio.blocks
import gradio.mcp
import gradio.queueing
import gradio.route_utils
import gradio.routes
import gradio.state_holder
from gradio.utils import get_upload_folder
from gradio_client.utils import is_file_obj, is_http_url_like, traverse

from app.gradio_queue import Queue, SessionState
from models.errors import BadInput

UPLOAD = "Addresses and files on the server are not opened. Upload your file: handle_file('my.png')."

# The API description of the current request; each request runs in a context of its own.
_api_info: ContextVar[dict[str, Any] | None] = ContextVar("api_info", default=None)


class Refusal(gr.Error):
    """One sentence for the caller, as a toast, an event or a tool's error; nothing is logged."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, print_exception=False)

    def __str__(self) -> str:
        return self.message  # gr.Error adds quotation marks, which MCP would show


class McpServer(gradio.mcp.GradioMCPServer):
    """An MCP server that never makes a request itself.

    Gradio's own (6.31) creates one client, for the host that its first caller named, and sends every later caller's
    input there. That client also uploads any file of the server that an input names. Endpoints with `queue=False` are
    called in this process and need no client; prompts and resources would need one, but the Zoo has neither.
    """

    def _get_or_create_client(self) -> NoReturn:
        raise BadInput("This server has tools, but no prompts and no resources. Call tools/list.")


class App(gradio.routes.App):
    """Describes the API under the address that each caller used; Gradio's own (6.31) caches the first caller's."""

    @property
    def api_info(self) -> dict[str, Any] | None:
        return _api_info.get()

    @api_info.setter
    def api_info(self, info: dict[str, Any] | None) -> None:
        _api_info.set(info)


# Gradio looks these classes up by these names; it has no option for them.
gradio.mcp.GradioMCPServer = McpServer
gradio.routes.App = App
gradio.queueing.Queue = Queue
for _module in (gradio.state_holder, gradio.blocks, gradio.route_utils, gradio.mcp):
    _module.SessionState = SessionState


class Blocks(gr.Blocks):
    """Blocks that open uploaded files only.

    Gradio fetches an address given as a file; and where it is mounted, not launched (6.31), it does not check that a
    file named in a call was uploaded, so that any file of this machine could be named.
    """

    async def preprocess_data(self, block_fn: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        def checked(file: dict) -> dict:
            if _is_data(file) or is_http_url_like(file["path"]) or not is_uploaded(file["path"]):
                raise Refusal(UPLOAD)
            return file

        if len(inputs) < (wanted := len(block_fn.inputs)):  # Gradio's own error would put the inputs into the log
            raise Refusal(f"This endpoint takes {wanted} inputs; {len(inputs)} were sent.")
        traverse(inputs, checked, lambda value: is_file_obj(value) or _is_data(value))
        return await super().preprocess_data(block_fn, inputs, *args, **kwargs)


def _is_data(value: Any) -> bool:
    """Whether this is a file given as a data URL, which Gradio would decode and store whatever its size."""
    return isinstance(value, dict) and isinstance(value.get("url"), str) and value["url"].startswith("data:")


def is_uploaded(path: str) -> bool:
    """Whether the path is that of a file uploaded to Gradio."""
    try:
        file, folder = Path(path).resolve(), Path(get_upload_folder()).resolve()
        return file.is_relative_to(folder) and file.is_file()
    except (OSError, ValueError):  # no path at all: too long, or with a NUL
        return False
