"""reviews-gru: two layers of GRU over GloVe's word vectors, read in both directions.

Train it with `zoo train reviews-gru`.
"""

from models.entry import Entry, Recipe
from models.processors.words import Words


def net(classes: int = 5, words: int = 20_002):
    """See `models.nets.word_reader` for what it takes."""
    from models.nets.word_reader import WordReader

    return WordReader("gru", classes, words)


def processor() -> Words:
    """The words of the training trees and, up to the limit, the most frequent words that have a vector."""
    return Words(size=20_000)


RECIPE = Recipe(
    datasets=("sst",),
    epochs=6,
    batch=128,
    lr=2e-3,
    label_smoothing=0.1,
    ema=0.999,
    augment=None,
    refit=False,
    start_from="words/glove-6b-50d",
)

ENTRY = Entry(
    slug="reviews-gru",
    title="GRU",
    task="reviews",
    description="Reads word by word in both directions with a cell that learns what to keep and what to forget.",
    processor=processor,
    net=net,
    recipe=RECIPE,
)
