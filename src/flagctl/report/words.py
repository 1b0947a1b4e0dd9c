"""The wording that people read, shared by pipes and terminals, and always inert."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from flagctl.model import Finding, Flag, Location, Reference, ResolvedBy, Severity
from flagctl.past import Change, ChangeKind
from flagctl.report.changes import born
from flagctl.report.content import Report
from flagctl.report.inert import inert


def place(location: Location) -> str:
    """`path:line:column`, which editors and terminals know how to open."""
    return f"{inert(location.path)}:{location.line}:{location.column}"


def message(finding: Finding) -> str:
    """What is wrong, where its subject stands above it."""
    return inert(finding.message)


def sentence(finding: Finding) -> str:
    """The message with its subject: the flag, where the finding is about one."""
    return inert(finding.message if finding.flag is None else f"{finding.flag} {finding.message}")


def count(number: int, noun: str) -> str:
    """`1 flag`, `2 flags`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def tally(severities: Mapping[Severity, int]) -> str:
    """`5 errors, 1 info`: how many findings of each severity there are, worst first."""
    return ", ".join(count(severities[severity], str(severity)) for severity in sorted(severities, reverse=True))


def owner(name: str | None) -> str:
    """An owner as a heading has it."""
    return inert(name) if name else "nobody"


def tally_of(findings: Iterable[Finding]) -> str:
    """`2 errors, 1 warning`, of findings."""
    return tally(Counter(finding.severity for finding in findings))


def summary(report: Report) -> str:
    """The last line of a report."""
    figures = {
        "suppressed": report.suppressed,
        "in the baseline": report.baselined,
        f"there at {inert(report.base or '')}": report.at_base,
    }
    parts = ", ".join(f"{number} {what}" for what, number in figures.items() if number)
    hidden = f" ({parts})" if parts else ""
    if not report.findings:
        seen = f", {count(len(report.references), 'reference')}" if report.searched else ""
        return f"No findings: {count(len(report.flags), 'flag')}{seen}{hidden}"
    flags = len({finding.flag for finding in report.findings if finding.flag is not None})
    where = f" in {count(flags, 'flag')}" if flags else ""
    return f"{count(len(report.findings), 'finding')}: {tally(report.severities)}{where}{hidden}"


def hint(finding: Finding) -> str:
    """What to do about a finding that says so."""
    return inert(finding.hint or "")


def advice(finding: Finding, joint: str = "\n") -> str:
    """The sentence, and what to do about it."""
    return joint.join(filter(None, (sentence(finding), hint(finding))))


def missed(report: Report) -> list[str]:
    """What must not pass in silence: what could not be read, and what else there is to know about the run."""
    lines = [*report.notices, *(f"{each.path}: {each.reason}" for each in report.unread)]
    if report.passed_over:
        verb = "was" if report.passed_over == 1 else "were"
        lines.append(f"{count(report.passed_over, 'definition')} {verb} passed over (FLG001)")
    return [inert(line) for line in lines]


def worst(findings: tuple[Finding, ...]) -> Severity:
    """The highest severity of at least one finding."""
    return max(finding.severity for finding in findings)


def subject(reference: Reference) -> str:
    """The key that a reference names, or that it cannot be known."""
    if reference.flag is not None:
        return inert(reference.flag)
    return inert(f"(dynamic key {reference.site.key_glob})") if reference.site.key_glob else "(dynamic key)"


def details(reference: Reference) -> str:
    """What is known of a reference besides its place: `call, openfeature, default False, via constant`."""
    parts = [
        str(reference.kind),
        reference.sdk,
        None if reference.default is None else f"default {reference.default}",
        None if reference.value is None else f"value {reference.value}",
        _origin(reference.resolved_by),
        "negated" if reference.negated else None,
        "at import" if reference.site.import_time else None,
        "in tests" if reference.in_tests else None,
    ]
    return inert(", ".join(part for part in parts if part))


def _origin(resolved_by: ResolvedBy | None) -> str | None:
    return None if resolved_by is None else f"via {resolved_by}".replace("_", " ")


def whereabouts(report: Report, flag: Flag) -> list[tuple[str, str]]:
    """Since when a flag is there, since when it is served as it is, and whether it may go."""
    history, found = report.history_of(flag), report.removal(flag)
    name = "definition born" if flag.adopted else "born"  # git tells what became of the definition, not of the flag
    age = report.age(flag)
    lines = [] if age is None else [("age", count(age, "day"))]
    lines += [(name, born(history))] if history else []
    *_, last = (None, *history.steps(report.environment_of(flag))) if history else (None,)
    if last is not None and last.to_percent == report.percent(flag) and last.to_percent is not None:
        since = last.change.commit.landed
        at_least = " or longer" if last.change.kind is ChangeKind.KNOWN else ""
        share = f"{last.to_percent:g}% of {report.environment_of(flag)}"
        lines.append(("served to", f"{share} since {since}{at_least}{_days_since(since, report.today)}"))
    lines.append(("ready to be removed", "no" if found is None else f"yes; {found.hint}"))
    return lines


def latest_first(report: Report, flag: Flag) -> tuple[Change, ...]:
    """The changes of a flag."""
    history = report.history_of(flag)
    return history.changes[::-1] if history else ()


def _days_since(day: date, today: date | None) -> str:
    return f" ({count((today - day).days, 'day')})" if today and today >= day else ""


def deadline(flag: Flag) -> str | None:
    """The day a flag must be dealt with; a standing flag is reviewed rather than removed."""
    if flag.expires is not None:
        return flag.expires.isoformat()
    return None if flag.review_by is None else f"review {flag.review_by.isoformat()}"


def percentage(percent: float | None) -> str | None:
    """`12.5%`, `50%`."""
    return None if percent is None else f"{percent:g}%"
