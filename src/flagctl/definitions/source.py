"""The text of one file: bytes to characters, and characters to lines and columns."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from dataclasses import dataclass

from flagctl.model import Location

MAX_BYTES = 1024 * 1024
MAX_QUOTED = 60

Span = tuple[int, int]
"""Offsets, in characters, of a piece of text: where it starts, and where the text after it starts."""

line_break = re.compile(r"\r\n|\r|\n")
unprintable = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
wide_marks = (
    (codecs.BOM_UTF32_LE, "UTF-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


@dataclass(frozen=True)
class Fault:
    """Something wrong at a span of one file's text."""

    span: Span
    message: str
    hint: str | None = None


class Source:
    """The text of one file, without a byte order mark.

    `line_starts` holds the offset of every line. YAML's own marks are not used for lines, because to YAML 1.1 a line
    separator (U+2028) begins a new line, and to no editor does it.
    """

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.line_starts = [0, *(match.end() for match in line_break.finditer(text))]
        self.end = len(text.rstrip())

    def location(self, span: Span) -> Location:
        """The lines and columns of a span; one that lies after the last word is drawn back to it."""
        start, end = (min(offset, self.end) for offset in span)
        return Location(self.path, *self._position(start), *self._position(end))

    def line(self, offset: int) -> int:
        """The number of the line, from 1, in which an offset lies."""
        return bisect_right(self.line_starts, offset)

    def next_line(self, offset: int) -> int:
        """The offset at which the line after this one starts; the end of the text after the last line."""
        return next(iter(self.line_starts[self.line(offset) :]), len(self.text))

    def _position(self, offset: int) -> tuple[int, int]:
        line = self.line(offset)
        return line, offset - self.line_starts[line - 1] + 1


def decode(path: str, data: bytes) -> tuple[Source, Fault | None]:
    """The text of a file, and why it cannot be read as YAML at all, if it cannot."""
    if len(data) > MAX_BYTES:
        return Source(path, ""), Fault((0, 0), f"the file is larger than {MAX_BYTES // 1024} KiB; split it")
    if wide := _wide_encoding(data):
        return Source(path, ""), Fault((0, 0), f"the file is {wide}; save it as UTF-8")
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        source = Source(path, data.decode())
    except UnicodeDecodeError as error:
        # A letter stands in for the bad byte, so that there is something to point at.
        readable = data[: error.start].decode()
        at = (len(readable), len(readable) + 1)
        return Source(path, readable + "?"), Fault(at, f"byte 0x{data[error.start]:02x} is not UTF-8; save it as UTF-8")
    if bad := unprintable.search(source.text):
        source.end = max(source.end, bad.end())
        return source, Fault(bad.span(), f"the character {_code_point(bad[0])} is not allowed in YAML; delete it")
    return source, None


def quoted(text: str) -> str:
    """Text from a file between double quotes, on one line, cut to a length that can be read, unable to do harm."""
    shown = inert(text[: MAX_QUOTED + 1])
    return f'"{shown}"' if len(shown) <= MAX_QUOTED else f'"{shown[: MAX_QUOTED - 1]}…"'


def inert(text: str) -> str:
    """Text in which every character that cannot be printed (a newline, an escape code) is spelt out."""
    return "".join(char if char.isprintable() else _spelt_out(char) for char in text)


def _spelt_out(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def _code_point(char: str) -> str:
    return f"U+{ord(char):04X}"


def _wide_encoding(data: bytes) -> str | None:
    for mark, name in wide_marks:
        if data.startswith(mark):
            return name
    # YAML begins with ASCII characters, so every second byte is zero where they are stored as wide ones.
    return "UTF-16" if (data[0:4:2] == b"\0\0") != (data[1:4:2] == b"\0\0") else None
