"""The body of a request to predict, read within limits on time and memory. Nothing is decoded here.

A request counts only for the bytes that have arrived, so that a slow client does not block others.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import Request
from starlette.exceptions import HTTPException

from app.api import inputs
from models.errors import BadInput

MAX_BYTES = 256 * 2**20  # of all bodies in memory
MAX_CLIENT_BYTES = MAX_BYTES // 4  # of the bodies of one client
TIMEOUT = 120  # seconds: 32 MB at 2 Mbit/s
BUSY = "The server is answering too many requests, so this one was not answered. Send it again in a moment."

_bytes: Counter[str] = Counter()  # in memory, by client; counted on the event loop alone


@dataclass(frozen=True)
class Body:
    """JSON bytes, or the files of a form."""

    data: bytes = b""
    files: tuple[bytes, ...] | None = None


def busy() -> HTTPException:
    """The refusal of a request for which there is no room."""
    return HTTPException(503, BUSY, {"Retry-After": "1"})


@asynccontextmanager
async def read(request: Request) -> AsyncIterator[Body]:
    """The body of a request, for as long as the block runs. `app/middleware.py` bounds its length.

    Raises HTTPException if there is no room for it or it is neither JSON nor a form, and BadInput for a wrong form.
    """
    client = request.client.host if request.client else ""
    taken = 0

    def take(count: int) -> None:
        nonlocal taken
        if _bytes.total() + count > MAX_BYTES or _bytes[client] + count > MAX_CLIENT_BYTES:
            raise busy()
        taken += count
        _bytes[client] += count

    try:
        try:
            async with asyncio.timeout(TIMEOUT):
                body = await _read(request, take)
        except TimeoutError:
            sentence = (
                f"The request's body did not arrive within {TIMEOUT} seconds. Send it again, or send fewer "
                "inputs at once."
            )
            raise HTTPException(408, sentence, {"Connection": "close"}) from None
        yield body
    finally:
        _bytes[client] -= taken
        if not _bytes[client]:
            del _bytes[client]


async def _read(request: Request, take: Callable[[int], None]) -> Body:
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _form(request, take)
    if kind == "application/json" or kind.endswith("+json"):
        chunks = []
        async for chunk in request.stream():
            take(len(chunk))
            chunks.append(chunk)
        return Body(data=b"".join(chunks))
    raise HTTPException(
        415, f"{kind[:80]!r} is not supported; send application/json, or multipart/form-data with files named 'file'."
    )


async def _form(request: Request, take: Callable[[int], None]) -> Body:
    try:
        async with request.form(max_files=inputs.MAX_INPUTS + 1, max_fields=8) as form:
            files = [item for name, item in form.multi_items() if name == "file"]
            if not files or any(isinstance(item, str) for item in files) or len(form.multi_items()) != len(files):
                raise BadInput("A form may contain only files, one or more, all named 'file': curl -F file=@my.png")
            for item in files:
                take(item.size or 0)
            return Body(files=tuple([await item.read() for item in files]))
    except HTTPException as error:  # the form parser's own; 413 is BodyLimit's, 503 that of `take`
        if error.status_code != 400:
            raise
        raise BadInput(f"The form cannot be read: {error.detail} Send one or more files named 'file'.") from error
