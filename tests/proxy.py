"""A small reverse proxy that ends TLS and serves another server below a path, as nginx or Caddy do."""

import asyncio
import ssl
import subprocess
import threading
from pathlib import Path
from urllib.parse import urlsplit


def certificate(folder: Path) -> ssl.SSLContext:
    """A TLS context with a new certificate for localhost, which no client trusts."""
    files = [str(folder / "key.pem"), str(folder / "certificate.pem")]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        + ["-subj", "/CN=localhost", "-keyout", files[0], "-out", files[1]],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files[1], files[0])
    return context


class Proxy:
    """`with Proxy("http://127.0.0.1:8501", "/zoo") as proxy:` serves that server at `proxy.address`, below /zoo.

    strips: whether the prefix is removed from a request's path. tls: a context, or None for plain HTTP.
    websockets: False refuses them. Every path beside the prefix is 404, and its path is added to `beside`.
    """

    def __init__(
        self,
        server: str,
        prefix: str = "",
        strips: bool = False,
        tls: ssl.SSLContext | None = None,
        websockets: bool = True,
    ) -> None:
        self.server = urlsplit(server)
        self.prefix = prefix
        self.strips = strips
        self.tls = tls
        self.websockets = websockets
        self.beside: list[str] = []

    def __enter__(self) -> "Proxy":
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        listener = asyncio.start_server(self._connection, "127.0.0.1", 0, ssl=self.tls)
        self.listening = asyncio.run_coroutine_threadsafe(listener, self.loop).result(30)
        self.port = self.listening.sockets[0].getsockname()[1]
        self.address = f"{'https' if self.tls else 'http'}://localhost:{self.port}{self.prefix}"
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self.loop).result(30)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(30)
        self.loop.close()

    async def _stop(self) -> None:
        self.listening.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, target, version = head[0].split(" ")
            headers = [
                line for line in head[1:] if line and not line.lower().startswith(("connection:", "x-forwarded"))
            ]
            upgrade = any(line.lower() == "upgrade: websocket" for line in headers)
            if not target.startswith(f"{self.prefix}/") and target != self.prefix:
                self.beside.append(target)
                return writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            if self.strips and target == self.prefix:  # as nginx does
                redirect = f"HTTP/1.1 301 Moved\r\nLocation: {self.prefix}/\r\nContent-Length: 0\r\nConnection: close"
                return writer.write(f"{redirect}\r\n\r\n".encode())
            if upgrade and not self.websockets:
                return writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            if self.strips:
                target = target.removeprefix(self.prefix)
            headers += [f"Connection: {'Upgrade' if upgrade else 'close'}", "X-Forwarded-For: 198.51.100.9"]
            headers += [f"X-Forwarded-Proto: {'https' if self.tls else 'http'}"]
            server_reader, server_writer = await asyncio.open_connection(self.server.hostname, self.server.port)
            server_writer.write("\r\n".join([f"{method} {target} {version}", *headers, "", ""]).encode("latin-1"))
            both = [
                asyncio.create_task(_copy(reader, server_writer)),
                asyncio.create_task(_copy(server_reader, writer)),
            ]
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            for task in both:
                task.cancel()
            server_writer.close()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(2**16):
        writer.write(data)
        await writer.drain()
