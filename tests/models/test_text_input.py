import pytest

from models.errors import BadInput, TooLarge
from models.inputs import text
from models.inputs.text import MAX_BYTES, MAX_LETTERS, read


def test_the_typed_text_is_preserved():
    assert read("García").typed == "García"
    assert read("García").text == "García"


def test_bytes_are_utf8():
    assert read("Nguyễn".encode()) == read("Nguyễn")


def test_reading_a_text_twice_changes_nothing():
    once = read("Novák")
    assert read(once) is once


def test_composed_and_decomposed_letters_are_equal():
    composed, apart = read("é"), read("e\u0301")
    assert composed.text == apart.text == "é"
    assert composed.spans == ((0, 1),) and apart.spans == ((0, 2),)


def test_spans_point_into_the_typed_text():
    text = read("Ne\u0301e")
    assert [text.typed[start:end] for start, end in text.spans] == ["N", "e\u0301", "e"]
    assert text.text == "Née"


def test_a_decomposed_korean_syllable_is_one_letter():
    text = read("\u1100\u1161\u11a8")
    assert text.text == "각" and text.spans == ((0, 3),)


def test_control_characters_become_blanks():
    assert read("a\tb\nc\0d\x85e\u2028f").text == "a b c d e f"


def test_a_lone_surrogate_is_no_letter():
    assert read("a\ud83d").text == "a\ufffd"


@pytest.mark.parametrize("raw", ["", " ", "\n\t", "\u200b", "\u202e\u200f", "\ufeff", "\u0301", b"", None])
def test_invisible_text_is_refused(raw):
    with pytest.raises(BadInput, match="no text yet"):
        read(raw)


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"Gr\xf6\xdfe", "Ünal".encode("utf-16")])
def test_other_bytes_are_refused(raw):
    with pytest.raises(BadInput, match="not UTF-8"):
        read(raw)


@pytest.mark.parametrize("raw", [7, 1.5, ["a"], {"text": "a"}, object()])
def test_other_types_are_refused(raw):
    with pytest.raises(BadInput, match="The input must be text, not"):
        read(raw)


def test_a_very_long_text_is_read_in_part_with_a_note():
    text = read("ab" * MAX_LETTERS)
    assert len(text.text) == MAX_LETTERS
    assert text.notes == ("Only the first 10,000 of 20,000 characters were read.",)


def test_many_marks_on_one_letter_are_bounded():
    assert len(read("e" + "\u0301" * 100_000).typed) == MAX_LETTERS


def test_too_many_bytes_are_refused_before_they_are_decoded():
    with pytest.raises(TooLarge, match="at most 1,048,576"):
        read(b"\xff" * (MAX_BYTES + 1))


def test_a_path_is_read_as_text(tmp_path):
    file = tmp_path / "name.txt"
    file.write_text("Novák")
    assert read(str(file)).text == str(file)


def test_emoji_are_visible_and_joiners_are_not():
    assert text.is_visible("🙂") and not text.is_visible("\u200d") and not text.is_visible("\ufe0f")


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("‘a’", "'a'"),
        ("a‐b‑c−d", "a-b-c-d"),
        ("a\u00adb\u200bc\u2060d\ufeffe", "abcde"),
        ("❤️", "❤"),
        ("葛\U000e0100", "葛"),
        ("ﬀﬁﬂ", "fffifl"),
        ("ＡＢ１２", "AB12"),
        ("ｶﾞﾝ", "ガン"),
        ("𝓐𝔟", "Ab"),
        ("ﷺ", "صلى الله عليه وسلم"),
        ("e\u200d\u0301", "é"),
        ("½…—`", "½…—`"),
        ("हिन्दी", "हिन्दी"),
    ],
)
def test_look_alikes_become_one_character(typed, canonical):
    assert read(typed).text == canonical
    assert len(read(typed).spans) == len(canonical)
    assert all(0 <= start < end <= len(typed) for start, end in read(typed).spans)


def test_vowel_signs_have_a_position_of_their_own():
    assert read("हि").spans == ((0, 1), (1, 2))
