"""How characters that look or mean the same are folded together, for every processor of texts.

`plain` is applied to every text when it is read. `spellings` lists how a letter may be written in a smaller alphabet;
a processor takes the first spelling that its vocabulary has.
"""

import unicodedata
from functools import lru_cache

APOSTROPHES = frozenset("´ʹʻʼʽ‘’‚‛′‵❛❜＇")
HYPHENS = frozenset("‐‑‒−﹣－")
# Invisible characters that Unicode does not count as format characters: the combining grapheme joiner, fillers and
# variation selectors.
IGNORABLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
# Forms of one and the same letter. Of the forms called "compat", only letters with case: ligatures, digraphs.
FORMS = ("<wide>", "<narrow>", "<font>", "<initial>", "<medial>", "<final>", "<isolated>")
# Letters that Unicode does not decompose, with their usual spelling in the alphabet from a to z.
LATIN = {
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ŋ": "ng",
    "ĳ": "ij",
    "ǆ": "dz",
    "ǉ": "lj",
    "ǌ": "nj",
    "ǳ": "dz",
    **dict(zip("đðɖɗłøıȷħŧƀɓƈƒǥɠɨƙƚɫɬɲƞɵƥʀʂƭʈʉʋƶɛəɔĸſ", "ddddloijhtbbcfggiklllnnoprsttuvzeeoks", strict=True)),
}
# Accents, which any script may have; vowel signs are marks too, but letters in all but name.
ACCENTS = ((0x300, 0x36F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F))
# Scripts without spaces between words: Thai, Lao, Myanmar, Khmer, kana, Chinese characters.
UNSPACED = (
    *((0x0E01, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3005, 0x3007), (0x3041, 0x30FF), (0x31F0, 0x31FF)),
    *((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F), (0xF900, 0xFAFF), (0x20000, 0x3FFFF)),
)


@lru_cache(maxsize=2**16)
def plain(character: str) -> str:
    """The common form of a character: "" for an invisible one, a space for a control character, else 1 to 18 letters.

    Apostrophes and single quotes become ', hyphens and the minus sign -, ligatures their letters, full-width and
    styled letters and the forms of Arabic letters the plain letter. Half a surrogate pair becomes U+FFFD.
    """
    if character in APOSTROPHES:
        return "'"
    if character in HYPHENS:
        return "-"
    category = unicodedata.category(character)
    if category == "Cc" or category in ("Zl", "Zp"):
        return " "
    if category == "Cs":
        return "\ufffd"
    if category == "Cf" or character in IGNORABLE or is_in(character, ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))):
        return ""
    form = unicodedata.decomposition(character).split(" ")[0]
    if form in FORMS or (form == "<compat>" and category in ("Lu", "Ll", "Lt")):
        return "".join(map(plain, unicodedata.normalize("NFKC", character)))
    return character


@lru_cache(maxsize=2**16)
def spellings(character: str) -> tuple[str, ...]:
    """The lower case of a letter, then its spellings without accents and in the alphabet from a to z, if they differ.

    Digits of other scripts can be written from 0 to 9.
    """
    small = character.lower().replace("ς", "σ")
    base = "".join(c for c in unicodedata.normalize("NFD", small) if not is_accent(c))
    own = base if len(small) > 1 else small  # the lower case of İ is i with a combining dot
    digit = unicodedata.digit(character, None)
    latin = str(digit) if digit is not None else "".join(LATIN.get(letter, letter) for letter in base)
    return tuple(dict.fromkeys(spelling for spelling in (own, base, latin) if spelling))


def is_accent(character: str) -> bool:
    """Whether a character is a mark that changes a letter of any script, such as a combining acute accent."""
    return is_in(character, ACCENTS)


def is_unspaced(character: str) -> bool:
    """Whether a character belongs to a script that is written without spaces between words."""
    return is_in(character, UNSPACED)


def is_in(character: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    """Whether the code point of a character lies in one of the ranges, ends included."""
    code = ord(character)
    return any(first <= code <= last for first, last in ranges)
