"""Markdown for a comment on a pull request: who has to do what, the worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from html import escape
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


def findings(report: Report) -> str:
    """A summary line, then the findings under the owners of the flags that they are about."""
    owners = {name: flag.owner for flag in report.flags for name in flag.names}
    groups: dict[str, list[Finding]] = {}
    for finding in findings_by_importance(report.findings):
        groups.setdefault(_group(finding, owners), []).append(finding)
    headings = {group: _heading(group, found, len(report.findings)) for group, found in groups.items()}
    items = _fitting(report, owners, headings)
    parts = [f"**flagctl**: {words.summary(report)}"]
    for group, heading in headings.items():
        if group in items:
            parts.append("\n".join([heading, "", *items[group], "", "</details>"]))
    left_out = len(report.findings) - sum(map(len, items.values()))
    if left_out:
        parts.append(f"{words.count(left_out, 'more finding')}, less important, would not fit into this comment.")
    return "\n\n".join(parts) + "\n"


def _group(finding: Finding, owners: Mapping[str, str | None]) -> str:
    """Who has to act, as HTML. Code calls nobody: an owner is not to be mailed by every run."""
    if finding.flag is None:
        return "About no flag"
    owner = owners.get(finding.flag)
    return "No owner" if not owner else f"<code>{escape(_short(owner))}</code>"


def _heading(group: str, found: list[Finding], all_findings: int) -> str:
    tally = words.tally(Counter(each.severity for each in found))
    return f"<details{' open' if all_findings <= _OPEN else ''}><summary>{group}: {tally}</summary>"


def _fitting(report: Report, owners: Mapping[str, str | None], headings: Mapping[str, str]) -> dict[str, list[str]]:
    """The items of every group, as many as there is room for, the most important ones."""
    items: dict[str, list[str]] = {}
    room = _ROOM
    for finding in findings_by_importance(report.findings):
        group, item = _group(finding, owners), _item(finding, report.sources)
        room -= len(item) + 1 + (0 if group in items else len(f"\n\n{headings[group]}\n\n\n</details>"))
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
