"""Checks a checkpoint's graph before ONNX Runtime loads it.

Serving does not need the `onnx` package, whose parser would allocate memory before any check. Instead, the file is
walked in place with the few field numbers of onnx.proto that matter
(https://github.com/onnx/onnx/blob/main/onnx/onnx.proto); other fields are skipped. Refused are operators outside the
ONNX standard, functions (they can expand without limit), nested graphs (loops), sparse tensors, external tensors (they
name files), tensors that declare more memory than they contain, too many nodes, and inputs or outputs that differ from
config.json. The memory used while the graph runs is limited by the arena of `models.engines.onnx`.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from models.config import Array, Config
from models.errors import BadCheckpoint

MAX_NODES = 20_000
MAX_DIMS = 8
DOMAINS = (b"", b"ai.onnx")
BYTES = {
    1: 4,
    2: 1,
    3: 1,
    4: 2,
    5: 2,
    6: 4,
    7: 8,
    9: 1,
    10: 2,
    11: 8,
    12: 4,
    13: 8,
    16: 2,
}  # of an element, by data type
TYPES = {1: "float32", 2: "uint8", 7: "int64"}
ELEMENTS = {1: "float32", 10: "float16"}  # of weights
PACKED = 8  # packed integers may take one byte in the file and eight in memory


class _Fault(ValueError):
    """Why the graph is refused."""


def check(data: bytes, config: Config, name: str, file: str = "model.onnx") -> None:
    """Check a graph; raises BadCheckpoint if it is refused.

    name: of the model, for the error. file: the graph's file; config.json lists only the outputs of model.onnx.
    """
    try:
        inputs, outputs = _model(memoryview(data))
        sides = [("inputs", inputs, config.inputs), ("outputs", outputs, config.outputs)]
        for side, declared, expected in sides if file == "model.onnx" else sides[:1]:
            configured = [_signature(array) for array in expected]
            if declared != configured:
                raise _Fault(f"it declares the {side} {declared}, config.json says {configured}")
    except (_Fault, IndexError) as error:
        why = str(error) if isinstance(error, _Fault) else "it is truncated"
        raise BadCheckpoint(f"{name}/{file} is refused: {why}; pull or train it again."[:1_000]) from error


def initializers(data: bytes) -> set[str]:
    """The names of the tensors that a checked graph contains."""
    inner = next(_bytes(value) for number, value in _fields(memoryview(data)) if number == 7)
    return {_tensor(_bytes(value)) for number, value in _fields(inner) if number == 5}


def input_beside(data: bytes, weight: str) -> str | None:
    """The name of the value that a checked graph multiplies by `weight`, the second input of a Gemm; None if none."""
    inner = next(_bytes(value) for number, value in _fields(memoryview(data)) if number == 7)
    for number, node in _fields(inner):
        if number != 1:
            continue
        parts = list(_fields(_bytes(node)))
        inputs = [_text(value) for field, value in parts if field == 1]
        kind = next((_text(value) for field, value in parts if field == 4), "")
        if kind == "Gemm" and inputs[1:2] == [weight]:
            return inputs[0]
    return None


def with_outputs(data: bytes, names: Sequence[str]) -> bytes:
    """The graph with more outputs, of values within it; ONNX Runtime infers their types. See `with_inputs`."""
    return data + _field(7, b"".join(_field(12, _field(1, name.encode())) for name in names))


def with_inputs(data: bytes, arrays: Mapping[str, np.ndarray]) -> bytes:
    """The graph with more inputs, of the names, types and shapes of `arrays`; initializers can then be overridden.

    Protobuf merges a message that occurs twice, so they are appended in a second graph.
    """
    values = b"".join(_field(11, _value_info(name, array)) for name, array in arrays.items())
    return data + _field(7, values)


def _value_info(name: str, array: np.ndarray) -> bytes:
    """A ValueInfoProto: name, and a tensor type of an element type and a shape."""
    kind = next(number for number, dtype in ELEMENTS.items() if dtype == array.dtype.name)
    shape = b"".join(_field(1, _number(1, size)) for size in array.shape)
    return _field(1, name.encode()) + _field(2, _field(1, _number(1, kind) + _field(2, shape)))


def _field(number: int, content: bytes) -> bytes:
    return _to_varint(number << 3 | 2) + _to_varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return _to_varint(number << 3) + _to_varint(value)


def _to_varint(value: int) -> bytes:
    parts = bytearray()
    while value >= 128:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])


def _signature(array: Array) -> tuple[str, str, tuple[int | None, ...]]:
    """Name, type and sizes of an array of config.json, with None for a free axis."""
    return array.name, array.dtype, tuple(size if isinstance(size, int) else None for size in array.shape)


def _model(model: memoryview) -> tuple[list, list]:
    """Inputs and outputs: (name, type, sizes with None for a free axis)."""
    graphs = []
    for number, value in _fields(model):
        if number == 7:
            graphs.append(_bytes(value))
        elif number == 25:
            raise _Fault("it defines functions of its own")
        elif number == 8:
            _check_domain(dict(_fields(_bytes(value))).get(1, b""))
    if len(graphs) != 1:
        raise _Fault(f"it contains {len(graphs)} graphs, expected one")
    nodes, inputs, outputs, initial = 0, [], [], set()
    for number, value in _fields(graphs[0]):
        if number == 1:
            nodes += 1
            _node(_bytes(value))
        elif number == 5:
            initial.add(_tensor(_bytes(value)))
        elif number == 11:
            inputs.append(_value(_bytes(value)))
        elif number == 12:
            outputs.append(_value(_bytes(value)))
        elif number == 15:
            raise _Fault("it contains sparse tensors")
        if nodes > MAX_NODES:
            raise _Fault(f"it has more than {MAX_NODES:,} nodes")
    return [signature for signature in inputs if signature[0] not in initial], outputs


def _node(node: memoryview) -> None:
    for number, value in _fields(node):
        if number == 7:
            _check_domain(value)
        elif number == 5:
            seen = set()
            for field, content in _fields(_bytes(value)):
                if field in (6, 11):
                    raise _Fault("it contains a nested graph, such as a loop")
                if field in (22, 23):
                    raise _Fault("it contains sparse tensors")
                if field == 10 or (field == 5 and field not in seen):
                    _tensor(_bytes(content))
                elif field == 5:
                    raise _Fault("it contains a tensor in two parts")
                seen.add(field)


def _check_domain(value: object) -> None:
    if bytes(_bytes(value)) not in DOMAINS:
        raise _Fault(f"it uses operators of {bytes(_bytes(value))[:40]!r}, which are not standard ONNX operators")


def _tensor(tensor: memoryview) -> str:
    """The name of a tensor. Raises _Fault if its declared size does not fit its bytes."""
    name, kind, sizes = "", 0, []
    for number, value in _fields(tensor):
        if number == 1:
            sizes += _numbers(value)
        elif number == 2:
            kind = value
        elif number == 8:
            name = _text(value)
        elif number == 13 or (number == 14 and value != 0):
            raise _Fault("it stores tensors in other files")
    if kind not in BYTES or len(sizes) > MAX_DIMS:
        raise _Fault(f"the tensor {name[:60]!r} is of an unknown type or has too many axes")
    claimed = math.prod(sizes) * BYTES[kind]
    if min(sizes, default=1) < 0 or claimed > PACKED * len(tensor):
        raise _Fault(f"the tensor {name[:60]!r} declares {claimed:,} bytes but contains {len(tensor):,}")
    return name


def _value(info: memoryview) -> tuple[str, str, tuple[int | None, ...]]:
    """Name, type and sizes of an input or output."""
    name, kind, sizes = "", 0, []
    for number, value in _fields(info):
        if number == 1:
            name = _text(value)
        elif number == 2:
            for part, tensor in _fields(_bytes(value)):
                if part != 1:
                    continue
                for field, content in _fields(_bytes(tensor)):
                    if field == 1:
                        kind = content
                    elif field == 2:
                        sizes = [_size(_bytes(dim)) for number, dim in _fields(_bytes(content)) if number == 1]
    return name, TYPES.get(kind, f"type {kind}"), tuple(sizes)


def _size(dim: memoryview) -> int | None:
    size = dict(_fields(dim)).get(1)
    return size if isinstance(size, int) else None


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """(number, value) of each field of a protobuf message; a value is an integer or a slice of the message."""
    at, end = 0, len(message)
    while at < end:
        key, at = _varint(message, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(message, at)
            yield number, value - 2**64 if value >= 2**63 else value
            continue
        if wire == 2:
            size, at = _varint(message, at)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise _Fault("it is not a protobuf message")
        if size > end - at:
            raise _Fault("it is truncated")
        if wire == 2:  # no relevant field has a fixed width
            yield number, message[at : at + size]
        at += size


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value & (2**64 - 1), at
    raise _Fault("it is not a protobuf message")


def _numbers(value: int | memoryview) -> list[int]:
    """The integers of a field, one or several packed ones."""
    if isinstance(value, int):
        return [value]
    numbers, at = [], 0
    while at < len(value) and len(numbers) <= MAX_DIMS:
        number, at = _varint(value, at)
        numbers.append(number)
    return numbers


def _bytes(value: object) -> memoryview:
    if isinstance(value, bytes):
        return memoryview(value)
    if not isinstance(value, memoryview):
        raise _Fault("it does not follow onnx.proto")
    return value


def _text(value: object) -> str:
    return bytes(_bytes(value)).decode(errors="replace")
