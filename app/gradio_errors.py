"""Errors of clients in Gradio's routes (6.31), which Gradio answers with status 500 and a traceback in the log."""

import traceback

from gradio.route_utils import FnIndexInferError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NO_ENDPOINT = "There is no such endpoint. Reload the page, or see /widgets/gradio_api/info for the endpoints."


class ClientErrors:
    """Wraps Gradio's app: an unknown endpoint is 404, and the stream of an unknown session just ends."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False
        held: list[Message] = []  # Starlette's handler of errors answers 500 before it raises the error again

        async def noted(message: Message) -> None:
            nonlocal started
            if held or message.get("status") == 500:
                return held.append(message)
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except RuntimeError as error:
            if not started or not isinstance(error.__cause__, HTTPException):
                raise
            await send({"type": "http.response.body", "body": b""})
        except (FnIndexInferError, KeyError) as error:
            if started or traceback.extract_tb(error.__traceback__)[-1].name != "get_fn":
                raise
            held.clear()
            await JSONResponse({"detail": NO_ENDPOINT}, 404)(scope, receive, send)
        finally:
            for message in held:
                await send(message)
