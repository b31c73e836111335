"""`zoo serve`: serve the pages, the widgets and REST."""

from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(serve)


def _port(text: str) -> int:
    if not (str(text).isdecimal() and int(text) <= 65535):
        raise typer.BadParameter(f"{text!r:.40} is not a number from 0 to 65535.")
    return int(text)


def serve(
    port: Annotated[
        int | None,
        typer.Option(help="Port to listen on (default: PORT, or 8501).", parser=_port, metavar="<int>"),
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(
            help="Address to listen on (default: HOST, or 127.0.0.1); 0.0.0.0 accepts connections from other machines."
        ),
    ] = None,
) -> None:
    """Serve the pages, the widgets and REST until Ctrl-C.

    The pages are at /, Gradio's widgets at /widgets/ and REST at /api/. If other machines connect, list the names or
    addresses they use in ZOO_HOSTS.

    \b
    Examples:
      zoo serve --port 8502
      ZOO_HOSTS=192.168.1.20 zoo serve --host 0.0.0.0
    """
    # Imported here so that `zoo --help` stays fast.
    from app import server

    server.serve(host, port)
