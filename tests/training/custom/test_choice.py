"""Without an entry, `zoo train --examples` chooses one by the kind and number of the examples, and says so."""

import numpy as np
import pytest
from PIL import Image

from models import catalog
from models.errors import ZooError
from training.__main__ import main
from training.custom.choice import chosen_entry
from training.custom.plan import suited
from training.custom.table import COLUMNS


def photos(folder):
    """Write two photos of each of two labels: smooth noise in colour."""
    random = np.random.default_rng(0)
    for label in ("lake", "wood"):
        (folder / label).mkdir(parents=True)
        for number in range(2):
            pixels = random.integers(0, 256, (6, 8, 3), dtype=np.uint8)
            Image.fromarray(pixels).resize((160, 120)).save(folder / label / f"{number}.jpg")
    return folder


def test_drawings_and_photos_are_distinguished(drawn, tmp_path):
    assert chosen_entry(drawn(bar=3, ring=3), COLUMNS) == ("letters-transfer", "6 drawings")
    assert chosen_entry(photos(tmp_path / "photos"), COLUMNS) == ("holidays-efficientnet", "4 photos")


def test_transparent_and_white_on_black_drawings_are_drawings(tmp_path):
    (tmp_path / "bar").mkdir()
    ink = np.zeros((64, 64), np.uint8)
    ink[10:50, 30:34] = 255
    Image.fromarray(np.dstack([ink * 0, ink])).save(tmp_path / "bar" / "clear.png")
    Image.fromarray(ink).save(tmp_path / "bar" / "black.png")
    assert chosen_entry(tmp_path, COLUMNS)[0] == "letters-transfer"


def test_short_and_long_texts_have_different_entries(written):
    entry, why = chosen_entry(written("text,label", "Hamburg,town", "Nogoa,river"), COLUMNS)
    assert entry == "names-ngrams"
    assert why == "2 short texts (for names of people, names-gru is more accurate, but takes longer)"
    tickets = written("text,label", "where is my parcel,post", "the bill is too high,money")
    why = "2 texts of 4 words on average (for opinions, reviews-gru is more accurate, but takes longer)"
    assert chosen_entry(tickets, COLUMNS) == ("reviews-ngrams", why)


def test_few_rows_get_a_hidden_layer_and_many_get_trees(written):
    """Rows are counted by label: ten labels need five times as many as two."""

    def chosen(labels: int, each: int) -> tuple[str, str]:
        rows = [f"{number / 7:.3f},kind {number % labels}" for number in range(labels * each)]
        return chosen_entry(written("size,label", *rows), COLUMNS)

    few = "54 rows, 27 of each label on average: with fewer than 30, trees are less accurate"
    assert chosen(2, 27) == ("titanic-mlp", few)
    assert chosen(2, 30) == ("titanic-boosting", "60 rows, 30 of each label on average")
    assert chosen(10, 27)[0] == "titanic-mlp"


def test_the_label_of_a_table_may_be_in_any_column(written):
    table = written("passed,points", *(f"{points > 40},{points / 7:.2f}" for points in range(80)))
    assert chosen_entry(table, {"text": None, "label": "passed"})[0] == "titanic-boosting"
    with pytest.raises(ZooError, match="label"):
        chosen_entry(table, COLUMNS)


@pytest.mark.parametrize("name, words", [("nowhere", "no such folder"), ("nowhere.csv", "no such file")])
def test_missing_examples_are_named(tmp_path, capsys, name, words):
    with pytest.raises(ZooError, match=f"There is {words}: .*{name}"):
        chosen_entry(tmp_path / name, COLUMNS)
    assert main(["train", "--examples", str(tmp_path / name)]) == 1
    assert words in capsys.readouterr().err


def test_neither_an_entry_nor_examples_is_wrong_usage(capsys):
    assert main(["train"]) == 2
    assert "name an entry, or pass --examples PATH" in capsys.readouterr().err


def test_own_drawings_start_from_the_letters_of_many_writers():
    """As models of digits, which the shipped letters-transfer starts from, tell few other drawings from one's own."""
    entry = catalog.entry("letters-transfer")
    assert (entry.recipe.start_from, suited(entry.recipe, 20).start_from) == ("mnist-conv", "letters-best")
    assert entry.net is catalog.entry("letters-best").net  # so that the trunk fits
    assert suited(catalog.entry("letters-scratch").recipe, 20).start_from is None
