"""`zoo serve`: pages, widgets and REST."""

from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(serve)


def serve(
    port: Annotated[int | None, typer.Option(help="PORT, or 8501, unless said.")] = None,
    host: Annotated[str | None, typer.Option(help="HOST, or 127.0.0.1, unless said; 0.0.0.0 lets others in.")] = None,
) -> None:
    """Serve the pages at /, Gradio's widgets at /widgets/ and REST at /api/, until Ctrl-C.

    Whoever comes by another name than localhost needs it in ZOO_HOSTS.

    \b
    Examples:
      zoo serve --port 8502
      ZOO_HOSTS=192.168.1.20 zoo serve --host 0.0.0.0
    """
    from app import server

    server.serve(host, port)
