"""GitHub workflow commands, which Actions turns into annotations on the lines of a pull request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from flagctl.model import Finding, Severity
from flagctl.report import words
from flagctl.report.content import Report, findings_by_importance
from flagctl.report.inert import inert

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_SHOWN = 10
"""How many annotations of each level GitHub takes from one step; what comes after them is lost without a word."""


def findings(report: Report) -> str:
    """A command for the findings that GitHub shows, the most important first, and how many more there are."""
    shown: list[Finding] = []
    more: list[Finding] = []
    places = Counter[Severity]()
    for finding in findings_by_importance(report.findings):
        places[finding.severity] += 1
        (shown if places[finding.severity] <= _SHOWN else more).append(finding)
    return "".join(f"{_command(finding)}\n" for finding in shown) + _rest(more)


def _rest(more: Sequence[Finding]) -> str:
    """A line of the log, and no `::notice`: that would take the place of a finding among the ten."""
    if not more:
        return ""
    counts = words.tally(Counter(finding.severity for finding in more))
    left_out = f"{words.count(len(more), 'more finding')} ({counts})"
    return f"{left_out}: GitHub shows {_SHOWN} of each level, --output-format text all of them\n"


def _command(finding: Finding) -> str:
    properties = {**_span(finding), "title": f"{finding.code} {finding.name}"}
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {written}::{_data(words.advice(finding))}"


def _span(finding: Finding) -> dict[str, str]:
    """GitHub refuses columns on a span of several lines."""
    location = finding.location
    lines = {"file": inert(location.path), "line": str(location.line), "endLine": str(location.end_line)}
    if location.end_line != location.line:
        return lines
    return {**lines, "col": str(location.column), "endColumn": str(location.end_column)}


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
