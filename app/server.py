"""The server: pages at /, Gradio at /widgets/, REST at /api/, health at /healthz, all on one port.

    python -m app.server          # the same as: make run, zoo serve, the Procfile

Its settings are read from the environment (see `app/settings.py`).
"""

import atexit
import errno
import gc
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app import settings
from models import console
from models.errors import ZooError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from app.deferred import DeferredApp, MountedApp

HUB = Path(__file__).parent / "hub" / "main.py"

GARBAGE = 60  # seconds between full collections

log = logging.getLogger("zoo")
_warmed = threading.Event()
_served = threading.Event()  # the server ran and has stopped


def build(config: settings.Settings | None = None) -> "ASGIApp":
    """The whole app. Everything slow is imported here except Gradio, which follows once the server runs."""
    settings.quiet()
    # After quiet(), and not when this module is imported: it takes seconds.
    import streamlit
    from fastapi import FastAPI
    from starlette.middleware import Middleware
    from starlette.responses import JSONResponse, RedirectResponse, Response

    from app import health, streamlit_sessions
    from app.api import routes
    from app.deferred import DeferredApp
    from app.hub.first_page import FirstPage
    from app.hub.safety import on_script_error
    from app.middleware import AllowedHosts, BodyLimit, ForwardedHeaders, RateLimit, RequestLog, SecurityHeaders
    from app.page_addresses import PageAddresses
    from app.root_path import RootPath, SameOrigin
    from app.static_assets import StaticAssets
    from app.visitor import MarkLocal
    from models import catalog

    config = config or settings.read()
    if (first := config.root.split("/")[1:2]) and first[0] in catalog.tasks():
        raise ZooError(settings.own_path(first[0]))
    streamlit_sessions.install()
    pages = streamlit.App(HUB, on_script_error=on_script_error)
    run_pages = pages.lifespan()
    widgets = DeferredApp("The widgets", _widgets, ready=_widgets_ready, when=config.widgets)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        one_log_line()  # importing Streamlit adds handlers to uvicorn's loggers
        threading.Thread(target=_keep, args=(widgets,), name="housekeeping", daemon=True).start()
        with settings.upload_folder():
            async with run_pages(app), widgets.lifespan():
                yield

    outermost_first = [
        Middleware(RootPath, root=config.root),
        Middleware(RequestLog),
        Middleware(SecurityHeaders),
        Middleware(MarkLocal),
        Middleware(ForwardedHeaders, trusted=config.proxies),
        Middleware(AllowedHosts, allowed_hosts=config.hosts, www_redirect=False),
        Middleware(SameOrigin),
        *([Middleware(RateLimit, rate=config.rate)] if config.rate else []),
        Middleware(BodyLimit),
        Middleware(StaticAssets),
    ]
    app = FastAPI(lifespan=lifespan, openapi_url=None, middleware=outermost_first)

    @app.get("/healthz")
    def healthz() -> Response:
        # In a thread: a disk that hangs must not hold up the others. 200 whatever the problems: a restart cures none.
        state = {"status": "ok", "widgets": widgets.state, "problems": health.problems(widgets.state)}
        return JSONResponse(state, headers={"Cache-Control": "no-store"})

    @app.get("/widgets")
    async def to_widgets() -> Response:
        return RedirectResponse(f"{config.root}/widgets/")

    @app.get("/api")
    async def to_api() -> Response:
        return RedirectResponse(f"{config.root}/api/")

    app.mount("/api", routes.build())
    app.mount("/widgets", widgets)
    app.mount("/", PageAddresses(FirstPage(pages)))  # last, because Streamlit answers every path
    return app


def _widgets() -> "MountedApp":
    _warmed.wait()  # visitors of the pages wait for the models, not for Gradio
    from app import gradio_app  # takes seconds, in a background thread

    return gradio_app.build("/widgets")


def _widgets_ready() -> None:
    _freeze()
    one_log_line()
    log.info("The widgets are ready")


def _freeze() -> None:
    """Exempt everything loaded so far from garbage collection: it stays, and scanning it takes long."""
    gc.collect()
    gc.freeze()


def _keep(widgets: "DeferredApp") -> None:
    """Load what the first visitor would wait for, measure the models' speed; then collect garbage regularly."""
    _warm()
    _warmed.set()
    while widgets.state == "loading":
        time.sleep(1)
    _freeze()
    from app import speed  # not needed to start

    speed.measure_missing()
    while True:  # Python's own collections depend on the number of new objects, and may leave large ones for long
        time.sleep(GARBAGE)
        gc.collect()


def _warm() -> None:
    """Load the chart library, and the best model of each task."""
    # Imported here, in a background thread: the server starts without.
    import altair  # noqa: F401

    import models
    from models import catalog

    for task in catalog.tasks():
        for model in catalog.models(task)[:1]:
            try:
                models.load(model.id)
            except ZooError as error:
                log.warning("%s", error)


def one_log_line() -> None:
    """Log everything once, through the root logger's handler, whatever handlers libraries have added."""
    for name in ("uvicorn", "uvicorn.access", "uvicorn.error", "uvicorn.asgi"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ZooError, with what to do, if there cannot be one."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise ZooError(
            f"HOST is {host!r}, which is not an address of this machine. Try HOST=127.0.0.1 or HOST=0.0.0.0."
        ) from error
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # where it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # Listen from now on, so that a second server is refused at once and a browser waits instead of failing.
        listener.listen(2048)
    except PermissionError as error:
        listener.close()
        raise ZooError(
            f"Port {port} needs administrator rights. Choose a port above 1023, such as PORT=8502."
        ) from error
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise ZooError(
                f"Port {port} is in use by another program. Stop it, or choose another port: PORT={port + 1}."
            ) from error
        raise ZooError(f"HOST is {host!r}, which cannot be used: {error.strerror}. Try HOST=127.0.0.1.") from error
    return listener


def serve(host: str | None = None, port: int | None = None) -> None:
    """Serve until Ctrl-C or SIGTERM. Raises ZooError if the server cannot start."""
    try:
        _serve(host, port)
    except KeyboardInterrupt:  # before the server runs
        print("Stopped.", flush=True)


def _serve(host: str | None, port: int | None) -> None:
    config = settings.read(host, port)
    settings.check_folders()
    atexit.register(_leave)  # before libraries register theirs, so that it runs after them
    listener = listen(config.host, config.port)
    config = settings.read(config.host, listener.getsockname()[1])  # PORT=0: the system chose one
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    for chatty in ("httpx", "httpcore", "mcp"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    app = build(config)
    # After quiet(), in build.
    import uvicorn

    from app.uvicorn_server import GRACE, HttpProtocol, Server, allow_many_connections, stop_at_once

    allow_many_connections()
    server = Server(
        uvicorn.Config(
            app,
            http=HttpProtocol,
            log_config=None,
            log_level="warning",
            access_log=False,
            proxy_headers=False,  # uvicorn would trust any client on this machine
            timeout_graceful_shutdown=GRACE + 1,
            server_header=False,
        )
    )
    print(f"The Zoo is at {config.address} (Ctrl-C stops it)", flush=True)
    if config.host not in (*settings.LOCAL, "::1") and set(config.hosts) <= {*settings.LOCAL, config.host}:
        print(
            "To open it from another machine, list the name or address to use in ZOO_HOSTS: ZOO_HOSTS=192.168.1.20",
            flush=True,
        )
    server.run(sockets=[listener])
    signal.signal(signal.SIGINT, stop_at_once)  # a second Ctrl-C, while Python waits for its threads
    print("Stopped.", flush=True)
    if not server.started:
        raise ZooError("The server could not start; see the lines above.")
    _served.set()


def _leave() -> None:
    """End the process here after a clean stop, before Python ends its daemon threads.

    One of them may be importing Gradio or loading a model. Python before 3.14 ends a thread that returns from native
    code by unwinding its stack, which aborts the process where that stack holds C++ code.
    """
    if _served.is_set():
        os._exit(0)


def main() -> None:
    console.escape_unknown()
    try:
        serve()
    except ZooError as error:
        sys.exit(str(error))  # on stderr, exit code 1


if __name__ == "__main__":
    main()
