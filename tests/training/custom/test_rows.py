"""A user's own table: which columns are used, what is said about the others, and a model trained on one."""

import csv
from pathlib import Path

import numpy as np
import pytest

from models.errors import ZooError
from models.processors.table import Table
from training.custom.collection import read
from training.custom.columns import columns, summary


def table(count: int = 120, seed: int = 0) -> list[dict[str, object]]:
    """Rows of parcels whose label follows from weight and colour, with columns that tell nothing."""
    random, rows = np.random.default_rng(seed), []
    for number in range(count):
        colour, weight = str(random.choice(["red", "blue"])), round(float(random.normal(5, 2)), 2)
        rows.append(
            {
                "order_id": 7_000 + 13 * number,
                "sent": f"2024-01-{number % 28 + 1:02d}",
                "colour": colour,
                "weight": "" if number % 9 == 0 else weight,
                "empty": "",
                "always": "x",
                "comment": f"left at the door {number} times",
                "name": f"person{number}",
                "kind": "heavy" if weight + 2 * (colour == "red") > 6 else "light",
            }
        )
    return rows


def written(path: Path, rows: list[dict[str, object]]) -> Path:
    """Write the rows to a CSV file."""
    with path.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def file(tmp_path):
    return written(tmp_path / "parcels.csv", table())


def inferred(**cells: list[str]):
    count = len(next(iter(cells.values())))
    labels = ["a" if i % 3 else "b" for i in range(count)]
    return {each.heading: each for each in columns(list(cells), list(zip(*cells.values(), strict=True)), labels)}


def test_kinds_are_inferred_and_columns_that_tell_nothing_are_left_out():
    n = range(60)
    made = inferred(
        PassengerId=[str(i + 1) for i in n],
        code_no=[str(7 * i) for i in n],
        price=[f"{i * 1.5}" for i in n],
        few=[str(i % 4) for i in n],
        town=["NA" if i == 0 else f"town {i % 3}" for i in n],
        day=[f"{i % 28 + 1}.3.2024" for i in n],
        text=[f"these are some words {i}" for i in n],
        ticket=[f"A/5 {i}" for i in n],
        none=["?"] * 60,
        same=["yes"] * 60,
    )
    reasons = {name: each.reason for name, each in made.items() if each.field is None}
    assert reasons == {
        "PassengerId": "it numbers the rows",
        "code_no": "it numbers the rows",
        "day": "dates and times are not read",
        "text": "free text is not read",
        "ticket": "almost every row has its own value, like a name",
        "none": "it is empty",
        "same": "it is always 'yes'",
    }
    assert (made["price"].field.low, made["price"].field.high, made["price"].field.step) == (0.0, 88.5, 0)
    assert made["few"].field.step == 1 and made["town"].field.choices == ("town 0", "town 1", "town 2")


@pytest.mark.parametrize("odd", ["inf", "nan", "1e300", "1,5", "0x10"])
def test_what_is_no_finite_number_makes_no_number_of_a_column(odd):
    made = inferred(price=[odd, *(str(i / 4) for i in range(59))])["price"]
    assert (made.field is None) == (odd != "nan")


def test_a_column_that_gives_the_label_away_is_warned_of():
    labels = ["heavy" if i % 3 else "light" for i in range(90)]
    rows = [(label[0], str(int(label == "heavy") * 10 + i % 5), str(i % 7)) for i, label in enumerate(labels)]
    made = columns(("letter", "score", "weekday"), rows, labels)
    assert [each.heading for each in made if each.leak] == ["letter", "score"]
    assert "The column letter alone gives the label away (100% of the rows)." in " ".join(summary(made))


def test_rare_labels_make_no_column_a_leak():
    labels = ["rare"] + ["usual"] * 199
    assert columns(("x",), [(str(i % 5),) for i in range(200)], labels)[0].leak == 0


def test_a_table_is_read_with_its_fields(file):
    made = read(file, Table(), {"text": None, "label": "kind"})
    assert [each.name for each in made.fields] == ["colour", "weight"]
    assert made.kind == "fields" and len(made) == 120 and made.labels == ("heavy", "light")
    said = " ".join(made.warnings)
    assert "Columns: colour (2 choices), weight (number)." in said
    for name in ("order_id", "sent", "empty", "always", "comment", "name"):
        assert f"{name} (" in said
    assert made.sha256 == read(file, Table(fields=made.fields), {"text": None, "label": "kind"}).sha256


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_decimal_commas_are_read_where_the_comma_separates_no_cells(tmp_path, delimiter):
    rows = [(str(row["kind"]), str(row["weight"]).replace(".", ","), f"1.{i:03},5") for i, row in enumerate(table())]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(map(delimiter.join, [("label", "weight", "price"), *rows])), encoding="utf-8")
    made = read(path, Table())
    weight, price = made.fields
    assert not weight.choices and weight.high == max(float(row["weight"]) for row in table() if row["weight"] != "")
    assert (price.low, price.high) == (1000.5, 1119.5)
    assert "The comma was read as a decimal comma in weight, price." in " ".join(made.warnings)


def test_a_comma_in_a_quoted_cell_between_commas_is_no_decimal_comma(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("label,weight\n" + "".join(f'{"ab"[i % 2]},"{i},500"\n' for i in range(1, 60)))
    with pytest.raises(ZooError, match="no column that a model could"):
        read(path, Table())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        ("a,b\n1,2\n", "no column named label"),
        ("label,day\n" + "".join(f"{'ab'[i % 2]},2024-01-0{i}\n" for i in range(1, 9)), "no column that a model could"),
        ("label,x\na,1\nb,2\n", "Each label needs at least 3"),
        ("label,x\n" + "a,1\na,2\na,3\na,4\n", "only one label"),
    ],
)
def test_a_table_that_cannot_be_learned_from_is_refused(tmp_path, content, words):
    path = tmp_path / "t.csv"
    path.write_text(content)
    with pytest.raises(ZooError, match=words):
        read(path, Table())


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(ZooError, match="no such file"):
        read(tmp_path / "none.csv", Table())
    with pytest.raises(ZooError, match="not the folder"):
        read(tmp_path, Table())
