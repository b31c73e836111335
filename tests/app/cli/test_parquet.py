"""`zoo predict --from` reads a Parquet file as it reads the same table in CSV."""

import csv
import io

import pytest

from tests.app.conftest import sentence

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


@pytest.fixture
def table(tmp_path):
    """A function that writes columns as Parquet and as CSV, and returns both files."""

    def write(**columns):
        files = tmp_path / "table.parquet", tmp_path / "table.csv"
        parquet.write_table(pyarrow.table(columns), files[0])
        rows = zip(*([heading, *values] for heading, values in columns.items()), strict=True)
        files[1].write_text("".join(",".join("" if cell is None else str(cell) for cell in row) + "\n" for row in rows))
        return files

    return write


@pytest.mark.parametrize(
    "model, columns",
    [
        ("names-ngrams", {"id": [1, 2, 3], "text": ["Ada", "Zo\u00eb", "Linus"], "born": [1815, None, 1969]}),
        ("diabetes-mlp", {"Age": [44, None], "BMI": [31.5, 22.25], "who": ["a", "b"]}),
    ],
)
def test_the_answers_are_those_of_the_csv_file(zoo, table, tmp_path, model, columns):
    written, out = [], tmp_path / "answers.csv"
    for file, first in zip(table(**columns), (1, 2), strict=True):  # a CSV file's first line has the headings
        assert zoo("predict", model, "--from", file, "--out", out)[0] == 0
        rows = list(csv.DictReader(io.StringIO(out.read_text())))
        assert [int(row.pop("line")) for row in rows] == [number + first for number in range(len(rows))]
        written.append(rows)
    assert written[0] == written[1] and len(rows) == len(next(iter(columns.values())))


def test_a_file_that_cannot_be_used_is_a_sentence(zoo, table, tmp_path):
    out = tmp_path / "answers.csv"
    file, _ = table(name=["Ada"], born=[1815])
    text = sentence(zoo("predict", "names-ngrams", "--from", file, "--out", out), "has no column named text")
    assert "its columns are name, born" in text
    assert zoo("predict", "names-ngrams", "--from", file, "--text-column", "name", "--out", out)[0] == 0
    sentence(zoo("predict", "diabetes-mlp", "--from", file, "--out", out), "has no column named after a field")
    file.write_bytes(b"PAR1 and no more")
    sentence(zoo("predict", "names-ngrams", "--from", file, "--out", out), "cannot be read as a Parquet file")
