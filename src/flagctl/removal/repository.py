"""All text files of a project, as they are and as they are going to be."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from flagctl.model import Location
from flagctl.scan.prefilter import Words, WordSearch


class Repository:
    """The files of a project; `changes` hold what becomes of some of them, `None` for one that goes."""

    def __init__(self, root: Path, paths: Sequence[str], is_test: Callable[[str], bool]) -> None:
        self.is_test = is_test
        self._root = root
        self._paths = paths
        self.changes: dict[str, bytes | None] = {}

    def read(self, path: str) -> bytes:
        """A file as it is.

        Raises:
            OSError: it cannot be read.
        """
        return (self._root / path).read_bytes()

    def now(self, path: str) -> bytes:
        """A file as it is going to be.

        Raises:
            OSError: it cannot be read.
        """
        return (self.changes[path] or b"") if path in self.changes else self.read(path)

    def _contents(self) -> Iterator[tuple[str, bytes]]:
        for path in self._paths:
            if path in self.changes:
                data = self.changes[path]
            else:
                try:
                    data = self.read(path)
                except OSError:
                    continue
            if data is not None:
                yield path, data

    def count(self, words: Collection[str]) -> dict[str, dict[str, int]]:
        """How often words stand in which files."""
        search = WordSearch(Words(exact=frozenset(words)))
        patterns = {word: re.compile(rb"(?<!\w)" + re.escape(word.encode()) + rb"(?!\w)") for word in words}
        found: dict[str, dict[str, int]] = {word: {} for word in words}
        for path, data in self._contents():
            for word in search.found_in(data):
                found[word][path] = len(patterns[word].findall(data))
        return found

    def is_only_in(self, path: str) -> Callable[[str], bool]:
        """Says of a word whether no file but one has it."""
        return lambda word: self.count({word})[word].keys() <= {path}

    def matching(self, pattern: re.Pattern[bytes], word: str) -> dict[str, int]:
        """How often a pattern, which has some word in it, stands in which files."""
        search = WordSearch(Words(exact=frozenset({word})))
        counts = {path: len(pattern.findall(data)) for path, data in self._contents() if search.found_in(data)}
        return {path: count for path, count in counts.items() if count}

    def ask_for_member(self, names: Collection[str]) -> set[str]:
        """Which names some file asks for as an attribute or in a string, as one asks for the member of a class."""
        search = WordSearch(Words(exact=frozenset(names)))
        found: set[str] = set()
        for _, data in self._contents():
            for name in search.found_in(data) - found:
                if re.search(rb"""(?:\.\s*|["'])%s\b""" % re.escape(name.encode()), data):
                    found.add(name)
        return found

    def imported_from(self, asked: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
        """Which names of some modules other files ask for by the module's name: in imports, attributes, mocks."""
        stems = {path: PurePosixPath(path).stem for path in asked}
        modules = {path: _module(stem, PurePosixPath(path).parent.name) for path, stem in stems.items()}
        search = WordSearch(
            Words(exact=frozenset({*stems.values(), *(name for names in asked.values() for name in names)}))
        )
        found: dict[str, set[str]] = {path: set() for path in asked}
        for other, data in self._contents():
            words = search.found_in(data)
            for path, stem in stems.items():
                if stem in words and other != path:
                    names = _asked_for(data, modules[path], words & set(asked[path]) - found[path], asked[path])
                    found[path] |= names if names and not means_another(data, path) else set()
        return found


def places_of(names: Collection[str], path: str, text: str) -> Iterator[Location]:
    """Where some names stand by themselves in a text."""
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, names))})(?![\w-])")
    for number, line in enumerate(text.splitlines(), 1):
        for match in pattern.finditer(line):
            yield Location(path, number, match.start() + 1, number, match.end() + 1)


def is_module(dotted: str, path: str) -> bool:
    """Whether a dotted name may be that of the module at `path`."""
    parts = PurePosixPath(path).with_suffix("").parts
    return bool(dotted) and parts[-len(dotted.split(".")) :] == tuple(dotted.split("."))


def means_another(data: bytes, path: str) -> bool:
    """Whether what a file calls like the module at `path` is another module, by its only import of that name."""
    stem = PurePosixPath(path).stem
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError):
        return False
    modules: list[str | None] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and any((each.asname or each.name) == stem for each in node.names):
            modules.append(f"{node.module}.{stem}" if node.module and not node.level else None)
        elif isinstance(node, ast.Import) and any(is_module(each.name, path) for each in node.names):
            modules.append(None)
    match modules:
        case [str() as dotted]:
            parts = PurePosixPath(path).with_suffix("").parts
            return any(own != other for own, other in zip(reversed(parts), reversed(dotted.split(".")), strict=False))
    return False


def _asked_for(data: bytes, module: bytes, names: Collection[str], all_names: Collection[str]) -> set[str]:
    """Which names of a module a file asks for by the module's name; all, where it does not say which."""
    if not re.search(module, data):
        return set()
    if re.search(module + rb"[ \t]+import\s+\*", data):
        return set(all_names)
    is_renamed = re.search(module + rb"[ \t]+as\s", data) is not None
    return {name for name in names if is_renamed or re.search(module + _ASKS % re.escape(name.encode()), data)}


def _module(stem: str, parent: str) -> bytes:
    """A pattern of what other files call a module: `keys`, `.keys`, `checkout.keys`, but not `accounts.keys`."""
    before = rb"(?<![\w.])\.*"
    if parent:
        before = rb"(?:%s|\b%s\.)" % (before, re.escape(parent.encode()))
    return before + rb"%s\b" % re.escape(stem.encode())


_ASKS = rb"(?:\.|[ \t]+import\s+(?:\([^)]*?|[^(\n]*?)\b)%s\b"
"""What is behind a module's name where one of its names is asked for: `.FLAG`, ` import (OTHER, FLAG)`."""
