"""names-gru-balanced: the GRU, trained as if every country had as many names. Train it with `zoo train names-gru-balanced`."""

from models.entry import Entry, Recipe
from models.zoo.names_ngrams import processor


def net(classes: int = 18, letters: int = 31, buckets: int = 16_384):
    """See `models.nets.reader` for what it takes."""
    from models.nets.reader import RecurrentReader

    return RecurrentReader("gru", classes, letters, buckets, grams=32, hidden=128)


ENTRY = Entry(
    slug="names-gru-balanced",
    title="Balanced GRU",
    task="names",
    words="A smaller GRU, trained with the names of rare countries weighing more, so that it does not say Russian whenever in doubt.",
    processor=processor,
    net=net,
    recipe=Recipe(
        datasets=("names",), epochs=20, batch=64, lr=3e-3, label_smoothing=0.1, ema=0.99, augment=None, balance=0.5
    ),
    seeds=(0,),
)
