"""names-rnn: two layers of plain recurrent cells, read in both directions. Train it with `zoo train names-rnn`."""

from models.entry import Entry, Recipe
from models.zoo.names_ngrams import processor


def net(classes: int = 18, letters: int = 31, buckets: int = 16_384):
    """See `models.nets.reader` for what it takes."""
    from models.nets.reader import RecurrentReader

    return RecurrentReader("rnn", classes, letters, buckets)


ENTRY = Entry(
    slug="names-rnn",
    title="Plain RNN",
    task="names",
    description="Reads letter by letter in both directions with the simplest recurrent cell, which forgets the "
    "beginning of a long name.",
    processor=processor,
    net=net,
    recipe=Recipe(datasets=("names",), epochs=20, batch=64, lr=3e-3, label_smoothing=0.1, ema=0.99, augment=None),
    seeds=(0,),
)
