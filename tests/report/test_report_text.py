"""Piped output: one line each, whole, sorted, in words that read well."""

from __future__ import annotations

import pytest
from report_samples import FLAG, REPORT, finding, span

from flagctl.model import Severity
from flagctl.report import FORMATS, LIST_FORMATS, REFS_FORMATS, SHOW_FORMATS, Report


def audit(*findings: object, **rest: int) -> str:
    return FORMATS["text"](Report(findings, **rest))  # type: ignore[arg-type]


def test_an_audit() -> None:
    assert FORMATS["text"](REPORT) == (
        "flags/new-checkout.yaml:8:10: FLG101 error new-checkout expired on 2026-05-01 (174 days ago)\n"
        "    help: run `flagctl remove new-checkout --keep on`\n"
        "flags/z.yaml:1:1: FLG003 error zeta has no owner\n"
        "src/a.py:2:1: FLG204 info cannot be read\n"
        "src/b.py:7:15: FLG301 warning new-checkout falls back to [True]\n"
        "\n"
        "4 findings: 2 errors, 1 warning, 1 info in 2 flags (2 suppressed)\n"
    )


def test_long_lines_stay_whole() -> None:
    message = "word " * 200 + "[end]"
    assert audit(finding(message, hint=message)).splitlines()[:2] == [
        f"flags/new-checkout.yaml:8:10: FLG101 error new-checkout {message}",
        f"    help: {message}",
    ]


def test_findings_are_sorted_by_number_not_by_digit() -> None:
    lines = audit(*(finding(location=span(line=line)) for line in (10, 9, 1))).splitlines()
    assert [line.split(":")[1] for line in lines[:3]] == ["1", "9", "10"]


@pytest.mark.parametrize(
    ("report", "line"),
    [
        (Report(), "No findings: 0 flags"),
        (Report(flags=(FLAG,), suppressed=1), "No findings: 1 flag (1 suppressed)"),
        (Report(flags=(FLAG,), baselined=12), "No findings: 1 flag (12 in the baseline)"),
        (Report(flags=(FLAG,), at_base=3, base="x\x1b/main"), "No findings: 1 flag (3 there at x\\x1b/main)"),
        (
            Report((finding(),), suppressed=3, baselined=1),
            "1 finding: 1 error in 1 flag (3 suppressed, 1 in the baseline)",
        ),
        (Report(flags=(FLAG,), searched=1), "No findings: 1 flag, 0 references"),
        (Report((finding(),)), "1 finding: 1 error in 1 flag"),
        (Report((finding(flag=None, severity=Severity.WARNING),) * 2), "2 findings: 2 warnings"),
    ],
)
def test_the_summary(report: Report, line: str) -> None:
    assert FORMATS["text"](report).splitlines()[-1] == line


def test_references() -> None:
    assert REFS_FORMATS["text"](REPORT).splitlines() == [
        "frontend/checkout.ts:3:1: mention newCheckout (code)",
        "src/shop/dynamic.py:33:12: evaluation (dynamic key) (call)",
        "src/shop/pricing.py:7:15: evaluation new-checkout (call, openfeature, default False, via constant, at import)",
        "tests/test_checkout.py:12:5: override new-checkout (call, in tests)",
    ]


def test_no_references_are_no_lines() -> None:
    assert REFS_FORMATS["text"](Report()) == ""


def test_a_list_is_aligned() -> None:
    heading, standing, ours = LIST_FORMATS["text"](REPORT).splitlines()
    assert ours.split() == [
        *("new-checkout", "experiment", "@acme/payments", "2026-03-02", "2026-05-01", "remove", "50%"),
        *("1", "1", "0", "1", "flags/new-checkout.yaml:1:1"),
    ]
    assert heading.index("EXPIRES") == ours.index("2026-05-01") == standing.index("review 2027-01-01")
    assert heading.index("DEFINED AT") == ours.index("flags/") == standing.index("flags/")


def test_a_page() -> None:
    page = SHOW_FORMATS["text"](REPORT, FLAG)
    assert "rollout.environments.production.percent: 50\n" in page
    assert "extensions.0.from: 2026-04-11\n" in page
    assert "rollout.plan: 0, 50, 100\n" in page
    # References by an alias are the flag's own.
    assert "mention newCheckout" in page
    assert "FLG301 warning new-checkout falls back to [True]\n" in page
    assert "zeta" not in page
