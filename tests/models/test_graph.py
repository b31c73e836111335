"""Graphs are checked before ONNX Runtime gets them, and the memory of a graph from the Hub is bounded."""

import random
import resource
import shutil

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from models import load, paths, writing
from models.checkpoint import Checkpoint
from models.engines import graph
from models.engines.onnx import ARENA, OnnxEngine
from models.errors import BadCheckpoint

SHIPPED = sorted(path.name for path in paths.SHIPPED.iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def opened():
    return Checkpoint.open(paths.SHIPPED / "mnist-cnn")


@pytest.mark.parametrize("slug", SHIPPED)
def test_every_shipped_graph_passes(slug):
    shipped = Checkpoint.open(paths.SHIPPED / slug)
    graph.check(shipped.read("model.onnx"), shipped.config, slug)


def outside(model):
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")


def boast(model):
    model.graph.initializer[0].dims[:] = [2**40]


def negative(model):
    model.graph.initializer[0].dims[:] = [-1, -1]


def function(model):
    model.functions.append(helper.make_function("here", "f", ["x"], ["y"], [], []))


def domain(model):
    model.graph.node[0].domain = "com.example"


def opset(model):
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))


def loop(model):
    body = helper.make_graph([], "body", [], [])
    model.graph.node.append(helper.make_node("Loop", [], [], body=body))


def many(model):
    node = helper.make_node("Identity", ["x"], ["again"])
    model.graph.node.extend([node] * (graph.MAX_NODES + 1))


def sparse(model):
    model.graph.sparse_initializer.add()


def another_input(model):
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 3


def another_output(model):
    model.graph.output[0].name = "scores"


def constant(model):
    tensor = numpy_helper.from_array(np.zeros(2, np.float32))
    tensor.dims[:] = [2**20, 2**20]
    model.graph.node.append(helper.make_node("Constant", [], ["big"], value=tensor))


@pytest.mark.parametrize(
    "change, words",
    [
        (outside, "in other files"),
        (boast, "declares"),
        (negative, "declares"),
        (constant, "declares"),
        (function, "functions of its own"),
        (domain, "not standard ONNX operators"),
        (opset, "not standard ONNX operators"),
        (loop, "a nested graph"),
        (many, "more than 20,000 nodes"),
        (sparse, "sparse"),
        (another_input, "declares the inputs"),
        (another_output, "declares the outputs"),
    ],
)
def test_unsafe_graphs_are_refused(opened, change, words):
    model = onnx.load_from_string(opened.read("model.onnx"))
    change(model)
    with pytest.raises(BadCheckpoint, match=words):
        graph.check(model.SerializeToString(), opened.config, "mnist-cnn")


def test_a_size_after_a_fixed_width_field_is_read(opened):
    """Protobuf skips a field whose wire type is not the declared one, so a zero there must not make a size 0."""
    huge = b"\x08" + b"\x80\x80\x80\x80\x80\x02"  # dims: 2**36
    hidden = b"\x0d" + bytes(4)  # dims again, as four bytes of zeros
    tensor = huge + hidden + b"\x10\x01" + b"\x42\x01t"  # float32, named t
    with pytest.raises(graph._Fault, match="declares"):
        graph._tensor(memoryview(tensor))


def test_any_bytes_are_read_or_refused(opened):
    data = opened.read("model.onnx")
    chance = random.Random(0)
    for wrong in (b"", b"\xff" * 40, b"GIF89a", data[: len(data) // 2], data[:-1], bytes(1000), data + data):
        with pytest.raises(BadCheckpoint, match="is refused"):
            graph.check(wrong, opened.config, "odd")
    for _ in range(200):  # any change is either harmless or refused
        changed = bytearray(data[:3000])
        changed[chance.randrange(len(changed))] = chance.randrange(256)
        try:
            graph.check(bytes(changed), opened.config, "odd")
        except BadCheckpoint as error:
            assert len(str(error)) <= 1_000


def greedy(model):
    """The same graph, with a node that needs 40 GB at run time."""
    added = [
        helper.make_node("Shape", ["x"], ["at"]),
        helper.make_node("Slice", ["at", "none", "one"], ["batch"]),
        helper.make_node("Mul", ["batch", "huge"], ["size"]),
        helper.make_node("ConstantOfShape", ["size"], ["field"]),
        helper.make_node("ReduceSum", ["field"], ["sum"], keepdims=0),
        helper.make_node("Add", ["logits_before", "sum"], ["logits"]),
    ]
    for name, value in (("none", 0), ("one", 1), ("huge", 10 * 2**30)):
        model.graph.initializer.append(numpy_helper.from_array(np.array([value], np.int64), name))
    for node in model.graph.node:
        node.output[:] = ["logits_before" if name == "logits" else name for name in node.output]
        node.input[:] = ["logits_before" if name == "logits" else name for name in node.input]
    model.graph.node.extend(added)


def test_the_memory_of_a_graph_from_the_hub_is_bounded(opened, tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    model = onnx.load_from_string(opened.read("model.onnx"))
    greedy(model)
    folder = shutil.copytree(paths.SHIPPED / "mnist-cnn", paths.hub_cache() / "eve" / "greedy")
    files = writing.pack(
        opened.config,
        processor=opened.processor.to_dict(),
        tensors=opened.tensors(),
        onnx=model.SerializeToString(),
        evaluation=opened.evaluation,
        golden=opened.golden,
        history=opened.history,
        card="",
    )
    writing.write(folder, files)
    load("mnist-cnn", engine="onnx")  # earlier tests may have loaded other models
    engine = OnnxEngine(Checkpoint.open(folder))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(BadCheckpoint, match="cannot be run"):
        engine.run({"x": np.zeros((1, 1, 28, 28), np.float32)})
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < ARENA * 2
