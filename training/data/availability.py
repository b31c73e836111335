"""Whether a data set is on this machine, is downloaded by training, or has to be fetched by hand."""

from typing import Literal

from models.errors import ZooError
from training.data import dataset
from training.data.dataset import DEFAULT, SPLITS, Sources

Availability = Literal["here", "downloaded", "missing"]


def availability(name: str, sources: Sources = DEFAULT) -> Availability:
    """Where the training set of data set `name` comes from. Reads all of it, which takes up to a second.

    "here": from this machine; "downloaded": training downloads it; "missing": its publisher asks for an account, so
    that training stops with a sentence on what to do. Raises ZooError for an unknown name.
    """
    found = dataset(name, sources)
    try:
        found.read(SPLITS[0], Sources(sources.root, download=False))
    except ZooError:
        return "downloaded" if found.downloads else "missing"
    return "here"


def trainable(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the data sets that have a training and a validation set."""
    return tuple(name for name in names if {*SPLITS[:2]} <= {*dataset(name).splits})
