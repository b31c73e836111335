"""Errors of the Hub as one sentence each. No sentence contains text from the server or a token."""

import errno
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from models.errors import HubError, ZooError
from models.huggingface import endpoint

# huggingface_hub takes long to import, so the functions that use it import it.

log = logging.getLogger("zoo")
LOGIN = "log in with `hf auth login`, or set HF_TOKEN"
LOGIN_REJECTED = f"{{hub}} rejected this machine's login (401); {LOGIN}, with a valid token."
NO_XET = (
    "{hub} does not support Xet, which huggingface_hub uses if hf_xet is installed; "
    "set HF_HUB_DISABLE_XET=1 and {action} again."
)


def host() -> str:
    """The host of the Hub as `huggingface_hub` has it, without credentials that HF_ENDPOINT may contain before an @."""
    from huggingface_hub import constants

    return urlsplit(constants.ENDPOINT).netloc.rpartition("@")[2] or constants.ENDPOINT


def address(id: str) -> str:
    """The address of the model's page."""
    from huggingface_hub import constants

    parts = urlsplit(constants.ENDPOINT)
    return f"{parts.scheme}://{host()}{parts.path.rstrip('/')}/{id}"


@contextmanager
def hub_errors(id: str, action: str) -> Iterator[None]:
    """Convert errors of `huggingface_hub`, its HTTP client and the disk to HubError. action: "pull" or "push".

    The original errors are not chained as a cause: they quote the server, whose text is untrusted.
    """
    try:
        yield
    except ZooError:
        raise
    except Exception as error:
        log.debug("%s of %s failed", action, id, exc_info=True)
        raise HubError(_sentence(list(_chain(error)), id, action)) from None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and its causes, the outermost first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _sentence(errors: list[BaseException], id: str, action: str) -> str:
    """The sentence for a chain of errors."""
    from huggingface_hub import errors as kinds

    hub = host()
    for error in errors:
        if isinstance(error, kinds.OfflineModeIsEnabled):
            return f"HF_HUB_OFFLINE is set, so {hub} is not contacted; unset it to {action} {id}."
        if isinstance(error, kinds.GatedRepoError):
            return f"{id} is gated: request access on {address(id)}, {LOGIN}, and {action} again."
        if isinstance(error, kinds.HfHubHTTPError):
            return _rejection(error, id, action, hub)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return f"The disk is full, so {id} could not be {action}ed; free some space and {action} again."
        if isinstance(error, OSError) and "Consistency check failed" in str(error):
            return f"A file of {id} is incomplete: {hub} sent fewer bytes than it announced; {action} again."
    return _no_answer(errors, id, action, hub) or (
        f"{id} could not be {action}ed: huggingface_hub failed ({type(errors[0]).__name__}); {action} again, or check "
        "its settings (variables that start with HF_)."
    )


def _rejection(error: Any, id: str, action: str, hub: str) -> str:
    """The sentence for an error response of the Hub."""
    from huggingface_hub import errors as kinds

    status, headers = error.response.status_code, error.response.headers
    if status in (401, 404, 405) and _is_redirected(error.response):
        return (
            f"{hub} redirects to another host, which does not get this machine's login; set HF_ENDPOINT to the address "
            f"it redirects to, and {action} again."
        )
    if status == 429:
        seconds = headers.get("Retry-After", "")
        when = f"in {int(seconds):,} seconds" if seconds.isdecimal() and len(seconds) < 9 else "later"
        return f"{hub} received too many requests (429); {action} {id} again {when}."
    if status >= 500:
        return f"{hub} is currently unavailable ({status}); {action} {id} again later."
    if "/xet-" in str(error.response.request.url):
        return NO_XET.format(hub=hub, action=action)
    if isinstance(error, kinds.RevisionNotFoundError):
        newest = f"{address(id)}/commits/main"
        return f"{id} has no such revision on {hub}; omit @revision for the newest, or choose one from {newest}."
    if isinstance(error, kinds.RemoteEntryNotFoundError):
        return f"A file of {id} was removed from {hub} during the download; {action} again."
    if isinstance(error, kinds.RepositoryNotFoundError) or status == 404:
        return f"{id} was not found on {hub}, or it is private; check the name at {address(id)}, or {LOGIN}."
    if status == 401:
        return LOGIN_REJECTED.format(hub=hub)
    if status == 402:
        return (
            f"{hub} asks for a paid plan (402): since July 2026 creating a Space that runs Gradio needs PRO or Team. "
            "Models and datasets need no plan; see docs/share.md."
        )
    if status == 403 and "/repos/create" in str(error.response.request.url):
        return (
            f"{hub} does not allow you to create {id} (403); {LOGIN}, with a token that has the permission to write, "
            "or choose a name under your own user name."
        )
    if status == 403:
        permission = "write to" if action == "push" else "read"
        return (
            f"{hub} does not allow you to {permission} {id} (403); "
            f"choose a repository of your own, or {LOGIN} with a token that has permission."
        )
    return f"{hub} rejected the {action} of {id} ({status}); see {address(id)}."


def _is_redirected(response: Any) -> bool:
    """Whether a request to the Hub's API was redirected to another host, as some mirrors do."""
    first = response.history[0].url if response.history else response.url
    return "/api/" in first.path and first.netloc != response.url.netloc


def _no_answer(errors: list[BaseException], id: str, action: str, hub: str) -> str | None:
    """The sentence for a missing or incomplete response."""
    import httpx2

    interrupted = f"The connection to {hub} was interrupted; {action} {id} again."
    if any("CERTIFICATE_VERIFY_FAILED" in str(error) for error in errors):
        return (
            f"The certificate of {hub} was not accepted; check this machine's clock, or name the certificates of your "
            f"proxy in SSL_CERT_FILE, then {action} {id} again."
        )
    for error in errors:
        if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.ProxyError):
            check = "the proxy" if endpoint.proxies() else "the network connection"
            return f"{hub} cannot be reached; check {check} and HF_ENDPOINT, then {action} {id} again."
        if isinstance(error, httpx2.TimeoutException):
            return f"{hub} took too long to respond; {action} {id} again later."
        if isinstance(error, httpx2.NetworkError | httpx2.ProtocolError):
            return interrupted
    # Inspected, never shown: hf_xet has hardly any error types of its own.
    kinds = " ".join(type(error).__name__ for error in errors)
    texts = " ".join(str(error) for error in errors)
    if "/xet-" in texts and "(404" in texts:
        return NO_XET.format(hub=hub, action=action)
    if "(401" in texts or "XetAuthentication" in kinds:
        return LOGIN_REJECTED.format(hub=hub)
    if "Xet" in kinds or any(isinstance(error, ConnectionError) for error in errors):
        return interrupted
    for error in errors:
        if isinstance(error, OSError) and error.filename and error.strerror:
            return f"{error.filename} cannot be written: {error.strerror}; choose another folder with ZOO_HOME."
    if any(isinstance(error, ValueError | KeyError | TypeError) for error in errors):
        return f"{hub} does not respond like a Hub; check HF_ENDPOINT, then {action} {id} again."
    return None
