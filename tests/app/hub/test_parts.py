"""Parts of the pages: phrases, colours, evidence, figures, snippets; and that pages contain no logic."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest

from app.hub import markup, phrases
from app.hub.answers.evidence import overlay
from app.hub.colours import PALETTE, colours, of_all
from app.hub.components import field, pad, table
from app.hub.inputs import drawing
from app.hub.model import figures, record
from app.hub.model.snippets import snippets
from models import catalog
from models.config import Figure
from models.evidence import Evidence, Grid
from models.prediction import Prediction

HUB = Path(__file__).parents[3] / "app" / "hub"


def prediction(model: str, shares: dict[str, float], abstained: bool = False) -> Prediction:
    best = next(iter(shares))
    return Prediction(
        label=None if abstained else best,
        best=best,
        probabilities=shares,
        abstained=abstained,
        familiarity=0.0,
        notes=(),
        milliseconds=0.31,
        engine="onnx",
        device="cpu",
        model=model,
        task="digits",
        checkpoint="0" * 12,
    )


FOUR, NINE = {"4": 0.97, "9": 0.03}, {"9": 0.9, "4": 0.1}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([FOUR], ""),
        ([FOUR, FOUR], "Both agree: 4"),
        ([FOUR, FOUR, FOUR], "All agree: 4"),
        ([FOUR, NINE, FOUR], "Two say 4, one says 9"),
        ([{"Czech": 1.0}, {"Russian": 1.0}], "One says Czech, one says Russian"),
    ],
)
def test_agreement_is_described(answers, expected):
    assert phrases.agreement([prediction(str(i), shares) for i, shares in enumerate(answers)])[0] == expected


def test_agreement_counts_models_that_abstain():
    sentence, parties = phrases.agreement([prediction("a", FOUR), prediction("b", FOUR), prediction("c", NINE, True)])
    assert sentence == "Two say 4, one says none of these"
    assert [[answer.model for answer in answers] for _, answers in parties] == [["a", "b"], ["c"]]


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.9999, "> 99%"), (0.994, "99%"), (0.5, "50%"), (0.004, "< 1%"), (0.0, "0%"), (1.0, "100%")],
)
def test_percent_never_rounds_up_to_certainty(share, text):
    assert phrases.percent(share) == text


def test_every_model_has_a_stable_colour_of_its_own():
    names = [f"model-{index}" for index in range(len(PALETTE))]
    assert len(set(colours(names).values())) == len(PALETTE)
    assert colours(names) == colours(names[::-1])
    everywhere = of_all(catalog.models())
    for task in catalog.tasks():  # as on the page of the task
        assert colours([model.id for model in catalog.models(task)]).items() <= everywhere.items()
    assert len(colours([*names, "one-more"])) == len(names) + 1


@pytest.mark.parametrize("colour", PALETTE)
@pytest.mark.parametrize("page", ["#ffffff", "#14141b"])
def test_every_colour_has_contrast_in_both_themes(colour, page):
    first, second = sorted((_luminance(colour), _luminance(page)), reverse=True)
    assert (first + 0.05) / (second + 0.05) >= 3


def test_evidence_is_placed_over_the_drawing():
    values = np.zeros((2, 2, 2), np.float32)
    values[0] = [[2, -1], [0, 0]]
    evidence = Evidence("7", ("7", "1"), values, Grid(2, 2, 10, 20, 100, 200))
    placed = overlay(evidence, "7")
    assert placed["values"] == [1.0, -0.5, 0.0, 0.0]
    assert (placed["left"], placed["top"], placed["width"], placed["height"]) == (10, 20, 100, 200)
    assert "evidence for 7" in placed["words"]


def test_evidence_of_a_picture_is_fitted_into_the_square():
    values = np.ones((1, 1, 1), np.float32)
    placed = overlay(Evidence("7", ("7",), values, Grid(1, 1, 0, 0, 280, 560)), "7", (560, 280))
    assert (placed["left"], placed["top"], placed["width"], placed["height"]) == (70, 0, 140, 280)


def test_the_worst_mistakes_come_first():
    assert figures.worst(["4", "9"], [[90, 12], [3, 95]]) == [("4", "9", 12), ("9", "4", 3)]


def test_a_card_is_shown_without_front_matter_and_title_and_loads_no_picture():
    shown = record.card("---\nlicense: mit\n---\n\n# A\n\nwords ![x](https://elsewhere/x.png)")
    assert shown.strip() == "words [x](https://elsewhere/x.png)"
    for picture in ("!![x](https://elsewhere/x.png)", "![x][1]\n\n[1]: https://elsewhere/x.png", "!!![x]"):
        assert "![" not in record.card(picture)


def test_plain_text_is_escaped_as_markdown():
    text = "*a* ![x](https://elsewhere/x.png) <img src=https://elsewhere/x.png> $y$ :red[z] `c` \\![x][1]"
    assert re.fullmatch(r"(\\[^\w\s]|[\w\s(),%/'\"])*", markup.plain(text))
    assert re.sub(r"\\(.)", r"\1", markup.plain(text)) == text


def test_markup_is_escaped():
    assert markup.bold("<b>**4**") == "&lt;b&gt;<b>4</b>"
    assert '"' not in markup.drawing([[[1, 2]]], 'a "title"').split("aria-label=")[1].split('"')[1]


def test_the_python_snippet_answers(models):
    for model in models:
        code = snippets(model, "http://127.0.0.1:8501")["Python"]
        exec(compile(code, "snippet", "exec"), {})


@pytest.mark.parametrize(("revision", "taken"), [(0, False), (1, True)])
def test_a_late_stroke_does_not_undo_an_upload(monkeypatch, revision, taken):
    picture = np.zeros((28, 28), np.uint8)
    state = drawing.DrawingState(revision=1, picture=picture)
    value = {"strokes": [[[1, 2]]], "pen": 18, "revision": revision}
    monkeypatch.setattr("streamlit.session_state", {drawing.KEY: state, pad.KEY: {"drawing": value}})
    pad._update()
    assert (state.picture is None) == taken


@pytest.mark.parametrize("page", ["views/home", "views/task", "views/model", "links", "navigation", "main"])
def test_pages_hold_no_inference_file_access_or_arithmetic(page):
    tree = ast.parse((HUB / f"{page}.py").read_text())
    imported = {
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) for name in node.names
    }
    assert not imported & {"numpy", "PIL", "Image", "load", "Predictor", "open"}
    calls = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not calls & {"open", "sum", "round", "max", "min"}


def test_no_asset_refers_to_another_host():
    for file in HUB.rglob("*"):
        if file.suffix in (".js", ".css", ".html", ".toml", ".svg"):
            named = set(re.findall(r"https?://[^\s\"']+", file.read_text()))
            assert named <= {"http://www.w3.org/2000/svg"}, file  # the SVG namespace, never fetched


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("value", [5, True, "mnist-cnn names-gru", {"mnist-cnn": 1}, None, [5, None]])
def test_table_state_from_the_browser_is_validated(models, value):
    opened, left = table.valid(value, value, models)
    assert opened is None and left == ([] if isinstance(value, list) else list(models))
    assert table.valid(models[1].id, [models[1].id, "gone"], models) == (models[1].id, [models[1]])


def test_a_field_has_at_most_two_rows_of_examples():
    assert field._fitting(["ab", "c" * 147, "d", "e"]) == ["ab", "c" * 147, "d"]


def test_an_accuracy_and_its_interval_are_both_percentages():
    figure = Figure(accuracy=0.5, interval=(0.2, 0.8), n=10)
    assert phrases.correct(figure) == "50.0% correct"
    assert phrases.interval(figure) == "95% interval 20.0–80.0%"


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Great Wall", "Great Wall"),
        ("x" * 40, "x" * 40),
        ("start" + "x" * 190 + "the end", "start" + "x" * 21 + "\u2026" + "xxxthe end"),
        ("\u05e9\u05dc\u05d5\u05dd", "\u200e\u05e9\u05dc\u05d5\u05dd\u200e"),
        ("\u0645\u0645\u062a\u0627\u0632 5", "\u200e\u0645\u0645\u062a\u0627\u0632 5\u200e"),
        ("\u65e5\u672c", "\u65e5\u672c"),
        ("r\u0645", "\u200er\u0645\u200e"),
    ],
)
def test_a_label_in_a_sentence_is_short_and_moves_nothing(label, expected):
    assert markup.shown(label) == expected and "\ufffd" not in markup.escape(markup.shown(label))
