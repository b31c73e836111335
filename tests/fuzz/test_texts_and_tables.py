"""Strokes, texts, links, tables and archives of every kind: an answer or a BadInput, in bounded time."""

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

import models
from app import batch
from app.hub import many_files
from app.hub.inputs import ink_code
from models.errors import BadInput, ZooError
from models.inputs import text
from tests.fuzz.cases import ODD_CHARACTERS, cases, damaged, in_time, numbers, texts, values
from training.custom import table

DRAWING = {"strokes": [[[140, 55], [141, 110], [140, 170]]], "pen": 18}
POINTS = st.lists(st.lists(st.one_of(numbers, st.floats(-300, 600)), min_size=2, max_size=2), max_size=40)


@cases(200)
@given(st.one_of(values, st.lists(st.one_of(POINTS, values), max_size=4)), st.one_of(numbers, st.just(18)))
def test_strokes_of_every_kind(strokes, pen):
    predictor = models.load("mnist-cnn")
    with in_time(), suppress(BadInput):
        assert predictor.predict({"strokes": strokes, "pen": pen}).probabilities
    with suppress(BadInput):
        if isinstance(strokes, list | tuple):
            predictor.predict(strokes)


@cases(150)
@given(texts, st.sampled_from(("names-rnn", "names-ngrams", "reviews-ngrams")))
def test_texts_of_every_plane(typed, id):
    predictor = models.load(id)
    with in_time(), suppress(BadInput):
        canonical = text.read(typed)
        assert len(canonical.spans) == len(canonical.text)
        assert predictor.predict(typed).probabilities
        if len(typed) < 100:
            predictor.explain(typed), predictor.belief(typed), predictor.stages(typed)


@cases(100)
@given(st.one_of(damaged(ink_code.encode(**DRAWING).encode()).map(lambda code: code.decode("latin-1")), texts))
def test_links_of_every_kind(code):
    with in_time(), suppress(BadInput):
        assert ink_code.decode(code)["strokes"]


CELLS = st.text(
    st.sampled_from(ODD_CHARACTERS.replace("\ud800", "").replace("\udfff", "") + '",;\t\n\r ab'), max_size=40
)
TABLES = st.one_of(
    st.binary(max_size=200),
    st.builds(
        lambda head, rest: (head + rest).encode(),
        st.sampled_from(("text,label\n", "label;text\r\n", "\ufefftext\tlabel\n", '"text","label"\n', "text\n", "")),
        CELLS,
    ),
    damaged(b"text,label\nhello,a\nworld,b\n"),
    st.sampled_from((b'text,label\n"' + b"a" * 200_000, b"," * 100_000, b"text,label\n" + b'"' * 9_999, b"\0" * 100)),
)


@cases(200)
@given(TABLES, st.sampled_from(("a.csv", "a.txt")))
def test_tables_of_every_kind(tmp_path_factory, data, name):
    file = tmp_path_factory.getbasetemp() / name
    file.write_bytes(data)
    with in_time():
        with suppress(ZooError):
            items, _, _ = table.items_in(file)
            assert all(item.raw and item.label.strip() for item in items)
        with suppress(BadInput):
            list(batch.texts(io.BytesIO(data), name).rows)


class Upload(io.BytesIO):
    """A file as Streamlit's uploader gives it."""

    def __init__(self, name: str, data: bytes) -> None:
        super().__init__(data)
        self.name, self.size = name, len(data)


def archive(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in files.items():
            zipped.writestr(name, data)
    return buffer.getvalue()


PATHS = archive(
    **{"../../etc/passwd": b"x", "/etc/a.png": b"x", "a/../b.png": b"", "C:\\a.png": b"x", "a\x1b[2J": b"x"}
)


@pytest.mark.filterwarnings("ignore")
@cases(200)
@given(
    st.one_of(damaged(PATHS), damaged(archive(**{"a.png": bytes(9_000), "b.txt": b"hello"})), st.binary(max_size=99))
)
def test_archives_of_every_kind(data):
    with in_time(), suppress(BadInput):
        for _, content in many_files.read_inputs([Upload("a.zip", data)], "ink").named:
            assert isinstance(content, bytes | BadInput)


def test_an_archive_that_unpacks_to_gigabytes_is_refused():
    bomb = archive(**{f"{number}.png": bytes(20 * 2**20) for number in range(30)})
    with in_time(), pytest.raises(BadInput, match="MB"):
        many_files.read_inputs([Upload("a.zip", bomb)], "ink")
