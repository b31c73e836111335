"""names-ngrams: a linear model that adds up hashed letter 2-, 3- and 4-grams.

Train it with `zoo train names-ngrams`.
"""

from models.entry import Entry, Recipe
from models.processors.characters import Characters


def net(classes: int = 18, letters: int = 31, buckets: int = 16_384):
    """See `models.nets.reader` for what it takes."""
    from models.nets.reader import NgramReader

    return NgramReader(buckets, classes, dropout=0.3)


def processor() -> Characters:
    """Letters and their hashed n-grams."""
    return Characters(buckets=16_384)


ENTRY = Entry(
    slug="names-ngrams",
    title="Letter groups",
    task="names",
    description="Looks at every two, three and four letters in a row; each group has a score for each country, and "
    "the scores are added up.",
    processor=processor,
    net=net,
    recipe=Recipe(datasets=("names",), epochs=10, batch=64, lr=1e-2, label_smoothing=0.05, ema=0.99, augment=None),
    seeds=(0,),
)
