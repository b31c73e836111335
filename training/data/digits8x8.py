"""scikit-learn's 1,797 handwritten digits, 8x8 with 17 grey levels.

They come with the package, so no download is needed.
"""

import hashlib

import numpy as np

from training.data.dataset import Dataset, Raw, Sources

ROWS = {"train": slice(0, 1000), "validation": slice(1000, 1200), "test": slice(1200, None)}


def _read(split: str, sources: Sources) -> Raw:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images = np.round(bunch.images * (255 / 16)).astype(np.uint8)  # (1797, 8, 8)
    rows = ROWS[split]
    digest = hashlib.sha256(images.tobytes()).hexdigest()
    return Raw(images[rows], bunch.target[rows].astype(np.int64), tuple("0123456789"), digest)


DATASETS = (
    Dataset(
        name="digits8x8",
        title="Digits of 8x8 pixels (scikit-learn)",
        address="https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
        licence="CC BY 4.0, E. Alpaydin and C. Kaynak",
        read=_read,
    ),
)
