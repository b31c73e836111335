"""Memory: how much this process may use, and how to return freed memory to the system."""

import ctypes
import os
import sys
from functools import cache
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")


@cache
def limit() -> int:
    """The bytes that this process may use: the machine's memory, or its container's limit."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else sys.maxsize
    return min([machine, *_container_limits()])


def _container_limits() -> list[int]:
    """The limits of the control groups (Linux, both versions) that this process is in."""
    try:
        lines = OWN.read_text().splitlines()
    except OSError:
        return []
    limits = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        root = CGROUPS / "memory" if controllers else CGROUPS
        name = "memory.limit_in_bytes" if controllers else "memory.max"
        for folder in (root / path.lstrip("/"), root):  # in a container the path may be the host's
            try:
                value = (folder / name).read_text().strip()
            except OSError:
                continue
            limits += [int(value)] if value.isdecimal() else []  # "max": no limit
    return limits


def give_back() -> None:
    """Return freed memory to the system, which the C library of Linux would keep for later."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)
