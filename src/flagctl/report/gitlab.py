"""GitLab's Code Quality report, which a merge request shows beside the lines that it changes."""

from __future__ import annotations

from typing import Any

from flagctl.model import Finding, Severity
from flagctl.report import words
from flagctl.report.content import Report, findings_by_importance
from flagctl.report.document import array, document, encoded

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}
"""`critical` and `blocker` are left to what breaks or endangers a product by itself."""


def findings(report: Report) -> str:
    """An array of issues; GitLab tells by their fingerprints which ones are new and which are mended."""
    return document(array(encoded(_issue(each, report)) for each in findings_by_importance(report.findings)))


def _issue(finding: Finding, report: Report) -> dict[str, Any]:
    return {
        "description": words.advice(finding, "; "),
        "check_name": f"{finding.code} {finding.name}",
        "fingerprint": report.fingerprints[finding],
        "severity": _SEVERITIES[finding.severity],
        "location": {
            "path": finding.location.path,
            "lines": {"begin": finding.location.line, "end": finding.location.end_line},
        },
    }
