"""One process at a time may train, test or study a model, so that no figure is stored with other weights."""

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from models import paths
from models.errors import ZooError


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold the lock of the model `name`, which ends with the process at the latest. Within it, it may be held again.

    Raises ZooError if another process or thread holds it.
    """
    path = paths.data_home() / "runs" / f".{name}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path, timeout=0, is_singleton=True)
        lock.acquire()
    except Timeout as error:
        raise ZooError(
            f"{name} is being trained or tested by another process; wait for it, or choose another --slug."
        ) from error
    except OSError as error:
        raise ZooError(f"{path} cannot be written: {error.strerror}; choose another folder with ZOO_HOME.") from error
    try:
        yield
    finally:
        lock.release()
