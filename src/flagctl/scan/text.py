"""Text as lines and columns, and the delimited spellings of keys in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, BytesAhoCorasick

from flagctl.model import Location

_NEWLINE = re.compile(r"\r\n?|\n")


class Lines:
    """Turns offsets into lines and columns. Lines end as Python and editors see them, not as `str.splitlines` does."""

    def __init__(self, text: str) -> None:
        self.starts = [0, *(match.end() for match in _NEWLINE.finditer(text))]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def split(self, text: str) -> list[str]:
        """The lines of the text that this was made from, without their ends."""
        return _NEWLINE.split(text)

    def location(self, path: str, start: int, end: int) -> Location:
        return Location(path, *self.position(start), *self.position(end))


Span = tuple[int, int]
"""Offsets into a text, in characters; the end is the offset after the last one."""


class Spans:
    """Parts of a text; of parts that overlap or touch, one."""

    def __init__(self, spans: Iterable[Span]) -> None:
        merged: list[Span] = []
        for start, end in sorted(spans):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        self._starts = [start for start, _ in merged]
        self._ends = [end for _, end in merged]

    def contain(self, span: Span) -> bool:
        """Whether one of the parts has the whole span in it."""
        index = bisect_right(self._starts, span[0]) - 1
        return index >= 0 and span[1] <= self._ends[index]


@dataclass(frozen=True, slots=True)
class Match:
    """A key's spelling found in a text, as offsets."""

    flag: str
    start: int
    end: int


class Spellings:
    """The ways in which the flags may be written in some kind of file, found all at once."""

    def __init__(self, flags: Mapping[str, Iterable[str]]) -> None:
        """`flags` maps a spelling to the keys of the flags that it may stand for."""
        self._flags = {spelling: tuple(keys) for spelling, keys in flags.items()}
        self._patterns = list(self._flags)
        self._bytes = BytesAhoCorasick([pattern.encode() for pattern in self._patterns])
        self._text = AhoCorasick(self._patterns, store_patterns=False)

    def occur_in(self, data: bytes) -> bool:
        """Whether any spelling stands anywhere in these bytes, delimited or not: a quick look before a real one."""
        return bool(self._patterns) and bool(self._bytes.find_matches_as_indexes(data))

    def find(self, text: str) -> Iterator[Match]:
        """The delimited spellings in a text, in order; of those that overlap, only the longest."""
        if not self._patterns:
            return
        found = self._text.find_matches_as_indexes(text, overlapping=True)
        last = -1
        for index, start, end in sorted(found, key=lambda match: (match[1], -match[2])):
            if start >= last and is_delimited(text, start, end):
                last = end
                yield from (Match(flag, start, end) for flag in self._flags[self._patterns[index]])


_JOINED = re.compile(r"[-_.:/ ]+|(?<=[a-z0-9])(?=[A-Z])")
_RECEIVER = re.compile(r"(?:flags?|features?|toggles?|switch(?:es)?|experiments?|variations?)(?:\.|\?\.|->|::)$", re.I)
_QUOTES = "\"'`"


def is_delimited(text: str, start: int, end: int) -> bool:
    """Whether a spelling stands by itself and is not part of a longer word.

    A spelling of one plain word, such as `search`, is too common to mean the flag wherever it stands: it counts
    between quotes and after something that is called flags or features.
    """
    spelling = text[start:end]
    before, after = text[start - 1 : start], text[end : end + 1]
    if _continues(before) or _continues(after):
        return False
    for joint in ".:/":
        if joint in spelling and (
            (before == joint and _continues(text[start - 2 : start - 1]))
            or (after == joint and _continues(text[end + 1 : end + 2]))
        ):
            return False
    if _JOINED.search(spelling):
        return True
    if before and before in _QUOTES and after == before:
        return True
    return _RECEIVER.search(text, max(0, start - 20), start) is not None


def _continues(character: str) -> bool:
    return character.isalnum() or (character != "" and character in "_-$")


def respellings(name: str) -> set[str]:
    """The usual ways of writing a key of several words in other languages: snake, kebab, camel, constant."""
    words = [word.lower() for word in _JOINED.split(name) if word]
    if len(words) < 2:
        return {name}
    capitals = [word.capitalize() for word in words]
    return {
        name,
        "_".join(words),
        "-".join(words),
        words[0] + "".join(capitals[1:]),
        "_".join(words).upper(),
    }
