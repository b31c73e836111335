"""Measures start-up times: `python benchmarks/start.py`.

Measures the first prediction of a new process, compared with `python -c "import numpy, onnxruntime"`; `zoo list`; and
the server until its first /healthz and until its widgets are ready. The commands alternate in one run, so that other
load affects all equally. Rely on the ratios and CPU seconds; wall-clock seconds depend on the machine and its load.
Runs on Linux and macOS.
"""

import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from app.verify.local_server import (
    LocalServer,  # imports `models`, which switches telemetry off in the processes started here
)

ROOT = Path(__file__).parents[1]
ROUNDS = 9
FIRST = "import models; models.load('mnist-cnn').predict({'strokes': [[[140, 60], [140, 220]]]})"
COMMANDS = {
    "import numpy, onnxruntime": [sys.executable, "-c", "import numpy, onnxruntime"],
    "first prediction": [sys.executable, "-c", FIRST],
    "zoo list": [sys.executable, "-m", "app.cli", "list"],
    "zoo --help": [sys.executable, "-m", "app.cli", "--help"],
}


def measured(command: list[str]) -> tuple[float, float]:
    """The wall-clock and CPU seconds of one new process."""
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    process.returncode = 0
    return wall, usage.ru_utime + usage.ru_stime


def server() -> None:
    """Start the server once; print when /healthz answered, and when the widgets were loaded."""
    began = time.perf_counter()
    with LocalServer() as running:
        address = running.address
        with urllib.request.urlopen(f"{address}/healthz", timeout=60) as answer:
            state = json.load(answer)["widgets"]
        print(f"  /healthz answers after {time.perf_counter() - began:.2f} s, the widgets {state}")
        if state != "loading":
            raise SystemExit("the widgets were loaded before /healthz answered: not in the background")
        running.wait_for("The widgets are ready")
        print(f"  the widgets are ready after {time.perf_counter() - began:.2f} s")


def main() -> None:
    timings: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for turn in range(ROUNDS + 1):
        for name, command in COMMANDS.items():
            result = measured(command)
            if turn:  # the first reads the files from disk
                timings[name].append(result)
    print(f"new processes, median of {ROUNDS}: wall-clock seconds, CPU seconds")
    median = {name: [statistics.median(values) for values in zip(*rows, strict=True)] for name, rows in timings.items()}
    for name, (wall, cpu) in median.items():
        print(f"  {name:28} {wall:6.2f} {cpu:6.2f}")
    ratios = [a / b for a, b in zip(median["first prediction"], median["import numpy, onnxruntime"], strict=True)]
    print(f"  first prediction / the imports: {ratios[0]:.2f} wall-clock, {ratios[1]:.2f} CPU (at most 3)")
    print(f"  zoo list: {median['zoo list'][0]:.2f} s (under 0.5 on idle cores)")
    print(f"the server; load average {os.getloadavg()[0]:.1f}")
    server()


if __name__ == "__main__":
    main()
