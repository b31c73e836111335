"""names-gru: two layers of GRU, read in both directions. Train it with `zoo train names-gru`."""

from models.entry import Entry, Recipe
from models.zoo.names_ngrams import processor


def net(classes: int = 18, letters: int = 31, buckets: int = 16_384):
    """See `models.nets.reader` for what it takes."""
    from models.nets.reader import RecurrentReader

    return RecurrentReader("gru", classes, letters, buckets, grams=32, hidden=192)


ENTRY = Entry(
    slug="names-gru",
    title="GRU",
    task="names",
    description="Reads letter by letter in both directions with a cell that learns what to keep and what to forget. "
    "Pre-trained on 300,000 "
    "words that are not names, to predict from a word's spelling how it is used.",
    processor=processor,
    net=net,
    recipe=Recipe(
        datasets=("names",),
        epochs=20,
        batch=64,
        lr=3e-3,
        label_smoothing=0.1,
        ema=0.99,
        adversarial=0.3,
        augment=None,
        start_from="backbone/spelling-gru",
    ),
)
