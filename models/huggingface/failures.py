"""What can go wrong between here and the Hub, in one sentence each.

No sentence holds a word of the server's, or any token.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from models.errors import HubError, ZooError

# huggingface_hub takes long to import, so the functions that use it import it.

LOGIN = "log in with `hf auth login`, or set HF_TOKEN"
REFUSED_LOGIN = f"{{where}} does not accept this machine's log-in (401); {LOGIN}, with a token that is still good."
NO_XET = (
    "{where} does not speak Xet, which huggingface_hub uses where hf_xet is installed; set HF_HUB_DISABLE_XET=1 "
    "and {doing} again."
)


def host() -> str:
    """The Hub's host as `huggingface_hub` has it, without what may stand before an @ in HF_ENDPOINT."""
    from huggingface_hub import constants

    return urlsplit(constants.ENDPOINT).netloc.rpartition("@")[2] or constants.ENDPOINT


def address(id: str) -> str:
    """The model's page."""
    from huggingface_hub import constants

    return f"{urlsplit(constants.ENDPOINT).scheme}://{host()}/{id}"


@contextmanager
def told(id: str, doing: str) -> Iterator[None]:
    """Turns what `huggingface_hub`, its HTTP client and the disk raise into a HubError. doing: "pull" or "push".

    The library's own errors are not shown as a cause: they quote what a server has said, and servers may say anything.
    """
    try:
        yield
    except ZooError:
        raise
    except Exception as error:
        sentence = _sentence(list(_chain(error)), id, doing)
        if sentence is None:
            raise
        raise HubError(sentence) from None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what led to it, the outermost first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _sentence(errors: list[BaseException], id: str, doing: str) -> str | None:
    from huggingface_hub import errors as hub

    where = host()
    for error in errors:
        if isinstance(error, hub.OfflineModeIsEnabled):
            return f"HF_HUB_OFFLINE is set, so {where} is not asked; unset it to {doing} {id}."
        if isinstance(error, hub.GatedRepoError):
            return f"{id} is gated: ask for access on {address(id)}, {LOGIN}, and {doing} again."
        if isinstance(error, hub.HfHubHTTPError):
            return _refused(error, id, doing, where)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return f"The disk is full, so {id} could not be {doing}ed; free some space and {doing} again."
        if isinstance(error, OSError) and "Consistency check failed" in str(error):
            return f"A file of {id} ended early: {where} sent fewer bytes than it said. {doing.capitalize()} again."
    return _not_heard(errors, id, doing, where)


def _refused(error: Any, id: str, doing: str, where: str) -> str:
    """The Hub has answered, and the answer is no."""
    from huggingface_hub import errors as hub

    status, headers = error.response.status_code, error.response.headers
    if status == 429:
        seconds = headers.get("Retry-After", "")
        when = f"in {int(seconds):,} seconds" if seconds.isdecimal() and len(seconds) < 9 else "later"
        return f"{where} has been asked too often just now (429); {doing} {id} again {when}."
    if status >= 500:
        return f"{where} cannot answer just now ({status}); {doing} {id} again later."
    if "/xet-" in str(error.response.request.url):
        return NO_XET.format(where=where, doing=doing)
    if isinstance(error, hub.RevisionNotFoundError):
        return (
            f"{id} has no revision of that name on {where}; leave @revision away for the newest, or see "
            f"{address(id)}/commits/main."
        )
    if isinstance(error, hub.RemoteEntryNotFoundError):
        return f"A file of {id} is gone from {where} while it was read; {doing} again."
    if isinstance(error, hub.RepositoryNotFoundError) or status == 404:
        return (
            f"{where} shows no model {id} to you: the name is wrong, or it is private; check {address(id)}, or {LOGIN}."
        )
    if status == 401:
        return REFUSED_LOGIN.format(where=where)
    if status == 403:
        what = "write to" if doing == "push" else "read"
        return f"{where} forbids you to {what} {id} (403); take a name of your own, or {LOGIN} with a token that may."
    return f"{where} refuses to {doing} {id} ({status}); see {address(id)}."


def _not_heard(errors: list[BaseException], id: str, doing: str, where: str) -> str | None:
    """There was no answer, or half of one."""
    import httpx2

    for error in errors:
        if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.ProxyError):
            return (
                f"{where} cannot be reached; see whether this machine is on the network (and HF_ENDPOINT right), "
                f"then {doing} {id} again."
            )
        if isinstance(error, httpx2.TimeoutException):
            return f"{where} took too long to answer; {doing} {id} again later."
        if isinstance(error, httpx2.NetworkError | httpx2.ProtocolError):
            return f"The connection to {where} was cut half-way; {doing} {id} again."
    kinds = " ".join(type(error).__name__ for error in errors)
    said = " ".join(str(error) for error in errors)  # looked at, never shown: hf_xet has hardly any errors of its own
    if "/xet-" in said and "(404" in said:
        return NO_XET.format(where=where, doing=doing)
    if "(401" in said or "XetAuthentication" in kinds:
        return REFUSED_LOGIN.format(where=where)
    if "Xet" in kinds or any(isinstance(error, ConnectionError) for error in errors):
        return f"The connection to {where} was cut half-way; {doing} {id} again."
    for error in errors:
        if isinstance(error, OSError) and error.filename and error.strerror:
            return f"{error.filename} cannot be written: {error.strerror}; name another folder in ZOO_HOME."
    if any(isinstance(error, ValueError | KeyError | TypeError) for error in errors):
        return f"{where} answers as no Hub does; see whether HF_ENDPOINT is right, then {doing} {id} again."
    return None
