"""Whether a process is still running."""

import os
import sys
from contextlib import suppress
from pathlib import Path

SLACK = 60  # seconds by which the clock may have been set since a process began


def is_running(pid: int, since: float | None = None) -> bool:
    """Whether the process `pid` runs; on Linux, one that ended but was not waited for does not.

    since: Unix seconds at which it already ran; on Linux, a process that began later has only been given its number.
    """
    if sys.platform == "win32":
        return _runs_on_windows(pid)
    try:
        os.kill(pid, 0)
    except PermissionError:
        pass  # another user's
    except (OSError, OverflowError):
        return False
    with suppress(OSError, ValueError, IndexError):
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        if state == "Z":
            return False
        began = _boot() + int(fields[18]) / os.sysconf("SC_CLK_TCK")
        return since is None or began <= since + SLACK
    return True


def _boot() -> float:
    """The time at which the machine was started, in Unix seconds."""
    lines = Path("/proc/stat").read_text().splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith("btime")))


def _runs_on_windows(pid: int) -> bool:
    import ctypes

    query_limited_information, still_active = 0x1000, 259
    kernel = ctypes.windll.kernel32
    handle = kernel.OpenProcess(query_limited_information, False, pid)
    if not handle:
        return False
    code = ctypes.c_ulong()
    known = kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return not known or code.value == still_active
