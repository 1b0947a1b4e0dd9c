"""The first look: one multi-pattern search over the bytes of every file, so that few are looked at twice.

The search is Aho and Corasick's (1975), one pass however many patterns there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ahocorasick_rs import BytesAhoCorasick

from flagctl.config.conventions import Conventions
from flagctl.model import Reference
from flagctl.scan.facts import Sifted
from flagctl.scan.mentions import Terms, find_in_text
from flagctl.scan.source import is_binary, is_python, why_not_parsed
from flagctl.scan.text import Spellings, respellings

_WORD = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_KEY = _WORD | frozenset(b"-")


@dataclass(frozen=True, slots=True)
class Words:
    """What a Python file must have one of: `names` of flags, `exact` names of functions and the like, and `parts`."""

    names: frozenset[str] = frozenset()
    exact: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()

    def __or__(self, other: Words) -> Words:
        return Words(self.names | other.names, self.exact | other.exact, self.parts | other.parts)

    def __bool__(self) -> bool:
        return bool(self.names or self.exact or self.parts)

    def all(self) -> frozenset[str]:
        return (self.names | self.exact | self.parts) - {""}


class WordSearch:
    """Finds words in bytes where they stand by themselves: `on` is not in `only`, nor a key in a longer key."""

    def __init__(self, words: Words) -> None:
        self._words = sorted(words.all())
        self._continues = [
            frozenset() if word in words.parts else _KEY if word in words.names else _WORD for word in self._words
        ]
        self._automaton = BytesAhoCorasick([word.encode("utf-8", "surrogatepass") for word in self._words])

    def found_in(self, data: bytes) -> set[str]:
        """The words that stand in some bytes."""
        found: set[int] = set()
        for index, start, end in self._automaton.find_matches_as_indexes(data, overlapping=True):
            if index not in found and self._stands_alone(index, data, start, end):
                found.add(index)
        return {self._words[index] for index in found}

    def offsets_in(self, text: str) -> list[int]:
        """Where words stand in a text."""
        data = text.encode("utf-8", "surrogatepass")
        matches = self._automaton.find_matches_as_indexes(data, overlapping=True)
        found = sorted({start for index, start, end in matches if self._stands_alone(index, data, start, end)})
        if len(data) == len(text):
            return found
        return [len(data[:offset].decode("utf-8", "surrogatepass")) for offset in found]

    def _stands_alone(self, index: int, data: bytes, start: int, end: int) -> bool:
        continues = self._continues[index]
        return not ((start and data[start - 1] in continues) or (end < len(data) and data[end] in continues))


class Sieve:
    """Tells of one file after the other whether it may name a flag, and what it says if it is not Python."""

    def __init__(
        self, words: Words, imports: Iterable[str], conventions: Iterable[Conventions], flags: Mapping[str, str]
    ) -> None:
        """`imports` are the top-level packages of the SDKs; `flags` maps every declared name to its flag's key."""
        self._search = WordSearch(words | Words(exact=frozenset(imports)))
        self._words = words.all()
        self._imports = {
            root: re.compile(rb"^[ \t]*(?:from|import)[ \t]+" + re.escape(root.encode()) + rb"\b", re.M)
            for root in imports
        }
        self._terms = Terms(conventions, flags)
        self._flags = flags
        self._spellings = spellings_of(
            flags, *((each, key) for name, key in flags.items() for each in respellings(name))
        )

    def sift(self, path: str, data: bytes) -> Sifted:
        """What there is in one file."""
        if not is_python(path, data):
            return Sifted(references=self._text(path, data))
        if reason := why_not_parsed(data):
            return Sifted(references=as_text(path, data, spellings_of(self._flags)), unread=reason)
        found = self._search.found_in(data)
        imports = (root for root in found & self._imports.keys() if self._imports[root].search(data))
        return Sifted(True, tuple(sorted(found & self._words)), tuple(sorted(imports)))

    def _text(self, path: str, data: bytes) -> tuple[Reference, ...]:
        if (
            is_binary(data)
            or _OWN_REPORT.match(data)
            or not (self._terms.may_be_in(path, data) or self._spellings.occur_in(data))
        ):
            return ()
        return tuple(find_in_text(path, data.decode("utf-8-sig", "replace"), self._spellings, self._terms))


_OWN_REPORT = re.compile(
    rb"""\s*(?:
        \{\s*"version":\ 1,\s*"findings":\ \[\s*\{"(?:fingerprint|code)":
        |\{\s*"version":\ 1,\s*"references":\ \[\s*\{"flag":[^{}]*"resolved_by"
        |\{\s*"\$schema":[^{}]*"runs":\ \[\s*\{\s*"tool":\ \{\s*"driver":\ \{\s*"name":\ "flagctl"
        |\[\s*\{"description":\ "(?:[^"\\]|\\.)*",\ "check_name":\ "FLG
        |<\?xml[^>]*>\s*<testsuites\ name="flagctl"
        |\{\s*"source":\ \{"name":\ "flagctl"\}
        |\*\*flagctl\*\*:[ ]
        |[^\n:]+:\d+:\d+:\ FLG\d{3}\ (?:error|warning|info)\b
        |::(?:error|warning|notice)\ file=[^\n]*,title=FLG\d{3}\b
    )""",
    re.X,
)
"""How the reports and baselines begin that flagctl wrote: what they say of a flag is no mention of it."""


def as_text(path: str, data: bytes, keys: Spellings) -> tuple[Reference, ...]:
    """The mentions in a Python file that cannot be parsed."""
    if not keys.occur_in(data):
        return ()
    return tuple(find_in_text(path, data.decode("utf-8", "replace"), keys, Terms((), {})))


def spellings_of(flags: Mapping[str, str], *respelled: tuple[str, str]) -> Spellings:
    """The flags' names and their respellings; one that is the very name of another flag means that flag."""
    spellings: dict[str, set[str]] = {name: {key} for name, key in flags.items()}
    for spelling, key in respelled:
        spellings.setdefault(spelling, set()).add(key)
    return Spellings({each: [flags[each]] if each in flags else sorted(keys) for each, keys in spellings.items()})
