"""reviews-rnn: two layers of plain recurrent cells over GloVe's word vectors, read in both directions.

Train it with `zoo train reviews-rnn`.
"""

from dataclasses import replace

from models.entry import Entry
from models.zoo.reviews_gru import RECIPE, processor


def net(classes: int = 5, words: int = 20_002):
    """See `models.nets.word_reader` for what it takes."""
    from models.nets.word_reader import WordReader

    return WordReader("rnn", classes, words)


ENTRY = Entry(
    slug="reviews-rnn",
    title="Plain RNN",
    task="reviews",
    description="Reads word by word in both directions with the simplest recurrent cell, which forgets the beginning "
    "of a long sentence.",
    processor=processor,
    net=net,
    recipe=replace(RECIPE, lr=1e-3),
    seeds=(0,),
)
