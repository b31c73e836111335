"""The real server as a program of its own on a free port of this machine, for as long as a block runs."""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections import deque
from contextlib import suppress
from pathlib import Path

from models.errors import ZooError

ROOT = Path(__file__).parents[2]
PATIENCE = 300  # seconds until it answers; Gradio's import takes several, on busy cores many


class LocalServer:
    """`with LocalServer() as server:` starts it; `server.address`, `server.widgets` wait until pages and REST, or the widgets, are in."""

    COMMAND = (sys.executable, "-m", "app.server")

    def __enter__(self) -> "LocalServer":
        paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        environment = {**os.environ, "HOST": "127.0.0.1", "PORT": "0", "PYTHONPATH": paths}
        self._address = ""
        self._said: deque[str] = deque(maxlen=20)
        self._process = subprocess.Popen(
            self.COMMAND, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()

    @property
    def address(self) -> str:
        """Where it is, without a slash at its end. Raises ZooError with its last words where it does not come up."""
        self._wait(lambda: bool(self._address))
        return self._address

    @property
    def widgets(self) -> str:
        """The same, once the widgets are in."""
        address = self.address
        self._wait(lambda: self._state(address) != "loading")
        if self._state(address) != "ready":
            raise ZooError(f"the widgets could not be loaded: {self._last()}")
        return address

    def _wait(self, done) -> None:
        until = time.monotonic() + PATIENCE
        while not done():
            if self._process.poll() is not None or time.monotonic() > until:
                raise ZooError(f"the server did not come up: {self._last()}")
            time.sleep(0.1)

    def _state(self, address: str) -> str:
        here = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with suppress(OSError, ValueError), here.open(f"{address}/healthz", timeout=30) as answer:
            return json.load(answer)["widgets"]
        return "loading"

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            self._said.append(line.strip())
            if line.startswith("The Zoo is at ") and not self._address:
                self._address = line.split()[4]

    def _last(self) -> str:
        return next((line for line in reversed(self._said) if line), "it said nothing")[:300]
