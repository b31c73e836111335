"""Output to a console that may not know every character, such as a Windows console with code page 1252."""

import sys


def escape_unknown() -> None:
    """Let standard output and standard error escape characters that their encoding lacks, in place of an exception."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # not where a program has put another object in its place
            stream.reconfigure(errors="backslashreplace")
