"""The nouns of history: which commit changed what of a flag's definition, and what production served since when.

A definition in the past is a state: the fields that were set, by their dotted paths (`rollout.plan`), as plain text.
Days are in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

Value = str | tuple[str, ...]
"""A scalar's text, or that of each item of a list of scalars."""

State = Mapping[str, Value]
"""A definition as it was: its fields by their dotted paths."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a commit names; either part may be empty."""

    name: str
    email: str

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>" if self.name and self.email else self.name or self.email


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, and what its message says of flags."""

    id: str
    author: Person
    written: date
    """When its author made it."""
    landed: date
    """When it reached the branch that is looked at: its own commit date, or that of the merge that brought it."""
    subject: str
    reason: str | None = None
    """`Flag-Reason:`, its own or that of the merge that brought it."""
    reviewers: tuple[Person, ...] = ()
    """`Reviewed-by:`, likewise."""
    approvers: tuple[Person, ...] = ()
    """`Approved-by:`, likewise."""


class ChangeKind(StrEnum):
    """What became of a definition."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    KNOWN = "known"
    """It was there already where the history that is at hand begins: in a shallow or a partial clone."""


class FieldChange(NamedTuple):
    """A field's value before and after, `None` where it was not set."""

    field: str
    before: Value | None
    after: Value | None


@dataclass(frozen=True, slots=True)
class Change:
    """What one commit did to the definition of one flag."""

    flag: str
    """The key at that time."""
    kind: ChangeKind
    commit: Commit
    path: str
    """The file that holds the definition since then, or held it until then."""
    fields: tuple[FieldChange, ...]
    moved_from: str | None = None
    """The file that held it before, where that is another one."""
    is_cut: bool = False
    """Made by a commit that the clone lacks: `commit` is the one that brought it, or the first where it is seen."""


@dataclass(frozen=True, slots=True)
class Step:
    """What an environment served before and after a change, in percent and which variant."""

    change: Change
    before: State
    after: State
    from_percent: float | None
    to_percent: float | None
    from_serve: str | None
    to_serve: str | None

    @property
    def plan(self) -> tuple[float, ...]:
        """The planned stages, in percent, as the change left them."""
        stages = self.after.get("rollout.plan", ())
        return tuple(each for each in map(_percent, stages) if each is not None) if isinstance(stages, tuple) else ()


@dataclass(frozen=True)
class FlagHistory:
    """All changes of one flag under whichever key, oldest first."""

    changes: tuple[Change, ...]

    @property
    def born(self) -> Change | None:
        """The change that brought the flag into being; `None` where the history at hand begins later."""
        first = self.changes[0]
        return first if first.kind is ChangeKind.ADDED else None

    @property
    def latest(self) -> State:
        """The fields as the last change left them."""
        return self._states[-1][2]

    def steps(self, environment: str) -> Iterator[Step]:
        """The changes of what an environment serves, and how it stood where the history begins; oldest first."""
        for change, before, after in self._states:
            from_percent, from_serve = _served(before, environment)
            to_percent, to_serve = _served(after, environment)
            has_changed = (from_percent, from_serve) != (to_percent, to_serve)
            if has_changed and change.kind is not ChangeKind.REMOVED:
                yield Step(change, before, after, from_percent, to_percent, from_serve, to_serve)

    @cached_property
    def _states(self) -> list[tuple[Change, State, State]]:
        """Every change with the fields before and after it."""
        found: list[tuple[Change, State, State]] = []
        before: State = {}
        for change in self.changes:
            state = dict(before)
            for field, _, after in change.fields:
                if after is None:
                    state.pop(field, None)
                else:
                    state[field] = after
            found.append((change, before, state))
            before = state
        return found


@dataclass(frozen=True, slots=True)
class History:
    """The history of all flags up to one commit."""

    flags: Mapping[str, FlagHistory]
    """By the last key; flags that are gone are among them."""
    changes: tuple[Change, ...] = ()
    """All that happened, oldest first."""
    commit: str = ""
    """The commit that it leads up to."""
    is_shallow: bool = False
    """A shallow clone's: it begins somewhere in the middle."""
    unread: int = 0
    """Definition files of some commit that are not at hand, as in a partial clone."""


def _served(state: State, environment: str) -> tuple[float | None, str | None]:
    """What an environment serves: the share of its users, in percent, and the variant that they get."""
    serve = state.get(f"rollout.environments.{environment}.serve")
    return _percent(state.get(f"rollout.environments.{environment}.percent")), serve if isinstance(serve, str) else None


def _percent(value: Value | None) -> float | None:
    try:
        return float(value) if isinstance(value, str) else None
    except ValueError:
        return None
