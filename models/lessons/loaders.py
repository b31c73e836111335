"""How fast digits reach the training loop: results of `python benchmarks/loaders.py --write`, in `loaders.json`."""

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, PositiveFloat

FILE = Path(__file__).with_suffix(".json")
WORKERS = (0, 1, 2, 4)
BATCHES = (64, 256, 1_024, 4_096)
MEMORY = "memory"  # tensors in memory, in place of a number of workers


class Results(BaseModel):
    """The measured rates.

    rates: number of workers, or MEMORY -> batch size -> pictures a second. count: pictures in a pass.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rates: dict[str, dict[int, PositiveFloat]]
    count: int
    machine: str

    @property
    def fastest_loader(self) -> tuple[str, int, float]:
        """The number of workers, batch size and rate of the fastest DataLoader."""
        rates = [(rate, workers, batch) for workers in map(str, WORKERS) for batch, rate in self.rates[workers].items()]
        rate, workers, batch = max(rates)
        return workers, batch, rate

    @property
    def ratio(self) -> float:
        """The best rate from memory, as a multiple of the best of the DataLoader."""
        return max(self.rates[MEMORY].values()) / self.fastest_loader[2]


@cache
def results() -> Results:
    """The measured rates."""
    return Results.model_validate_json(FILE.read_bytes())
