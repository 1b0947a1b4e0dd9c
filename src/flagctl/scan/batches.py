"""What is done to a batch of files, in whichever process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ahocorasick_rs import BytesAhoCorasick

from flagctl.cache import Entry
from flagctl.config.conventions import Conventions, Registry
from flagctl.scan.discover import Source, read
from flagctl.scan.facts import Analysis, Question, Sifted, dump
from flagctl.scan.prefilter import Sieve, Words
from flagctl.scan.python.layout import Layout

if TYPE_CHECKING:
    from flagctl.scan.python.project import Modules

Read = tuple[str, str, str]
"""A file, what was in it, and the facts about that."""

Analysed = tuple[list[tuple[str, str]], dict[str, set[Question]], set[Entry]]
"""The facts about some files, what modules asked for on the way (see `facts.Question`), and what was in all of them."""


class Files:
    """The files of a run, as one process knows them."""

    def __init__(self, root: Path, sources: Mapping[str, Source]) -> None:
        self.root = root
        self.sources = sources
        self.seen: set[Entry] = set()
        """What was in the files that were read as modules since somebody asked."""

    @cached_property
    def modules(self) -> Modules:
        from flagctl.scan.python.project import Modules  # LibCST is slow to import; a warm run does without

        return Modules(self._read_module)

    def _read_module(self, path: str) -> bytes:
        content = ""
        try:
            data, content = read(self.root, self.sources[path])
        finally:
            self.seen.add((path, content))
        return data


def identifying(files: Files) -> Callable[[Sequence[Source]], list[Entry]]:
    """Names what is in each file that can be read."""

    def identify(batch: Sequence[Source]) -> list[Entry]:
        found = []
        for source in batch:
            with suppress(OSError):
                found.append((source.path, read(files.root, source)[1]))
        return found

    return identify


def sifting(
    files: Files,
    words: Words,
    imports: tuple[str, ...],
    conventions: Sequence[Conventions],
    flags: Mapping[str, str],
) -> Callable[[Sequence[Source]], list[Read]]:
    """Looks for words in each file (see `prefilter.Sieve`)."""
    sieve = Sieve(words, imports, conventions, flags)

    def sift(batch: Sequence[Source]) -> list[Read]:
        found = []
        for source in batch:
            try:
                data, content = read(files.root, source)
            except OSError as error:
                found.append((source.path, "", dump(Sifted(unread=f"cannot be read: {error.strerror}"))))
            else:
                found.append((source.path, content, dump(sieve.sift(source.path, data))))
        return found

    return sift


def naming(files: Files, spellings: Sequence[str]) -> Callable[[Sequence[Source]], list[Read]]:
    """Tells of each file whether it has one of these texts anywhere, by a value that is not empty."""
    search = BytesAhoCorasick([each.encode("utf-8", "surrogatepass") for each in spellings])

    def name(batch: Sequence[Source]) -> list[Read]:
        found = []
        for source in batch:
            try:
                data, content = read(files.root, source)
            except OSError:
                found.append((source.path, "", "unread"))
            else:
                found.append((source.path, content, "named" if search.find_matches_as_indexes(data) else ""))
        return found

    return name


def analysing(
    files: Files,
    layout: Layout,
    conventions: Sequence[Conventions],
    flags: Mapping[str, str],
    registries: Sequence[Registry],
    new: Sequence[Conventions] | None,
) -> Callable[[Sequence[str]], Analysed]:
    """Parses each file, and finds what it holds (see `python.analysis.Analyst`)."""
    from flagctl.scan.python.analysis import Analyst  # LibCST, as above

    analyst = Analyst(layout, files.modules, conventions, flags, registries, new)

    def analyse(batch: Sequence[str]) -> Analysed:
        found = []
        for path in batch:
            try:
                found.append((path, dump(analyst.analyse(path))))
            except OSError as error:
                found.append((path, dump(Analysis(unread=f"cannot be read: {error.strerror}"))))
        seen, files.seen = files.seen, set()
        return found, analyst.questions(), seen

    return analyse
