"""How long starting takes: `python benchmarks/start.py`.

A fresh process to its first prediction against `python -c "import numpy, onnxruntime"`; `zoo list`; the server to its
first /healthz and to its widgets. The commands take turns in one run, so that a busy moment hits all alike: trust the
ratios and CPU seconds; the seconds on the wall are those of this machine at this moment. Linux and macOS.
"""

import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import models  # noqa: F401  switches the telemetry of the processes started here off, as every program of the project does

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
    """Seconds on the wall and of CPU that one fresh process takes."""
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    process.returncode = 0
    return wall, usage.ru_utime + usage.ru_stime


def server() -> None:
    """Start the server once; print when /healthz answered, and when the widgets were in."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "app.server"]
    environment = {**os.environ, "PORT": "0"}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    address = process.stdout.readline().split()[4]

    def widgets() -> str:
        with urllib.request.urlopen(f"{address}/healthz", timeout=60) as answer:
            return json.load(answer)["widgets"]

    state = widgets()
    print(f"  /healthz answers after {time.perf_counter() - began:.2f} s, the widgets {state}")
    if state != "loading":
        raise SystemExit("the widgets were in before /healthz answered: they are not loaded in the background")
    while widgets() == "loading":
        time.sleep(0.1)
    print(f"  the widgets are {widgets()} after {time.perf_counter() - began:.2f} s")
    process.terminate()
    process.wait()


def main() -> None:
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for turn in range(ROUNDS + 1):
        for name, command in COMMANDS.items():
            result = measured(command)
            if turn:  # the first reads the files from disk
                taken[name].append(result)
    print(f"fresh processes, median of {ROUNDS}: seconds on the wall, seconds of CPU")
    median = {name: [statistics.median(values) for values in zip(*rows, strict=True)] for name, rows in taken.items()}
    for name, (wall, cpu) in median.items():
        print(f"  {name:28} {wall:6.2f} {cpu:6.2f}")
    ratios = [a / b for a, b in zip(median["first prediction"], median["import numpy, onnxruntime"], strict=True)]
    print(f"  first prediction against the imports: {ratios[0]:.2f} on the wall, {ratios[1]:.2f} of CPU (at most 3)")
    print(f"  zoo list: {median['zoo list'][0]:.2f} s (under 0.5 on idle cores)")
    print(f"the server; load average {os.getloadavg()[0]:.1f}")
    server()


if __name__ == "__main__":
    main()
