"""What became of flags, in words for people and in JSON for programs; `schemas/changes.v1.schema.json` describes that.

Version 1 of the JSON changes by addition only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flagctl.past import Change, ChangeKind, Commit, FieldChange, FlagHistory, Person, Value
from flagctl.report.content import ChangesReport
from flagctl.report.document import array, encoded, members
from flagctl.report.document import document as escaped
from flagctl.report.inert import inert

VERSION = 1

_MOST_SHOWN = 60
"""Characters of a value that are shown to people."""
_PERCENT = ".percent"


@dataclass(frozen=True, slots=True)
class FieldV1:
    """A field before and after; null where it was not set."""

    field: str
    before: Value | None
    after: Value | None


@dataclass(frozen=True, slots=True)
class ChangeV1:
    """What one commit did to one flag. `date` is the author's, `landed` when it reached the branch."""

    flag: str
    kind: str
    commit: str
    date: str
    landed: str
    author: str
    email: str
    subject: str
    reason: str | None
    reviewers: tuple[str, ...]
    approvers: tuple[str, ...]
    path: str
    moved_from: str | None
    fields: tuple[FieldV1, ...]
    is_cut: bool


def text(report: ChangesReport) -> str:
    """Two lines for every change: when it was and what it did, who made it and why."""
    lines = [line for change in report.changes for line in change_lines(change)]
    return "".join(f"{line}\n" for line in lines or ["no flag was changed"])


def document(report: ChangesReport) -> str:
    """The document of `flagctl changes`."""
    rows = array((encoded(row(each)) for each in report.changes), "  ")
    history = {"commit": report.history.commit, "shallow": report.history.is_shallow, "unread": report.history.unread}
    return escaped(members({"version": encoded(VERSION), "changes": rows, "history": encoded(history)}))


def change_lines(change: Change, *, with_flag: bool = True) -> tuple[str, str]:
    """`2026-06-05 1a2b3c4 new-checkout: production 2% -> 10%`, and below it who and why."""
    subject = f"{change.flag}: " if with_flag else ""
    return inert(f"{_when(change.commit)}  {subject}{what(change)}"), inert(f"    {_who_and_why(change)}")


def what(change: Change) -> str:
    """What a change did: `added at 0% of production`, `owner @a -> @b`."""
    moved = [f"moved from {change.moved_from} to {change.path}"] if change.moved_from else []
    if change.kind is ChangeKind.REMOVED:
        return f"removed from {change.path}"
    if change.kind is ChangeKind.CHANGED:
        return ", ".join([*map(_field, change.fields), *moved]) or "written in another way"
    served = [_served(each) for each in change.fields if each.field.endswith(_PERCENT)]
    known = "added to" if change.kind is ChangeKind.ADDED else "was there already, in"
    return ", ".join([f"{known} {change.path}", *served])


def born(history: FlagHistory) -> str:
    """`2026-06-01 by Ann <ann@example.com> (1a2b3c4)`."""
    first = history.changes[0]
    if history.born is None:
        return f"before {first.commit.written}, where this clone begins"
    return f"{first.commit.written} by {first.commit.author} ({first.commit.id[:7]})"


def row(change: Change) -> ChangeV1:
    """A change as JSON has it."""
    commit = change.commit
    return ChangeV1(
        flag=change.flag,
        kind=change.kind.value,
        commit=commit.id,
        date=commit.written.isoformat(),
        landed=commit.landed.isoformat(),
        author=commit.author.name,
        email=commit.author.email,
        subject=commit.subject,
        reason=commit.reason,
        reviewers=tuple(map(str, commit.reviewers)),
        approvers=tuple(map(str, commit.approvers)),
        path=change.path,
        moved_from=change.moved_from,
        fields=tuple(FieldV1(*each) for each in change.fields),
        is_cut=change.is_cut,
    )


def history_document(history: FlagHistory | None, environment: str) -> Mapping[str, Any] | None:
    """What `flagctl show` says of a flag's past."""
    if history is None:
        return None
    *_, last = (None, *history.steps(environment))
    since: date | None = last.change.commit.landed if last else None
    return {
        "born": row(history.born) if history.born else None,
        "environment": environment,
        "unchanged_since": since and since.isoformat(),
        "changes": [row(each) for each in reversed(history.changes)],
    }


def _when(commit: Commit) -> str:
    merged = f" (merged {commit.landed})" if commit.landed != commit.written else ""
    return f"{commit.written}{merged}  {commit.id[:7]}"


def _who_and_why(change: Change) -> str:
    commit = change.commit
    if change.is_cut:
        return "by whom is not known: this clone does not have it"
    signed = "".join(
        f", {verb} by {_names(people)}"
        for verb, people in (("approved", commit.approvers), ("reviewed", commit.reviewers))
        if people
    )
    is_rollout = change.kind is ChangeKind.CHANGED and any(each.field.startswith("rollout.") for each in change.fields)
    subject = f"{'no reason given, ' if is_rollout else ''}“{_short(commit.subject)}”"
    return f"by {commit.author}{signed}: {commit.reason or subject}"


def _names(people: Iterable[Person]) -> str:
    return " and ".join(map(str, people))


def _field(change: FieldChange) -> str:
    if change.field.startswith("rollout.environments.") and change.field.endswith(_PERCENT):
        return f"{change.field.split('.')[2]} {_percent(change.before)} -> {_percent(change.after)}"
    return f"{change.field} {_shown(change.before)} -> {_shown(change.after)}"


def _served(change: FieldChange) -> str:
    return f"{change.field.split('.')[2]} at {_percent(change.after)}"


def _percent(value: Value | None) -> str:
    return "nothing" if value is None else f"{_shown(value)}%"


def _shown(value: Value | None) -> str:
    if value is None:
        return "nothing"
    return _short(value if isinstance(value, str) else f"[{', '.join(value)}]")


def _short(value: str) -> str:
    line = " ".join(value.split())
    return line if len(line) <= _MOST_SHOWN else f"{line[: _MOST_SHOWN - 1]}…"
