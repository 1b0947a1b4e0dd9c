"""JUnit XML, which every CI shows: a suite for each rule, in which what it found has failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape

from flagctl.model import Finding, Severity
from flagctl.report import words
from flagctl.report.content import Report, findings_by_place
from flagctl.report.inert import inert


def findings(report: Report) -> str:
    """A rule that found nothing is one test that passed, so that a run without findings is seen to have happened."""
    suites: dict[tuple[str, str], list[Finding]] = {(rule.code, rule.name): [] for rule in report.rules}
    for finding in findings_by_place(report.findings):
        suites.setdefault((finding.code, finding.name), []).append(finding)
    lines = [line for (code, name), found in sorted(suites.items()) for line in _suite(f"{code} {name}", found)]
    tests = sum(max(1, len(found)) for found in suites.values())
    totals = f'tests="{tests}" failures="{_failures(report.findings)}" errors="0" time="0"'
    head = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="flagctl" {totals}>']
    return "\n".join([*head, *lines, "</testsuites>"]) + "\n"


def _failures(found: Sequence[Finding]) -> int:
    return sum(map(_is_failure, found))


def _is_failure(finding: Finding) -> bool:
    """An info asks for nothing, so it is shown as skipped. What fails the run is the exit code's affair."""
    return finding.severity > Severity.INFO


def _suite(title: str, found: Sequence[Finding]) -> Iterator[str]:
    failures = _failures(found)
    counts = f'tests="{max(1, len(found))}" failures="{failures}" errors="0" skipped="{len(found) - failures}" time="0"'
    yield f'  <testsuite name="{_attribute(title)}" {counts}>'
    if not found:
        yield f"    <testcase {_identity(title, 'no findings')}/>"
    seen = Counter[str]()
    for finding in found:
        name = _name(finding)
        seen[name] += 1
        yield from _case(title, name if seen[name] == 1 else f"{name} ({seen[name]})", finding)
    yield "  </testsuite>"


def _name(finding: Finding) -> str:
    """Without the line: CI tells by the name which failure is new."""
    path = finding.location.path
    return path if finding.flag is None else f"{finding.flag} in {path}"


def _case(title: str, name: str, finding: Finding) -> Iterator[str]:
    kind = "failure" if _is_failure(finding) else "skipped"
    what = f'type="{finding.severity}" message="{_attribute(words.sentence(finding))}"'
    text = f"{words.place(finding.location)}: {words.advice(finding)}"
    yield f"    <testcase {_identity(title, name)}>"
    yield f"      <{kind} {what}>{escape(text, quote=False)}</{kind}>"
    yield "    </testcase>"


def _identity(title: str, name: str) -> str:
    """Jenkins takes what is before the last dot of a class name for the package."""
    return f'classname="flagctl.{_attribute(title)}" name="{_attribute(name)}" time="0"'


def _attribute(text: str) -> str:
    return escape(inert(text))
