"""Findings by owner: for a meeting, for a page that all read, and for a job that reminds each owner."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from report_samples import FLAG, NASTY, finding, many, span
from rich.console import Console

from flagctl.model import Finding, Severity
from flagctl.report import BY_OWNER, FORMATS, Report
from flagctl.report.content import findings_by_owner
from flagctl.report.inert import is_inert
from flagctl.report.markdown import MOST_CHARACTERS
from flagctl.report.terminal import print_by_owner

SEARCH = replace(FLAG, key="search", owner="@acme/search", aliases=())
LOST = replace(FLAG, key="lost", owner=None, aliases=())
EMPTY = replace(FLAG, key="empty", owner="", aliases=())
LATE = finding()
SAME_BY_ALIAS = finding("is spelled otherwise", flag="newCheckout", severity=Severity.INFO, location=span("a.py"))
IDLE = finding("is not asked for", code="FLG202", flag="search", severity=Severity.WARNING, location=span("b.yaml"))
OWNERLESS = finding("has no owner", code="FLG003", flag="lost", location=span("flags/z.yaml"))
UNDECLARED = finding("has no definition", code="FLG201", flag="nope", location=span("shop.py", 5))
SHAPELESS = finding("cannot be read", code="FLG001", flag=None, location=span("flags/zz.yaml", 1, 1))
BLANK = finding("has no owner", code="FLG003", flag="empty", severity=Severity.INFO, location=span("flags/e.yaml"))
REPORT = Report(
    (IDLE, SAME_BY_ALIAS, BLANK, SHAPELESS, OWNERLESS, UNDECLARED, LATE),
    flags=(FLAG, SEARCH, LOST, EMPTY),
    suppressed=2,
    baselined=3,
    sources="https://git.example/",
)


def owners(report: Report) -> list[Any]:
    return list(json.loads(BY_OWNER["json"](report))["owners"])


def test_groups() -> None:
    """Whatever has no owner, or is about no flag that is defined, is nobody's."""
    assert findings_by_owner(REPORT) == {
        "@acme/payments": (LATE, SAME_BY_ALIAS),
        None: (OWNERLESS, SHAPELESS, UNDECLARED, BLANK),
        "@acme/search": (IDLE,),
    }
    assert findings_by_owner(Report()) == {}


def test_text() -> None:
    """Each finding is the line that it is without groups, so whatever reads the one reads the other."""
    text = BY_OWNER["text"](replace(REPORT, findings=(IDLE, replace(LATE, hint="remove it"))))
    assert text == (
        "@acme/payments: 1 error\n"
        "flags/new-checkout.yaml:8:10: FLG101 error new-checkout expired on 2026-05-01 (174 days ago)\n"
        "    help: remove it\n"
        "\n"
        "@acme/search: 1 warning\n"
        "b.yaml:8:10: FLG202 warning search is not asked for\n"
        "\n"
        "2 findings: 1 error, 1 warning in 2 flags (2 suppressed, 3 in the baseline)\n"
    )
    lines = BY_OWNER["text"](REPORT).splitlines()
    assert {line for line in lines if ": FLG" in line} == {
        line for line in FORMATS["text"](REPORT).splitlines() if ": FLG" in line
    }
    assert "nobody: 3 errors, 1 info" in lines


def test_markdown() -> None:
    text = BY_OWNER["markdown"](REPORT)
    assert re.findall(r"^#.*", text, re.M) == [
        "## `@acme/payments`: 1 error, 1 info",
        "## Nobody: 3 errors, 1 info",
        "## `@acme/search`: 1 warning",
    ]
    assert text.startswith("**flagctl**: 7 findings: 4 errors, 1 warning, 2 infos in 6 flags (2 suppressed, 3 in the ")
    assert re.findall(r"^- \*\*(\w+)", text, re.M) == ["error", "info", *["error"] * 3, "info", "warning"]
    assert "<details" not in text
    assert "\n\n\n" not in text


def test_json_has_the_same_findings_and_what_each_owner_has_to_do() -> None:
    document = json.loads(BY_OWNER["json"](REPORT))
    plain = json.loads(FORMATS["json"](REPORT))
    assert {name: document[name] for name in plain} == plain
    assert document.keys() - plain.keys() == {"owners"}
    payments, nobody, search = document["owners"]
    assert (payments["owner"], nobody["owner"], search["owner"]) == ("@acme/payments", None, "@acme/search")
    assert [payments[each] for each in ("errors", "warnings", "infos")] == [1, 0, 1]
    assert payments["fingerprints"] == [REPORT.fingerprints[LATE], REPORT.fingerprints[SAME_BY_ALIAS]]
    told = [each for owner in document["owners"] for each in owner["fingerprints"]]
    assert sorted(told) == sorted(each["fingerprint"] for each in plain["findings"])


def test_a_reminder_speaks_of_one_owner_only() -> None:
    payments, nobody, search = (each["markdown"] for each in owners(REPORT))
    assert search == (
        "**flagctl**: 1 finding: 1 warning in 1 flag\n"
        "\n"
        "- **warning** [`b.yaml:8`](https://git.example/b.yaml#L8) `search` is not asked for (FLG202)\n"
    )
    assert "new-checkout" in payments
    assert "search" not in payments + nobody


def test_nothing_found() -> None:
    assert BY_OWNER["text"](Report()) == "No findings: 0 flags\n"
    assert BY_OWNER["markdown"](Report()) == "**flagctl**: No findings: 0 flags\n"
    assert owners(Report()) == []


def test_every_document_fits_where_it_goes() -> None:
    """A reminder has room of its own, whatever the others have to do."""
    report = many(1_000)
    both = replace(
        report,
        findings=(*report.findings, *(replace(each, flag="search", code="FLG102") for each in report.findings)),
        flags=(FLAG, SEARCH),
    )
    texts = [BY_OWNER["markdown"](both), *(each["markdown"] for each in owners(both))]
    for text in texts:
        assert 0.9 * MOST_CHARACTERS < len(text) <= MOST_CHARACTERS
        assert "less important, would not fit" in text
    assert [each["errors"] + each["warnings"] + each["infos"] for each in owners(both)] == [1_000, 1_000]


@pytest.mark.parametrize("owner", [*NASTY.values(), "</code>## x", "`a`", "# a\n# b", "*"])
def test_an_owner_is_shown_as_it_is(owner: str) -> None:
    report = Report((LATE,), flags=(replace(FLAG, owner=owner),))
    for name in ("text", "markdown"):
        assert all(char == "\n" or is_inert(char) for char in BY_OWNER[name](report))
    assert len(re.findall(r"^#", BY_OWNER["markdown"](report), re.M)) == 1
    assert len(BY_OWNER["text"](report).splitlines()) == 4


def test_on_a_terminal_each_finding_names_its_flag() -> None:
    console = Console(file=io.StringIO(), width=100, color_system=None)
    print_by_owner(REPORT, console)
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert [line for line in lines if line and not line.startswith(" ")] == [
        "@acme/payments  1 error, 1 info",
        "nobody  3 errors, 1 info",
        "@acme/search  1 warning",
        "7 findings: 4 errors, 1 warning, 2 infos in 6 flags (2 suppressed, 3 in the baseline)",
    ]
    assert "  error   FLG101 expired: new-checkout expired on 2026-05-01 (174 days ago)" in lines
    assert _messages(lines) == len(REPORT.findings)


def _messages(lines: list[str]) -> int:
    return sum(line.split()[0] in {str(each) for each in Severity} for line in lines if line.startswith("  "))


def test_the_order_is_the_same_on_every_run() -> None:
    reverse: tuple[Finding, ...] = REPORT.findings[::-1]
    for name, draw in BY_OWNER.items():
        assert draw(REPORT) == draw(replace(REPORT, findings=reverse)), name
