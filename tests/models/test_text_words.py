import json
import unicodedata
import zlib

import numpy as np
import pytest

from models import processors
from models.processors.base import UNKNOWN
from models.processors.words import LONGEST, Words

VOCABULARY = (
    "the a film it is not n't 's bad good do self indulgent u.s. mr. naive café . , ... -- \" ( ) ! 1,000 rock'n'roll"
)
WORDS = Words(vocabulary=VOCABULARY, buckets=1_000)


def words(raw: str) -> str:
    return " ".join(part.text for part in WORDS.tokens(WORDS.read(raw)))


def notes(raw: str) -> tuple[str, ...]:
    return WORDS.notes(WORDS.read(raw))


def processed(raw: str) -> dict[str, np.ndarray]:
    return WORDS.process(WORDS.read(raw))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("It isn't bad.", "it is n't bad ."),
        ("It is n't bad .", "it is n't bad ."),
        ("DON’T", "do n't"),
        ("the film's", "the film 's"),
        ("'s", "'s"),
        ("n't", "n't"),
        ("“Good!”", '" good ! "'),
        ("`` good ''", '" good "'),
        ("bad…  very....bad", "bad ... very ... bad"),
        ("it—is---not", "it -- is -- not"),
        ("Mr. Bean in the U.S. (1,000)", "mr. bean in the u.s. ( 1,000 )"),
        ("-LRB- not -RRB-", "( not )"),
        ("rock'n'roll", "rock'n'roll"),
        ("naïve café", "naive café"),
        ("self-indulgent", "self - indulgent"),
        ("un-xyz", "un-xyz"),
        ("so good/bad", "so good / bad"),
        ("не плохо", "не плохо"),
        ("好电影", "好电影"),
        ("🙂!", "🙂 !"),
        ("_", "_"),
    ],
)
def test_words_are_split_into_tokens(typed, read):
    assert words(typed) == read


def test_marks_stay_in_the_word_they_belong_to():
    typed = "हिन्दी फ़िल्म"
    assert [typed[start:end] for start, end in WORDS.places(WORDS.read(typed)).parts] == typed.split()


def test_every_visible_character_is_in_exactly_one_token():
    typed = "  Don’t miss\tit: «naïve»,\u200b self-indulgent… e\u0301 🙂 (U.S.)!"
    text = WORDS.read(typed)
    covered = [at for start, end in WORDS.places(text).parts for at in range(start, end)]
    assert covered == sorted(set(covered))
    assert {typed[at] for at in set(range(len(typed))) - set(covered)} <= set(" \t\u200b")


def test_unknown_words_are_marked_and_named():
    assert processed("a zyx film")["x"].tolist() == [3, UNKNOWN, 4]
    assert [part.known for part in WORDS.tokens(WORDS.read("a zyx film"))] == [True, False, True]
    assert notes("a film") == ()
    assert notes("a Zyx film") == ("1 of 3 words is unknown to this model (Zyx).",)
    assert notes("Zyx") == ("This word is unknown to this model (Zyx).",)


def test_a_long_text_is_truncated_with_a_note():
    long = "bad film " * 3_000
    assert processed(long)["x"].shape == (128,)
    assert notes(long)[0].startswith("Only the first 10,000 of 27,000 characters")
    assert notes(long)[1] == "Only the first 128 of 2,223 words were used."
    (part,) = WORDS.tokens(WORDS.read("z" * 9_000))
    assert len(part.text) == LONGEST + 1 and (part.start, part.end) == (0, 9_000)
    assert len(notes("z" * 9_000)[0]) < 100


def test_a_single_text_equals_its_row_in_a_batch():
    texts = [WORDS.read(raw) for raw in ("bad", "It isn't a bad film.", "zyx", "a good film, the good")]
    single = [WORDS.process(text) for text in texts]
    batch, collated = WORDS.process_batch(texts), WORDS.collate(single)
    for row, arrays in enumerate(single):
        length = int(arrays["lengths"])
        for name in ("x", "ngrams"):
            assert np.array_equal(batch[name][row, :length], arrays[name])
            assert not batch[name][row, length:].any()
    assert all(np.array_equal(batch[name], collated[name]) and batch[name].dtype == np.int64 for name in batch)


def test_ngrams_are_crc32_of_the_preceding_words():
    def bucket(row):
        return zlib.crc32(row.encode()) % 999 + 1

    assert processed("not a bad film")["ngrams"].tolist() == [
        [bucket("not"), 0, 0],
        [bucket("a"), bucket("not a"), 0],
        [bucket("bad"), bucket("a bad"), bucket("not a bad")],
        [bucket("film"), bucket("bad film"), bucket("a bad film")],
    ]
    assert (processed("a zyx film")["ngrams"][1:, 1:] == 0).all()
    assert processed("bad")["ngrams"].shape == (1, 3)


def test_prefixes_and_occlusions_equal_processed_texts():
    arrays = processed("it is not bad")
    beginnings = WORDS.process_batch([WORDS.read(" ".join("it is not bad".split()[:n])) for n in range(1, 5)])
    prefixes = WORDS.prefixes(arrays)
    assert all(np.array_equal(prefixes[name], beginnings[name]) for name in beginnings)
    without, spots = WORDS.occlusions(arrays)
    blanked = WORDS.process_batch(
        [WORDS.read(text) for text in ("? is not bad", "it ? not bad", "it is ? bad", "it is not ?")]
    )
    assert spots.tolist() == [0, 1, 2, 3]
    assert all(np.array_equal(without[name], blanked[name]) for name in blanked)


def test_a_vocabulary_is_fitted_by_frequency_and_serialised():
    texts = ["a bad film", "a good film", "a film by Ana", "Don't"]
    fitted = Words(buckets=100).fit(texts)
    assert fitted.vocabulary == "a film"  # a word in a single text, such as a name, is left out
    assert Words(fewest=1).fit(texts).vocabulary == "a film ana bad by do good n't"
    more = Words(size=4).fit(texts, more=["the", "film", "of", "to"])
    assert more.vocabulary == "a film the of" and more.sizes() == {"words": 6}
    assert fitted.sizes() == {"words": 4, "buckets": 100}
    assert processors.from_dict(json.loads(json.dumps(fitted.to_dict()))) == fitted


@pytest.mark.parametrize("values", [{"vocabulary": "a a"}, {"vocabulary": "a  b"}, {"buckets": 1}, {"limit": 0}])
def test_an_impossible_processor_is_refused(values):
    with pytest.raises(ValueError):
        Words(**values)


def test_stages_show_the_words_and_what_is_unknown():
    typed, read, rows = WORDS.stages(WORDS.read("Not a Zyx film"))
    assert [part.text for part in typed.tokens] == ["Not", "a", "Zyx", "film"]
    assert [part.known for part in read.tokens] == [True, True, False, True]
    assert [part.text for part in rows.tokens[:4]] == ["not", "a", "not a", "zyx"] and not rows.tokens[3].known
    assert len(Words(vocabulary="a").stages(WORDS.read("a"))) == 2


QUOTES = Words(
    vocabulary="the a film worst is not n't bad do ` ' \" - , . indulgent self fine café grosse s rock 'n roll '70s",
    buckets=100,
)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("the 'worst' film", "the ` worst ' film"),
        ("the ‘worst’ film", "the ` worst ' film"),
        ("the ‚worst‘ film", "the ` worst ' film"),
        ("the ‹worst› film", "the ` worst ' film"),
        ("the `worst` film", "the ` worst ' film"),
        ("the `worst' film", "the ` worst ' film"),
        ("the ´worst´ film", "the ` worst ' film"),
        ("the ＇worst＇ film", "the ` worst ' film"),
        ("'worst'", "` worst '"),
        ("('worst')", "( ` worst ' )"),
        ("'the worst film'.", "` the worst film ' ."),
        ("'Don't'", "` do n't '"),
        ("'isn`t bad'", "` is n't bad '"),
        ("` worst '", "` worst '"),
        ("' worst '", "' worst '"),
        ("the 'n rock", "the 'n rock"),
        ("the '70s", "the '70s"),
        ("the '53 film", "the ' 53 film"),
        ("wor\u00adst", "worst"),
        ("wor\u200bst", "worst"),
        ("wor\u2060st", "worst"),
        ("self\u2010indulgent", "self - indulgent"),
        ("self\u2011indulgent", "self - indulgent"),
        ("self\u2212indulgent", "self - indulgent"),
        ("ﬁne", "fine"),
        ("ｗｏｒｓｔ", "worst"),
        ("𝘄𝗼𝗿𝘀𝘁", "worst"),
        ("Große", "grosse"),
        ("❤️Bad", "❤ bad"),
        ("❝worst❞", '" worst "'),
    ],
)
def test_quotes_and_look_alikes_do_not_hide_a_word(typed, read):
    assert " ".join(part.text for part in QUOTES.tokens(QUOTES.read(typed))) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("好电影!", "好 电 影 !"),
        ("すごい映画", "す ご い 映 画"),
        ("ภาพยนตร์ดี", "ภ า พ ย น ต ร์ ด ี".replace(" ี", "ี")),
        ("हिन्दी फ़िल्म", "हिन्दी फ़िल्म"),
        ("שָׁלוֹם עולם", "שָׁלוֹם עולם"),
        ("좋은 영화", "좋은 영화"),
        ("Хороший фильм", "хороший фильм"),
        ("ΚΑΛΟΣ λόγος", "καλος λόγος"),
    ],
)
def test_words_of_every_script_are_known_once_fitted(typed, read):
    fitted = Words(buckets=100).fit([typed, typed])
    assert fitted.scripts == "all" and processors.from_dict(json.loads(json.dumps(fitted.to_dict()))) == fitted
    tokens = fitted.tokens(fitted.read(typed))
    assert [token.text for token in tokens] == [unicodedata.normalize("NFC", word) for word in read.split()]
    assert all(token.known for token in tokens)


def test_marks_may_be_missing_or_added():
    fitted = Words().fit(["مرحبا عالم", "مرحبا عالم"])
    assert fitted.unknown(fitted.read("مَرحبا عالم"), 40) == ()


def test_latin_texts_need_no_other_rules():
    fitted = Words().fit(["Das große Café", "das große Café"])
    assert "scripts" not in fitted.to_dict()


def test_the_limit_is_raised_to_the_longest_training_text():
    assert Words().fit(["a b"] * 2).limit == 128
    assert Words().fit(["a b " * 100] * 2).limit == 200
    assert Words().fit(["a b " * 1_000] * 2).limit == 500


@pytest.mark.parametrize(
    ("raw", "nothing"),
    [
        ("xkcd", True),
        ("xkcd !", True),
        ("好电影", True),
        ("🙂", True),
        ("...", False),
        ("xkcd film", False),
        ("bad", False),
    ],
)
def test_a_text_whose_words_are_all_unknown_is_recognised(raw, nothing):
    assert WORDS.nothing_known(WORDS.process_batch([WORDS.read(raw), WORDS.read("bad")])).tolist() == [nothing, False]
