"""Checkpoints from strangers, damaged in every way: each is used as it says, or refused with a BadCheckpoint."""

import hashlib
import json
import struct
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from app.hub.model.charts import curve
from app.model_summary import ModelDetails
from models import catalog, load, paths
from models.checkpoint import OPTIONAL, Checkpoint
from models.errors import BadCheckpoint, ZooError
from models.processors.characters import Characters
from models.processors.photo import Photo
from models.processors.words import Words
from models.tasks.digits import DRAWINGS
from tests.fuzz.cases import cases, damaged, in_time, values

SLUGS = ("mnist-cnn", "names-rnn")
RAW = {"ink": DRAWINGS["three"], "text": "Müller-Ivanov"}
COMMIT = "0" * 40
ID = "ada/strange"


def files_of(slug: str) -> dict[str, bytes]:
    folder = paths.SHIPPED / slug
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in OPTIONAL}


FILES = {slug: files_of(slug) for slug in SLUGS}
for each in FILES.values():  # without the optional files, which have tests of their own
    plain = json.loads(each["config.json"])
    plain["files"] = {name: digest for name, digest in plain["files"].items() if name not in OPTIONAL}
    each["config.json"] = json.dumps(plain).encode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of a model that was pulled from the Hub: nothing in it is trusted."""
    home = tmp_path_factory.mktemp("zoo-home")
    patch = pytest.MonkeyPatch()
    patch.setenv("ZOO_HOME", str(home))
    folder = home / "hub" / ID / f"{COMMIT}.000000"
    folder.mkdir(parents=True)
    (folder.parent / "current").write_text(folder.name)
    yield folder
    patch.undo()


def write(folder: Path, files: dict[str, bytes], resign: bool = True) -> None:
    """Write the files; resign: with their hashes in config.json, as an attacker would."""
    files = dict(files)
    if resign:
        try:
            config = json.loads(files["config.json"])
            for name in config["files"]:
                config["files"][name] = hashlib.sha256(files[name]).hexdigest()
            files["config.json"] = json.dumps(config).encode()
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            pass
    for name, data in files.items():
        (folder / name).write_bytes(data)


def use(folder: Path) -> None:
    """Do with a checkpoint whatever pages, REST and the command line do."""
    with in_time():
        for listed in catalog.models():
            if listed.id == ID:
                details = ModelDetails.of(listed).to_dict()
                json.dumps(details, allow_nan=False)
        opened = Checkpoint.open(folder)
        for call in (opened.check, lambda: opened.card, lambda: rows(opened)):
            attempt(call)
        predictor = load(folder)
        raw = RAW.get(opened.task.input, b"")
        for call in (predictor.predict, predictor.explain, predictor.stages):
            attempt(partial(call, raw))
        if opened.task.input == "text":
            attempt(partial(predictor.belief, raw))
        prediction = predictor.predict(raw)
        json.dumps(prediction.to_dict(), allow_nan=False)
        assert 0.99 < sum(prediction.probabilities.values()) < 1.01


def rows(opened: Checkpoint) -> None:
    """Read the training curve, as a page does."""
    assert all(np.isfinite(list(row.values())).all() for row in curve(opened.history))


def attempt(call: Any) -> ZooError | None:
    """The ZooError that a call raises, if it raises one."""
    try:
        call()
    except ZooError as error:
        return checked(error)
    return None


def checked(error: ZooError) -> ZooError:
    sentence = str(error)
    assert "\n" not in sentence and len(sentence) < 2_000, sentence
    return error


def used_or_refused(folder: Path) -> None:
    try:
        use(folder)
    except ZooError as error:
        checked(error)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_whole_checkpoint_is_used(folder, slug):
    write(folder, FILES[slug])
    use(folder)


BINARY = ("model.safetensors", "model.onnx")
TEXTS = ("config.json", "processor.json", "evaluation.json", "golden.json", "history.csv", "README.md")


@cases(150)
@given(st.data(), st.sampled_from(SLUGS), st.sampled_from((*BINARY, *BINARY, *TEXTS)), st.booleans())
def test_flipped_and_missing_bytes(folder, data, slug, name, resign):
    write(folder, {**FILES[slug], name: data.draw(damaged(FILES[slug][name]))}, resign or name == "config.json")
    used_or_refused(folder)


@cases(40)
@given(st.sampled_from(SLUGS), st.permutations(sorted(FILES["mnist-cnn"])), st.integers(1, 3), st.booleans())
def test_files_of_another_model(folder, slug, names, count, resign):
    other = FILES[SLUGS[1 - SLUGS.index(slug)]]
    write(folder, FILES[slug] | {name: other[name] for name in names[:count]}, resign)
    used_or_refused(folder)


@cases(40)
@given(st.sampled_from(sorted(FILES["mnist-cnn"])), st.sampled_from(sorted(FILES["mnist-cnn"])))
def test_one_file_in_place_of_another(folder, name, other):
    write(folder, FILES["mnist-cnn"] | {name: FILES["mnist-cnn"][other]})
    used_or_refused(folder)


def places(value: Any, path: tuple = ()) -> list[tuple]:
    """The path of every value in nested JSON; of long lists only the first and last items."""
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = [*enumerate(value[:2]), *([(len(value) - 1, value[-1])] if len(value) > 2 else [])]
    else:
        inner = []
    return [path, *(place for key, each in inner for place in places(each, (*path, key)))]


JSON = {
    (slug, name): (json.loads(FILES[slug][name]), places(json.loads(FILES[slug][name])))
    for slug in SLUGS
    for name in ("config.json", "processor.json", "evaluation.json", "golden.json")
}
LITERALS = st.sampled_from(
    (
        *("NaN", "Infinity", "-Infinity", "1e400", "-0.0", "1e-320", "1e308", "9" * 4_000, "9" * 5_000, "null", "true"),
        *(
            "[" * 100 + "]" * 100,
            "[" * 100_000,
            '{"a":' * 60 + "1" + "}" * 60,
            "[]",
            "{}",
            '""',
            '"\\ud800"',
            '"\\u001b[2J"',
        ),
        *(
            '"\\u202e"',
            '"' + "a" * 3_000 + '"',
            "0",
            "-1",
            "1.5",
            "4294967296",
            "99999999999999999999",
            '{"label": "{}"}',
        ),
        *('"<script>alert(1)</script>"', '["' + '", "'.join(map(str, range(12_000))) + '"]', '"../../etc/passwd"'),
    )
)


def dumped(value: Any) -> str:
    """A generated value as JSON, near enough."""
    return json.dumps(value, default=lambda data: data.decode("latin-1"))


@st.composite
def changed(draw: Any, slug: str, name: str) -> bytes:
    """A JSON file with one to three values replaced, removed, or given twice."""
    whole, paths_ = JSON[slug, name]
    text = json.loads(json.dumps(whole))
    literals = []
    for _ in range(draw(st.integers(1, 3))):
        *within, last = draw(st.sampled_from(paths_)) or (draw(st.sampled_from(sorted(whole))),)
        target = text
        try:
            for key in within:
                target = target[key]
            match draw(st.sampled_from(("replace", "replace", "replace", "remove", "twice", "unknown"))):
                case "replace":
                    literals.append(draw(st.one_of(LITERALS, values.map(dumped))))
                    target[last] = f"@{len(literals) - 1}@"
                case "remove":
                    del target[last]
                case "twice":
                    literals.append(f'{dumped(target[last])}, "{last}": {draw(LITERALS)}')
                    target[last] = f"@{len(literals) - 1}@"
                case "unknown" if isinstance(target, dict):
                    target[draw(st.text(max_size=5))] = draw(values.filter(lambda value: value is None or value == ""))
        except (KeyError, IndexError, TypeError):
            continue
    data = json.dumps(text)
    for number, literal in enumerate(literals):
        data = data.replace(f'"@{number}@"', literal)
    return data.encode(errors="replace")


@cases(150)
@given(st.data(), st.sampled_from(sorted(JSON)), st.sampled_from(("config.json", None)))
def test_json_with_values_of_every_kind(folder, data, which, name):
    slug, name = which[0], name or which[1]
    write(folder, {**FILES[slug], name: data.draw(changed(slug, name))})
    used_or_refused(folder)


@cases(60)
@given(
    st.dictionaries(
        st.sampled_from(("conv.weight", "__metadata__", "x", "\x1b[2J")),
        st.fixed_dictionaries(
            {
                "dtype": st.sampled_from(("F32", "F64", "I64", "BF16", "F8_E4M3", "U4", "", "BOOL")),
                "shape": st.lists(st.sampled_from((0, 1, 3, 2**31, 2**62, -1)), max_size=9),
                "data_offsets": st.lists(st.sampled_from((0, 4, 64, 2**63, -1)), min_size=2, max_size=2),
            }
        ),
        max_size=3,
    ),
    st.one_of(st.none(), st.sampled_from((0, 7, 2**31, 2**63, 2**64 - 1))),
)
def test_safetensors_headers(folder, header, length):
    text = json.dumps(header).encode()
    data = struct.pack("<Q", len(text) if length is None else length) + text + bytes(64)
    write(folder, {**FILES["mnist-cnn"], "model.safetensors": data})
    with pytest.raises(BadCheckpoint) as error:
        use(folder)
    checked(error.value)


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


@cases(100)
@given(st.one_of(st.binary(max_size=300), st.text("0123456789,.-eNaINf\n\r\"' epochaccuracyloss", max_size=300)))
def test_training_curves_of_every_kind(folder, curve):
    curve = curve if isinstance(curve, bytes) else f"epoch,accuracy,loss\n{curve}".encode()
    write(folder, {**FILES["mnist-cnn"], "history.csv": curve})
    used_or_refused(folder)


@pytest.mark.parametrize("name", ["current", "revisions.json"])
@cases(30)
@given(
    content=st.one_of(st.binary(max_size=300), st.sampled_from((b"..", b"../../x", b".", b"", b"a/b", b"\0", b"[1]")))
)
def test_pointers_of_every_kind(folder, name, content):
    path = folder.parent / name
    before = path.read_bytes() if path.exists() else b"{}"
    try:
        path.write_bytes(content)
        attempt(lambda: catalog.find(ID))
        attempt(lambda: load(f"{ID}@main") if name == "current" else load(ID))
        catalog.models()
    finally:
        path.write_bytes(before)


NAMED = {
    "NaN in the recipe": ("config.json", ("training", "recipe", "lr"), "NaN", "NaN, infinity"),
    "an infinite number": ("config.json", ("task", "examples"), '[{"title": "1", "raw": [[[1e400, 1]]]}]', "NaN"),
    "a number of many digits": ("config.json", ("training", "seed"), "9" * 4_000, "too large"),
    "nested deeply": ("config.json", ("training", "recipe", "lr"), "[" * 60 + "]" * 60, "nested"),
    "letters in reverse": ("config.json", ("title",), '"\\u202etac"', "control characters"),
    "a temperature of nearly 0": ("config.json", ("temperature",), "1e-320", "temperature"),
    "a count of many digits": ("evaluation.json", ("test_runs",), "9" * 4_000, "too large"),
    "a drawing of many pixels": ("processor.json", ("size",), "256", "at most 64"),
}


@pytest.mark.parametrize("name", sorted(NAMED))
def test_a_value_that_a_page_or_an_answer_could_not_show_is_refused(folder, name):
    file, (*within, last), literal, word = NAMED[name]
    values = json.loads(FILES["mnist-cnn"][file])
    target = values
    for key in within:
        target = target[key]
    target[last] = "@"
    write(folder, {**FILES["mnist-cnn"], file: json.dumps(values).replace('"@"', literal).encode()})
    with pytest.raises(BadCheckpoint, match=word):
        Checkpoint.open(folder).check()


def test_of_a_key_that_is_there_twice_the_last_one_is_checked_and_used(folder):
    data = FILES["mnist-cnn"]["config.json"].decode()
    title = json.loads(data)["title"]
    twice = data.replace(f'"title": {json.dumps(title)}', f'"title": "\\u202etac", "title": {json.dumps(title)}', 1)
    assert twice != data
    write(folder, {**FILES["mnist-cnn"], "config.json": twice.encode()}, resign=False)
    assert Checkpoint.open(folder).config.title == title


def test_long_texts_and_many_cells_are_refused_before_they_take_memory():
    with pytest.raises(ValueError):
        Characters(vocabulary="abc", limit=10_000)
    with pytest.raises(ValueError):
        Words(vocabulary="a b", limit=10_000)
    with pytest.raises(ValueError):
        Photo(size=1_024, cells=1_024)


def test_a_training_curve_without_numbers_is_left_out():
    assert curve("") == curve("epoch,loss\n1,2") == curve("epoch,accuracy\na,b\n1\n1,2,3\nnan,inf\n") == []
    assert curve("epoch,accuracy\n1,0.5\nx,0.6\n3,0.7\n") == [
        {"epoch": 1.0, "accuracy": 0.5},
        {"epoch": 3.0, "accuracy": 0.7},
    ]
