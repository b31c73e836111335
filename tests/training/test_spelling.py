"""The backbone that reads spelling: trained on words that are not names, stored, and used to initialise nets."""

import io
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import load_file  # noqa: E402

from models import catalog  # noqa: E402
from models.checkpoint import Checkpoint  # noqa: E402
from models.errors import ZooError  # noqa: E402
from models.processors.characters import Characters  # noqa: E402
from training import backbone, initialise, spelling  # noqa: E402
from training import fit as fitting  # noqa: E402
from training.__main__ import main  # noqa: E402
from training.backbone import take_over  # noqa: E402
from training.word_vectors import frequent, vectors  # noqa: E402

LETTERS = Characters(vocabulary=" ',abcdefghijklmnopqrstuvwxyz", buckets=16_384)
NAMES = {"train": ["Takahashi", "O'Neill"], "validation": ["Nowak"], "test": ["Kowalski"]}


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Iterator[tuple[Path, str]]:
    """The file of a reader trained on 300 words in eight epochs, in a temporary folder, and the printed output."""
    folder = tmp_path_factory.mktemp("spelling")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spelling, "data_home", lambda: folder)
        patch.setattr(spelling, "raw_inputs", lambda name, part, root: NAMES[part])
        patch.setattr(spelling, "fitted_processor", lambda entry, recipe, data: LETTERS)
        for module in (spelling, backbone):
            patch.setattr(module, "FOLDER", folder / "backbones")
        with redirect_stdout(io.StringIO()) as said:
            path = spelling.make_reader(replace(spelling.RECIPE, epochs=8, batch=32), device="cpu", limit=600)
        assert not list((folder / "runs").iterdir())  # the next one begins anew
        yield path, said.getvalue()


def test_backbone_words_are_rare_plain_and_not_names(monkeypatch):
    monkeypatch.setattr(spelling, "raw_inputs", lambda name, part, root: NAMES[part])
    known = set(frequent())
    assert {"takahashi", "nowak", "kowalski"} <= known
    words = set(spelling.words(None))
    assert not words & {"takahashi", "nowak", "kowalski", "the", "president", "."}
    assert len(words) > 250_000 and words < known
    assert all(word.isascii() and word.isalpha() and 3 <= len(word) <= 14 for word in words)


def test_a_reader_is_stored_without_its_head_and_initialises_a_names_model(made):
    path, printed = made
    assert printed.startswith("Trained on 300 words; mean cosine on 300 held-out words: ")
    assert float(printed.split(":")[-1]) > 0.03  # by chance 0, with a deviation of 0.008
    tensors = load_file(path)
    assert {name.partition(".")[0] for name in tensors} == {"letters", "grams", "trunk"}
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float16}
    entry = catalog.entry("names-gru")
    recipe = replace(entry.recipe, start_from=f"backbone/{spelling.NAME}")
    net = initialise.new_net(entry, recipe, {"classes": 18, **LETTERS.sizes()}, 0, LETTERS)
    other = initialise.new_net(entry, replace(recipe, start_from=None), {"classes": 18, **LETTERS.sizes()}, 0, LETTERS)
    assert all(torch.equal(tensor, tensors[name].float()) for name, tensor in net.start().state_dict().items())
    assert torch.equal(net.head.weight, other.head.weight)  # the head is new and depends on the seed
    lstm = catalog.entry("names-lstm").net()
    with pytest.raises(ZooError, match="do not fit"):
        take_over(lstm.start(), f"backbone/{spelling.NAME}")


@pytest.mark.parametrize("start", [f"backbone/{spelling.NAME}", "names-gru"])
@pytest.mark.parametrize("known", ["-zab", ""])  # the empty one: texts in another script
def test_letters_are_matched_by_character_not_by_index(made, start, known):
    source = Checkpoint.open(catalog.find("names-gru").path).tensors()["net.letters.weight"]
    if start.startswith("backbone/"):
        source = load_file(made[0])["letters.weight"].float().numpy()
    words = Characters(vocabulary=known, buckets=16_384)
    entry = catalog.entry("names-gru")
    sizes = {"classes": 3, **words.sizes()}
    before = initialise.new_net(entry, replace(entry.recipe, start_from=None), sizes, 0, words).letters.weight.detach()
    after = initialise.new_net(entry, replace(entry.recipe, start_from=start), sizes, 0, words).letters.weight.detach()
    place = {letter: 2 + row for row, letter in enumerate(LETTERS.vocabulary)}
    assert np.array_equal(after[:2].numpy(), source[:2])
    for row, letter in enumerate(known, start=2):
        if letter in place:
            assert np.array_equal(after[row].numpy(), source[place[letter]])
        else:  # no name has a dash, so it is initialised at random
            assert torch.equal(after[row], before[row])


def test_an_interrupted_run_leaves_the_backbone_unchanged(made, monkeypatch):
    path, _ = made
    before = path.read_bytes()
    interrupted = fitting.Fitted(torch.nn.Linear(1, 1), 1, [], 0.0, interrupted=True)
    monkeypatch.setattr(spelling, "fit", lambda *_, **__: interrupted)
    with pytest.raises(KeyboardInterrupt):
        spelling.make_reader(device="cpu", limit=600)
    assert path.read_bytes() == before


def test_a_reader_can_start_from_a_shipped_model():
    net = catalog.entry("names-gru").net()
    take_over(net.start(), "names-gru")
    shipped = Checkpoint.open(catalog.find("names-gru").path).tensors()
    assert np.allclose(net.letters.weight.detach().numpy(), shipped["net.letters.weight"])
    for other in ("names-lstm", "names-ngrams", "reviews-gru"):
        with pytest.raises(ZooError, match="do not fit"):
            take_over(net.start(), other, LETTERS.vocabulary)


def test_vectors_match_their_words():
    matrix = vectors(["warsaw", "krakow", "spoon"])
    assert matrix.shape == (3, 50) and matrix.dtype == np.float32
    near = matrix @ matrix.T / np.outer(*[np.linalg.norm(matrix, axis=1)] * 2)
    assert near[0, 1] > 0.6 > near[0, 2]
    with pytest.raises(ValueError, match="without a vector"):
        vectors(["warsaw", "qzxv no word"])


def test_an_unknown_backbone_is_refused_before_training(capsys, monkeypatch):
    monkeypatch.setattr(spelling, "make_reader", lambda **_: pytest.fail("it was made"))
    assert main(["backbone", "spelling-gru", "resnet99"]) == 1
    assert "expected one of: resnet10t, spelling-gru" in capsys.readouterr().err
