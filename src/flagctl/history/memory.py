"""What earlier runs learned of a repository's history, kept in the cache by commit.

An entry for a commit up to which the history was read says which commits touched definitions, and up to which other
such commit they lead; an entry for each of those says what it changed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from flagctl.cache import Cache, run_id
from flagctl.cache import Entry as Place
from flagctl.config.files import git_must
from flagctl.past import Change, ChangeKind, Commit, FieldChange, Person, State, Value

_HEADS = "heads"

Told = Mapping[str, Sequence[Change]]
"""Commits of the mainline that touched definitions, oldest first, with what they changed or brought."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the history up to a commit; `head` is `None` where nothing is."""

    run: str
    head: str | None
    places: tuple[str, ...]
    """The pathspecs where definitions lie and lay."""
    changes: tuple[Change, ...] = ()
    twice: Mapping[str, Mapping[str, State]] = field(default_factory=dict)
    """The definitions of keys that are in more than one file, by these."""


class Memory:
    """The history of one repository as the cache has it."""

    def __init__(self, cache: Cache, root: Path, places: tuple[str, ...]) -> None:
        self._cache = cache
        self._root = root
        self._places = places

    def recall(self, head: str, shallow: Collection[str], replacements: bytes) -> Known:
        """What is known up to a commit or, failing that, up to the nearest one before it on the mainline.

        `shallow` and `replacements` are what else than its name decides what leads up to a commit.
        """
        run = run_id("history", str(self._root), self._places, sorted(shallow), replacements)
        entries = self._cache.read(run)
        nothing = Known(run, None, self._places)
        nearest = self._nearest(head, {commit for kind, commit in entries if kind == _HEADS})
        chain = _chain(entries, nearest) if nearest is not None else None
        if chain is None:
            return nothing
        rows = [row for each in reversed(chain) for row in _rows(each)]
        changes = tuple(change for row in rows for change in _loaded(entries[row]))
        return Known(run, nearest, tuple(chain[0]["places"]), changes, _states(chain[0]["twice"]))

    def keep(self, known: Known, new: Told, since: str | None) -> None:
        """Remembers what is known now; `new` was read after a commit that was known."""
        entry = {"since": since, "places": known.places, "commits": [*new], "twice": known.twice}
        rows = dict(zip(_rows(entry), map(_dumped, new.values()), strict=True))
        self._cache.write({known.run: {**rows, (_HEADS, str(known.head)): json.dumps(entry)}})

    def _nearest(self, head: str, heads: Collection[str]) -> str | None:
        """The nearest of some commits at or before another one on its mainline."""
        if not heads or head in heads:
            return head if heads else None
        line = git_must(self._root, "rev-list", "--first-parent", "--end-of-options", head).decode("ascii").split()
        return next((commit for commit in line if commit in heads), None)


def _chain(entries: Mapping[Place, str], head: str) -> list[dict[str, Any]] | None:
    """What is remembered of a commit and of those before it, latest first; `None` where a link is missing."""
    chain = []
    at: str | None = head
    while at is not None:
        if (_HEADS, at) not in entries:
            return None
        chain.append(json.loads(entries[(_HEADS, at)]))
        at = chain[-1]["since"]
    return chain if all(row in entries for each in chain for row in _rows(each)) else None


def _rows(entry: Mapping[str, Any]) -> list[Place]:
    """Where it is written what the commits of an entry changed, as seen from the places where one looked."""
    return [(f"changes in {' '.join(entry['places'])}", commit) for commit in entry["commits"]]


def _dumped(changes: Iterable[Change]) -> str:
    return json.dumps([_plain(each) for each in changes], separators=(",", ":"))


def _plain(change: Change) -> list[Any]:
    commit = change.commit
    people = [[(each.name, each.email) for each in some] for some in (commit.reviewers, commit.approvers)]
    days = [commit.written.isoformat(), commit.landed.isoformat()]
    author = (commit.author.name, commit.author.email)
    told = [commit.id, author, *days, commit.subject, commit.reason, *people]
    return [change.flag, change.kind, told, change.path, change.fields, change.moved_from, change.is_cut]


def _loaded(text: str) -> list[Change]:
    return [_change(*each) for each in json.loads(text)]


def _change(
    flag: str, kind: str, told: list[Any], path: str, fields: list[Any], moved_from: str | None, is_cut: bool
) -> Change:
    name, author, written, landed, subject, reason, reviewers, approvers = told
    days = date.fromisoformat(written), date.fromisoformat(landed)
    people = (tuple(Person(*each) for each in some) for some in (reviewers, approvers))
    commit = Commit(name, Person(*author), *days, subject, reason, *people)
    changed = tuple(FieldChange(field, _value(before), _value(after)) for field, before, after in fields)
    return Change(flag, ChangeKind(kind), commit, path, changed, moved_from, is_cut)


def _states(twice: dict[str, dict[str, Any]]) -> dict[str, dict[str, State]]:
    return {
        key: {path: {name: _value(value) or "" for name, value in state.items()} for path, state in files.items()}
        for key, files in twice.items()
    }


def _value(value: str | list[str] | None) -> Value | None:
    return tuple(value) if isinstance(value, list) else value
