"""Text files of any origin: the encoding is found, and the whole file is decoded once, before anything is read from it.

UTF-8, UTF-16 and UTF-32 with a byte order mark, UTF-8 without one, and cp1252, which spreadsheets on Windows write.
"""

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import IO

from models.errors import BadInput, TooLarge

MAX_LINE = 2**20  # characters of a line
CHUNK = 2**20  # bytes read at a time
SAMPLE = 2**14  # bytes of lines with letters outside ASCII, from which the encoding is guessed
MARKS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
FORMATS = (
    (b"PK\3\4", "a zip file or a workbook; export it as CSV UTF-8, or unpack it first"),
    (b"\xd0\xcf\x11\xe0", "a workbook; export it as CSV UTF-8"),
    (b"%PDF", "a PDF; export its table as CSV UTF-8"),
    (b"\x1f\x8b", "compressed; unpack it first"),
)
OTHERS = (  # encodings that a refusal may name
    ["cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r", "shift_jis", "gb18030", "big5", "euc_kr"]
    + ["mac_roman", "cp850"]
)
OTHER_LANGUAGES = (  # how texts in other encodings look in cp1252, where charset-normalizer sees no difference
    (re.compile(r"[^\W\d_][¡¢£¥¦ª¬¯±²³µ¶¸¹¼½¾¿][^\W\d_]"),),  # Polish: a sign inside a word, ¿ó³w for żółw
    (re.compile("[ŠšŽž]"), re.compile("[ÈÌÏÒØÙæèìïðòøù]")),  # Czech: žlu\xbbouèký for žluťoučký
    (re.compile("[ÐÝÞðýþ]"), re.compile("^[^ÁÆÍÚáæíú]*$")),  # Turkish: þ and ð for ş and ğ, without Icelandic vowels
)
ADVICE = "save it as UTF-8, which spreadsheets call CSV UTF-8"


@dataclass(frozen=True)
class TextFile:
    """A file that decodes to its end.

    source: seekable. offset: bytes of the byte order mark. notes: what the user should know about how it was read.
    """

    source: IO[bytes]
    name: str
    encoding: str = "utf-8"
    offset: int = 0
    notes: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """Yield each line with its line end. Raises TooLarge for one with more than MAX_LINE characters."""
        self.source.seek(self.offset)
        wrapper = io.TextIOWrapper(self.source, encoding=self.encoding, newline="")
        try:
            number = 0
            while line := wrapper.readline(MAX_LINE + 1):
                number += 1
                if len(line) > MAX_LINE:
                    raise TooLarge(
                        f"Line {number:,} of {self.name} is longer than {MAX_LINE:,} characters; shorten it."
                    )
                yield line
        finally:
            wrapper.detach()  # or it would close the file

    def is_blank(self) -> bool:
        """Whether there is nothing but white space."""
        with closing(self.lines()) as lines:
            return not any(line.strip() for line in lines)


def examined(source: IO[bytes], name: str) -> TextFile:
    """The text file in `source`, decoded once to its end. Raises BadInput with the byte and line that cannot be read.

    source: seekable. name: how messages refer to it.
    """
    source.seek(0)
    start = source.read(4)
    for magic, what in FORMATS:
        if start.startswith(magic):
            raise BadInput(f"{name} is not a text file but {what}.")
    mark, encoding = next(((mark, name) for mark, name in MARKS if start.startswith(mark)), (b"", "utf-8"))
    file = TextFile(source, name, encoding, len(mark))
    fault = _fault(file)
    if fault is None:
        return file
    where = f"byte {fault.byte:,} in line {fault.line:,}"
    if mark:
        raise BadInput(f"{name} is not valid {encoding[:6].upper().rstrip('-')} ({where}); {ADVICE}.")
    sample, valid, invalid = _sample(source)
    if valid >= invalid:
        raise BadInput(f"{name} is UTF-8 except for some bytes, the first of which is {where}; {ADVICE}.")
    western = TextFile(source, name, "cp1252", notes=(_note(name, sample),))
    by_chance = 10 * valid < invalid  # cp1252 has sequences of bytes that are valid UTF-8, but few
    if by_chance and _looks_like_cp1252(sample) and _fault(western) is None:
        return western
    raise BadInput(f"{name} is not UTF-8 ({where}){_guess(sample)}; {ADVICE}.")


@dataclass(frozen=True)
class _Fault:
    byte: int  # offset in the file
    line: int  # from 1


def _fault(file: TextFile) -> _Fault | None:
    """Where the file cannot be decoded, or None. Raises BadInput for NUL characters, which no text has."""
    decoder = codecs.getincrementaldecoder(file.encoding)()
    universal = io.IncrementalNewlineDecoder(None, translate=True)
    file.source.seek(file.offset)
    position, line, chunk = file.offset, 1, b" "
    while chunk:
        chunk = file.source.read(CHUNK)
        before = position - len(decoder.getstate()[0])
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            text = error.object[: error.start].decode(file.encoding, "replace")
            return _Fault(before + error.start, line + universal.decode(text, final=True).count("\n"))
        position += len(chunk)
        if "\0" in text:
            line += universal.decode(text[: text.index("\0")], final=True).count("\n")
            raise BadInput(
                f"{file.name} contains NUL characters (line {line:,}): it is not text, or it is UTF-16 without a "
                f"byte order mark; {ADVICE}."
            )
        line += universal.decode(text, final=not chunk).count("\n")
    return None


def _sample(source: IO[bytes]) -> tuple[bytes, int, int]:
    """Lines with letters outside ASCII, how many of these letters are valid UTF-8, and how many bytes are not."""
    source.seek(0)
    sample, valid, invalid = b"", 0, 0
    while line := source.readline(SAMPLE):
        if line.isascii():
            continue
        if len(sample) < SAMPLE:
            sample += line
        letters = [letter for letter in line.decode("utf-8", "replace") if not letter.isascii()]
        invalid += letters.count("\ufffd")
        valid += len(letters) - letters.count("\ufffd")
    return sample[:SAMPLE], valid, invalid


def _looks_like_cp1252(sample: bytes) -> bool:
    from charset_normalizer import from_bytes  # takes time to import, and is rarely needed

    text = sample.decode("cp1252", "replace")
    if any(all(pattern.search(text) for pattern in patterns) for patterns in OTHER_LANGUAGES):
        return False
    return from_bytes(sample, cp_isolation=["cp1252"]).best() is not None


def _guess(sample: bytes) -> str:
    from charset_normalizer import from_bytes  # takes time to import, and is rarely needed

    best = from_bytes(sample[:4096], cp_isolation=OTHERS).best()
    return f", perhaps {best.encoding}" if best else ""


def _note(name: str, sample: bytes) -> str:
    line = next(line for line in sample.splitlines() if not line.isascii()).decode("cp1252", "replace")
    first = next(index for index, letter in enumerate(line) if not letter.isascii())
    shown = line[max(0, first - 20) : first + 20].strip()
    return f'{name} is not UTF-8; it was read as cp1252 (Western European): "{shown}". If that is wrong, {ADVICE}.'
