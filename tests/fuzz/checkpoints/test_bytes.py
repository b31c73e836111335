"""Checkpoints from strangers with damaged or exchanged files, and with pointers to them of every kind."""

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import catalog, load
from models.errors import BadCheckpoint
from tests.fuzz.cases import cases, damaged
from tests.fuzz.checkpoints.conftest import FILES, ID, SLUGS, attempt, checked, use, used_or_refused, write

BINARY = ("model.safetensors", "model.onnx")
TEXTS = ("config.json", "processor.json", "evaluation.json", "golden.json", "history.csv", "README.md")


@pytest.mark.parametrize("slug", SLUGS)
def test_the_whole_checkpoint_is_used(folder, slug):
    write(folder, FILES[slug])
    use(folder)


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
