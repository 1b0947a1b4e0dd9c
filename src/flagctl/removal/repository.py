"""All text files of a project, as they are and as they are going to be."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from flagctl.model import Location
from flagctl.scan.prefilter import Words, WordSearch

_MAX_KEPT = 200_000_000
"""Bytes of files that are kept, as all are searched again and again."""


class Repository:
    """The files of a project; `changes` hold what becomes of some of them, `None` for one that goes."""

    def __init__(self, root: Path, paths: Sequence[str], is_test: Callable[[str], bool]) -> None:
        self.is_test = is_test
        self._root = str(root)
        self._paths = paths
        self._known = frozenset(paths)
        self._kept: dict[str, bytes] = {}
        self._room = _MAX_KEPT
        self._counts: dict[str, dict[str, int]] = {}
        """How often words that were asked for stand in which files, as these are."""
        self.changes: dict[str, bytes | None] = {}

    def read(self, path: str) -> bytes:
        """A file as it is.

        Raises:
            OSError: it cannot be read.
        """
        if (data := self._kept.get(path)) is not None:
            return data
        with open(f"{self._root}/{path}", "rb") as file:  # noqa: PTH123 - joining paths takes longer than reading
            data = file.read()
        if len(data) <= self._room:
            self._room -= len(data)
            self._kept[path] = data
        return data

    def now(self, path: str) -> bytes:
        """A file as it is going to be.

        Raises:
            OSError: it cannot be read.
        """
        return (self.changes[path] or b"") if path in self.changes else self.read(path)

    def count(self, words: Collection[str]) -> dict[str, dict[str, int]]:
        """How often words stand in which files."""
        if new := {word for word in words if word not in self._counts}:
            self._counts |= _counted(new, self._all())
        changed = _counted(words, ((path, data) for path, data in self.changes.items() if data is not None))
        found: dict[str, dict[str, int]] = {}
        for word in words:
            as_is = self._counts[word].items()
            found[word] = {path: number for path, number in as_is if path not in self.changes} | changed[word]
        return found

    def _all(self) -> Iterator[tuple[str, bytes]]:
        """All files, as they are."""
        for path in self._paths:
            with suppress(OSError):
                yield path, self.read(path)

    def _having(self, words: Collection[str]) -> Iterator[tuple[str, bytes, set[str]]]:
        """The files that have some words in them, and which."""
        found: dict[str, set[str]] = {}
        for word, places in self.count(words).items():
            for path in places:
                found.setdefault(path, set()).add(word)
        for path, own in found.items():
            with suppress(OSError):
                yield path, self.now(path), own

    def is_module(self, dotted: str, path: str) -> bool:
        """Whether a dotted name surely is that of the module at `path`: counted from a folder that is no package."""
        parts = PurePosixPath(path).with_suffix("").parts
        names = dotted.split(".")
        above = parts[: len(parts) - len(names)]
        if not is_module(dotted, path) or names[0] in sys.stdlib_module_names:
            return False
        is_package = any(f"{'/'.join(above)}/__init__.{ending}" in self._known for ending in ("py", "pyi"))
        return not above or (not is_package and (len(names) > 1 or above[-1] in ("src", "lib")))

    def is_only_in(self, path: str) -> Callable[[str], bool]:
        """Says of a word whether no file but one has it."""
        return lambda word: self.count({word})[word].keys() <= {path}

    def matching(self, pattern: re.Pattern[bytes], word: str) -> dict[str, int]:
        """How often a pattern, which has some word in it, stands in which files."""
        counts = {path: len(pattern.findall(data)) for path, data, _ in self._having({word})}
        return {path: count for path, count in counts.items() if count}

    def ask_for_member(self, owners: Mapping[str, Collection[str]]) -> set[str]:
        """Which members of classes, by their names and those of the classes, some file asks for.

        As an attribute, in a file that has the name of the class; or in a string.
        """
        found: set[str] = set()
        for _, data, own in self._having(owners):
            for name in own - found:
                word = re.escape(name.encode())
                is_there = any(re.search(rb"\b%s\b" % re.escape(owner.encode()), data) for owner in owners[name])
                if re.search(rb"""["']%s\b""" % word, data) or (is_there and re.search(rb"\.\s*%s\b" % word, data)):
                    found.add(name)
        return found

    def imported_from(self, asked: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
        """Which names of some modules other files ask for by the module's name: in imports, attributes, mocks."""
        found: dict[str, set[str]] = {path: set() for path in asked}
        wanted = {path: names for path, names in asked.items() if names}
        stems = {path: PurePosixPath(path).stem for path in wanted}
        having = self.count({*stems.values(), *(name for names in wanted.values() for name in names)})
        for other, data, own in self._having(set(stems.values())) if wanted else ():
            for path, stem in stems.items():
                if stem in own and other != path:
                    there = {name for name in wanted[path] if other in having[name]}
                    names = _asked_for(data, path, there - found[path], asked[path])
                    found[path] |= names if names and not means_another(data, path) else set()
        return found


def _counted(words: Collection[str], files: Iterable[tuple[str, bytes]]) -> dict[str, dict[str, int]]:
    """How often words stand in which of some files."""
    search = WordSearch(Words(exact=frozenset(words)))
    # What stands before a word is looked at last: a pattern that begins with the word itself is searched much faster.
    patterns = {
        word: re.compile(re.escape(word.encode()) + rb"(?!\w)(?<!\w%s)" % re.escape(word.encode())) for word in words
    }
    found: dict[str, dict[str, int]] = {word: {} for word in words}
    for path, data in files:
        for word in search.found_in(data):
            found[word][path] = len(patterns[word].findall(data))
    return found


def _is_in_word(data: bytes, start: int) -> bool:
    """Whether a letter or digit stands right before a place."""
    return start > 0 and re.match(rb"\w", data[start - 1 : start]) is not None


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


def _asked_for(data: bytes, path: str, names: Collection[str], all_names: Collection[str]) -> set[str]:
    """Which names of a module a file asks for by the module's name; all, where it does not say which."""
    stem, parent = PurePosixPath(path).stem.encode(), PurePosixPath(path).parent.name.encode()
    places = [match for match in re.finditer(re.escape(stem) + rb"\b", data) if _means(data, match.start(), parent)]
    behind = [data[each.end() : each.end() + _FAR] for each in places]
    if any(re.match(rb"[ \t]+import\s+\*", each) for each in behind):
        return set(all_names)
    if any(re.match(rb"[ \t]+as\s", each) for each in behind):
        return set(names)
    asking = {name: re.compile(_ASKS % re.escape(name.encode())) for name in names}
    return {name for name, pattern in asking.items() if any(map(pattern.match, behind))}


def _means(data: bytes, start: int, parent: bytes) -> bool:
    """Whether a module's name may mean it where it stands: as `keys`, `.keys`, `checkout.keys`, but `accounts.keys`."""
    before = data[max(0, start - 200) : start]
    if not before.endswith(b"."):
        return not _is_in_word(data, start)
    rest = before.rstrip(b".")
    if not re.search(rb"\w$", rest):
        return True
    return len(rest) == len(before) - 1 and re.search(rb"\b%s$" % re.escape(parent), rest) is not None and bool(parent)


_FAR = 4000
"""How many bytes behind a module's name its names are looked for, as in an import of many."""

_ASKS = rb"(?:\.|[ \t]+import\s+(?:\([^)]*?|[^(\n]*?)\b)%s\b"
"""What is behind a module's name where one of its names is asked for: `.FLAG`, ` import (OTHER, FLAG)`."""
