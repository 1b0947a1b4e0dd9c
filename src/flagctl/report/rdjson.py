"""reviewdog's diagnostics, which it turns into comments on a change, with suggestions that can be taken over."""

from __future__ import annotations

from typing import Any

from flagctl.lines import Lines
from flagctl.model import Edit, Finding, Location, Severity
from flagctl.report import words
from flagctl.report.content import Report, findings_by_importance
from flagctl.report.document import array, document, encoded, members
from flagctl.report.marked import without_mentions

_SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFO: "INFO"}


def findings(report: Report) -> str:
    """One result with a diagnostic for every finding, the most important first: reviewers get only so many comments."""
    diagnostics = (encoded(_diagnostic(each, report.lines)) for each in findings_by_importance(report.findings))
    return document(members({"source": encoded({"name": "flagctl"}), "diagnostics": array(diagnostics, "  ")}))


def _diagnostic(finding: Finding, lines: Lines) -> dict[str, Any]:
    found = {
        "message": without_mentions(words.advice(finding)),
        "location": {"path": finding.location.path, "range": _range(finding.location, lines)},
        "severity": _SEVERITIES[finding.severity],
        "code": {"value": f"{finding.code} {finding.name}"},
    }
    return {**found, "suggestions": _suggestions(finding.fix, finding.location, lines)} if finding.fix else found


def _suggestions(fix: Edit, location: Location, lines: Lines) -> list[dict[str, Any]]:
    """A suggestion is about the file of its diagnostic; an edit elsewhere cannot be told."""
    is_here = fix.location.path == location.path
    return [{"range": _range(fix.location, lines), "text": fix.text}] if is_here else []


def _range(location: Location, lines: Lines) -> dict[str, Any]:
    return {
        "start": _position(location.path, location.line, location.column, lines),
        "end": _position(location.path, location.end_line, location.end_column, lines),
    }


def _position(path: str, line: int, column: int, lines: Lines) -> dict[str, int]:
    """Columns count from 1 here too, but in bytes of UTF-8."""
    text = lines(path, line) or ""
    wider = 0 if text.isascii() else len(text[: column - 1].encode("utf-8", "replace")) - len(text[: column - 1])
    return {"line": line, "column": column + wider}
