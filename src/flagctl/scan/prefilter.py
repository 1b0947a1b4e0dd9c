"""The first look: one multi-pattern search over the bytes of every file, so that few are looked at twice.

The search is Aho and Corasick's (1975), one pass however many patterns there are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from ahocorasick_rs import BytesAhoCorasick

from flagctl.config.conventions import Conventions
from flagctl.experimental import is_enabled
from flagctl.model import Unread
from flagctl.scan.conventions import Matcher
from flagctl.scan.mentions import Terms
from flagctl.scan.python.module import Unparsable, decode
from flagctl.scan.text import Spellings
from flagctl.suppression import MARKER

MAX_PYTHON_BYTES = 2_000_000
"""A larger Python file is somebody's data; it is searched as text."""

_HEAD = 8192
"""A NUL in so many first bytes makes a file binary."""


class Sieve:
    """Takes in one file after the other; keeps what was found in it and forgets the rest."""

    def __init__(
        self, presets: Sequence[Conventions], own: Conventions, flags: Mapping[str, str], spellings: Spellings
    ) -> None:
        self.python: list[str] = []
        self.texts: dict[str, str] = {}
        """The text of files that are not Python but name a flag, or may ask for one."""
        self.only_text: list[str] = []
        """Python files that cannot be parsed, as far as that can be told without trying."""
        self.unread: list[Unread] = []
        self._presets = presets
        self._names = {*flags, MARKER}
        self._terms = Terms([*presets, own], flags)
        self._spellings = spellings
        self._imported: set[str] = set()
        self._words_in: dict[str, set[str]] = {}
        roots = {root for preset in presets for root in preset.imports}
        self._imports = {
            root: re.compile(rb"^[ \t]*(?:from|import)[ \t]+" + re.escape(root.encode()) + rb"\b", re.M)
            for root in roots
        }
        self._words = sorted(self._names | roots | Matcher([*presets, own]).words())
        self._automaton = BytesAhoCorasick([word.encode() for word in self._words])

    def add(self, root: Path, path: str) -> None:
        """Reads one file."""
        try:
            data = (root / path).read_bytes()
        except OSError as error:
            self.unread.append(Unread(path, f"cannot be read: {error.strerror}"))
            return
        if not _is_python(path, data):
            self._add_text(path, data)
        elif (reason := _why_not_parsed(data)) is not None:
            self.only_text.append(path)
            self.unread.append(Unread(path, reason))
        else:
            self._add_python(path, data)

    def _add_text(self, path: str, data: bytes) -> None:
        if b"\0" in data[:_HEAD]:
            return
        may_ask = self._terms.may_be_in(path, data)
        if not may_ask and not self._spellings.occur_in(data):
            return
        text = data.decode("utf-8-sig", "replace")
        if may_ask or any(self._spellings.find(text)):
            self.texts[path] = text

    def _add_python(self, path: str, data: bytes) -> None:
        self.python.append(path)
        found = {self._words[index] for index, _, _ in self._automaton.find_matches_as_indexes(data, overlapping=True)}
        if found:
            self._words_in[path] = found
            self._imported |= {root for root in found & self._imports.keys() if self._imports[root].search(data)}

    def presets_in_use(self, *, named: bool) -> list[Conventions]:
        """The presets whose SDK some file imports; all of them where the configuration named them."""
        return [preset for preset in self._presets if named or not self._imported.isdisjoint(preset.imports)]

    def candidates(self, conventions: Iterable[Conventions], always: Collection[str]) -> list[str]:
        """The Python files that may hold a reference by these conventions, and those of `always` that there are."""
        words = self._names | Matcher(conventions).words()
        return [path for path in self.python if path in always or not words.isdisjoint(self._words_in.get(path, ()))]


def _why_not_parsed(data: bytes) -> str | None:
    if len(data) > MAX_PYTHON_BYTES:
        return f"is over {MAX_PYTHON_BYTES // 1_000_000} MB; searched as text"
    try:
        decode(data)
    except Unparsable as error:
        return str(error)
    return None


def _is_python(path: str, data: bytes) -> bool:
    suffix = PurePosixPath(path).suffix
    if suffix in (".py", ".pyi", ".pyw"):
        return True
    if suffix or not is_enabled("python-scripts"):
        return False
    return data.startswith(b"#!") and b"python" in data[:_HEAD].split(b"\n", 1)[0]
