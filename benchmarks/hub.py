"""Measures sharing with a Hub on this machine: `python benchmarks/hub.py`.

Pushes all models (`zoo push --all`), pulls them into an empty ZOO_HOME, verifies them there (`zoo verify`) and compares
every file byte by byte. Then it closes the Hub and compares loading from the cache with loading the same checkpoint
from the local folder, alternately, so that other load affects both equally. No figure includes network latency.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # for the Hub of the tests
ROUNDS = 15


def zoo(*arguments: str) -> str:
    """The output of `zoo ...` in a new process; if that fails, the benchmark ends."""
    done = subprocess.run([sys.executable, "-m", "app.cli", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"zoo {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def lost(slugs: list[str]) -> list[str]:
    """The files that came back changed or not at all. The card is not compared, since it is rewritten for the Hub."""
    from models import catalog

    wrong = []
    for slug in slugs:
        there, back = catalog.find(slug), catalog.find(f"ada/{slug}")
        folder = back.path / (back.path / "current").read_text()
        for name in (*there.config.files, "config.json"):
            if (there.path / name).read_bytes() != (folder / name).read_bytes():
                wrong.append(f"{slug}/{name}")
    return wrong


def loads(slugs: list[str]) -> None:
    """Print how long loading takes from the folder and from the cache, and their ratio."""
    from models import catalog, load, loading

    print(f"load, median of {ROUNDS}, milliseconds; the Hub is closed")
    print(f"  {'':24} {'folder':>8} {'cache':>8} {'ratio':>6}  (at most 1.2)")
    for slug in slugs:
        seconds: dict[str | Path, list[float]] = {catalog.find(slug).path: [], f"ada/{slug}": []}
        for turn in range(ROUNDS + 2):
            for id, times in seconds.items():
                loading._loaded.clear()
                began = time.perf_counter()
                load(id, device="cpu", engine="onnx")
                if turn >= 2:  # the first ones warm up
                    times.append(time.perf_counter() - began)
        folder, cache = (1000 * statistics.median(times) for times in seconds.values())
        print(f"  {slug:24} {folder:8.1f} {cache:8.1f} {cache / folder:6.2f}", flush=True)


def main() -> None:
    from tests.hub.server import Hub

    with tempfile.TemporaryDirectory() as home, Hub() as hub:
        # Before huggingface_hub is imported: it reads them once.
        os.environ |= {"HF_ENDPOINT": hub.url, "HF_HUB_DISABLE_XET": "1", "HF_TOKEN": "hf_token_of_ada"}
        os.environ |= {"HF_HOME": f"{home}/hf", "HF_HUB_DISABLE_UPDATE_CHECK": "1", "ZOO_HOME": home}
        os.environ.pop("HF_HUB_OFFLINE", None)
        from models import catalog

        slugs = [model.id for model in catalog.models() if model.origin == "shipped"]
        began = time.perf_counter()
        zoo("push", "--all", "--repo", "ada")
        pushed = time.perf_counter()
        for slug in slugs:
            zoo("pull", f"ada/{slug}")
        pulled = time.perf_counter()
        printed = zoo("verify", *(f"ada/{slug}" for slug in slugs))
        verified = time.perf_counter()
        wrong = lost(slugs)
        size = sum(len(data) for data in hub.objects.values())
        print(
            f"{len(slugs)} models, {size / 2**20:.0f} MB of weights and graphs; load average {os.getloadavg()[0]:.1f}"
        )
        print(
            f"  pushed in {pushed - began:.1f} s, pulled in {pulled - pushed:.1f} s, verified in "
            f"{verified - pulled:.1f} s"
        )
        print(
            f"  {printed.count(' passed ')} checks passed, {printed.count(' FAILED ')} failed; {len(wrong)} files "
            f"lost or changed {wrong}"
        )
        hub.__exit__()
        loads(slugs)
        if wrong:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
