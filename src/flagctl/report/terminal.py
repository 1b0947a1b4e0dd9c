"""What an engineer sees: the same reports drawn with Rich. The only module here that imports it.

Everything is a `Text` object, never a markup string, so that `[brackets]` in keys, paths and source stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from flagctl.lines import Lines
from flagctl.model import Finding, Flag, Reference, Role, Severity
from flagctl.past import Change
from flagctl.report import words
from flagctl.report.cells import cell_width
from flagctl.report.changes import change_lines
from flagctl.report.content import (
    ChangesReport,
    Report,
    findings_by_owner,
    findings_by_place,
    flags_by_key,
    references_by_place,
)
from flagctl.report.excerpt import excerpt
from flagctl.report.inert import inert
from flagctl.report.plain import rows

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}
_DATE = len("2026-06-05")
_INDENT = 10
"""Room for the severities, so that all else of a finding stands in one column."""
_PLACE = 15
"""Room for the roles."""
_DETAILS = 40
"""Room without which the details of a reference are put below its place."""
_NARROWEST = 24
"""Room that text is given even where the terminal has less."""
_WIDE = 120
"""Columns from which a list shows everything."""


def print_findings(report: Report, console: Console) -> None:
    """Findings under the flags they are about, the worst flag first, then those about a file; then the summary."""
    gutter = _gutter(report.findings)
    for key, group in _groups(report.findings):
        _print_heading(console, key, report.owner_of(group[0]))
        _print_group(console, group, report.lines, gutter)
        console.print()
    _print_summary(report, console)


def print_by_owner(report: Report, console: Console) -> None:
    """Findings under the owners of the flags they are about, each with its flag; then the summary."""
    gutter = _gutter(report.findings)
    for owner, group in findings_by_owner(report).items():
        _print_heading(console, words.owner(owner), words.tally_of(group))
        _print_group(console, group, report.lines, gutter, words.sentence)
        console.print()
    _print_summary(report, console)


def print_references(report: Report, console: Console) -> None:
    """References under the flags they name, by whichever name; dynamic keys last."""
    keys = {name: flag.key for flag in report.flags for name in flag.names}
    groups: dict[str | None, list[Reference]] = {}
    for reference in references_by_place(report.references):
        key = None if reference.flag is None else keys.get(reference.flag, reference.flag)
        groups.setdefault(key, []).append(reference)
    column = _details_column(report.references)
    for key in sorted(groups, key=lambda key: (key is None, key or "")):
        _print_heading(console, "Dynamic keys" if key is None else key, _roles(groups[key]))
        _print_places(console, groups[key], column, report)
        console.print()
    flags = words.count(len(groups.keys() - {None}), "flag")
    _print_line(console, Text(f"{words.count(len(report.references), 'reference')} to {flags}", "bold"))


def print_flags(report: Report, console: Console) -> None:
    """Flags at a glance; where there is room, also when they began, how they are meant to end and where they stand."""
    columns = 9 if console.width >= _WIDE else 6
    headings = ("flag", "type", "owner", "due", "rollout", "uses", "created", "end state", "references")
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for heading in headings[:columns]:
        is_number = heading in {"rollout", "uses"}
        table.add_column(heading, justify="right" if is_number else "left", overflow="fold")
    for flag in flags_by_key(report.flags):
        key, *others = _flag_cells(flag, report)[:columns]
        table.add_row(Text(key, "bold"), *map(Text, others))
    console.print(table)
    console.print()
    _print_line(console, Text(words.count(len(report.flags), "flag"), "bold"))


def print_page(report: Report, console: Console, flag: Flag) -> None:
    """One flag whole: what its definition says, then its references and its findings."""
    _print_heading(console, flag.key, words.place(flag.first))
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows(flag):
        table.add_row(Text("  " + inert(name)), Text(inert(value)))
    for name, value in words.whereabouts(report, flag):
        table.add_row(Text("  " + inert(name)), Text(inert(value), "bold"))
    console.print(table)
    console.print()
    references = report.references_to(flag)
    _print_heading(console, "References", _roles(references) or "none")
    _print_places(console, references, _details_column(references), report)
    console.print()
    findings = report.findings_about(flag)
    _print_heading(console, "Findings", None if findings else "none")
    _print_group(console, findings, report.lines, _gutter(findings))
    past = words.latest_first(report, flag)
    console.print()
    _print_heading(console, "History", None if past else "none in git")
    for change in past:
        _print_change(console, change, with_flag=False)


def print_changes(report: ChangesReport, console: Console) -> None:
    """What became of flags, latest first; then how many changes there are."""
    for change in report.changes:
        _print_change(console, change, with_flag=True)
    flags = words.count(len({change.flag for change in report.changes}), "flag")
    _print_line(console, Text(f"{words.count(len(report.changes), 'change')} of {flags}", "bold"))


def _print_change(console: Console, change: Change, *, with_flag: bool) -> None:
    happened, why = change_lines(change, with_flag=with_flag)
    _print_wrapped(console, Text(happened[_DATE:].strip()), _DATE + 4, Text(f"  {happened[:_DATE]}", "cyan"))
    _print_wrapped(console, Text(why.strip(), "dim"), _DATE + 4)


def print_diff(diff: bytes, console: Console) -> None:
    """A unified diff in colours."""
    for line in diff.decode(errors="backslashreplace").removesuffix("\n").split("\n"):
        style = next((style for start, style in _DIFF_STYLES.items() if line.startswith(start)), "")
        shown = "\t".join(map(inert, line.removesuffix("\r").split("\t")))
        _print_line(console, Text(shown, style))


_DIFF_STYLES = {"diff ": "bold", "--- ": "bold", "+++ ": "bold", "@@ ": "cyan", "+": "green", "-": "red"}


def _groups(findings: Iterable[Finding]) -> list[tuple[str, tuple[Finding, ...]]]:
    """By flag, or else by file; each group worst first, too."""
    groups: dict[tuple[bool, str], list[Finding]] = {}
    for finding in findings_by_place(findings):
        key = (finding.flag is None, finding.location.path if finding.flag is None else finding.flag)
        groups.setdefault(key, []).append(finding)
    ordered = sorted(groups, key=lambda key: (key[0], -words.worst(tuple(groups[key])), key[1]))
    return [(key[1], tuple(sorted(groups[key], key=lambda finding: -finding.severity))) for key in ordered]


def _gutter(findings: Iterable[Finding]) -> int:
    """Room for the numbers of the lines that are shown."""
    return max((len(str(finding.location.line)) for finding in findings), default=0)


def _print_group(
    console: Console,
    findings: Sequence[Finding],
    lines: Lines,
    gutter: int,
    said: Callable[[Finding], str] = words.message,
) -> None:
    """A run of findings about one place shows its source once, under the first; `said` puts a finding into words."""
    shown = None
    for finding in findings:
        _print_message(console, finding, said(finding))
        _print_line(console, Text(words.place(finding.location), "cyan"), _INDENT)
        if finding.location != shown:
            _print_source(console, finding, lines, gutter)
        shown = finding.location
        if finding.hint is not None:
            _print_wrapped(console, Text.assemble(("help: ", "bold"), inert(finding.hint)), _INDENT)


def _print_message(console: Console, finding: Finding, said: str) -> None:
    label = Text(f"  {finding.severity}", _STYLES[finding.severity])
    title = Text.assemble((finding.code, "bold"), (f" {finding.name}", "dim"), ": ", said)
    _print_wrapped(console, title, _INDENT, label)


def _print_summary(report: Report, console: Console) -> None:
    style = _STYLES[words.worst(report.findings)] if report.findings else "bold green"
    _print_line(console, Text(words.summary(report), style))


def _print_source(console: Console, finding: Finding, lines: Lines, gutter: int) -> None:
    location = finding.location
    line = lines(location.path, location.line)
    if line is None or not line.strip():
        return
    is_ascii = console.options.ascii_only
    bar = "|" if is_ascii else "│"
    left = _INDENT + gutter + len(" | ")
    drawn = excerpt(line, location, max(_NARROWEST, console.width - left), "..." if is_ascii else "…")
    _print_line(console, Text.assemble((f"{location.line:>{gutter}} {bar} ", "dim"), drawn.text), _INDENT)
    marker = (drawn.marker, _STYLES[finding.severity])
    _print_line(console, Text.assemble((f"{'':{gutter}} {bar} ", "dim"), marker), _INDENT)


def _details_column(references: Sequence[Reference]) -> int:
    """Where details begin, to the right of the longest place."""
    return max((cell_width(words.place(each.location)) for each in references), default=0) + _PLACE + 2


def _print_places(console: Console, references: Sequence[Reference], column: int, report: Report) -> None:
    """Details stand beside the places, or below them where that leaves too little room; explanations below."""
    is_beside = column + _DETAILS <= console.width
    for reference in references:
        label = Text.assemble(f"  {reference.role:<{_PLACE - 2}}", (words.place(reference.location), "cyan"))
        details = Text(words.details(reference), "dim")
        if is_beside:
            _print_wrapped(console, details, column, label)
        else:
            _print_line(console, label)
            _print_wrapped(console, details, _PLACE)
        for place, line in report.explanation(reference):
            link = Text.assemble((words.place(place), "cyan"), "  ", (inert(line), "dim"))
            _print_line(console, link, _PLACE)


def _roles(references: Sequence[Reference]) -> str:
    """`2 evaluations, 1 mention`."""
    found = [reference.role for reference in references]
    return ", ".join(words.count(found.count(role), role) for role in Role if role in found)


def _flag_cells(flag: Flag, report: Report) -> list[str]:
    references = report.references_to(flag)
    due = flag.expires or flag.review_by
    values = (
        flag.key,
        flag.type,
        flag.owner,
        due.isoformat() if due else None,
        words.percentage(report.percent(flag)),
        str(sum(reference.is_use for reference in references)),
        flag.created.isoformat() if flag.created else None,
        flag.expected_end_state,
        _roles(references),
    )
    return [inert(value) if value else "-" for value in values]


def _print_heading(console: Console, title: str, aside: str | None) -> None:
    _print_line(console, Text.assemble((inert(title), "bold underline"), (f"  {inert(aside)}" if aside else "", "dim")))


def _print_wrapped(console: Console, text: Text, column: int, label: Text | None = None) -> None:
    """Wraps prose in a column of its own; the label stands to the left of its first line."""
    margin = label.copy() if label else Text()
    for line in text.wrap(console, max(_NARROWEST, console.width - column)):
        line.rstrip()
        margin.pad_right(column - margin.cell_len)
        _print_line(console, Text.assemble(margin, line))
        margin = Text()


def _print_line(console: Console, text: Text, indent: int = 0) -> None:
    """Left whole whatever the width, so that a path can still be clicked and copied."""
    console.print(Text.assemble(" " * indent, text), soft_wrap=True)
