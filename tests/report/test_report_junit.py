"""JUnit XML, read back as CI reads it."""

from __future__ import annotations

from xml.etree import ElementTree

from report_samples import RULES, WHOLE, finding, span

from flagctl.model import Severity
from flagctl.report import FORMATS, Report


def read(report: Report) -> ElementTree.Element:
    return ElementTree.fromstring(FORMATS["junit"](report))


def test_a_run_without_findings_has_passed() -> None:
    root = read(Report(rules=RULES))
    assert root.attrib == {"name": "flagctl", "tests": "4", "failures": "0", "errors": "0", "time": "0"}
    cases = root.findall("testsuite/testcase")
    assert [each.get("name") for each in cases] == ["no findings"] * 4
    assert cases[0].get("classname") == "flagctl.FLG003 missing-owner"
    assert not any(list(each) for each in cases)


def test_counts_are_those_of_the_cases() -> None:
    root = read(WHOLE)
    for suite in root:
        for attribute, path in (("tests", "testcase"), ("failures", "*/failure"), ("skipped", "*/skipped")):
            assert int(suite.get(attribute, "")) == len(suite.findall(path))
    for attribute in ("tests", "failures"):
        assert int(root.get(attribute, "")) == sum(int(suite.get(attribute, "")) for suite in root)


def test_errors_and_warnings_fail_and_infos_are_skipped() -> None:
    found = {
        severity: read(Report((finding(severity=severity, hint="remove it"),))).find("testsuite/testcase")
        for severity in Severity
    }
    assert [each[0].tag for each in found.values() if each is not None] == ["skipped", "failure", "failure"]
    failure = found[Severity.ERROR].find("failure")  # type: ignore[union-attr]
    assert failure is not None
    assert failure.get("message") == "new-checkout expired on 2026-05-01 (174 days ago)"
    assert failure.text == (
        "flags/new-checkout.yaml:8:10: new-checkout expired on 2026-05-01 (174 days ago)\nremove it"
    )


def test_names_are_unique_and_have_no_line() -> None:
    """A failure that only moved is not a new one."""

    def names(*lines: int) -> list[str | None]:
        found = tuple(finding(location=span(line=line)) for line in lines)
        return [each.get("name") for each in read(Report(found)).iter("testcase")]

    assert names(3, 5) == names(13, 15)
    assert names(3, 5) == ["new-checkout in flags/new-checkout.yaml", "new-checkout in flags/new-checkout.yaml (2)"]


def test_markup_is_text() -> None:
    text = "]]> & <failure/> \"'"
    [case] = read(Report((finding(text, flag=text, location=span(text)),))).iter("testcase")
    assert case.get("name") == f"{text} in {text}"
    assert case[0].get("message") == f"{text} {text}"
