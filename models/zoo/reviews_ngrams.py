"""reviews-ngrams: hashed rows of one, two and three words, added up; no other order. Train it with `zoo train reviews-ngrams`."""

from models.entry import Entry, Recipe
from models.processors.words import Words


def net(classes: int = 5, words: int = 20_002, buckets: int = 2**18):
    """See `models.nets.reader` for what it takes."""
    from models.nets.reader import NgramReader

    return NgramReader(buckets, classes, dropout=0.0)


def processor() -> Words:
    """Words and their hashed rows."""
    return Words(buckets=2**18)


ENTRY = Entry(
    slug="reviews-ngrams",
    title="Word groups",
    task="reviews",
    description="No reading at all: every word and every two and three words in a row bring a score for each shade, and the scores are added up.",
    processor=processor,
    net=net,
    recipe=Recipe(
        datasets=("sst",),
        epochs=8,
        batch=1024,
        lr=5e-2,
        weight_decay=0.1,
        eps=1e-3,
        label_smoothing=0.0,
        ema=0.99,
        augment=None,
        refit=False,
    ),
    seeds=(0,),
)
