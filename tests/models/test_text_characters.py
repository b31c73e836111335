import json
import unicodedata
import zlib

import numpy as np
import pytest

from models import processors
from models.processors.base import UNKNOWN
from models.processors.characters import MARK, Characters, crc32

LETTERS = Characters(vocabulary=" ',abcdefghijklmnopqrstuvwxyz", buckets=1000)


def read_as(raw: str) -> str:
    return "".join(part.text for part in LETTERS.tokens(LETTERS.read(raw)))


def notes(raw: str) -> tuple[str, ...]:
    return LETTERS.notes(LETTERS.read(raw))


def processed(raw: str) -> dict[str, np.ndarray]:
    return LETTERS.process(LETTERS.read(raw))


def course(name: str) -> str:
    """The folding used in the course: NFD, then drop everything except these letters."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz .,;'"
    return "".join(c for c in unicodedata.normalize("NFD", name) if c in letters).strip()


@pytest.mark.parametrize(
    "name", ["García", "Ślusàrski", "O'Néàl", "Nguyễn", "Żak", "Au-Yong", "Åström", " Seo ", "Ñíguez"]
)
def test_letters_are_folded_as_in_the_course(name):
    assert read_as(name) == course(name).lower()


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("SCHMIDT", "schmidt"),
        ("O’Brien", "o'brien"),
        ("de  la\tCruz ", "de la cruz"),
        ("Großel", "grossel"),
        ("Иван", MARK * 4),
        ("山田", MARK * 2),
        ("אבן", MARK * 3),
        ("김", MARK),
        ("🙂", MARK),
        ("Li5", f"li{MARK}"),
        ("-", MARK),
    ],
)
def test_letters_are_split_into_tokens(typed, read):
    assert read_as(typed) == read


def test_notes_name_unknown_letters_and_truncation():
    assert notes("Schmidt") == () and notes("SCHMIDT") == ()
    assert notes("García") == ("Read as: garcia",)
    assert notes("Großel") == ("Read as: grossel",)
    assert notes("Gro5el") == ("1 of 6 characters is unknown to this model (5).", f"Read as: gro{MARK}el")
    assert notes("Иван") == ("4 of 4 characters are unknown to this model (И в а н).",)


def test_right_to_left_marks_are_dropped():
    assert read_as("\u202eLi\u202c") == "li"


def test_tokens_point_into_the_original_text():
    typed = "  Ne\u0301e-X"
    places = LETTERS.places(LETTERS.read(typed)).parts
    assert [typed[start:end] for start, end in places] == ["N", "e\u0301", "e", "X"]


def test_a_long_text_is_truncated_with_a_note():
    arrays = processed("ab" * 10_000)
    assert arrays["x"].shape == (100,) and arrays["lengths"] == 100
    assert notes("ab" * 10_000)[:2] == (
        "Only the first 10,000 of 20,000 characters were read.",
        "Only the first 100 of 10,000 characters were used.",
    )


def test_a_single_text_equals_its_row_in_a_batch():
    texts = [LETTERS.read(raw) for raw in ("Li", "Großel", "O'Sullivan", "🙂")]
    single = [LETTERS.process(text) for text in texts]
    batch, collated = LETTERS.process_batch(texts), LETTERS.collate(single)
    for row, arrays in enumerate(single):
        length = int(arrays["lengths"])
        for name in ("x", "ngrams"):
            assert np.array_equal(batch[name][row, :length], arrays[name])
            assert not batch[name][row, length:].any()
    assert all(np.array_equal(batch[name], collated[name]) and batch[name].dtype == np.int64 for name in batch)


def test_ngrams_are_crc32_of_neighbouring_letters():
    def bucket(letters):
        return zlib.crc32(letters.encode()) % 999 + 1

    grams = processed("Ana")["ngrams"]
    expected = [["^a", "^an", "^^an"], ["an", "ana", "^ana"], ["na", "na$", "ana$"]]
    assert grams.tolist() == [[bucket(letters) for letters in row] for row in expected]


def test_an_ngram_with_an_unknown_letter_is_padding():
    assert processed("a5a")["ngrams"].tolist()[1] == [0, 0, 0]
    assert (processed("Иван")["ngrams"] == 0).all()


def test_crc32_matches_zlib():
    random = np.random.default_rng(0)
    alphabet = [letter.encode() for letter in "aßж山🙂"]
    encoded = np.array([list(letter.ljust(4, b"\0")) for letter in alphabet], np.uint8)
    sizes = np.array([len(letter) for letter in alphabet])
    codes = random.integers(0, 5, (4, 50))
    expected = [zlib.crc32(b"".join(alphabet[code] for code in codes[:, i])) for i in range(50)]
    assert crc32(list(codes), encoded, sizes).tolist() == expected


def test_each_occlusion_removes_one_letter():
    arrays = processed("Novak")
    without, spots = LETTERS.occlusions(arrays)
    assert spots.tolist() == [0, 1, 2, 3, 4]
    for row in range(5):
        changed = np.flatnonzero(without["x"][row] != arrays["x"])
        assert changed.tolist() == [row] and without["x"][row, row] == UNKNOWN
        near = [place for place in (row - 1, row, row + 1, row + 2) if 0 <= place < 5]
        assert all((without["ngrams"][row, place] == 0).any() for place in near)


def test_prefixes_equal_processed_beginnings():
    prefixes = LETTERS.prefixes(processed("Novak"))
    beginnings = LETTERS.process_batch([LETTERS.read("Novak"[:n]) for n in range(1, 6)])
    assert all(np.array_equal(prefixes[name], beginnings[name]) for name in beginnings)


def test_a_vocabulary_is_fitted_and_serialised():
    fitted = Characters(buckets=100).fit(["Ana", "Ñu ", "O'B", "Straße"])
    assert fitted.vocabulary == "'abenorstu"
    assert fitted.sizes() == {"letters": 12, "buckets": 100}
    assert processors.from_dict(json.loads(json.dumps(fitted.to_dict()))) == fitted


def test_a_processor_without_ngrams_has_no_ngram_array():
    assert set(Characters(vocabulary="ab").process(LETTERS.read("ab"))) == {"x", "lengths"}


@pytest.mark.parametrize(
    "values",
    [
        {"vocabulary": "aa"},
        {"vocabulary": "a\n"},
        {"vocabulary": "a\u202e"},
        {"vocabulary": "\ud800"},
        {"buckets": 1},
        {"limit": 0},
    ],
)
def test_an_impossible_processor_is_refused(values):
    with pytest.raises(ValueError):
        Characters(**values)


def test_stages_show_the_letters_and_what_is_unknown():
    typed, read, rows = LETTERS.stages(LETTERS.read("Gro5"))
    assert [part.text for part in typed.tokens] == list("Gro5")
    assert [part.known for part in read.tokens] == [True, True, True, False]
    assert [part.text for part in rows.tokens[:3]] == ["^g", "^gr", "^^gr"]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Ławniczak", "lawniczak"),
        ("Søren", "soren"),
        ("Đặng", "dang"),
        ("Ðorgeir", "dorgeir"),
        ("Þór", "thor"),
        ("Yıldız", "yildiz"),
        ("İnönü", "inonu"),
        ("Ælfric", "aelfric"),
        ("Œuvrard", "oeuvrard"),
        ("Ħamrun", "hamrun"),
        ("Ĳssel", "ijssel"),
        ("ﬁnch", "finch"),
        ("STRAẞE", "strasse"),
        ("Ｔａｎａｋａ", "tanaka"),
        ("𝐓𝐚𝐧𝐚𝐤𝐚", "tanaka"),
        ("O`Brien", "o'brien"),
        ("O´Brien", "o'brien"),
        ("O\u2018Brien", "o'brien"),
        ("Au\u2010Yong", "auyong"),
        ("Au\u2011Yong", "auyong"),
        ("Au\u2212Yong", "auyong"),
        ("Ta\u00adna\u200bka\ufe0f", "tanaka"),
        ("St. Pierre", "st pierre"),
    ],
)
def test_letters_without_a_decomposition_have_their_usual_spelling(typed, read):
    assert read_as(typed) == read
    assert notes(typed) == (f"Read as: {read}",)


def test_letters_of_a_ligature_share_its_position():
    assert LETTERS.places(LETTERS.read("aßb")).parts == ((0, 1), (1, 2), (1, 2), (2, 3))


@pytest.mark.parametrize(
    "texts",
    [
        ["Привет", "мир"],
        ["Καλημέρα", "κόσμε"],
        ["مَرحبا", "عالم"],
        ["שָׁלוֹם", "עולם"],
        ["नमस्ते", "दुनिया"],
        ["こんにちは", "カタカナ"],
        ["你好", "世界"],
        ["안녕", "세계"],
        ["สวัสดี", "ชาวโลก"],
        ["A1!", "👍😀"],
    ],
)
def test_a_vocabulary_is_fitted_to_every_script(texts):
    letters = Characters(buckets=1_000).fit(texts)
    for text in texts:
        tokens = letters.tokens(letters.read(text))
        assert all(token.known for token in tokens)
        assert "".join(token.text for token in tokens) == letters.read(text).text.lower()
    assert processors.from_dict(json.loads(json.dumps(letters.to_dict()))) == letters
    assert (letters.process(letters.read(texts[0]))["ngrams"] > 0).all()
    assert letters.notes(letters.read(texts[0])) == ()


def test_ngrams_of_other_scripts_are_crc32_of_their_utf8_bytes():
    letters = Characters(buckets=1_000).fit(["да🙂"])
    ngrams = letters.process(letters.read("да🙂"))["ngrams"]
    expected = [["^д", "^да", "^^да"], ["да", "да🙂", "^да🙂"], ["а🙂", "а🙂$", "да🙂$"]]
    assert ngrams.tolist() == [[zlib.crc32(gram.encode()) % 999 + 1 for gram in row] for row in expected]


def test_vowel_points_that_no_training_text_has_are_dropped():
    letters = Characters().fit(["مرحبا", "שלום"])
    assert letters.notes(letters.read("שָׁלוֹם")) == ("Read as: שלום",)


def test_a_rare_accent_is_read_without_it_and_a_common_one_is_a_letter():
    letters = Characters().fit(["café", "été", "señor"])
    assert set(letters.vocabulary) == set("acéefnorst")
    assert [token.text for token in letters.tokens(letters.read("Ñé"))] == ["n", "é"]


def test_the_limit_is_raised_to_the_longest_training_text():
    assert Characters().fit(["a" * 50]).limit == 100
    assert Characters().fit(["a" * 450, "b"]).limit == 450
    assert Characters().fit(["a" * 5_000]).limit == 500


def test_texts_shorter_than_every_training_text_are_not_answered():
    letters = Characters().fit(["abc", "cab", "bcab"])
    assert letters.shortest == 3 and letters.to_dict()["shortest"] == 3
    assert letters.nothing_known(
        letters.process_batch([letters.read(raw) for raw in ("ab", "a b", "abc")])
    ).tolist() == [
        True,
        False,
        False,
    ]
    assert "shortest" not in Characters().fit(["\u732b", "\u72ac"]).to_dict()


@pytest.mark.parametrize("shortest", [0, -1, 101, 2.0, "2", True])
def test_a_wrong_length_is_refused(shortest):
    with pytest.raises(ValueError, match="shortest"):
        Characters(vocabulary="ab", shortest=shortest)


@pytest.mark.parametrize(
    ("raw", "nothing"),
    [
        ("山田", True),
        ("山 田", True),
        ("5", True),
        ("-", True),
        ("..", True),
        ("山, 田", True),
        ("山a", False),
        ("a", False),
    ],
)
def test_a_text_whose_letters_are_all_unknown_is_recognised(raw, nothing):
    assert LETTERS.nothing_known(LETTERS.process_batch([LETTERS.read(raw), LETTERS.read("ab")])).tolist() == [
        nothing,
        False,
    ]
