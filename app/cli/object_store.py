"""Files at addresses such as s3://bucket/photos or gs://bucket/names.csv, through fsspec."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, TypeVar

from models.clutter import is_clutter
from models.errors import ZooError, printable

Result = TypeVar("Result")


def is_address(name: str) -> bool:
    """Whether `name` is an address rather than a path."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", name) is not None


def files(address: str) -> list[str]:
    """The addresses of the files below an address, in the order of names; of the file itself if it is one.

    Raises ZooError if the store cannot be used.
    """

    def listed() -> list[str]:
        system, path = _system(address)
        if not system.isdir(path):
            return [address]
        root = path.rstrip("/") + "/"
        paths = (each for each in sorted(system.find(path)) if not any(map(is_clutter, each[len(root) :].split("/"))))
        return [system.unstrip_protocol(each) for each in paths]

    return _asked(address, listed)


def read(address: str, limit: int) -> bytes:
    """At most `limit` bytes of a file. Raises FileNotFoundError, or ZooError if the store cannot be used."""

    def content() -> bytes:
        system, path = _system(address)
        with system.open(path, "rb") as file:
            return file.read(limit)

    return _asked(address, content)


@contextmanager
def opened(address: str) -> Iterator[IO[bytes]]:
    """A file, seekable. Raises FileNotFoundError, or ZooError if the store cannot be used."""

    def file() -> IO[bytes]:
        system, path = _system(address)
        return system.open(path, "rb")

    with _asked(address, file) as source:
        yield source


def _system(address: str) -> tuple[Any, str]:
    # Only for addresses; zoo predict starts faster without it.
    import fsspec

    return fsspec.core.url_to_fs(address)


def _asked(address: str, call: Callable[[], Result]) -> Result:
    """The result of a call; what a driver raises, of which there is no common base class, becomes a ZooError."""
    shown = printable(re.sub(r"//[^/@]*@", "//", address))  # without a password
    scheme = address.partition("://")[0]
    try:
        return call()
    except FileNotFoundError:
        raise
    except ImportError as error:
        raise ZooError(f"{shown} needs a driver: {_first_line(error)}.") from error
    except Exception as error:
        if isinstance(error, ValueError) and "rotocol" in str(error):
            raise ZooError(f"{shown} cannot be read: {scheme} is not the name of an object store.") from error
        raise ZooError(
            f"{shown} cannot be read: {_first_line(error)}. Check the address and the credentials for {scheme}."
        ) from error


def _first_line(error: Exception) -> str:
    text = str(error).strip()
    return (text.splitlines()[0] if text else type(error).__name__)[:300].rstrip(".")
