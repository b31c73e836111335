"""The scripts of the pages, run by Streamlit's AppTest."""

import json
import shutil

import numpy as np
import pytest

from app.hub.answers import activations, engine
from app.hub.inputs import drawing
from app.hub.safety import BROKEN
from models import catalog, loading
from models.checkpoint import Checkpoint
from models.errors import BadCheckpoint, ZooError
from tests.app.hub.conftest import html, keyed
from tests.conftest import missing

SEVEN = [[[80, 70], [190, 68], [170, 110], [135, 220]]]


def drawing_state(strokes, pen=18) -> drawing.DrawingState:
    return drawing.DrawingState(strokes=strokes, pen=pen)


def test_home_shows_every_task_with_an_answer_of_its_best_model(home):
    home.run()
    assert not home.exception
    text = html(home)
    assert "The Zoo" in text
    assert text.count('class="zoo-thumb"') == len(catalog.tasks())
    low, high = catalog.models("digits")[0].figure.interval
    assert f"% correct (95% interval {100 * low:.1f}–{100 * high:.1f}%)" in text


def test_an_empty_task_page_shows_a_marked_example(task_page, models):
    task_page.run()
    assert not task_page.exception
    text = html(task_page)
    assert "Example: three" in text
    for model in models[:2]:
        assert f'data-model="{model.id}"' in text


def test_a_drawing_is_answered_by_the_chosen_models(task_page, models):
    task_page.session_state[drawing.KEY] = drawing_state(SEVEN)
    task_page.query_params["models"] = models[0].id
    task_page.run()
    assert not task_page.exception
    text = html(task_page)
    assert "This looks like the digit <b>7</b>" in text
    assert "Example:" not in text
    assert text.count("data-model=") == 1
    low, high = models[0].figure.interval
    assert f"95% interval {100 * low:.1f}–{100 * high:.1f}%; guessing at random: 10%" in text


def test_an_unknown_model_is_an_error_message(task_page):
    task_page.query_params["models"] = "mnist-cn"
    task_page.run()
    assert not task_page.exception
    assert "did you mean" in html(task_page)


@pytest.mark.parametrize(
    "strokes",
    [
        [[[0, 0]] * 3],
        [[["a", "b"]]],
        [[[1, float("nan")]]],
        [[[None, None]]],
        [[]],
        [1, 2],
        [[[1, 2, 3]]],
        [[[5, 5]] * 50_000],
        [[[10**9, 10**9]]],
    ],
    ids=lambda strokes: str(strokes)[:30],
)
def test_no_strokes_crash_the_page(task_page, strokes):
    task_page.session_state[drawing.KEY] = drawing_state(strokes)
    task_page.run()
    assert not task_page.exception


@pytest.mark.parametrize("pen", [-1, 0, 1e9, float("inf"), float("nan")])
def test_no_pen_crashes_the_page(task_page, pen):
    task_page.session_state[drawing.KEY] = drawing_state(SEVEN, pen)
    task_page.run()
    assert not task_page.exception


def test_the_evidence_and_the_stages_are_shown(task_page, models):
    task_page.session_state[drawing.KEY] = drawing_state(SEVEN)
    task_page.run()
    task_page.button(key=f"why-{models[0].id}").click().run()
    assert not task_page.exception
    choice = keyed(task_page.selectbox, f"why-of-{models[0].id}")
    assert choice.options[0] == "Why 7?"
    assert "Why not 1?" in choice.options
    task_page.button(key=f"stages-{models[0].id}").click().run()
    assert not task_page.exception
    assert "zoo-stages" in html(task_page)


def test_the_layers_of_a_small_convolutional_net_are_shown(task_page):
    task_page.session_state[drawing.KEY] = drawing_state(SEVEN)
    task_page.query_params["models"] = "mnist-cnn,mnist-mlp"
    task_page.run()
    assert not [button for button in task_page.button if button.key == "layers-mnist-mlp"]
    task_page.button(key="layers-mnist-cnn").click().run()
    assert not task_page.exception
    text = html(task_page)
    assert 'alt="Layer 1: 10 maps of 12 by 12' in text and 'alt="Layer 2: 20 maps of 8 by 8' not in text
    assert 'alt="Layer 2: 20 maps of 4 by 4' in text
    task_page.button(key="layers-mnist-cnn").click().run()
    assert "zoo-layers" not in html(task_page)


def test_a_small_net_can_be_rewound_and_damaged_snapshots_leave_its_answer(task_page, monkeypatch):
    task_page.session_state[drawing.KEY] = drawing_state(SEVEN)
    task_page.query_params["models"] = "mnist-cnn,mnist-mlp"
    task_page.run()
    assert not [button for button in task_page.button if button.key == "rewind-button-mnist-mlp"]
    whole = html(task_page).count("zoo-answer")
    task_page.button(key="rewind-button-mnist-cnn").click().run()
    assert not task_page.exception
    assert html(task_page).count("zoo-answer") == whole - 1  # the component draws it

    def damaged(*_):
        raise BadCheckpoint("These snapshots are damaged.")

    monkeypatch.setattr("app.hub.answers.ask.rewind", damaged)
    task_page.session_state[drawing.KEY] = drawing_state(SEVEN, 20)
    task_page.run()
    assert not task_page.exception
    assert html(task_page).count("zoo-answer") == whole and "These snapshots are damaged." in html(task_page)


def test_the_engine_can_be_chosen_when_there_are_several(task_page, monkeypatch):
    task_page.session_state[drawing.KEY] = drawing_state(SEVEN)
    monkeypatch.setattr("models.loading.choices", lambda: [("onnx", "cpu")])
    task_page.run()
    assert not [box for box in task_page.selectbox if box.key == engine.SWITCH]
    assert "ONNX Runtime" in html(task_page)
    monkeypatch.undo()
    task_page.run()
    if len(loading.choices()) > 1:
        task_page.selectbox(key=engine.SWITCH).set_value(("torch", "cpu")).run()
        assert not task_page.exception
        assert "on this CPU with PyTorch" in html(task_page) and "with ONNX Runtime" not in html(task_page)


def test_a_mosaic_contains_every_map():
    maps = np.zeros((10, 3, 4), np.float32)
    maps[7, 1, 2] = 2
    image = activations.mosaic(maps)
    assert (image == 0).sum() == 1 and (image == 255).sum() == maps.size - 1
    assert (activations.mosaic(np.zeros((7, 2, 2), np.float32)) == 255).sum() == 28


def test_a_model_page_shows_the_checkpoint(model_page, models):
    for model in models:
        model_page.query_params["model"] = model.id
        model_page.run()
        assert not model_page.exception
        text = html(model_page)
        assert model.title in text
        assert f"{model.config.parameters:,}" in text and BROKEN not in text


def test_a_label_with_low_recall_is_marked_weak(model_page):
    if not catalog.models("names"):
        missing("there is no names model; `zoo train names-ngrams` makes one")
    for model in catalog.models("names"):
        model_page.query_params["model"] = model.id
        text = html(model_page.run())
        classes = Checkpoint.open(model.path).evaluation.test["names"].per_class
        for label, scores in classes.items():
            assert (f"<td>{label} (weak)</td>" in text) == (scores.recall < 0.5)


def test_an_unexpected_error_is_shown_with_a_link(home, monkeypatch):
    def gone():
        raise ZooError("There is no task 'runes' any more.")

    monkeypatch.setattr("app.hub.views.home.show", gone)
    home.run()
    assert not home.exception
    assert "There is no task &#x27;runes&#x27; any more." in html(home)
    assert [link.proto.label for link in home.get("page_link")] == ["All models"]


def test_a_checkpoint_cannot_embed_remote_pictures(model_page, models, zoo_home):
    folder = zoo_home / "checkpoints" / "asking"
    shutil.copytree(models[0].path, folder)
    config = json.loads((folder / "config.json").read_text())
    config["data"] = [dict.fromkeys(data, "![x](https://elsewhere/x.png)") for data in config["data"]]
    (folder / "config.json").write_text(json.dumps(config))
    model_page.query_params["model"] = "asking"
    try:
        model_page.run()
    finally:
        shutil.rmtree(folder)
    assert not model_page.exception
    text = "\n".join(element.value for element in model_page.markdown)
    assert r"Trained on **\!\[x\](https\://elsewhere/x\.png)**" in text
    assert "![" not in text


def test_an_unknown_model_page_suggests_similar_ones(model_page):
    model_page.query_params["model"] = "mnist-cn"
    model_page.run()
    assert not model_page.exception
    assert "did you mean" in html(model_page)


def test_a_broken_checkpoint_folder_is_named_and_the_page_still_works(home, zoo_home):
    folder = zoo_home / "checkpoints" / "broken"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    try:
        home.run()
    finally:
        shutil.rmtree(folder)
    assert not home.exception
    assert "config.json has format None" in html(home)
    assert "This looks like the digit" in html(home)


def test_a_damaged_model_is_an_error_in_its_column_only(task_page, models, zoo_home):
    folder = zoo_home / "checkpoints" / "damaged"
    shutil.copytree(models[0].path, folder)
    (folder / "model.safetensors").write_bytes(b"damaged")
    task_page.session_state[drawing.KEY] = drawing_state(SEVEN)
    task_page.query_params["models"] = f"damaged,{models[0].id}"
    try:
        task_page.run()
    finally:
        shutil.rmtree(folder)
    assert not task_page.exception
    text = html(task_page)
    assert "model.safetensors is damaged" in text
    assert "This looks like the digit <b>7</b>" in text


def test_many_unknown_models_are_a_few_messages(task_page):
    task_page.query_params["models"] = ",".join(f"no-{index}" for index in range(500))
    task_page.run()
    assert not task_page.exception
    assert html(task_page).count("There is no model") == 3
