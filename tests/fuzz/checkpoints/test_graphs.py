"""Checkpoints from strangers whose ONNX graph has been altered."""

from typing import Any

import onnx
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from tests.fuzz.cases import cases
from tests.fuzz.checkpoints.conftest import FILES, SLUGS, used_or_refused, write

OPERATORS = sorted({schema.name for schema in onnx.defs.get_all_schemas()})


@st.composite
def graphs(draw: Any, slug: str) -> bytes:
    """A graph with other operators, attributes, shapes, inputs and initial values."""
    model = onnx.load_from_string(FILES[slug]["model.onnx"])
    graph = model.graph
    for _ in range(draw(st.integers(1, 3))):
        node = draw(st.sampled_from(list(graph.node)))
        tensor = draw(st.sampled_from(list(graph.initializer)))
        size = draw(st.sampled_from((0, 1, -1, 2, 2**20, 2**31, 2**40, 2**62)))
        match draw(st.integers(0, 11)):
            case 0:
                node.op_type = draw(st.sampled_from(OPERATORS))
            case 1:
                node.domain = draw(st.sampled_from(("com.microsoft", "ai.onnx.ml", "x", "")))
            case 2:
                node.input[:] = draw(st.permutations([*node.input, "", tensor.name]))
            case 3:
                node.output[:] = [
                    *node.output,
                    *draw(st.lists(st.sampled_from(("logits", "familiarity", "y")), max_size=2)),
                ]
            case 4:
                tensor.dims[:] = draw(st.lists(st.just(size), min_size=1, max_size=4))
            case 5:
                tensor.data_location = onnx.TensorProto.EXTERNAL
                tensor.external_data.add(key="location", value=draw(st.sampled_from(("/etc/passwd", "../../x"))))
            case 6:
                tensor.data_type = draw(st.integers(0, 30))
            case 7:
                axes = draw(st.sampled_from([*graph.input, *graph.output])).type.tensor_type.shape.dim
                axes[draw(st.integers(0, len(axes) - 1))].dim_value = size
            case 8:
                shape = helper.make_tensor("shape", onnx.TensorProto.INT64, [2], [max(size, 0), 2])
                graph.initializer.append(shape)
                graph.node.insert(0, helper.make_node("ConstantOfShape", ["shape"], ["large"]))
                if draw(st.booleans()):
                    graph.node.append(helper.make_node("ReduceSum", ["large"], ["small"]))
            case 9:
                for name in ("dilations", "kernel_shape", "pads", "strides", "axis", "axes", "perm", "group", "to"):
                    for attribute in node.attribute:
                        if attribute.name == name:
                            attribute.ints[:] = [size] * max(1, len(attribute.ints))
                            attribute.i = size
            case 10:
                model.opset_import[0].version = draw(st.sampled_from((0, 1, 5, 11, 30, 2**40)))
            case 11:
                graph.node.append(node)
    return model.SerializeToString()


@cases(100)
@given(st.data(), st.sampled_from(SLUGS))
def test_graphs_of_every_kind(folder, data, slug):
    write(folder, {**FILES[slug], "model.onnx": data.draw(graphs(slug))})
    used_or_refused(folder)
