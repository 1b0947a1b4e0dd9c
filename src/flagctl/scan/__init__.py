"""Source to references: which files there are, which may name a flag, and what they say of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flagctl.cache import Cache
from flagctl.config import Config
from flagctl.config.tree import Tree
from flagctl.model import Kind, Reference, Role, Suppression, Unread
from flagctl.scan.assemble import assembled
from flagctl.scan.batches import Files
from flagctl.scan.discover import Source, before, discover
from flagctl.scan.facts import Sifted
from flagctl.scan.ground import Ground, grounds, in_tests
from flagctl.scan.record import Record
from flagctl.scan.search import Search
from flagctl.scan.workers import Crew

Progress = Callable[[int, int], None]
"""Told how many steps are done, of how many."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What the sources hold; references in the order of files and lines."""

    references: tuple[Reference, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    unread: tuple[Unread, ...] = ()
    searched: int = 0
    parsed: int = 0
    notices: tuple[str, ...] = ()
    """What else the user should know, such as a cache that could not be used."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for in one tree.

    `flags` maps each declared name, aliases too, to its flag's key; `leave_out` are files and folders that are no
    sources, such as the definitions themselves.
    """

    flags: Mapping[str, str]
    leave_out: Iterable[str] = ()

    def among(self, sources: Iterable[Source]) -> list[Source]:
        """The files in which it is looked for."""
        left_out = tuple(f"{entry}/" for entry in self.leave_out)
        return [source for source in sources if not f"{source.path}/".startswith(left_out)]


@dataclass(frozen=True, slots=True)
class Both:
    """What the sources hold in the work tree, and what they held before; `data` has the text of what differs."""

    now: Scan
    before: Scan
    data: Mapping[str, bytes]


def scan(
    config: Config,
    flags: Mapping[str, str],
    leave_out: Iterable[str],
    progress: Progress,
    cache: Cache,
) -> Scan:
    """Finds every reference to a flag under the configured sources, of all parts.

    What was found is kept in `cache` for the next run. See `Wanted` for `flags` and `leave_out`.

    Raises:
        InputError: the configuration names an SDK that there is no preset for.
    """
    wanted = Wanted(flags, leave_out)
    return _scanned(config, wanted, wanted.among(discover(config)), progress, cache)[0]


def scan_both(config: Config, now: Wanted, then: Wanted, tree: Tree, progress: Progress, cache: Cache) -> Both:
    """Finds every reference in the work tree and in another tree of the project; what they share is scanned once.

    Raises:
        InputError: as `scan`; or git does not have all of the tree.
    """
    listed = discover(config)
    here, search = _scanned(config, now, now.among(listed), progress, cache)
    sources = then.among(before(config, tree, listed, search.contents))
    there, _ = _scanned(config, then, sources, progress, cache, search.record)
    return Both(here, there, {source.path: source.data for source in sources if source.data is not None})


def _scanned(
    config: Config,
    wanted: Wanted,
    sources: Sequence[Source],
    progress: Progress,
    cache: Cache,
    twin: Record | None = None,
) -> tuple[Scan, Search]:
    ground = grounds(config, sources)
    with Crew(Files, config.root, {source.path: source for source in sources}) as crew:
        search = Search(crew, wanted.flags, sources, cache, progress, twin)
        sifted = search.sift(ground)
        imported = {root for each in sifted.values() for root in each.imports}
        in_use = [each.where(imported) for each in ground]
        analysed = search.analyse(in_use)
    unread = (Unread(path, each.unread) for facts in (sifted, analysed) for path, each in facts.items() if each.unread)
    of_text = (reference for each in in_use for reference in _settled(each, sifted, wanted.flags))
    found = Scan(
        references=assembled(of_text, analysed.values(), in_tests(config)),
        suppressions=tuple(
            sorted((each for facts in analysed.values() for each in facts.suppressions), key=lambda each: each.location)
        ),
        unread=tuple(sorted(unread, key=lambda each: each.path)),
        searched=len(sources),
        parsed=sum(1 for each in analysed.values() if not each.unread),
        notices=tuple(cache.notices),
    )
    return found, search


def _settled(ground: Ground, sifted: Mapping[str, Sifted], flags: Mapping[str, str]) -> Iterator[Reference]:
    """The references in files that are not Python. They were looked for by all presets: what one says that turned out
    not to be in use is a mention at most."""
    sdks = {each.id for each in ground.conventions}
    for each in (reference for source in ground.sources for reference in sifted[source.path].references):
        if each.sdk in sdks:
            yield each
        elif each.flag in flags:
            yield Reference(each.flag, Role.MENTION, Kind.CODE, each.location)
