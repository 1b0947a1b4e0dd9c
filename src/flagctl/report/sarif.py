"""SARIF 2.1.0, which code scanning and editors read, within what GitHub takes: 25,000 results and 10 MB, compressed."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from flagctl import __version__
from flagctl.model import Edit, Finding, Location, RuleHelp, Severity
from flagctl.report import words
from flagctl.report.content import Report, findings_by_importance
from flagctl.report.document import array, document, encoded, members

MOST_RESULTS = 25_000
MOST_BYTES = 10_000_000
"""Of the file as it is uploaded, which is compressed."""
_SHOWN = 5_000
"""How many of the results GitHub shows; it chooses them by severity, as we do."""
_FRAME = 100
"""What a result takes besides its texts, compressed; generously."""
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation"}

_FINGERPRINT = "flagctl/v1"
"""Not `primaryLocationLineHash`, the only name that GitHub compares by: it hashes the line itself where there is none,
and warns of every result whose hash is another than its own."""


def findings(report: Report) -> str:
    """One run, its most important results first."""
    return _document(fitted(report))


def fitted(report: Report) -> Report:
    """The findings that GitHub takes, the most important ones; a notice says what is left out."""
    ordered = findings_by_importance(report.findings)
    kept = _within_bytes(replace(report, findings=ordered[:MOST_RESULTS]))
    if len(kept) < len(ordered):
        notice = f"{len(kept)} of {len(ordered)} findings are in the SARIF file, as GitHub takes no more"
        hidden = (*report.hidden, *ordered[len(kept) :])  # the fingerprints of the others depend on them
        report = replace(report, findings=kept, hidden=hidden, notices=(*report.notices, f"{notice}: {_of_which()}"))
    return report


def _of_which() -> str:
    return f"the most important ones, of which it shows {_SHOWN}"


def _within_bytes(report: Report) -> tuple[Finding, ...]:
    """As many findings, from the first, as can be uploaded."""
    kept = report.findings
    if sum(map(_weight, kept)) > MOST_BYTES:
        while (size := len(zlib.compress(_document(replace(report, findings=kept)).encode(), 1))) > MOST_BYTES:
            kept = kept[: len(kept) * MOST_BYTES // size * 9 // 10]
    return kept


def _weight(finding: Finding) -> int:
    """More bytes than a finding takes compressed."""
    texts = (finding.flag, finding.message, finding.hint, finding.location.path, finding.fix and finding.fix.text)
    return _FRAME + sum(len(text.encode("utf-8", "replace")) for text in texts if text)


def _document(report: Report) -> str:
    indexes = {rule.code: index for index, rule in enumerate(report.rules)}
    results = (encoded(_result(each, report, indexes)) for each in findings_by_importance(report.findings))
    run = {
        "tool": members({"driver": members(_driver(report.rules), "        ")}, "      "),
        "invocations": encoded([_invocation(report)]),
        "columnKind": encoded("unicodeCodePoints"),
        "originalUriBaseIds": encoded({_ROOT: {"description": {"text": "The root of the project."}}}),
        "results": array(results, "      "),
    }
    whole = {
        "$schema": encoded(_SCHEMA),
        "version": encoded("2.1.0"),
        "runs": array([members(run, "    ")], "  "),
    }
    return document(members(whole))


def _driver(rules: Iterable[RuleHelp]) -> dict[str, str]:
    return {
        "name": encoded("flagctl"),
        "semanticVersion": encoded(__version__),
        "rules": array((encoded(_rule(rule)) for rule in rules), "          "),
    }


def _rule(rule: RuleHelp) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name.title().replace("-", ""),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.text},
        "help": {"text": rule.text, "markdown": rule.page},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "tags": ["feature-flags", "maintainability"],
            "precision": "high" if rule.is_default else "medium",
            "problem.severity": _PROBLEMS[rule.severity],
        },
    }


def _invocation(report: Report) -> dict[str, Any]:
    notes = [{"level": "warning", "message": {"text": line}} for line in words.missed(report)]
    return {"executionSuccessful": True, **({"toolExecutionNotifications": notes} if notes else {})}


def _result(finding: Finding, report: Report, indexes: Mapping[str, int]) -> dict[str, Any]:
    found: dict[str, Any] = {"ruleId": finding.code}
    if finding.code in indexes:
        found["ruleIndex"] = indexes[finding.code]
    found["level"] = _LEVELS[finding.severity]
    found["message"] = {"text": _message(finding)}
    place = {"artifactLocation": _artifact(finding.location), "region": _region(finding.location)}
    found["locations"] = [{"physicalLocation": place}]
    found["partialFingerprints"] = {_FINGERPRINT: report.fingerprints[finding]}
    if finding.fix is not None:
        found["fixes"] = [_fix(finding.fix)]
    return found


def _message(finding: Finding) -> str:
    """Sentences that end as such, as viewers cut behind the first; and no links, which `[text](target)` would be."""
    sentence = words.sentence(finding).replace("](", "] (")
    if sentence[-1] not in ".?!":
        sentence += "."
    return sentence if finding.hint is None else f"{sentence}\n{words.hint(finding).replace('](', '] (')}"


def _artifact(location: Location) -> dict[str, str]:
    return {"uri": quote(location.path, errors="surrogateescape"), "uriBaseId": _ROOT}


def _region(location: Location) -> dict[str, int]:
    return {
        "startLine": location.line,
        "startColumn": location.column,
        "endLine": location.end_line,
        "endColumn": location.end_column,
    }


def _fix(fix: Edit) -> dict[str, Any]:
    change = {"deletedRegion": _region(fix.location), "insertedContent": {"text": fix.text}}
    return {"artifactChanges": [{"artifactLocation": _artifact(fix.location), "replacements": [change]}]}
