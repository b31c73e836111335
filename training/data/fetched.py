"""Downloads a publisher's file into ZOO_HOME/data and checks its SHA-256."""

from pathlib import Path

from models.errors import ZooError
from models.paths import data_home
from training.data.dataset import Sources


def fetched(address: str, sha256: str, folder: str, way_out: str, sources: Sources) -> Path:
    """The file at `address`, downloaded into ZOO_HOME/data/<folder> if it is not there yet.

    way_out: a sentence on what to do without a network, appended to error messages. Raises ZooError.
    """
    file = address.rsplit("/", 1)[-1]
    if not sources.download:
        raise ZooError(f"{file} was not found. {way_out}")
    try:
        import pooch

        return Path(pooch.retrieve(address, f"sha256:{sha256}", file, data_home() / "data" / folder))
    except ImportError as error:
        raise ZooError(f"Downloading {file} needs pooch: pip install -r requirements-train.txt. {way_out}") from error
    except (OSError, ValueError) as error:  # requests' errors are OSErrors; a wrong checksum is a ValueError
        raise ZooError(f"{file} was not found and could not be downloaded. {way_out}") from error
