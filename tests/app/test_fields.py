"""Models of fields on every surface: command line, CSV, REST, widgets, snippets and the task page."""

import asyncio
import csv
import inspect
import io
import json

import pytest
from starlette.testclient import TestClient

from app import batch
from app.api import routes
from app.hub import inputs, many_files
from app.hub.inputs import entered, fields_code
from app.parameters import parameters, signature
from models import catalog, load
from models.errors import BadInput
from models.field import Field
from models.tasks.diabetes import FIELDS, TASK
from tests.app.hub.conftest import html, keyed, task_app
from tests.training.custom.test_rows import table, written

ID = "diabetes-mlp"
RAW = {"Age": 44, "BMI": 31.5, "Glucose": 172}
TABLE = "Age;Glucose;Name\n44;150;Ada\n;0;Bob\nx;3;Cy\n;;Di\n9;1;2;3\n"


def test_the_command_line_takes_values_and_json_files(zoo, tmp_path):
    options = [f"--field={name}={value}" for name, value in RAW.items()]
    code, out, _ = zoo("predict", ID, *options, "--json")
    assert code == 0
    answer = json.loads(out)
    assert answer["probabilities"] == pytest.approx(load(ID).predict(RAW).probabilities)
    file = tmp_path / "person.json"
    file.write_text(json.dumps({"fields": RAW}))
    assert json.loads(zoo("predict", ID, file, "--json")[1])["label"] == answer["label"]
    assert "Very sure." in (out := zoo("predict", ID, *options)[1]) or "sure." in out or "Torn" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--field", "Age"], "write --field NAME=VALUE"),
        (["--field", "Age=x"], "expected a number in years"),
        (["--field", "Agee=3"], "Did you mean 'Age'?"),
        (["--field", "Age=3", "--field", "Age=4"], "given twice"),
        (["--field", "Age="], "no values yet"),
        (["people.csv"], "Pass values with --field NAME=VALUE, or a table with --from FILE."),
    ],
)
def test_a_wrong_value_on_the_command_line_gets_one_sentence(zoo, arguments, words):
    code, out, err = zoo("predict", ID, *arguments)
    assert code == 1 and out == "" and words in err and err.count("\n") == 1


def test_only_models_of_fields_take_values(zoo):
    code, _, err = zoo("predict", "names-ngrams", "--field", "Age=3")
    assert code == 1 and "--field is for tabular models" in err


def test_a_table_is_answered_row_by_row(zoo, tmp_path):
    file, out = tmp_path / "people.csv", tmp_path / "answers.csv"
    file.write_text(TABLE)
    code, _, err = zoo("predict", ID, "--from", file, "--out", out)
    assert code == 1 and "no column for Pregnancies, BloodPressure" in err
    rows = list(csv.DictReader(out.open()))
    assert [row["line"] for row in rows] == ["2", "3", "4", "5", "6"]
    assert [row["Name"] for row in rows][:4] == ["Ada", "Bob", "Cy", "Di"] and rows[0]["Age"] == "44"
    assert rows[0]["error"] == "" and rows[0]["best"] == load(ID).predict({"Age": 44, "Glucose": 150}).best
    assert "no values yet" in rows[1]["error"] or "0 was read as not known" in rows[1]["notes"]
    assert "expected a number" in rows[2]["error"] and "no values yet" in rows[3]["error"]
    assert "has 4 cells" in rows[4]["error"]


def test_a_table_with_decimal_commas_is_answered():
    read = batch.records(io.BytesIO(b"Age;BMI\n44;31,5\n44;1.031,5\n44;3,1,5\n"), "x.csv", FIELDS)
    answers = [raw for _, raw in read.rows]
    assert answers[0] == {"Age": 44.0, "BMI": 31.5} and answers[1]["BMI"] == 1031.5
    assert "expected a number" in str(answers[2])
    (_, refused), *_ = batch.records(io.BytesIO(b'Age,BMI\n44,"31,5"\n'), "x.csv", FIELDS).rows
    assert "expected a number" in str(refused)


def test_a_table_without_any_field_is_refused():
    with pytest.raises(BadInput, match="no column named after a field. The fields are: Pregnancies"):
        batch.records(io.BytesIO(b"a,b\n1,2\n"), "x.csv", FIELDS)


def test_the_page_answers_many_rows():
    class File:
        name, size = "people.csv", len(TABLE)

        def getvalue(self):
            return TABLE.encode()

    read = many_files.read_inputs([File()], "fields", FIELDS)
    assert read.count == 5 and read.headings == ("Age", "Glucose", "Name")


@pytest.fixture(scope="module")
def client():
    return TestClient(routes.build())


def test_rest_answers_one_and_many(client):
    expected = load(ID).predict(RAW).probabilities
    one = client.post(f"/predict/{ID}", json={"fields": {**RAW, "Insulin": None}})
    assert one.status_code == 200 and one.json()["probabilities"] == pytest.approx(expected)
    many = client.post(f"/predict/{ID}", json={"inputs": [{"fields": RAW}, {"fields": {"Age": 30}}]})
    assert many.status_code == 200 and len(many.json()["predictions"]) == 2
    listed = client.get(f"/models/{ID}").json()["task_details"]["fields"]
    assert [each["name"] for each in listed] == [each.name for each in FIELDS]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"fields": {"Age": "44"}}, "'Age' is '44', expected a number"),
        ({"fields": {"Age": 1e300}}, "'Age' is larger than 1e+12"),
        ({"fields": {"Height": 3}}, "There is no field 'Height'"),
        ({"fields": {}}, "no values yet"),
        ({"fields": [1]}, "'fields' must be an object"),
        ({"fields": {"Age": 44}, "text": "x"}, "must be"),
        ({"fields": {"Age": 44}, "pen": 3}, "Unknown field 'pen'"),
        ({"text": "Age=44"}, 'must be {"fields": '),
        ([RAW], "must be a JSON object"),
    ],
)
def test_a_wrong_request_gets_one_sentence(client, body, words):
    answer = client.post(f"/predict/{ID}", json=body)
    assert 400 <= answer.status_code < 500
    assert words in answer.json()["detail"]


def test_nan_is_not_json(client):
    answer = client.post(f"/predict/{ID}", content=b'{"fields": {"Age": NaN}}')
    assert answer.status_code == 422 and "NaN" in answer.json()["detail"]


def test_a_file_is_not_fields(client):
    answer = client.post(f"/predict/{ID}", files={"file": b"Age,44"})
    assert answer.status_code == 422 and "an object of fields, not a file" in answer.json()["detail"]


def test_parameters_are_names_that_python_takes():
    odd = [Field(name) for name in ("Age (years)", "2nd", "class", "model", "a b", "a_b", "äß", "%")]
    named = parameters(odd)
    assert list(named.values()) == odd and all(name.isidentifier() for name in named)
    assert list(parameters(FIELDS)) == [each.name for each in FIELDS]
    kinds = signature((*FIELDS, Field("Port", choices=("C", "S")))).parameters
    assert kinds["Age"].annotation == float | None and kinds["Age"].default is None
    assert kinds["model"].default is inspect.Parameter.empty


def test_the_endpoint_has_typed_parameters_and_answers():
    from app.gradio_endpoints import Turns, endpoint

    predict = endpoint(TASK, Turns())
    assert list(inspect.signature(predict).parameters) == ["model", *(each.name for each in FIELDS)]
    assert "Body mass index in kg/m²" in predict.__doc__
    answer = asyncio.run(predict(ID, **RAW))
    assert answer["probabilities"] == pytest.approx(load(ID).predict(RAW).probabilities)


def test_the_page_answers_for_each_change():
    page = task_app("diabetes").run()
    assert not page.exception
    typical = load(ID).processor.typical()
    assert keyed(page.number_input, "field-diabetes-1-1").value == typical["Glucose"]
    assert "all are typical" in html(page)
    keyed(page.number_input, "field-diabetes-1-1").set_value(195.0).run()
    shown = html(page)
    assert not page.exception and "strongest: Glucose." in shown and "now 3" in shown
    keyed(page.number_input, "field-diabetes-1-1").set_value(None).run()
    assert "typical value was used: Glucose" in html(page)
    keyed(page.number_input, "field-diabetes-1-1").set_value(1e9).run()
    assert "Glucose is 1,000,000,000, above the range" in html(page)
    keyed(page.button, "empty-diabetes").click().run()
    assert "There are no values yet" in html(page) and not page.exception


@pytest.mark.parametrize("slug", [slug for slug, task in catalog.tasks().items() if task.input == "fields"])
def test_every_button_fills_the_form_and_each_model_shows_its_evidence(slug):
    page = task_app(slug).run()
    for start in [f"example-{slug}-{number}" for number in range(len(catalog.task(slug).examples))] + [
        f"empty-{slug}",  # shows an example, marked as one
        f"typical-{slug}",
    ]:
        keyed(page.button, start).click().run()
        shown = html(page)
        assert not page.exception and "went wrong" not in shown and "zoo-sides" in shown


def test_an_example_in_a_picture_has_the_titles_of_its_fields():
    titanic = catalog.task("titanic")
    shown = inputs.kind(titanic).example(titanic, titanic.examples[0].raw, "a <lady>", 24)
    assert ">Class first, Sex female, Title Mrs, Age 41 years, …</span>" in shown and "a &lt;lady&gt;" in shown


def test_an_example_fills_the_form():
    page = task_app("diabetes").run()
    keyed(page.button, "example-diabetes-0").click().run()
    assert keyed(page.number_input, "field-diabetes-2-1").value == TASK.examples[0].raw["Glucose"]
    assert "zoo-strip" in html(page) and not page.exception


LINKED = {"Age": 44, "BMI": 31.5, "Glucose": 172.25, "Insulin": 0}


def test_a_link_fills_the_form_once():
    page = task_app("diabetes")
    page.query_params["fields"] = fields_code.encode(LINKED)
    page.run()
    assert not page.exception
    values = [keyed(page.number_input, f"field-diabetes-2-{number}").value for number in range(8)]
    assert values == [float(LINKED[each.name]) if each.name in LINKED else None for each in FIELDS]
    keyed(page.number_input, "field-diabetes-2-7").set_value(50.0).run()
    assert keyed(page.number_input, "field-diabetes-2-7").value == 50.0


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("Age=x", "expected a number in years"),
        ("Height=3", "There is no field"),
        ("Age=44&Age", ""),
        ("Age=1e300", "larger than"),
        ("Age=", "no values yet"),
        ("x" * 7_000, ""),
        ("Age=1&" * 600 + "Age=1", ""),
    ],
    ids=range(7),
)
def test_a_damaged_link_is_one_sentence_and_the_form_is_typical(code, words):
    page = task_app("diabetes")
    page.query_params["fields"] = code
    page.run()
    shown = html(page)
    assert not page.exception and "cannot be read, so the form shows typical values." in shown and words in shown
    keyed(page.button, "empty-diabetes").click().run()
    assert "cannot be read" not in html(page)


def test_values_survive_the_round_trip_through_a_link():
    odd = (Field("a&b=c", choices=("x y", "5%", "na", "ä+")), Field("%"), Field("fields"))
    for values in ({"a&b=c": "na", "%": 0.1}, {"a&b=c": "ä+", "fields": -1e11 / 3}, {"a&b=c": "5%", "%": None}):
        again = fields_code.decode(fields_code.encode(values), odd)
        assert again == {**{each.name: None for each in odd}, **values}
    assert fields_code.encode({f"field {number}": 1.5 for number in range(500)}) == ""


def test_the_form_of_a_task_without_models_begins_with_an_example(monkeypatch):
    monkeypatch.setattr(entered.catalog, "models", lambda slug: [])
    assert entered.typical(TASK) == TASK.examples[0].raw


@pytest.mark.parametrize("entry", ["titanic-boosting", "titanic-logistic"])
def test_a_model_is_trained_on_a_table(zoo, tmp_path, monkeypatch, entry):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "home"))
    file = written(tmp_path / "parcels.csv", table())
    arguments = ["--examples", file, "--label-column", "kind", "--slug", f"my-{entry}", "--epochs", 5]
    code, out, err = zoo("train", entry, *arguments)
    assert code == 0 and "Columns left out: order_id" in err and "--from FILE" in err
    model = catalog.find(f"my-{entry}")
    assert [each.name for each in model.task.fields] == ["colour", "weight"]
    assert model.config.figures["examples"].n == 120
    predictor = load(model.id)
    answer = predictor.predict({"colour": "red", "weight": 5})
    assert set(answer.probabilities) == {"heavy", "light"}
    assert predictor.predict({"weight": 5}).notes[0].startswith("Not known")
    assert "examples" in json.loads(zoo("evaluate", model.id, "--json")[1])["dataset"]
    assert zoo("predict", model.id, "--from", file, "--json")[0] == 0
