"""Own texts in every script: trained from a table, tested and asked, and what cannot be learned is said before."""

import csv

import numpy as np
import pytest

import models
from models import catalog
from models.checkpoint import Checkpoint
from models.errors import ZooError
from models.processors.characters import Characters
from models.processors.words import Words
from training.__main__ import main
from training.custom.collection import read

# Letters of each script, vowel signs, and whether words are separated by spaces.
SCRIPTS = {
    "cyrillic": ("абвгдежзийклмнопрстуфхцчшщыьэюя", "", True),
    "greek": ("αβγδεζηθικλμνξοπρστυφχψωάέήίόύώ", "", True),
    "arabic": ("ابتثجحخدذرزسشصضطظعغفقكلمنهوي", "", True),
    "hebrew": ("אבגדהוזחטיכלמנסעפצקרשת", "ְִֵָ", True),
    "devanagari": ("कखगघचछजझटठडढतथदधनपफबभमयरलवशषसह", "ािीुूेैो", True),
    "japanese": ("あいうえおかきくけこさしすせそたちつてとアイウエオカキクケコ", "", False),
    "chinese": ("".join(chr(0x4E00 + 97 * i) for i in range(80)), "", False),
    "korean": ("".join(chr(0xAC00 + 131 * i) for i in range(60)), "", True),
    "thai": ("กขคงจฉชซญฐณดตถทธนบปผฝพฟภมยรลวศสหอฮ", "ิีึืุู", False),
}
LABELS = ("one", "two", "three")


def texts_in(script: str, count: int = 30) -> list[tuple[str, str]]:
    """Texts of five words, two of which only the texts of their label have."""
    letters, signs, is_spaced = SCRIPTS[script]
    random = np.random.default_rng(0)

    def word() -> str:
        syllables = range(random.integers(2, 5))
        return "".join(random.choice(list(letters)) + (random.choice(list(signs)) if signs else "") for _ in syllables)

    common = [word() for _ in range(12)]
    rows = []
    for label in LABELS:
        own = [word() for _ in range(10)]
        for _ in range(count):
            words = [*random.choice(own, 2), *random.choice(common, 3)]
            random.shuffle(words)
            rows.append(((" " if is_spaced else "").join(words), label))
    return rows


def written(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    return path


def test_a_model_is_trained_on_texts_in_any_script(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("training.custom.plan.LITTLE", 0)
    rows = {script: texts_in(script, 15) for script in SCRIPTS}
    table = written(tmp_path / "texts.csv", [row for of_script in rows.values() for row in of_script])
    arguments = ["--examples", str(table), "--slug", "scripts", "--epochs", "10", "--device", "cpu"]
    assert main(["names-ngrams", *arguments]) == 0
    checkpoint = Checkpoint.open(catalog.find("scripts").path)
    checkpoint.check()
    assert checkpoint.evaluation.test["examples"].accuracy >= 0.7  # by chance: a third
    predictor = models.load("scripts")
    for script, of_script in rows.items():
        text, right = of_script[0]
        assert all(token.known for token in predictor.processor.tokens(predictor.read(text))), script
        assert predictor.predict(text).best == right and predictor.predict(text).notes == (), script
    assert predictor.explain(rows["thai"][0][0]).values.any()
    assert predictor.predict("qwertz").abstained


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_word_of_a_script_is_known_to_a_model_that_reads_words(script, tmp_path):
    rows = texts_in(script)
    words = Words().fit([text for text, _ in rows])
    assert not any(words.unknown(words.read(text), 40) for text, _ in rows)
    assert len(words.known()) > 20
    assert read(written(tmp_path / "texts.csv", rows), Words()).warnings == ()


def test_texts_that_are_cut_are_named_before_training(tmp_path):
    rows = [(f"{'ab ' * 300}{f'{chr(97 + i)}x ' * 100}{label}", label) for label in LABELS for i in range(10)]
    with pytest.raises(ZooError, match=r"cannot be learned\. 30 of 30 texts are the same .* first 500 characters"):
        read(written(tmp_path / "texts.csv", rows), Characters())
    assert not any("longer" in each for each in read(tmp_path / "texts.csv", Words()).warnings)  # 302 words are read
    cut = read(written(tmp_path / "texts.csv", [*texts_in("greek"), *rows[:3]]), Characters()).warnings
    assert any("3 of 93 texts are longer than 500 characters" in warning for warning in cut)


def test_texts_up_to_the_limit_are_read_whole(tmp_path):
    rows = [(f"{'ab ' * 120}{f'{chr(97 + i)}x ' * 40}{label}", label) for label in LABELS for i in range(10)]
    assert read(written(tmp_path / "texts.csv", rows), Characters()).warnings == ()


@pytest.mark.parametrize(
    ("one", "two"), [("Ab-{}", "ab{}"), ("AB{}", "ab{}"), ("\u200bab{}", "ab{}"), ("ab\u00a0c{}", "ab c{}")]
)
def test_labels_that_differ_in_nothing_the_model_reads_are_refused(one, two, tmp_path):
    letters = "abcdefghij"
    rows = [(one.format(c), "one") for c in letters] + [(two.format(c), "two") for c in letters]
    table = written(tmp_path / "texts.csv", rows)
    with pytest.raises(ZooError, match="cannot be learned|needs at least"):
        read(table, Characters())


def test_texts_of_words_that_no_other_text_has_are_refused_for_words_only(tmp_path):
    random = np.random.default_rng(0)
    letters = {"one": "abcdefgh", "two": "ijklmnop", "three": "qrstuvwx"}
    rows = [
        (" ".join("".join(random.choice(list(letters[label]), 7)) for _ in range(3)), label)
        for label in LABELS
        for _ in range(10)
    ]
    table = written(tmp_path / "texts.csv", rows)
    with pytest.raises(ZooError, match="no words that other texts have too .* names-ngrams"):
        read(table, Words())
    assert read(table, Characters()).warnings == ()
