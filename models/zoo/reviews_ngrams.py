"""reviews-ngrams: a linear model that adds up hashed word 1-, 2- and 3-grams.

Train it with `zoo train reviews-ngrams`.
"""

from models.entry import Entry, Recipe
from models.processors.words import Words


def net(classes: int = 5, words: int = 20_002, buckets: int = 2**18):
    """See `models.nets.reader` for what it takes."""
    from models.nets.reader import NgramReader

    return NgramReader(buckets, classes, dropout=0.0)


def processor() -> Words:
    """Words and their hashed n-grams."""
    return Words(buckets=2**18)


ENTRY = Entry(
    slug="reviews-ngrams",
    title="Word groups",
    task="reviews",
    description="Looks at every one, two and three words in a row; each group has a score for each label, and the "
    "scores are added up.",
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
