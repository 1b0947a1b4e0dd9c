"""What a terminal shows, at the widths that people have."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from report_samples import EVALUATION, FLAG, REPORT, finding, span
from rich.cells import cell_len
from rich.console import Console

from flagctl.model import Finding, Location, Severity
from flagctl.report import Report, terminal
from flagctl.report.excerpt import excerpt

WIDTHS = pytest.mark.parametrize("width", [80, 160])


def drawn(report: Report, source: str | None, width: int = 80) -> list[str]:
    console = Console(file=StringIO(), width=width, record=True)
    terminal.print_findings(replace(report, lines=lambda _path, _line: source), console)
    return console.export_text().splitlines()


def marked(source: str, found: Finding, width: int) -> tuple[str, str]:
    """The cells that the marker points at, and the whole source line as it is drawn."""
    lines = drawn(Report((found,)), source, width)
    index = next(index for index, line in enumerate(lines) if "^" in line)
    code, marker = lines[index - 1], lines[index]
    start, end = marker.index("^"), len(marker.rstrip())
    offsets = [cell_len(code[:count]) for count in range(len(code) + 1)]
    return code[offsets.index(start) : offsets.index(end)], code


@WIDTHS
@pytest.mark.parametrize(
    "before",
    ["", "    ", "\t", "\t  \t", "合計 = ", "a\tb\t", "cafe\u0301 ", "\x1b[31m ", "x" * 300 + " ", "価" * 300 + " "],
    ids=["none", "spaces", "tab", "tabs", "wide", "inner tabs", "combining", "escape", "long", "long and wide"],
)
@pytest.mark.parametrize("after", ["", " # [note]", "y" * 300], ids=["none", "short", "long"])
def test_the_marker_is_under_the_span(before: str, after: str, width: int) -> None:
    key = "is_on('新-flag')"
    found = finding(location=span(column=len(before) + 1, length=len(key)))
    under, code = marked(before + key + after, found, width)
    assert under == key
    assert "8 │ " in code
    assert cell_len(code) <= width


@WIDTHS
def test_a_span_wider_than_the_screen_shows_its_start(width: int) -> None:
    under, code = marked("call(" + "x" * 400 + ")", finding(location=span(column=1, length=406)), width)
    assert under.startswith("call(xxx")
    assert cell_len(code) <= width


def test_a_span_of_several_lines_is_marked_to_the_end_of_the_first() -> None:
    assert marked("a = call(", finding(location=Location("a.py", 8, 5, 9, 2)), 80)[0] == "call("


@pytest.mark.parametrize("column", [9, 10, 99])
def test_a_place_after_the_end_has_a_marker(column: int) -> None:
    assert excerpt("expires:", span(column=column, length=0), 60, "…").marker == " " * 8 + "^"


@WIDTHS
def test_an_audit(width: int) -> None:
    text = "\n".join(drawn(REPORT, "expires: 2026-05-01", width))
    first, second, third, last, _ = (*text.split("\n\n"), None)
    assert first is not None
    assert first.splitlines() == [
        "new-checkout  @acme/payments",
        "  error   FLG101 expired: expired on 2026-05-01 (174 days ago)",
        "          flags/new-checkout.yaml:8:10",
        "          8 │ expires: 2026-05-01",
        "            │          ^^^^^^^^^^",
        "          help: run `flagctl remove new-checkout --keep on`",
        "  warning FLG301 expired: falls back to [True]",
        "          src/b.py:7:15",
        "          7 │ expires: 2026-05-01",
        "            │               ^^^^^",
    ]
    assert second is not None
    assert second.startswith("zeta\n  error   FLG003 missing-owner")
    assert third is not None
    assert third.startswith("src/a.py\n  info    FLG204")
    assert last == "4 findings: 2 errors, 1 warning, 1 info in 2 flags (2 suppressed)"


def test_flags_are_ordered_by_their_worst_finding_and_files_come_last() -> None:
    lines = drawn(
        Report(
            (
                finding(flag=None, location=span("src/a.py")),
                finding(flag="a", severity=Severity.WARNING),
                finding(flag="c"),
                finding(flag="b"),
            )
        ),
        None,
    )
    assert [line for line in lines if line and not line.startswith(" ")][:-1] == ["b", "c", "a", "src/a.py"]


def test_findings_about_one_place_show_it_once() -> None:
    lines = drawn(Report((finding(code="FLG003"), finding(code="FLG005"))), "expires: 2026-05-01")
    assert sum("│ expires" in line for line in lines) == 1


@WIDTHS
def test_prose_wraps_in_its_column_and_paths_stay_whole(width: int) -> None:
    path = "src/" + "deep/" * 50 + "a.py"
    lines = drawn(Report((finding("word " * 60, location=span(path)),)), None, width)
    assert any(line.strip() == f"{path}:8:10" for line in lines)
    prose = [line for line in lines if "word" in line]
    assert len(prose) > 1
    assert all(len(line) <= width for line in prose)
    assert all(line.startswith(" " * 10 + "word") for line in prose[1:])


def ansi(monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    console = Console(file=StringIO(), width=80, force_terminal=True)
    with console.capture() as capture:
        terminal.print_findings(replace(REPORT, lines=lambda _path, _line: "expires: 2026-05-01"), console)
    return capture.get()


def test_colour_is_never_the_only_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[1;31m" in ansi(monkeypatch, TERM="xterm-256color")
    without = ansi(monkeypatch, TERM="xterm-256color", NO_COLOR="1")
    assert "31m" not in without
    assert "error" in without
    assert "\x1b" not in ansi(monkeypatch, TERM="dumb")


def test_an_ascii_terminal_gets_ascii() -> None:
    class Ascii(StringIO):
        encoding = "ascii"

    console = Console(file=Ascii(), width=80)
    with console.capture() as capture:
        terminal.print_findings(
            Report((finding(),), lines=lambda _path, _line: "expires: 2026-05-01 " + "x" * 90), console
        )
    assert capture.get().isascii()
    assert "8 | expires: 2026-05-01 xxx" in capture.get()


@WIDTHS
def test_references_flags_and_pages_fit(width: int) -> None:
    console = Console(file=StringIO(), width=width, record=True)
    terminal.print_references(REPORT, console)
    terminal.print_flags(REPORT, console)
    terminal.print_page(REPORT, console, FLAG)
    text = console.export_text()
    assert max(map(len, text.splitlines())) <= width
    assert f"src/shop/pricing.py:{EVALUATION.location.line}:15" in text
    assert "call, openfeature, default False, via constant, at import" in text
    assert "4 references to 1 flag\n" in text
    assert "rollout.environments.production.percent" in text
    assert ("end state" in text) == (width == 160)
