"""names-lstm: two layers of LSTM, read in both directions. Train it with `zoo train names-lstm`."""

from models.entry import Entry, Recipe
from models.zoo.names_ngrams import processor


def net(classes: int = 18, letters: int = 31, buckets: int = 16_384):
    """See `models.nets.reader` for what it takes."""
    from models.nets.reader import RecurrentReader

    return RecurrentReader("lstm", classes, letters, buckets)


ENTRY = Entry(
    slug="names-lstm",
    title="LSTM",
    task="names",
    description="Reads letter by letter in both directions with a cell that has a separate memory, which it learns "
    "to fill and to clear.",
    processor=processor,
    net=net,
    recipe=Recipe(datasets=("names",), epochs=20, batch=64, lr=3e-3, label_smoothing=0.1, ema=0.99, augment=None),
    seeds=(0,),
)
