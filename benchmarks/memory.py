"""Measures the server's memory with and without the widgets: `python -m benchmarks.memory`.

Each server (ZOO_WIDGETS=on, lazy, off) has the same work: two visitors draw on a page, and every model answers its
golden inputs by REST. Prints its resident memory before and after, and its peak, in MB.
"""

import asyncio
import os
import time

from app.verify import surfaces
from app.verify.local_server import LocalServer
from benchmarks.load import peak_memory, resident_memory
from benchmarks.visitors import DIGITS, Visitor
from models import catalog
from models.checkpoint import Checkpoint


async def look(address: str) -> None:
    """Two visitors of a page, one stroke each."""
    for digit in DIGITS.values():
        visitor = Visitor(address, "digits")
        await visitor.open()
        await visitor.draw([digit])
        await visitor.close()


def main() -> None:
    threads = {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")}
    print(f"{'ZOO_WIDGETS':12} {'started':>8} {'used':>8} {'peak':>8}  MB")
    for when in ("on", "lazy", "off"):
        with LocalServer({"ZOO_WIDGETS": when, **threads}) as server:
            address = server.widgets if when == "on" else server.address
            time.sleep(5)  # until the first models are loaded
            before = resident_memory(server.process.pid)
            asyncio.run(look(address))
            for model in catalog.models():
                surfaces.rest(model, [item.raw for item in Checkpoint.open(model.path).golden.inputs], address)
            after, peak = resident_memory(server.process.pid), peak_memory(server.process.pid)
            print(f"{when:12} {before:8.0f} {after:8.0f} {peak:8.0f}", flush=True)


if __name__ == "__main__":
    main()
