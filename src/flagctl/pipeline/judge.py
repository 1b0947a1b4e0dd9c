"""What the rules say of a snapshot, less what is suppressed or in the baseline."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from flagctl.baseline import Entry
from flagctl.config import Config
from flagctl.fingerprint import fingerprints, subject
from flagctl.lines import Lines
from flagctl.model import Finding, Flag, Lifetime, Reference, Severity, Snapshot, Suppression, Thresholds
from flagctl.pipeline.project import Project
from flagctl.pipeline.request import Request, Rules, is_among
from flagctl.rules import Selection, UnknownRuleError, codes_named

_UNUSED_SUPPRESSION = "FLG901"


@dataclass(frozen=True)
class Verdicts:
    """The findings of a run: those to show, the others, and how many of these are hidden by what."""

    shown: tuple[Finding, ...]
    hidden: tuple[Finding, ...]
    suppressed: int
    baselined: int
    at_base: int
    open_entries: tuple[Entry, ...]
    """Entries of the baseline of which nobody can tell whether they hide something."""


@dataclass(frozen=True)
class Judgement:
    """All that the rules say of one snapshot: `ignored` is what comments hide, `baselined` what the baseline does."""

    findings: tuple[Finding, ...]
    ignored: frozenset[Finding]
    baselined: frozenset[Finding]
    open_entries: tuple[Entry, ...]
    flags: tuple[Flag, ...]
    references: tuple[Reference, ...]
    lines: Lines

    @property
    def kept(self) -> list[Finding]:
        """The findings that no comment hides."""
        return [each for each in self.findings if each not in self.ignored]

    @cached_property
    def fingerprints(self) -> Mapping[Finding, str]:
        """What each finding is known by in another run."""
        return fingerprints(self.findings, self.references, self.lines)

    def verdicts(self, paths: Sequence[str], at_base: Collection[Finding] = ()) -> Verdicts:
        """What there is to show at or under some paths; findings that were there `at_base` do not count."""
        kept = _limited(self.kept, paths)
        new = [each for each in kept if each not in self.baselined]
        shown = tuple(each for each in new if each not in at_base)
        return Verdicts(
            shown,
            hidden=tuple({*self.findings}.difference(shown)),
            suppressed=len(_limited(self.findings, paths)) - len(kept),
            baselined=len(kept) - len(new),
            at_base=len(new) - len(shown),
            open_entries=self.open_entries,
        )


def judge(
    config: Config,
    request: Request,
    rules: Rules,
    project: Project,
    lines: Lines,
) -> Judgement:
    """Checks the rules, takes out what comments suppress, then what the baseline has; last, what hides nothing."""
    snapshot = project.snapshot
    findings = list(dict.fromkeys(_checked(config, rules, snapshot)))
    kept, idle = _suppressed(config, findings, project.suppressions, rules)
    last = {
        folder: tuple(rule for rule in chosen if rule.code == _UNUSED_SUPPRESSION) for folder, chosen in rules.items()
    }
    idle_findings = tuple(_checked(config, last, replace(snapshot, idle_suppressions=idle)))
    ignored = frozenset(findings).difference(kept)
    everything, kept = [*findings, *idle_findings], [*kept, *idle_findings]
    known = fingerprints(everything, snapshot.references, lines) if request.baseline else {}
    old = request.baseline.matched(known, kept)
    is_judged = _is_judged(config, rules, snapshot, project.unread)
    idle_entries = list(request.baseline.idle({*old.values()}))
    suspended = {subject(known[each]) for each in known.keys() - set(kept)}
    stale = [] if request.renews_baseline else [each for each in idle_entries if is_judged(each[0])]
    complaints = tuple((place, _complaint(entry, suspended)) for entry, place in stale)
    stale_findings = tuple(_checked(config, last, replace(snapshot, stale_entries=complaints)))
    return Judgement(
        findings=(*everything, *stale_findings),
        ignored=ignored,
        baselined=frozenset() if request.renews_baseline else frozenset(old),
        open_entries=tuple(entry for entry, _ in idle_entries if not is_judged(entry)),
        flags=snapshot.flags,
        references=snapshot.references,
        lines=lines,
    )


def _complaint(entry: Entry, suspended: Collection[str]) -> str:
    what = "ignored by a comment" if subject(entry.fingerprint) in suspended else "mended"
    return f"this entry hides nothing: {entry.described} is {what}"


def _checked(config: Config, rules: Rules, snapshot: Snapshot) -> Iterator[Finding]:
    """The findings of some rules, with the severities and without the paths that the configuration says.

    A finding is its part's where it stands. Rules see the whole whichever part they judge, and parts that are judged
    alike are judged at once.
    """
    alike: dict[tuple[Selection, Lifetime, Thresholds, str, str], set[str]] = {}
    for each in config.everywhere:
        settings = (rules[each.folder], each.lifetime, each.thresholds, each.key_pattern, each.environment)
        alike.setdefault(settings, set()).add(each.folder)
    severities = {each.folder: _severities(each) for each in config.everywhere}
    is_ignored = _ignored_paths(config)
    for (chosen, lifetime, thresholds, key_pattern, environment), folders in alike.items():
        seen = replace(
            snapshot, lifetime=lifetime, thresholds=thresholds, key_pattern=key_pattern, environment=environment
        )
        for finding in (finding for rule in chosen for finding in rule.check(seen)):
            folder = config.at(finding.location.path).folder
            if folder in folders and not is_ignored(finding.code, finding.location.path):
                yield replace(finding, severity=severities[folder].get(finding.code, finding.severity))


def _severities(config: Config) -> Mapping[str, Severity]:
    levels = sorted(config.rules.severity.items(), key=lambda level: len(codes_named(level[0])), reverse=True)
    return {code: level for word, level in levels for code in codes_named(word)}  # the most specific comes last


def _ignored_paths(config: Config) -> Callable[[str, str], bool]:
    """Whether the configuration ignores a code at a path."""
    everywhere = {path: words for each in config.everywhere for path, words in each.rules.per_path_ignores.items()}
    if not everywhere:
        return lambda code, path: False
    from pathspec import GitIgnoreSpec  # slow to import, and few configurations need it

    ignores = [
        (GitIgnoreSpec.from_lines([path]), {code for word in words for code in codes_named(word)})
        for path, words in everywhere.items()
    ]
    return lambda code, path: any(code in codes and spec.match_file(path) for spec, codes in ignores)


def _suppressed(
    config: Config, findings: Iterable[Finding], suppressions: Iterable[Suppression], rules: Rules
) -> tuple[list[Finding], tuple[tuple[Suppression, str], ...]]:
    """The findings that no ignore comment hides, and the comments that are of no use, each with the reason."""
    ran = _codes(rules)
    by_place: dict[tuple[str, int], list[Finding]] = {}
    for finding in findings:
        for line in range(finding.location.line, finding.location.end_line + 1):
            by_place.setdefault((finding.location.path, line), []).append(finding)
    hidden: set[Finding] = set()
    idle: list[tuple[Suppression, str]] = []
    for each in suppressions:
        if complaint := _lacking(each):
            idle.append((each, complaint))
            continue
        here = [found for line in each.lines for found in by_place.get((each.location.path, line), ())]
        for word in each.codes:
            codes = set(codes_named(word))
            matching = [found for found in here if found.code in codes]
            hidden.update(matching)
            if not matching and codes & ran[config.at(each.location.path).folder]:
                idle.append((each, f"this comment hides nothing: {word} does not fire here"))
    return [finding for finding in findings if finding not in hidden], tuple(idle)


def _lacking(suppression: Suppression) -> str | None:
    """What is wrong with an ignore comment in itself."""
    if not suppression.codes:
        return "this comment names no rule: write ignore[FLG101] reason"
    try:
        for word in suppression.codes:
            codes_named(word)
    except UnknownRuleError as error:
        return f"this comment hides nothing: {error}"
    return None if suppression.reason else "this comment gives no reason: write it behind the bracket"


def _is_judged(config: Config, rules: Rules, snapshot: Snapshot, unread: Collection[str]) -> Callable[[Entry], bool]:
    """Whether the run would have found what an entry is about, if it were still there."""
    ran, is_ignored = _codes(rules), _ignored_paths(config)
    return lambda entry: (
        entry.code in ran[config.at(entry.path).folder]
        and not is_ignored(entry.code, entry.path)
        and entry.flag not in snapshot.invalid_names
        and entry.path not in unread
    )


def _codes(rules: Rules) -> Mapping[str, set[str]]:
    return {folder: {rule.code for rule in chosen} for folder, chosen in rules.items()}


def _limited(findings: Iterable[Finding], paths: Sequence[str]) -> tuple[Finding, ...]:
    """The findings at or under some paths; all of them where there are none."""
    return tuple(finding for finding in findings if is_among(finding.location.path, paths))
