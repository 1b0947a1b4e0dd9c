"""Git to what became of flags: who changed what, when and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from flagctl.cache import Cache
from flagctl.config.blobs import blobs
from flagctl.config.files import shallow_commits
from flagctl.history.log import Entry, everything_touched, graph, mainline, touching
from flagctl.history.memory import Known, Memory
from flagctl.history.revision import replacements
from flagctl.history.story import Story, by_flag, last_known
from flagctl.past import History, State

__all__ = ["DefinitionFiles", "read_history", "without"]

_MOST_MOVES = 20
"""How often definitions are followed to where they lay before."""


@dataclass(frozen=True)
class DefinitionFiles:
    """Which files hold definitions, and how they are read."""

    places: tuple[str, ...]
    """As git's pathspecs."""
    holds: Callable[[str], bool]
    """Whether a file at these places, or where they led, may hold definitions."""
    is_named: Callable[[str], bool]
    """Whether the configuration names the place of a file."""
    read: Callable[[bytes], Mapping[str, State] | None]
    """The definitions in a content; `None` where it cannot be understood."""
    most: int
    """Bytes of the largest content that is read."""


def read_history(root: Path, head: str, files: DefinitionFiles, cache: Cache) -> History:
    """The history of all flags up to a commit, by its full name; what is remembered is not read again.

    Raises:
        InputError: git does not answer.
    """
    memory = Memory(cache, root, files.places)
    shallow = shallow_commits(root)
    known = memory.recall(head, shallow, replacements(root))
    contents = _Contents(root, files)
    if known.head != head:
        entries, places = _entries(root, head, known, contents)
        if places != known.places and known.head is not None:  # definitions came from where nobody has looked yet
            known = replace(known, head=None, places=places, changes=(), twice={})
            entries, places = _entries(root, head, known, contents)
        left = last_known(by_flag(known.changes), known.twice)
        story = Story(contents.states, contents.missing, shallow, files.is_named, left)
        brought = _brought(root, head, known.head, places, contents, entries)
        told = {each.commit.id: story.told(each, brought.get(each.commit.id, ())) for each in entries}
        since, new = known.head, (change for changes in told.values() for change in changes)
        known = replace(
            known,
            head=head,
            places=places,
            changes=(*known.changes, *new),
            twice={key: files for key, files in story.known.items() if len(files) > 1},
        )
        if not contents.missing:  # what is not at hand now may be so in the next run
            memory.keep(known, told, since)
    return History(by_flag(known.changes), known.changes, head, bool(shallow), len(contents.missing))


def without(history: History, commits: Collection[str]) -> History:
    """A history as it was before some commits, the last of it."""
    changes = tuple(change for change in history.changes if change.commit.id not in commits)
    return replace(history, flags=by_flag(changes), changes=changes)


class _Contents:
    """The definitions in the contents that were read; `missing` are those that are not at hand."""

    def __init__(self, root: Path, files: DefinitionFiles) -> None:
        self.states: dict[str, Mapping[str, State] | None] = {}
        self.missing: set[str] = set()
        self._root = root
        self._files = files

    def read(self, entries: Iterable[Entry]) -> list[Entry]:
        """Reads what entries name; of their files only those are left that may hold definitions."""
        kept = [
            replace(entry, files=tuple(each for each in entry.files if self._files.holds(each.path)))
            for entry in entries
        ]
        named = (name for entry in kept for each in entry.files for name in (each.before, each.after))
        wanted = {name: None for name in named if name is not None and name not in self.states}
        self.states |= wanted
        for name, data in blobs(self._root, wanted, self._files.most):
            self.states[name] = None if data is None else self._files.read(data)
            if data is None:
                self.missing.add(name)
        return kept

    def keys(self, entry: Entry) -> tuple[set[str], set[str]]:
        """The keys in the files of an entry before and after."""
        before, after = (
            {key for name in names if name is not None for key in self.states[name] or ()}
            for names in ([each.before for each in entry.files], [each.after for each in entry.files])
        )
        return before, after


def _entries(root: Path, head: str, known: Known, contents: _Contents) -> tuple[list[Entry], tuple[str, ...]]:
    """The commits of the mainline that touched definitions, and the places where these lie and lay."""
    places = known.places
    for _ in range(_MOST_MOVES):
        entries = contents.read(mainline(root, head, known.head, places))
        if not (more := _earlier_places(root, entries, contents) - {*places}):
            break
        places = (*places, *sorted(more))
    return entries, places


def _earlier_places(root: Path, entries: Sequence[Entry], contents: _Contents) -> set[str]:
    """The places from which definitions came that seem to be new."""
    born: dict[str, set[str]] = {}
    for entry in entries:
        before, after = contents.keys(entry)
        if entry.parents and (new := after - before):
            born[entry.commit.id] = new
    among = {(entry.commit.id, each.path) for entry in entries for each in entry.files}
    everything = everything_touched(root, (each for each in entries if each.commit.id in born))
    others = contents.read(
        replace(entry, files=(each,))
        for entry in entries
        for each in everything.get(entry.commit.id, ())
        if each.before and (entry.commit.id, each.path) not in among
    )
    found = set()
    for entry in others:
        before, after = contents.keys(entry)
        if (before - after) & born[entry.commit.id]:
            path = entry.files[0].path
            folder = PurePosixPath(path).parent.as_posix()
            found.add(f":(literal){path if folder == '.' else folder}")
    return found


def _brought(
    root: Path, head: str, since: str | None, places: Sequence[str], contents: _Contents, entries: Iterable[Entry]
) -> dict[str, list[Entry]]:
    """The commits that touched definitions by the merge with which they came to the mainline, oldest first."""
    merges = {each.commit.id for each in entries if len(each.parents) > 1}
    if not merges:
        return {}
    parents = graph(root, head, since)
    landing = _landing(parents, head)
    on_branches = [each for each in reversed(parents) if landing.get(each) in merges - {each}]
    found: dict[str, list[Entry]] = {}
    for entry in contents.read(touching(root, on_branches, places)):
        found.setdefault(landing[entry.commit.id], []).append(entry)
    return found


def _landing(parents: Mapping[str, tuple[str, ...]], head: str) -> dict[str, str]:
    """For every commit the one of the mainline with which it came there."""
    line = []
    at: str | None = head
    while at is not None:
        line.append(at)
        at = next(iter(parents.get(at, ())), None)
    landing = {commit: commit for commit in line if commit in parents}
    for merge in reversed(line):
        waiting = [*parents.get(merge, ())[1:]]
        while waiting:
            commit = waiting.pop()
            if commit in parents and commit not in landing:
                landing[commit] = merge
                waiting.extend(parents[commit])
    return landing
