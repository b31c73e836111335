"""Recurrent nets: padding changes nothing, and exports agree with torch at every batch size and length."""

import numpy as np
import onnx
import pytest

torch = pytest.importorskip("torch")

import onnxruntime  # noqa: E402

from models.nets.familiarity import Familiarity, Served  # noqa: E402
from models.nets.reader import NgramReader, RecurrentReader  # noqa: E402
from models.nets.recurrent import Recurrent  # noqa: E402
from models.processors.characters import Characters  # noqa: E402
from training.export import axes, to_onnx  # noqa: E402
from training.float16 import fits, halve, round_large, tensors_of  # noqa: E402

GRU = "gru that sees n-grams"
LETTERS = Characters(vocabulary="abcdefghijklmnopqrstuvwxyz", buckets=2_000)


def batch(size: int, length: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Random processed texts; the first has `length` letters, the others have between one and that many."""
    random = np.random.default_rng(seed)
    lengths = np.r_[length, random.integers(1, length + 1, size - 1)]
    texts = ["".join(random.choice(list("abcdefgh?"), n)) for n in lengths]
    return LETTERS.process_batch([LETTERS.read(text) for text in texts])


def served(net: torch.nn.Module) -> Served:
    torch.manual_seed(0)
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    features = net(**tensors(batch(40, 9)))[1].detach()
    familiarity = Familiarity(features.shape[1], size=40, neighbours=5)
    familiarity.bank.copy_(torch.nn.functional.normalize(features, dim=1))
    return Served(net, familiarity).eval()


def tensors(arrays: dict[str, np.ndarray]) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


@pytest.fixture(scope="module", params=["ngrams", "rnn", "lstm", GRU])
def exported(request):
    sizes = LETTERS.sizes()
    if request.param == "ngrams":
        net = NgramReader(sizes["buckets"], 18, dropout=0.5)
    else:
        cell, grams = request.param.split()[0], 8 if "sees" in request.param else 0
        net = RecurrentReader(cell, 18, sizes["letters"], sizes["buckets"], width=16, grams=grams, hidden=24)
    whole = served(net.eval())
    data = to_onnx(whole, batch(64, 19), {})
    return whole, data, onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("size", [1, 2, 7, 64])
@pytest.mark.parametrize("length", [1, 2, 13, 100])
def test_the_export_agrees_with_torch(exported, size, length):
    whole, _, session = exported
    arrays = batch(size, length, seed=size * length)
    with torch.no_grad():
        expected = whole(*tensors(arrays).values())
    for got, wanted in zip(session.run(None, arrays), expected, strict=True):
        np.testing.assert_allclose(got, wanted.numpy(), atol=2e-4)


def test_the_exported_shapes_are_dynamic(exported):
    graph = onnx.load_from_string(exported[1]).graph
    shapes = {
        value.name: [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim] for value in graph.input
    }
    assert shapes == {"x": ["batch", "length"], "lengths": ["batch"], "ngrams": ["batch", "length", 3]}


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_padding_changes_nothing(cell):
    net = Recurrent(cell, 5, 7, dropout=0.0).eval()
    x, lengths = torch.randn(3, 6, 5), torch.tensor([6, 2, 1])
    with torch.no_grad():
        together = net(x, lengths)
        for row, length in enumerate(lengths.tolist()):
            alone = net(x[row : row + 1, :length], lengths[row : row + 1])
            torch.testing.assert_close(together[row : row + 1], alone)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_layer_matches_torch(cell):
    """A bidirectional layer equals that of torch over packed sequences."""
    net = Recurrent(cell, 5, 7, layers=1, dropout=0.0).eval()
    own = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell](5, 7, batch_first=True, bidirectional=True)
    state = net.layers[0].onward.state_dict() | {
        f"{name}_reverse": tensor for name, tensor in net.layers[0].back.state_dict().items()
    }
    own.load_state_dict(state)
    x, lengths = torch.randn(4, 9, 5), torch.tensor([9, 5, 3, 1])
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)
    with torch.no_grad():
        states, _ = torch.nn.utils.rnn.pad_packed_sequence(own(packed)[0], batch_first=True)
        got = net(x, lengths)
    for row, length in enumerate(lengths.tolist()):
        inside = states[row, :length]
        torch.testing.assert_close(got[row], torch.cat([inside.amax(dim=0), inside.mean(dim=0)]))


def test_letters_are_masked_in_training_with_their_ngrams():
    torch.manual_seed(0)
    net = RecurrentReader("gru", 3, 28, 2_000, blank=0.5)
    arrays = tensors(batch(30, 12))
    x, ngrams = net._blanked(arrays["x"], arrays["ngrams"])
    letters = x.numpy()
    assert ((letters == 1) & (arrays["x"].numpy() > 1)).any() and (letters[arrays["x"].numpy() == 0] == 0).all()
    assert np.array_equal(ngrams.numpy(), LETTERS.ngrams(letters, arrays["lengths"].numpy()))


def test_large_weights_are_stored_as_float16_and_keep_their_values():
    whole = torch.nn.Sequential(torch.nn.Linear(200, 200), torch.nn.Linear(200, 3))
    round_large(whole)
    halves = tensors_of(whole)
    assert [array.dtype.name for array in halves.values()] == ["float16", "float32", "float32", "float32"]
    assert np.array_equal(halves["0.weight"].astype(np.float32), whole[0].weight.detach().numpy())
    assert not fits(np.full((200, 200), 1e6, np.float32)) and not fits(np.full((200, 200), 0.1, np.float32))


def test_a_float16_graph_computes_in_float32():
    weights = np.float32(np.random.default_rng(0).normal(size=(200, 100)).astype(np.float16))
    node = onnx.helper.make_node("MatMul", ["x", "w"], ["y"])
    sides = [onnx.helper.make_tensor_value_info(n, 1, shape) for n, shape in (("x", [1, 200]), ("y", [1, 100]))]
    graph = onnx.helper.make_graph([node], "g", sides[:1], sides[1:], [onnx.numpy_helper.from_array(weights, "w")])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=10)
    x = np.ones((1, 200), np.float32)
    halve(model)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    assert model.graph.initializer[0].data_type == onnx.TensorProto.FLOAT16
    np.testing.assert_allclose(session.run(None, {"x": x})[0], x @ weights, rtol=1e-5)


def test_free_axes_have_names():
    arrays = batch(4, 9)
    assert axes(arrays) == (("batch", "length"), ("batch",), ("batch", "length", 3))
    assert axes({"x": np.zeros((4, 1, 28, 28))}) == (("batch", 1, 28, 28),)


@pytest.mark.parametrize("exported", [GRU], indirect=True)  # the first
def test_a_second_gru_in_one_process_has_a_dynamic_length(exported):
    net = RecurrentReader("gru", 18, **LETTERS.sizes(), width=8, hidden=8)
    to_onnx(served(net.eval()), batch(64, 19), {})  # raises if a length fails
