"""names-gru-balanced: the GRU, trained with balanced weights of the countries.

Train it with `zoo train names-gru-balanced`.
"""

from dataclasses import replace

from models.entry import Entry
from models.zoo.names_gru import ENTRY as GRU

ENTRY = Entry(
    slug="names-gru-balanced",
    title="Balanced GRU",
    task="names",
    description="The same GRU, trained with more weight on rare countries, so that it does not answer Russian "
    "whenever it is in doubt.",
    processor=GRU.processor,
    net=GRU.net,
    recipe=replace(GRU.recipe, balance=0.5),
    seeds=(0,),
)
