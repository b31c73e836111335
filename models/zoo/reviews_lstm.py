"""reviews-lstm: two layers of LSTM over GloVe's word vectors, read in both directions.

Train it with `zoo train reviews-lstm`.
"""

from models.entry import Entry
from models.zoo.reviews_gru import RECIPE, processor


def net(classes: int = 5, words: int = 20_002):
    """See `models.nets.word_reader` for what it takes."""
    from models.nets.word_reader import WordReader

    return WordReader("lstm", classes, words)


ENTRY = Entry(
    slug="reviews-lstm",
    title="LSTM",
    task="reviews",
    description="Reads word by word in both directions with a cell that has a separate memory, which it learns to "
    "fill and to clear.",
    processor=processor,
    net=net,
    recipe=RECIPE,
    seeds=(0,),
)
