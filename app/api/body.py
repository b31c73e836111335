"""The body of a request to predict, read within limits on time and memory. Nothing is decoded here.

A request counts only for the bytes that have arrived, so that a slow client does not block others.
"""

import asyncio
import codecs
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import Request
from starlette.exceptions import HTTPException

from app.api import inputs
from models.errors import BadInput

MAX_BYTES = 256 * 2**20  # of all bodies in memory
MAX_CLIENT_BYTES = MAX_BYTES // 4  # of the bodies of one client
TIMEOUT = 120  # seconds: 32 MB at 2 Mbit/s
# Charsets that a JSON body may declare, by Python's names; other codecs are no charsets, or slow.
CHARSETS = ("utf-8", "utf-8-sig", "ascii", "iso8859-1", "iso8859-15", "cp1252")
CHARSETS += tuple(f"utf-{size}{order}" for size in (16, 32) for order in ("", "-le", "-be"))
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
    kind, _, options = request.headers.get("content-type", "application/json").partition(";")
    kind = kind.strip().lower()
    if kind == "multipart/form-data":
        return await _form(request, take)
    if kind == "application/json" or kind.endswith("+json"):
        chunks = []
        async for chunk in request.stream():
            take(len(chunk))
            chunks.append(chunk)
        return Body(data=_as_utf8(b"".join(chunks), options))
    raise HTTPException(
        415, f"{kind[:80]!r} is not supported; send application/json, or multipart/form-data with files named 'file'."
    )


def _as_utf8(data: bytes, options: str) -> bytes:
    """A JSON body in UTF-8, or as it is if no charset is declared: JSON itself tells UTF-8, UTF-16 and UTF-32 apart.

    options: what follows the type in Content-Type, such as "charset=latin-1".
    """
    declared = next((value for name, value in _parameters(options) if name == "charset"), "utf-8")
    try:
        codec = codecs.lookup(declared).name
    except (LookupError, ValueError):
        codec = ""
    if codec not in CHARSETS:
        raise HTTPException(415, f"The charset {declared[:40]!r} is not supported; send UTF-8.")
    if codec == "utf-8":
        return data
    try:
        return data.decode(codec).encode()
    except UnicodeError as error:
        raise BadInput(f"The body is not {declared[:40]}, which its Content-Type declares. Send UTF-8.") from error


def _parameters(options: str) -> Iterator[tuple[str, str]]:
    for option in options.split(";"):
        name, _, value = option.partition("=")
        yield name.strip().lower(), value.strip().strip('"').lower()


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
