"""Markdown for a comment on a pull request, or for a reminder: who has to do what, the worst first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import TypeVar
from urllib.parse import quote

from flagctl.model import Finding, Location
from flagctl.report import words
from flagctl.report.content import Report, findings_by_importance
from flagctl.report.inert import inert
from flagctl.report.marked import code, prose

MOST_CHARACTERS = 65_536
"""What GitHub takes as a comment."""
_ROOM = 64_000
"""What we take of it: whoever posts the comment may add a mark of their own."""
_OPEN = 20
"""Up to so many findings are seen at a glance; more are folded under their owners."""
_LONGEST = 400
"""No message or name is worth more characters than this, in something to be read in seconds."""
_Frame = tuple[str, str]
"""What stands above and below the findings of a group."""
_Group = TypeVar("_Group")


def findings(report: Report) -> str:
    """For a comment: a summary line, then the findings folded under the owners of the flags that they are about."""
    details = f"<details{' open' if len(report.findings) <= _OPEN else ''}>"

    def folded(group: str, tally: str) -> _Frame:
        return f"{details}<summary>{group}: {tally}</summary>\n\n", "\n\n</details>"

    return _document(report, lambda finding: _group(finding, report), folded)


def by_owner(report: Report) -> str:
    """For a page that all read: a section for each owner, and one for what nobody owns."""

    def section(owner: str | None, tally: str) -> _Frame:
        return f"## {code(_short(owner)) if owner else 'Nobody'}: {tally}\n\n", ""

    return _document(report, report.owner_of, section)


def reminder(found: tuple[Finding, ...], sources: str) -> str:
    """For an issue: what one owner has to do."""
    return _document(Report(found, sources=sources), lambda finding: None, lambda group, tally: ("", ""))


def _document(report: Report, group_of: Callable[[Finding], _Group], frame: Callable[[_Group, str], _Frame]) -> str:
    """A summary line, then the findings in their groups; the group with the worst is the first, the worst its first."""
    groups: dict[_Group, list[Finding]] = {}
    for finding in findings_by_importance(report.findings):
        groups.setdefault(group_of(finding), []).append(finding)
    frames = {group: frame(group, words.tally_of(found)) for group, found in groups.items()}
    items = _fitting(report, group_of, frames)
    parts = [f"**flagctl**: {words.summary(report)}"]
    for group, (above, below) in frames.items():
        if group in items:
            parts.append(above + "\n".join(items[group]) + below)
    left_out = len(report.findings) - sum(map(len, items.values()))
    if left_out:
        parts.append(f"{words.count(left_out, 'more finding')}, less important, would not fit into this comment.")
    return "\n\n".join(parts) + "\n"


def _group(finding: Finding, report: Report) -> str:
    """Who has to act, as HTML. Code calls nobody: an owner is not to be mailed by every run."""
    if finding.flag is None:
        return "About no flag"
    owner = report.owner_of(finding)
    return "No owner" if owner is None else f"<code>{escape(_short(owner))}</code>"


def _fitting(
    report: Report, group_of: Callable[[Finding], _Group], frames: Mapping[_Group, _Frame]
) -> dict[_Group, list[str]]:
    """The items of every group, as many as there is room for, the most important ones."""
    items: dict[_Group, list[str]] = {}
    room = _ROOM
    for finding in findings_by_importance(report.findings):
        group, item = group_of(finding), _item(finding, report.sources)
        room -= len(item) + 1 + (0 if group in items else 2 + sum(map(len, frames[group])))
        if room < 0:
            break
        items.setdefault(group, []).append(item)
    return items


def _item(finding: Finding, sources: str) -> str:
    """`**error** place flag message (code)`, and below it what mends it."""
    subject = "" if finding.flag is None else f"{code(_short(finding.flag))} "
    link = _link(finding.location, sources)
    help_ = "" if finding.hint is None else f"<br>→ {prose(_short(finding.hint))}"
    return f"- **{finding.severity}** {link} {subject}{prose(_short(finding.message))} ({finding.code}){help_}"


def _link(location: Location, sources: str) -> str:
    lines = f"#L{location.line}" + (f"-L{location.end_line}" if location.end_line != location.line else "")
    shown = code(f"{_short(location.path)}:{location.line}")
    return f"[{shown}]({sources}{quote(location.path, errors='surrogateescape')}{lines})"


def _short(text: str) -> str:
    whole = inert(text)
    return whole if len(whole) <= _LONGEST else f"{whole[: _LONGEST - 1]}…"
