"""What the fuzz tests share: seeded cases, a bound on the time of each, and damaged bytes.

`ZOO_FUZZ=50 make test ARGS=tests/fuzz` runs fifty times as many cases, others each time.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

TIMES = int(os.environ.get("ZOO_FUZZ", "0"))
SECONDS = 60  # of one case; a loaded machine takes a few


def cases(count: int) -> settings:
    """Settings for a test of this many cases, the same ones in every run."""
    return settings(
        max_examples=count * max(1, TIMES),
        derandomize=not TIMES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate, Phase.shrink) if TIMES else (Phase.explicit, Phase.generate),
        print_blob=bool(TIMES),
    )


@contextmanager
def in_time(seconds: int = SECONDS) -> Iterator[None]:
    """Fail if the block hangs."""

    def ring(*_: Any) -> None:
        raise AssertionError(f"not done after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@st.composite
def damaged(draw: Callable[[Any], Any], whole: bytes) -> bytes:
    """A file with bytes flipped, cut off, repeated, removed, or replaced by others."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        # The beginning of a file is its header, where damage does most.
        at = draw(st.integers(0, min(len(data), draw(st.sampled_from((16, 128, 1024, 2**30))))))
        end = min(len(data), at + draw(st.integers(0, 64)))
        match draw(st.sampled_from(("flip", "flip", "flip", "cut", "repeat", "remove", "insert"))):
            case "flip" if at < len(data):
                data[at] = draw(st.one_of(st.sampled_from((0, 1, 127, 128, 255)), st.integers(0, 255)))
            case "cut":
                del data[at:]
            case "repeat":
                data[at:at] = data[at:end] * draw(st.sampled_from((1, 2, 100)))
            case "remove":
                del data[at:end]
            case "insert":
                data[at:at] = draw(st.binary(max_size=16))
    return bytes(data)


ODD_CHARACTERS = (
    "\x00\x07\x1b\x7f\x85\xa0\u00ad\u0301\u0323\u0600\u0f71\u115f\u1160\u11a8\u200b\u200d\u200e\u202e\u2028\u2066\u2069"
    "\u3000\ud800\udfff\ufb2c\ufdfa\ufeff\ufffd\uffff\U0001d160\U0001f468\U000e0001\U0010ffff'\"<&`*_[](){}$:/\\|=+-@\t\r\n"
)
texts = st.one_of(
    st.text(st.characters(codec=None), max_size=60),
    st.text(st.sampled_from(ODD_CHARACTERS), max_size=200),
    st.builds(lambda text, times: text * times, st.text(st.sampled_from(ODD_CHARACTERS), max_size=4), st.just(3_000)),
)
numbers = st.one_of(
    st.floats(),
    st.integers(),
    st.sampled_from((1e308, -1e308, 5e-324, 10**400, -(10**400), 2**63, True, 280, 0)),
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts, st.binary(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=12,
)
