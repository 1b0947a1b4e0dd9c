"""GitLab's Code Quality report."""

from __future__ import annotations

import json

from report_samples import MENDABLE, WHOLE, many

from flagctl.report import FORMATS, Report


def test_an_issue() -> None:
    assert json.loads(FORMATS["gitlab"](Report((MENDABLE,)))) == [
        {
            "description": "new-checkout has an owner whom nobody knows: @acme/paymets; did you mean @acme/payments?",
            "check_name": "FLG004 unknown-owner",
            "fingerprint": Report((MENDABLE,)).fingerprints[MENDABLE],
            "severity": "minor",
            "location": {"path": "flags/ñ (1).yaml", "lines": {"begin": 5, "end": 5}},
        }
    ]


def test_worst_first() -> None:
    severities = [each["severity"] for each in json.loads(FORMATS["gitlab"](WHOLE))]
    assert severities == ["major", "major", "minor", "minor", "info"]


def test_fingerprints_are_unique() -> None:
    issues = json.loads(FORMATS["gitlab"](many(1_000)))
    assert len({each["fingerprint"] for each in issues}) == len(issues) == 1_000


def test_no_findings_are_an_empty_report() -> None:
    assert FORMATS["gitlab"](Report()) == "[]\n"
