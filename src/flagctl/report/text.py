"""Plain lines for pipes, logs and editors: one line each, never wrapped, coloured or marked up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flagctl.model import Finding, Flag, Reference, Role
from flagctl.report import words
from flagctl.report.cells import cell_width
from flagctl.report.changes import change_lines
from flagctl.report.content import Report, findings_by_owner, findings_by_place, flags_by_key, references_by_place
from flagctl.report.inert import inert
from flagctl.report.plain import rows

_NOTHING = "-"


def findings(report: Report) -> str:
    """A line for every finding, an indented one for its hint, and the summary."""
    lines = [line for finding in findings_by_place(report.findings) for line in _finding(finding)]
    return _joined([*lines, "", words.summary(report)] if lines else [words.summary(report)])


def by_owner(report: Report) -> str:
    """A line for every owner and the findings of theirs below it, the worst first; then the summary."""
    parts = []
    for owner, found in findings_by_owner(report).items():
        heading = f"{words.owner(owner)}: {words.tally_of(found)}"
        parts.append(_joined([heading, *(line for finding in found for line in _finding(finding))]))
    return "\n".join([*parts, _joined([words.summary(report)])])


def references(report: Report) -> str:
    """A line for every reference, and indented ones for where its key was followed to."""
    return _joined(
        line
        for reference in references_by_place(report.references)
        for line in (_reference(reference), *_links(reference, report))
    )


def flags(report: Report) -> str:
    """A line for every flag under a line of headings, in aligned columns with two spaces or more between them."""
    table = [("KEY", "TYPE", "OWNER", "CREATED", "EXPIRES", "END STATE", "ROLLOUT", *_role_headings(), "DEFINED AT")]
    table += [_columns(flag, report) for flag in flags_by_key(report.flags)]
    return _joined(_aligned(table))


def page(report: Report, flag: Flag) -> str:
    """One flag whole: what its definition says, then its references and its findings."""
    lines = [f"{inert(name)}: {inert(value)}" for name, value in rows(flag)]
    lines.append(f"defined at: {words.place(flag.first)}")
    uses = [_reference(reference) for reference in report.references_to(flag)]
    verdicts = [line for finding in report.findings_about(flag) for line in _finding(finding)]
    past = [line for change in words.latest_first(report, flag) for line in change_lines(change, with_flag=False)]
    return _joined(
        [
            *lines,
            *(f"{name}: {inert(value)}" for name, value in words.whereabouts(report, flag)),
            *("", "References", *(uses or ["none"])),
            *("", "Findings", *(verdicts or ["none"])),
            *("", "History", *(past or ["none in git"])),
        ]
    )


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _finding(finding: Finding) -> list[str]:
    line = f"{words.place(finding.location)}: {finding.code} {finding.severity} {words.sentence(finding)}"
    return [line] if finding.hint is None else [line, f"    help: {inert(finding.hint)}"]


def _reference(reference: Reference) -> str:
    subject, details = words.subject(reference), words.details(reference)
    return f"{words.place(reference.location)}: {reference.role} {subject} ({details})"


def _links(reference: Reference, report: Report) -> list[str]:
    return [f"    {words.place(place)}: {inert(line)}" for place, line in report.explanation(reference)]


def _role_headings() -> list[str]:
    return [f"{role}s".upper() for role in Role]


def _columns(flag: Flag, report: Report) -> tuple[str, ...]:
    values = (
        flag.key,
        flag.type,
        flag.owner,
        None if flag.created is None else flag.created.isoformat(),
        words.deadline(flag),
        flag.expected_end_state,
        words.percentage(report.percent(flag)),
        *(str(number) for number in report.roles(flag).values()),
    )
    return (*(_NOTHING if value is None else inert(value) for value in values), words.place(flag.first))


def _aligned(table: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(cell_width, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(cell + " " * (width - cell_width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
