"""`python -m training backbone spelling-gru`: pre-trains a reader of letters on the spelling of words.

It reads 300,000 words letter by letter and learns to predict their meaning: its features are trained to point in the
direction of each word's vector (after Pinter et al., "Mimicking Word Embeddings using Subword RNNs", EMNLP 2017). The
words are those with a GloVe vector (`training.word_vectors`), without the most frequent ones and without all names in
the lists, those of the test split included, so that a model that starts from it has not seen any of them. The weights
are written to models/backbones in float16, without the head.
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
from training.data.dataset import DEFAULT, SPLITS, Sources
from training.data.examples import Examples
from training.data.prepare import raw_inputs
from training.device import device_of
from training.fit import fit
from training.initialise import fitted_processor
from training.word_vectors import WIDTH, frequent, vectors

NAME = "spelling-gru"
SLUG = "names-gru"  # the entry whose reader is pre-trained
FREQUENT = 10_000  # the most frequent words, which are left out
LETTERS = range(3, 15)  # word lengths
HELD_OUT = 2_000  # words
RECIPE = Recipe(
    datasets=("words",), epochs=5, batch=256, lr=3e-3, label_smoothing=0.0, ema=0.99, augment=None, distil=1.0
)


class Student(nn.Module):
    """A reader whose projected features are trained to match word vectors; its single label carries no information."""

    def __init__(self, reader: nn.Module):
        super().__init__()
        self.reader = reader
        self.project = nn.Linear(reader.trunk.size, WIDTH)

    def forward(self, x: Tensor, lengths: Tensor, ngrams: Tensor) -> tuple[Tensor, Tensor]:
        logits, features = self.reader(x, lengths, ngrams)
        return logits[:, :1], self.project(features)


def make_reader(
    recipe: Recipe = RECIPE, *, device: str | None = None, sources: Sources = DEFAULT, limit: int | None = None
) -> Path:
    """Pre-train the reader and write models/backbones/<NAME>.safetensors; continues an interrupted run.

    limit: number of words, for a quick test.
    """
    entry = catalog.entry(SLUG)
    processor = fitted_processor(entry, entry.recipe, sources)
    examples = _examples(words(sources)[:limit], processor)
    order = np.random.default_rng(0).permutation(len(examples))
    held_out, train = np.split(order, [min(HELD_OUT, len(order) // 2)])
    torch.manual_seed(0)
    student = Student(entry.net(**processor.sizes()))
    work = data_home() / "runs" / f"backbone-{NAME}"
    options = {"folder": work, "device": device_of(device), "resume": True, "title": NAME}
    fitted = fit(student, examples.take(train), None, recipe, **options)
    if fitted.interrupted:
        raise KeyboardInterrupt  # the state is saved; the next call continues
    similarity = _similarity(fitted.net, examples.take(held_out))
    print(f"Trained on {len(train):,} words; mean cosine on {len(held_out):,} held-out words: {similarity:.3f}")
    path = FOLDER / f"{NAME}.safetensors"
    state = fitted.net.reader.start().state_dict()
    half = {name: tensor.cpu().half().contiguous() for name, tensor in state.items()}
    write_atomically(path, save(half, metadata={VOCABULARY: processor.vocabulary}))
    shutil.rmtree(work, ignore_errors=True)  # the words may differ next time
    return path


def words(sources: Sources) -> list[str]:
    """The training words: only letters from a to z, not too frequent, short or long, and none of the names."""
    names = {name.lower() for split in SPLITS for name in raw_inputs("names", split, sources)}
    plain = (word for word in frequent()[FREQUENT:] if word.isascii() and word.isalpha() and len(word) in LETTERS)
    return [word for word in plain if word not in names]


def _examples(texts: list[str], processor: Characters) -> Examples:
    """The words as inputs of the reader, with their vectors, standardised per dimension, as `teacher`."""
    targets = vectors(texts)
    targets = (targets - targets.mean(axis=0)) / targets.std(axis=0)
    arrays = processor.process_batch([processor.read(text) for text in texts])
    return Examples({**arrays, "teacher": targets.astype(np.float32)}, np.zeros(len(texts), np.int64))


def _similarity(student: nn.Module, examples: Examples) -> float:
    """The mean cosine between the student's outputs and the word vectors of `_examples`; 0 by chance."""
    inputs = dict(examples.inputs)
    targets = torch.from_numpy(inputs.pop("teacher"))
    _, predicted = outputs(student.cpu(), Batches(Examples(inputs, examples.labels), torch.device("cpu")))
    return float(nn.functional.cosine_similarity(predicted, targets, dim=1).mean())
