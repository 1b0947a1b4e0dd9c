"""Workflow commands, escaped as GitHub documents it."""

from __future__ import annotations

from report_samples import REPORT, finding, span

from flagctl.model import Location
from flagctl.report import FORMATS, Report


def command(**changes: object) -> str:
    return FORMATS["github"](Report((finding(**changes),)))  # type: ignore[arg-type]


def test_a_finding_with_its_hint() -> None:
    assert command(hint="remove it") == (
        "::error file=flags/new-checkout.yaml,line=8,endLine=8,col=10,endColumn=20,title=FLG101 expired"
        "::new-checkout expired on 2026-05-01 (174 days ago)%0Aremove it\n"
    )


def test_worst_first_and_nothing_else() -> None:
    lines = FORMATS["github"](REPORT).splitlines()
    assert [line.split()[0] for line in lines] == ["::error", "::error", "::warning", "::notice"]
    assert "file=flags/new-checkout.yaml," in lines[0]
    assert FORMATS["github"](Report()) == ""


def test_percent_is_escaped_in_messages() -> None:
    assert command(message="50%, 100%0A: done", flag=None).endswith("::50%25, 100%250A: done\n")


def test_colons_and_commas_are_escaped_in_properties() -> None:
    assert "file=a%3Ab%2Cc%25.py,line" in command(location=span("a:b,c%.py"))


def test_a_span_of_several_lines_has_no_columns() -> None:
    assert "line=3,endLine=5,title=" in command(location=Location("a.py", 3, 7, 5, 2))
