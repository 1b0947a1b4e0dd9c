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

    def __iter__(self) -> Iterator[Span]:
        return zip(self._starts, self._ends, strict=True)

    def contain(self, span: Span) -> bool:
        """Whether one of the parts has the whole span in it."""
        index = bisect_right(self._starts, span[0]) - 1
        return index >= 0 and span[1] <= self._ends[index]


def enclosed(
    text: str, opener: re.Pattern[str], closers: Mapping[str, str]
) -> Iterator[tuple[re.Match[str], int, int]]:
    """What stands between an opening and the closing that its named group has: the opening, and where the closing is.

    An opening that nothing closes is passed over, one that needs no closing is given with its own end. That a closing
    is missing is found out once, so that a text full of openings does not take the square of its length.
    """
    missing: set[str] = set()
    at = 0
    while match := opener.search(text, at):
        at = match.end()
        pattern = closers.get(match.lastgroup or "")
        if pattern is None:
            yield match, at, at
        elif pattern not in missing:
            closing = re.compile(pattern).search(text, at)
            if closing is None:
                missing.add(pattern)
            else:
                at = closing.end()
                yield match, closing.start(), at


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
_NAME = re.compile(r"[^\W\d]\w*")
_QUOTES = "\"'`"
FLAGS = r"(?i:flags?|features?|toggles?|switch(?:es)?|experiments?|variations?|settings?)(?i:_?(?:keys?|names?))?\b"
"""The end of a name that speaks of flags: `flags`, `FeatureToggles`, `FLAG_KEYS`."""
_RECEIVER = re.compile(rf"{FLAGS}(?:\(\))?(?:\.|\?\.|!\.|&\.|->|::)$")


_IS_A_FLAG = re.compile(r"[ \t]+(?:(?:feature|waffle)[ \t-])?(?:flag|switch|toggle)\b")
"""What makes a plain word in a sentence a flag: `when the search feature flag is off`."""


def is_delimited(text: str, start: int, end: int) -> bool:
    """Whether a spelling stands by itself and is not part of a longer word.

    A spelling of one plain word, such as `search`, is too common to mean the flag wherever it stands: it counts
    between quotes, after something that is called flags or features, and where the text goes on to call it a flag.
    """
    spelling = text[start:end]
    before, after = text[start - 1 : start], text[end : end + 1]
    if _continues(before) or _continues(after):
        return False
    # A dot before or behind a name asks for a member; any other key goes on there.
    for joint in ".:/" if _NAME.fullmatch(spelling) is None else "":
        if joint not in spelling and joint != ".":
            continue
        if after == joint and _continues(text[end + 1 : end + 2]):
            return False
        if before == joint and _continues(text[start - 2 : start - 1]) and not is_member_of_flags(text, start):
            return False
    if _JOINED.search(spelling) is not None or is_quoted(text, start, end) or is_member_of_flags(text, start):
        return True
    return _IS_A_FLAG.match(text, end) is not None


def is_quoted(text: str, start: int, end: int) -> bool:
    """Whether a part of the text is a string of its own."""
    before = text[start - 1 : start]
    return before != "" and before in _QUOTES and text[end : end + 1] == before


def is_member_of_flags(text: str, start: int) -> bool:
    """Whether what begins here is a member of something that is called flags or features."""
    return _RECEIVER.search(text, max(0, start - 30), start) is not None


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
