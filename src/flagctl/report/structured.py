"""JSON for programs. The shapes here are a published contract, apart from the program's own types.

Version 1 changes by addition only; `schemas/report.v1.schema.json` and `schemas/refs.v1.schema.json` describe it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flagctl.model import Finding, Flag, Reference, Severity
from flagctl.report import markdown
from flagctl.report.changes import history_document
from flagctl.report.content import Report, findings_by_owner, findings_by_place, flags_by_key, references_by_place
from flagctl.report.document import array, document, encoded, members
from flagctl.report.plain import definition, number

VERSION = 1


@dataclass(frozen=True, slots=True)
class FindingV1:
    """One finding."""

    code: str
    name: str
    severity: str
    flag: str | None
    message: str
    hint: str | None
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class PlaceV1:
    """A place in a file."""

    path: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class ReferenceV1:
    """One reference; `flag` is null for a dynamic key."""

    flag: str | None
    role: str
    kind: str
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    sdk: str | None
    default: str | None
    resolved_by: str | None
    in_tests: bool
    returns: str | None
    negated: bool
    function: str | None
    import_time: bool
    value: str | None
    key_glob: str | None
    chain: tuple[PlaceV1, ...]


@dataclass(frozen=True, slots=True)
class UnreadV1:
    """A source that could not be read."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class FilesV1:
    """What the scan looked at."""

    searched: int
    parsed: int
    unread: tuple[UnreadV1, ...]


@dataclass(frozen=True, slots=True)
class SummaryV1:
    """The figures of one audit."""

    errors: int
    warnings: int
    infos: int
    flags: int
    references: int
    files: FilesV1
    suppressed: int
    passed_over: int
    baselined: int
    at_base: int


@dataclass(frozen=True, slots=True)
class OwnerV1:
    """What one owner has to do; `owner` is null for what nobody owns. `markdown` says it in words, for a reminder."""

    owner: str | None
    errors: int
    warnings: int
    infos: int
    fingerprints: tuple[str, ...]
    markdown: str


@dataclass(frozen=True, slots=True)
class ListedV1:
    """One flag at a glance."""

    key: str
    type: str | None
    owner: str | None
    created: str | None
    expires: str | None
    review_by: str | None
    expected_end_state: str | None
    rollout: float | str | None
    references: Mapping[str, int]
    path: str
    line: int


def findings(report: Report) -> str:
    """The document of `flagctl audit`."""
    ordered = findings_by_place(report.findings)
    return _document(findings=[_finding(each, report) for each in ordered], summary=_summary(report))


def by_owner(report: Report) -> str:
    """The document of `flagctl audit --group-by owner`: the same, and what each owner has to do."""
    ordered = findings_by_place(report.findings)
    return _document(
        findings=[_finding(each, report) for each in ordered],
        owners=[_owner(name, found, report) for name, found in findings_by_owner(report).items()],
        summary=_summary(report),
    )


def references(report: Report) -> str:
    """The document of `flagctl refs`."""
    ordered = references_by_place(report.references)
    return _document(references=[_reference(each) for each in ordered], files=_files(report))


def flags(report: Report) -> str:
    """The document of `flagctl list`."""
    return _document(flags=[_listed(each, report) for each in flags_by_key(report.flags)])


def page(report: Report, flag: Flag) -> str:
    """The document of `flagctl show`."""
    return _document(
        flag={**definition(flag), "path": flag.first.path, "line": flag.first.line},
        references=[_reference(each) for each in report.references_to(flag)],
        findings=[_finding(each, report) for each in report.findings_about(flag)],
        age_days=report.age(flag),
        removal=_removal(report, flag),
        history=history_document(report.history_of(flag), report.environment_of(flag)),
    )


def _removal(report: Report, flag: Flag) -> Mapping[str, Any]:
    """Whether a flag is ready to be removed, and how."""
    found = report.removal(flag)
    return {"ready": found is not None, "because": found and found.message, "command": found and found.hint}


def _document(**values: Any) -> str:
    return document(members({"version": encoded(VERSION), **{name: _value(each) for name, each in values.items()}}))


def _value(value: Any) -> str:
    return array(map(encoded, value), "  ") if isinstance(value, list) else encoded(value)


def _finding(finding: Finding, report: Report) -> FindingV1:
    location = finding.location
    return FindingV1(
        code=finding.code,
        name=finding.name,
        severity=str(finding.severity),
        flag=finding.flag,
        message=finding.message,
        hint=finding.hint,
        path=location.path,
        line=location.line,
        column=location.column,
        end_line=location.end_line,
        end_column=location.end_column,
        fingerprint=report.fingerprints[finding],
    )


def _owner(name: str | None, found: tuple[Finding, ...], report: Report) -> OwnerV1:
    severities = Counter(each.severity for each in found)
    return OwnerV1(
        owner=name,
        errors=severities[Severity.ERROR],
        warnings=severities[Severity.WARNING],
        infos=severities[Severity.INFO],
        fingerprints=tuple(report.fingerprints[each] for each in found),
        markdown=markdown.reminder(found, report.sources),
    )


def _reference(reference: Reference) -> ReferenceV1:
    location = reference.location
    return ReferenceV1(
        flag=reference.flag,
        role=reference.role.value,
        kind=reference.kind.value,
        path=location.path,
        line=location.line,
        column=location.column,
        end_line=location.end_line,
        end_column=location.end_column,
        sdk=reference.sdk,
        default=reference.default,
        resolved_by=reference.resolved_by.value if reference.resolved_by else None,
        in_tests=reference.in_tests,
        returns=reference.returns,
        negated=reference.negated,
        function=reference.site.function,
        import_time=reference.site.import_time,
        value=reference.value,
        key_glob=reference.site.key_glob,
        chain=tuple(PlaceV1(each.path, each.line, each.column) for each in reference.chain),
    )


def _files(report: Report) -> FilesV1:
    unread = sorted((each.path, each.reason) for each in report.unread)
    return FilesV1(report.searched, report.parsed, tuple(UnreadV1(path, reason) for path, reason in unread))


def _summary(report: Report) -> SummaryV1:
    return SummaryV1(
        errors=report.severities[Severity.ERROR],
        warnings=report.severities[Severity.WARNING],
        infos=report.severities[Severity.INFO],
        flags=len(report.flags),
        references=len(report.references),
        files=_files(report),
        suppressed=report.suppressed,
        passed_over=report.passed_over,
        baselined=report.baselined,
        at_base=report.at_base,
    )


def _listed(flag: Flag, report: Report) -> ListedV1:
    whole = definition(flag)
    percent = report.percent(flag)
    return ListedV1(
        key=flag.key,
        type=flag.type,
        owner=flag.owner,
        created=whole.get("created"),
        expires=whole.get("expires"),
        review_by=whole.get("review_by"),
        expected_end_state=flag.expected_end_state,
        rollout=None if percent is None else number(percent),
        references={role.value: number for role, number in report.roles(flag).items()},
        path=flag.first.path,
        line=flag.first.line,
    )
