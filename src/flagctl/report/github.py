"""GitHub workflow commands, which Actions turns into annotations on the lines of a pull request."""

from __future__ import annotations

from flagctl.model import Finding, Severity
from flagctl.report import words
from flagctl.report.content import Report, findings_by_place
from flagctl.report.inert import inert

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def findings(report: Report) -> str:
    """A command for every finding, worst first: GitHub shows only so many of a step."""
    ordered = sorted(findings_by_place(report.findings), key=lambda finding: -finding.severity)
    return "".join(f"{_command(finding)}\n" for finding in ordered)


def _command(finding: Finding) -> str:
    properties = {**_span(finding), "title": f"{finding.code} {finding.name}"}
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    hint = "" if finding.hint is None else f"\n{inert(finding.hint)}"
    return f"::{_COMMANDS[finding.severity]} {written}::{_data(words.sentence(finding) + hint)}"


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
