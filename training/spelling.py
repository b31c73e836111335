"""`python -m training backbone spelling-gru`: a reader of letters that knows how words are spelt, into models/backbones.

It reads 300,000 words letter by letter and learns to tell in what company each stands: its features shall point where the
word's vector does (after Pinter et al., "Mimicking Word Embeddings using Subword RNNs", EMNLP 2017). The words are those that GloVe
has a vector of (`training.word_vectors`) without the most frequent, most of them everyday words, and without every name of the lists,
test part included: whoever starts from it has seen none of them as it is written there. The weights are kept in half precision,
without what answered.
"""

import shutil
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor, nn

from models import catalog
from models.entry import Recipe
from models.paths import data_home, write_atomically
from models.processors.characters import Characters
from training.backbone import FOLDER, VOCABULARY
from training.batches import Batches, outputs
from training.data.dataset import DEFAULT, Sources
from training.data.examples import Examples
from training.data.prepare import raw_inputs
from training.fit import fit
from training.initialise import fitted_processor
from training.run import device_of
from training.word_vectors import WIDTH, frequent, vectors

NAME = "spelling-gru"
SLUG = "names-gru"  # the reader is that of this entry
FREQUENT = 10_000  # words that are left out as too frequent for names
LETTERS = range(3, 15)  # in a word
HELD_OUT = 2_000  # words
RECIPE = Recipe(
    datasets=("words",), epochs=5, batch=256, lr=3e-3, label_smoothing=0.0, ema=0.99, augment=None, distil=1.0
)


class Student(nn.Module):
    """A reader whose features, projected, are held to the words' vectors; of labels there is one, which says nothing."""

    def __init__(self, reader: nn.Module):
        super().__init__()
        self.reader = reader
        self.project = nn.Linear(reader.trunk.size, WIDTH)

    def forward(self, x: Tensor, lengths: Tensor, ngrams: Tensor) -> tuple[Tensor, Tensor]:
        logits, features = self.reader(x, lengths, ngrams)
        return logits[:, :1], self.project(features)


def make_reader(
    recipe: Recipe = RECIPE, *, device: str | None = None, sources: Sources = DEFAULT, most: int | None = None
) -> Path:
    """Pre-train and write models/backbones/<NAME>.safetensors; `most`: words, for a try. A cut-off run goes on."""
    entry = catalog.entry(SLUG)
    processor = fitted_processor(entry, entry.recipe, sources)
    examples = _examples(words(sources)[:most], processor)
    order = np.random.default_rng(0).permutation(len(examples))
    held_out, train = np.split(order, [min(HELD_OUT, len(order) // 2)])
    torch.manual_seed(0)
    student = Student(entry.net(**processor.sizes()))
    work = data_home() / "runs" / f"backbone-{NAME}"
    options = {"folder": work, "device": device_of(device), "resume": True, "title": NAME}
    fitted = fit(student, examples.take(train), None, recipe, **options)
    if fitted.interrupted:
        raise KeyboardInterrupt  # the state is kept; the next call goes on
    print(
        f"{len(train):,} words read; likeness on {len(held_out):,} held out: {_likeness(fitted.net, examples.take(held_out)):.3f}"
    )
    path = FOLDER / f"{NAME}.safetensors"
    state = fitted.net.reader.start().state_dict()
    half = {name: tensor.cpu().half().contiguous() for name, tensor in state.items()}
    write_atomically(path, save(half, metadata={VOCABULARY: processor.vocabulary}))
    shutil.rmtree(work, ignore_errors=True)  # another time the words may be others
    return path


def words(sources: Sources) -> list[str]:
    """The words that are read: of letters from a to z, not too frequent, too short or too long, and no name of the lists."""
    names = {name.lower() for part in ("train", "validation", "test") for name in raw_inputs("names", part, sources)}
    plain = (word for word in frequent()[FREQUENT:] if word.isascii() and word.isalpha() and len(word) in LETTERS)
    return [word for word in plain if word not in names]


def _examples(texts: list[str], processor: Characters) -> Examples:
    """The words as the reader takes them, with their vectors, each number with mean 0 and deviation 1 over all, as `teacher`."""
    targets = vectors(texts)
    targets = (targets - targets.mean(axis=0)) / targets.std(axis=0)
    arrays = processor.process_batch([processor.read(text) for text in texts])
    return Examples({**arrays, "teacher": targets.astype(np.float32)}, np.zeros(len(texts), np.int64))


def _likeness(student: nn.Module, examples: Examples) -> float:
    """The mean cosine between what the student says of words and their vectors, as `_examples` makes them; by chance 0."""
    inputs = dict(examples.inputs)
    targets = torch.from_numpy(inputs.pop("teacher"))
    _, said = outputs(student.cpu(), Batches(Examples(inputs, examples.labels), torch.device("cpu")))
    return float(nn.functional.cosine_similarity(said, targets, dim=1).mean())
