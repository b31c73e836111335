"""reviews-rnn: two layers of plain recurrent cells over GloVe's word vectors, read in both directions. Train it with `zoo train reviews-rnn`."""

from models.entry import Entry, Recipe
from models.zoo.reviews_gru import processor


def net(classes: int = 5, words: int = 20_002):
    """See `models.nets.word_reader` for what it takes."""
    from models.nets.word_reader import WordReader

    return WordReader("rnn", classes, words)


ENTRY = Entry(
    slug="reviews-rnn",
    title="Plain RNN",
    task="reviews",
    words="Reads word by word in both directions with the oldest recurrent cell, which forgets the beginning of a long sentence.",
    processor=processor,
    net=net,
    recipe=Recipe(
        datasets=("sst",),
        epochs=6,
        batch=128,
        lr=1e-3,
        label_smoothing=0.1,
        ema=0.999,
        augment=None,
        refit=False,
        start_from="words/glove-6b-50d",
    ),
    seeds=(0,),
)
