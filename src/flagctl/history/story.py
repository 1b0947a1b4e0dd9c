"""From what commits did to files to what became of flags.

The story follows the first parents of a commit, so that replayed it gives the definitions as they were at every point.
What a merge brought is told by the commits of its branch, with their authors and reasons, as far as it took effect.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from flagctl.history.log import Entry, brought_by
from flagctl.past import Change, ChangeKind, Commit, FieldChange, FlagHistory, State, Value

Contents = Mapping[str, Mapping[str, State] | None]
"""The definitions in every content, by its name; `None` for one that cannot be read."""


class Held(NamedTuple):
    """A definition in a file."""

    path: str
    state: State


class Pair(NamedTuple):
    """A flag before and after, `None` where it is not defined; its key may have become another one."""

    old: Held | None
    new: Held | None

    @property
    def key(self) -> str:
        return _key(self.new or self.old)

    @property
    def keys(self) -> set[str]:
        return {_key(each) for each in self if each is not None}

    def among(self, keys: Collection[str]) -> Pair:
        """The same, as far as it is about one of some keys: to rename a flag to another one is to remove it."""
        return Pair(*(each if each is not None and _key(each) in keys else None for each in self))


Known = dict[str, dict[str, State]]
"""The definitions at some point: by key, then by file; in more than one file only where a key is there twice."""


@dataclass
class Story:
    """Tells it commit by commit; `known` has the definitions as they were left."""

    contents: Contents
    missing: Collection[str]
    """The contents that a partial clone does not have at hand."""
    shallow: Collection[str]
    """The commits with which a shallow clone begins."""
    is_named: Callable[[str], bool]
    """Whether the configuration names a place of definitions."""
    known: Known = field(default_factory=dict)

    def told(self, entry: Entry, branch: Sequence[Entry] = ()) -> list[Change]:
        """What a commit of the mainline changed; `branch` are the commits that it brought, if it is a merge."""
        pairs = self._taken(entry)
        whole = [each for each in branch if self._is_whole(each)]
        steps = [
            (brought_by(each.commit, entry.commit), step)
            for each in (whole if pairs else ())
            for step in self._steps(each)
        ]
        by_key: dict[str, list[int]] = {}
        for number, (_, step) in enumerate(steps):
            for key in step.keys:
                by_key.setdefault(key, []).append(number)
        changes: list[Change] = []
        for pair in pairs:
            numbers = sorted({number for key in pair.keys for number in by_key.get(key, ())})
            about = [(commit, step.among(pair.keys)) for commit, step in (steps[number] for number in numbers)]
            changes += _told(pair, about, entry, len(whole) < len(branch))
        unknown = {each.path for each in entry.files if entry.commit.id in self.shallow or each.before in self.missing}
        return [
            _as_known(each) if each.kind is not ChangeKind.REMOVED and {each.path, each.moved_from} & unknown else each
            for each in changes
        ]

    def _is_whole(self, entry: Entry) -> bool:
        """Whether all is at hand of what a commit changed."""
        names = {name for each in entry.files for name in (each.before, each.after)}
        return entry.commit.id not in self.shallow and names.isdisjoint(self.missing)

    def _taken(self, entry: Entry) -> list[Pair]:
        """The flags that a commit of the mainline changed, which are known as they are then."""
        files = [
            (each.path, self._states(each.path, each.before), self._states(each.path, each.after))
            for each in entry.files
        ]
        for path, before, _ in files:
            for key, state in before.items():
                self.known.setdefault(key, {}).setdefault(path, state)
        keys = {key for _, before, after in files for key in (*before, *after)}
        old = {key: held for key in keys if (held := self._first(key))}
        for path, before, after in files:
            for key in before:
                self.known[key].pop(path, None)
            for key, state in after.items():
                self.known.setdefault(key, {})[path] = state
        return list(_pairs(old, {key: held for key in keys if (held := self._first(key))}))

    def _steps(self, entry: Entry) -> Iterator[Pair]:
        """The flags that a commit of a branch changed."""
        old: dict[str, Held] = {}
        new: dict[str, Held] = {}
        for each in entry.files:
            old |= {key: Held(each.path, state) for key, state in self._states(each.path, each.before).items()}
            new |= {key: Held(each.path, state) for key, state in self._states(each.path, each.after).items()}
        return _pairs(old, new)

    def _states(self, path: str, content: str | None) -> Mapping[str, State]:
        """The definitions in a content of a file; in one that cannot be read, those that were last known there."""
        found = {} if content is None else self.contents[content]
        if found is not None:
            return found
        return {key: files[path] for key, files in self.known.items() if path in files}

    def _first(self, key: str) -> Held | None:
        """Where a flag is defined; where it is so twice, where the configuration says, or where it has been for longer.

        It does not say so of a place where definitions lay once.
        """
        files = self.known.get(key, {})
        path = next(filter(self.is_named, files), next(iter(files), None))
        return None if path is None else Held(path, files[path])


def by_flag(changes: Iterable[Change]) -> dict[str, FlagHistory]:
    """The changes of every flag, by the last key that it had."""
    found: dict[str, list[Change]] = {}
    for change in changes:
        keys = {each.before for each in change.fields if each.field == "key" and each.before != each.after}
        earlier = [each for key in keys if isinstance(key, str) and key != change.flag for each in found.pop(key, [])]
        found.setdefault(change.flag, [])[:0] = earlier
        found[change.flag].append(change)
    return {key: FlagHistory(tuple(each)) for key, each in found.items()}


def last_known(histories: Mapping[str, FlagHistory], twice: Mapping[str, Mapping[str, State]]) -> Known:
    """The definitions as a story has left them; `twice` has those of keys that are in more than one file."""
    once = {
        key: {each.changes[-1].path: each.latest}
        for key, each in histories.items()
        if each.changes[-1].kind is not ChangeKind.REMOVED
    }
    return once | {key: dict(files) for key, files in twice.items()}


def _pairs(old: Mapping[str, Held], new: Mapping[str, Held]) -> Iterator[Pair]:
    """What differs, a key that became another one in one pair."""
    renamed = _renamed(old, new)
    for key in sorted((old.keys() | new.keys()) - set(renamed.values())):
        pair = Pair(old.get(renamed.get(key, key)), new.get(key))
        if pair.old != pair.new:
            yield pair


def _told(pair: Pair, steps: Sequence[tuple[Commit, Pair]], entry: Entry, is_cut: bool) -> Iterator[Change]:
    """How a flag came from its old state to the new one: by the steps of a branch, the rest by the commit itself.

    Steps in what is as it was in the end never took effect; nor did those up to where the branch had what the mainline
    has already, as after a squash.
    """
    running = pair.old
    changed, met = _changed(pair.old, pair.new), _met(pair.old, steps)
    for number, (commit, step) in enumerate(steps):
        effective = {name for name in changed if met.get(name, -1) < number}
        after = _applied(running, step, effective if pair.old and pair.new else None)
        if after != running:
            yield _change(commit, running, after)
            running = after
    if running != pair.new:
        yield _change(entry.commit, running, pair.new, is_cut=is_cut)


def _met(old: Held | None, steps: Sequence[tuple[Commit, Pair]]) -> dict[str, int]:
    """For what the steps changed the last one that left it as it is in `old`."""
    before = _changed(None, old)
    return {
        name: number
        for number, (_, step) in enumerate(steps)
        for name, after in _changed(*step).items()
        if step.new is not None and after == before.get(name)
    }


def _applied(running: Held | None, step: Pair, effective: Collection[str] | None) -> Held | None:
    """What a step makes of a definition; only of what takes effect, where that is told."""
    if step.new is None:
        return running if effective is not None else None
    if running is None:
        return step.new
    changed = {name: after for name, after in _changed(*step).items() if effective is None or name in effective}
    path = step.new.path if changed.pop(_PATH, None) else running.path
    left = {name: value for name, value in running.state.items() if name not in changed}
    return Held(path, left | {name: after for name, after in changed.items() if after is not None})


_PATH = ""
"""Stands for the file among the fields of a definition."""


def _changed(old: Held | None, new: Held | None) -> dict[str, Value | None]:
    """What differs, as it is then."""
    changed = {each.field: each.after for each in _fields(old, new)}
    is_elsewhere = new is not None and (old is None or old.path != new.path)
    return changed | {_PATH: new.path} if new and is_elsewhere else changed


def _change(commit: Commit, old: Held | None, new: Held | None, *, is_cut: bool = False) -> Change:
    kind = ChangeKind.ADDED if old is None else ChangeKind.REMOVED if new is None else ChangeKind.CHANGED
    path = new.path if new else old.path if old else ""
    moved_from = old.path if old and new and old.path != new.path else None
    return Change(_key(new or old), kind, commit, path, tuple(_fields(old, new)), moved_from, is_cut)


def _as_known(change: Change) -> Change:
    """What a clone begins with, as it does not have what was before: nobody knows since when it has been so."""
    return Change(change.flag, ChangeKind.KNOWN, change.commit, change.path, change.fields, is_cut=True)


def _fields(old: Held | None, new: Held | None) -> Iterator[FieldChange]:
    before: State = old.state if old else {}
    after: State = new.state if new else {}
    for name in (*after, *sorted(before.keys() - after.keys())):
        if before.get(name) != after.get(name):
            yield FieldChange(name, before.get(name), after.get(name))


def _renamed(old: Mapping[str, Held], new: Mapping[str, Held]) -> dict[str, str]:
    """The keys that others became: what is new names what is gone as its alias."""
    gone = old.keys() - new.keys()
    found: dict[str, str] = {}
    for key in sorted(new.keys() - old.keys()) if gone else ():
        aliases = new[key].state.get("aliases", ())
        before = next((each for each in aliases if each in gone and each not in found.values()), None)
        if before is not None:
            found[key] = before
    return found


def _key(held: Held | None) -> str:
    key: Value = held.state["key"] if held else ""
    return key if isinstance(key, str) else ""
