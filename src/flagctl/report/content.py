"""What a run has to show, whatever the format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from flagctl.baseline import Entry
from flagctl.fingerprint import fingerprints
from flagctl.lines import Lines
from flagctl.model import Finding, Flag, Location, Reference, Role, RuleHelp, Severity, Unread
from flagctl.past import Change, FlagHistory, History

_REMOVAL = ("FLG105", "FLG110")


def _no_lines(path: str, line: int) -> None:
    """Of a report that has no sources."""


@dataclass(frozen=True)
class Report:
    """The outcome of one run, in any order: every format sorts for itself.

    `environment` is the one whose rollout counts. `suppressed` counts the findings that ignore comments hid,
    `baselined` those that the baseline has, `passed_over` the definitions that were not understood.
    """

    findings: tuple[Finding, ...] = ()
    references: tuple[Reference, ...] = ()
    flags: tuple[Flag, ...] = ()
    unread: tuple[Unread, ...] = ()
    searched: int = 0
    parsed: int = 0
    suppressed: int = 0
    baselined: int = 0
    at_base: int = 0
    """How many findings were there at the revision that the run compared with, which is called `base`."""
    base: str | None = None
    open_entries: tuple[Entry, ...] = ()
    """Entries of the baseline of which the run could not tell whether they still hide something."""
    passed_over: int = 0
    environment: str = "production"
    lines: Lines = _no_lines
    """Reads the lines of the sources."""
    is_explained: bool = False
    """Whether every reference is shown with the way to its key."""
    hidden: tuple[Finding, ...] = ()
    """The findings of the run that are not shown."""
    environments: Mapping[str, str] = field(default_factory=dict)
    """The same by the file of a definition, where that is known."""
    notices: tuple[str, ...] = ()
    """What else the user should know about the run."""
    sources: str = ""
    """What makes of a path the address at which the file is shown, where that is known."""
    rules: tuple[RuleHelp, ...] = ()
    """The rules that ran, whether they found anything or not, by code."""
    history: History | None = None
    """What git knows of the flags, if somebody asked."""
    today: date | None = None
    """The day by which the run judged."""

    @cached_property
    def severities(self) -> Counter[Severity]:
        """How many findings there are of each severity."""
        return Counter(finding.severity for finding in self.findings)

    def references_to(self, flag: Flag) -> tuple[Reference, ...]:
        """The references to a flag by any of its names, in file order."""
        return references_by_place(reference for name in flag.names for reference in self._references.get(name, ()))

    def findings_about(self, flag: Flag) -> tuple[Finding, ...]:
        """The findings about a flag by any of its names, in file order."""
        return findings_by_place(finding for finding in self.findings if finding.flag in flag.names)

    def owner_of(self, finding: Finding) -> str | None:
        """Who owns the flag that a finding is about, by any of its names; nobody where it is not defined or owned."""
        return None if finding.flag is None else self._owners.get(finding.flag) or None

    def roles(self, flag: Flag) -> dict[Role, int]:
        """How many references of each role a flag has."""
        counts = Counter(reference.role for reference in self.references_to(flag))
        return {role: counts[role] for role in Role}

    def percent(self, flag: Flag) -> float | None:
        """The share of users who are served the flag in the environment that counts."""
        environments = flag.rollout.environments if flag.rollout else {}
        environment = environments.get(self.environment_of(flag))
        return environment.percent if environment else None

    def environment_of(self, flag: Flag) -> str:
        """The environment that counts for a flag."""
        return self.environments.get(flag.first.path, self.environment)

    def history_of(self, flag: Flag) -> FlagHistory | None:
        """What became of a flag so far; `None` where nobody asked, or git does not know it."""
        return self.history.flags.get(flag.key) if self.history else None

    def age(self, flag: Flag) -> int | None:
        """The days since a flag was created, as its definition says, or else git; `None` where nobody knows."""
        history = self.history_of(flag)
        birth = history.born if history and flag.adopted is None else None
        day = flag.created or (birth.commit.written if birth else None)
        return (self.today - day).days if day and self.today and day <= self.today else None

    def removal(self, flag: Flag) -> Finding | None:
        """The finding that says that a flag is ready to be removed, shown or not."""
        every = (*self.findings, *self.hidden)
        return next((each for each in every if each.code in _REMOVAL and each.flag in flag.names), None)

    def explanation(self, reference: Reference) -> tuple[tuple[Location, str], ...]:
        """The places that a reference's key was followed through, each with its line; nothing if none was asked for."""
        if not self.is_explained:
            return ()
        return tuple((each, (self.lines(each.path, each.line) or "").strip()) for each in reference.chain)

    @cached_property
    def fingerprints(self) -> Mapping[Finding, str]:
        """What each finding is known by from one run to the next, see `flagctl.fingerprint`."""
        return fingerprints((*self.findings, *self.hidden), self.references, self.lines)

    @cached_property
    def _owners(self) -> Mapping[str, str | None]:
        return {name: flag.owner for flag in self.flags for name in flag.names}

    @cached_property
    def _references(self) -> Mapping[str, list[Reference]]:
        found: dict[str, list[Reference]] = {}
        for reference in self.references:
            if reference.flag is not None:
                found.setdefault(reference.flag, []).append(reference)
        return found


@dataclass(frozen=True)
class ChangesReport:
    """What became of flags in a range of commits, latest first."""

    changes: tuple[Change, ...]
    history: History
    notices: tuple[str, ...] = ()


def findings_by_place(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sorted by path, line, column and code; the rest only makes the order the same on every run."""
    return tuple(
        sorted(
            findings,
            key=lambda each: (
                each.location.path,
                each.location.line,
                each.location.column,
                each.code,
                each.flag or "",
                each.message,
                each.location,
            ),
        )
    )


def findings_by_importance(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors first, then by place: what is shown where not everything can be."""
    return tuple(sorted(findings_by_place(findings), key=lambda each: -each.severity))


def references_by_place(references: Iterable[Reference]) -> tuple[Reference, ...]:
    """Sorted by path, line and column; the rest only makes the order the same on every run."""
    return tuple(sorted(references, key=lambda each: (each.location, each.role, each.kind, each.flag or "")))


def findings_by_owner(report: Report) -> dict[str | None, tuple[Finding, ...]]:
    """The findings of each owner, the worst first; the owner of the worst is the first, and nobody is one of them."""
    groups: dict[str | None, list[Finding]] = {}
    for finding in findings_by_importance(report.findings):
        groups.setdefault(report.owner_of(finding), []).append(finding)
    return {owner: tuple(found) for owner, found in groups.items()}


def flags_by_key(flags: Iterable[Flag]) -> tuple[Flag, ...]:
    """Sorted by key, and by place where two definitions have one key."""
    return tuple(sorted(flags, key=lambda each: (each.key, each.first)))
