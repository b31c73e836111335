"""Encodings of text files: what is read, with which note, and what is refused with its byte and line."""

import io

import numpy as np
import pytest

from models import text_file
from models.errors import BadInput, TooLarge
from models.text_file import examined

FRENCH = "text,label\nUn film très réussi,bien\nJ'ai été déçu,mal\nle héros est nul,mal\n"
GERMAN = "text;label\r\nMüller;Name\r\nGröße;Ding\r\nÜbermäßig schön;Lob\r\n"
QUOTES = "text,label\nI don’t like “this” film – really,bad\n" + "plain,good\n" * 50
EURO = "text\n" + "It cost a lot.\n" * 99 + "It cost 5 €.\n"
RUSSIAN = "text,label\nочень хороший фильм,хорошо\nплохой и скучный фильм,плохо\n"
GREEK = "text,label\nπολύ καλή ταινία,καλή\nκακή ταινία με κακούς ηθοποιούς,κακή\n"
POLISH = "text,label\nTo był bardzo dobry film ąęśćżźół,dobry\nNie podobał mi się,zły\n"
JAPANESE = "text,label\nとても良い映画でした,良い\nつまらない映画,悪い\n"


def read(data: bytes) -> tuple[str, text_file.TextFile]:
    file = examined(io.BytesIO(data), "x.csv")
    return "".join(file.lines()), file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-be", "utf-16-le"])
@pytest.mark.parametrize("text", [FRENCH, RUSSIAN, JAPANESE, "😀,good\r\n" * 3])
def test_unicode_needs_no_note(text, encoding):
    mark = "\ufeff" if encoding.endswith("e") else ""
    content, file = read(f"{mark}{text}".encode(encoding))
    assert content == text and file.notes == ()


@pytest.mark.parametrize(
    "text",
    [
        FRENCH,
        GERMAN,
        QUOTES,
        EURO,
        "text\nSøren\n",
        "text\nJosé García Muñoz\n",
        "text\nÞað er góður dagur í dag\n",
        "text\n¿Qué tal, señor? 5 m³\n",
        "text\nTänan, šokolaad õues\n",
    ],
)
def test_cp1252_is_read_and_shown(text):
    content, file = read(text.encode("cp1252"))
    assert content == text and file.encoding == "cp1252"
    (note,) = file.notes
    shown = note.split('"')[1]
    assert "read as cp1252" in note and not shown.isascii() and shown in text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (GREEK, "cp1253"),
        (POLISH, "cp1250"),
        (JAPANESE, "shift_jis"),
        ("text\nŁukasz, żółw\n", "cp1250"),
        ("text\nŽena Dvořák\n", "cp1250"),
        ("text\nŞeker ağaç\n", "cp1254"),
    ],
)
def test_other_encodings_are_refused_with_byte_and_line(text, encoding):
    data = text.encode(encoding)
    first = next(i for i, byte in enumerate(data) if byte > 127)
    with pytest.raises(BadInput, match=rf"x.csv is not UTF-8 \(byte {first:,} in line 2\).*; save it as UTF-8"):
        read(data)


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 2**20])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_the_byte_and_line_are_absolute(monkeypatch, chunk, line_end):
    monkeypatch.setattr(text_file, "CHUNK", chunk)
    random = np.random.default_rng(chunk)
    lines = ["ä€😀"[: random.integers(4)] + "x" * random.integers(5) for _ in range(40)]
    data = line_end.join(lines).encode() + line_end.encode() + b"ok \xff bad"
    with pytest.raises(BadInput, match=rf"is UTF-8 except .* byte {len(data) - 5:,} in line 41; "):
        read(data)
    marked = "\ufefftext\nHej\n".encode("utf-16-le") + b"\x00\xdc"
    with pytest.raises(BadInput, match=r"not valid UTF-16 \(byte 20 in line 3\)"):
        read(marked)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\3\4rest of a workbook", "a zip file or a workbook; export it as CSV UTF-8"),
        (b"\xd0\xcf\x11\xe0rest", "a workbook"),
        (b"%PDF-1.7", "a PDF"),
        (b"\x1f\x8b\x08", "compressed; unpack it first"),
        ("text\nhello\n".encode("utf-16-le"), r"NUL characters \(line 1\)"),
        (b"text\nhello\nwor\0ld", r"NUL characters \(line 3\)"),
        (b"text\n" + bytes(range(128, 256)), "not UTF-8"),
        ("text\nÉté à Évian\n".encode() * 50 + b"caf\xe9\n", "UTF-8 except for some bytes"),
    ],
)
def test_what_is_not_text_is_refused(data, words):
    with pytest.raises(BadInput, match=words):
        read(data)


def test_lines_are_bounded(monkeypatch):
    monkeypatch.setattr(text_file, "MAX_LINE", 10)
    assert read(b"0123456789")[0] == "0123456789"
    with pytest.raises(TooLarge, match="Line 2 of x.csv is longer than 10 characters"):
        read(b"a\n0123456789\n")
