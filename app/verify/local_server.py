"""A server in a process of its own on a free port of this machine, for as long as a block runs."""

import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from models.errors import ZooError

ROOT = Path(__file__).parents[2]
TIMEOUT = 300  # seconds until it has started; importing Gradio takes several, many more on busy cores
ADDRESS = re.compile(r"(?:The Zoo is at|Running on local URL:) +(http://\S+)")


class LocalServer:
    """`with LocalServer() as server:` starts the server; `server.address` and `server.widgets` wait until it is ready.

    environment: variables that differ from this process's. command: what to run instead of the whole server. cwd:
    where. process, lines: the process, and the lines it has printed so far.
    """

    COMMAND = (sys.executable, "-m", "app.server")

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        command: tuple[str, ...] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.command = command or self.COMMAND
        self.cwd = cwd
        paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        self.environment = {**os.environ, "HOST": "127.0.0.1", "PORT": "0", "PYTHONPATH": paths, **(environment or {})}
        self.lines: list[str] = []
        self._changed = threading.Condition()
        self._ended = False

    def __enter__(self) -> "LocalServer":
        self.process = subprocess.Popen(
            self.command,
            cwd=self.cwd,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        threading.Thread(target=self._collect, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    @property
    def address(self) -> str:
        """Its address, without a trailing slash. Raises ZooError with its last line if it does not start."""
        return self._first(lambda line: match[1] if (match := ADDRESS.search(line)) else None).rstrip("/")

    @property
    def widgets(self) -> str:
        """The same, once the widgets are loaded. Raises ZooError if they cannot be."""
        address, until = self.address, time.monotonic() + TIMEOUT
        while (state := self._state(address)) == "loading":
            if self.process.poll() is not None or time.monotonic() > until:
                raise ZooError(f"the widgets did not load: {self._last()}")
            time.sleep(0.1)
        if state != "ready":
            raise ZooError(f"the widgets could not be loaded: {self._last()}")
        return address

    def wait_for(self, text: str) -> str:
        """The first line that contains `text`. Raises ZooError if the server ends or TIMEOUT passes before."""
        return self._first(lambda line: line if text in line else None)

    def _first(self, find: Callable[[str], str | None]) -> str:
        """The first result of `find` on a line, as soon as there is one."""
        until, seen = time.monotonic() + TIMEOUT, 0
        with self._changed:
            while True:
                ended = self._ended
                for line in self.lines[seen:]:
                    if found := find(line):
                        return found
                seen = len(self.lines)
                if ended or not self._changed.wait(until - time.monotonic()):
                    raise ZooError(f"the server did not start: {self._last()}")

    def _collect(self) -> None:
        for line in self.process.stdout or ():
            self._note(line.rstrip("\n"))
        self._note(None)

    def _note(self, line: str | None) -> None:
        """Add a line, or None at the end of the output, and wake the threads that wait for it."""
        with self._changed:
            if line is not None:
                self.lines.append(line)
            self._ended = line is None
            self._changed.notify_all()

    def _state(self, address: str) -> str:
        """Whether the widgets are "loading", "ready" or "failed"."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with suppress(OSError, ValueError), opener.open(f"{address}/healthz", timeout=30) as answer:
            return json.load(answer)["widgets"]
        return "loading"

    def _last(self) -> str:
        """The last line it printed."""
        return next((line.strip() for line in reversed(self.lines) if line.strip()), "it printed nothing")[:300]
