"""The story of a run: load the definitions, scan the sources, check the rules, take out what is suppressed or old."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from flagctl.baseline import USUAL_NAME, Baseline, Entry
from flagctl.cache import Cache
from flagctl.config import Config
from flagctl.definitions import Definitions, load_definitions, read_more
from flagctl.definitions.archive import tombstones
from flagctl.definitions.codeowners import CodeOwners, read_code_owners
from flagctl.definitions.files import archive, metric_trees
from flagctl.definitions.metrics import Metrics, check_more, load_metrics
from flagctl.definitions.owners import read_owners
from flagctl.fingerprint import fingerprints
from flagctl.lines import source_lines
from flagctl.model import Finding, InputError, Lifetime, Severity, Snapshot, Suppression, Thresholds
from flagctl.report import Report
from flagctl.rules import CATALOGUE, Rule, Selection, UnknownRuleError, codes_named, select

if TYPE_CHECKING:
    from flagctl.scan import Scan

Progress = Callable[[int, int], None]

_UNUSED_SUPPRESSION = "FLG901"
_DEFINITION_RULES = "FLG0"


@dataclass(frozen=True)
class Request:
    """What a run was asked for besides its configuration."""

    today: date
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    """Report on these files and folders only; relative to the root."""
    cache_file: Path | None = None
    """Where what was scanned is kept between runs, if anywhere."""
    baseline: Baseline = Baseline()
    """What is not reported again."""


def audit(config: Config, request: Request, progress: Progress) -> Report:
    """Every selected rule over definitions and code.

    Raises:
        InputError: nothing to read, or a configuration that cannot be followed.
    """
    rules = _rules_by_part(config, request, CATALOGUE.values())
    cache = Cache(request.cache_file)
    definitions = load_definitions(config, cache)
    if not definitions.files:
        raise _no_definitions(config)
    metrics = load_metrics(config, definitions.files, cache)
    found = scan_sources(config, definitions, progress, cache)
    return _judged(config, request, rules, definitions, metrics, found)


def validate(config: Config, request: Request, more: Iterable[str] = ()) -> Report:
    """The rules about definitions as such, or those selected, over the definitions and `more` files that hold some.

    A metric tree among those is checked as one.

    Raises:
        InputError: nothing to read, or a rule that needs the code.
    """
    available = [rule for rule in CATALOGUE.values() if not rule.reads_code]
    if not request.select:
        available = [rule for rule in available if rule.code.startswith(_DEFINITION_RULES)]
    rules = _rules_by_part(config, request, available)
    more, definitions = list(more), load_definitions(config)
    metrics = load_metrics(config, definitions.files)
    metrics = check_more(config, metrics, (path for path in more if path not in definitions.files))
    definitions = read_more(config, definitions, more)
    if not definitions.files:
        raise _no_definitions(config)
    return _judged(config, request, rules, definitions, metrics, None)


def references(config: Config, progress: Progress, more: Iterable[str] = (), cache_file: Path | None = None) -> Report:
    """Every reference to every flag, declared or not; `more` are keys to look for as if they were declared.

    Raises:
        InputError: nothing to read.
    """
    cache = Cache(cache_file)
    definitions = load_definitions(config, cache)
    found = scan_sources(config, definitions, progress, cache, more)
    return _report(config, definitions, found, (), ())


def scan_sources(
    config: Config,
    definitions: Definitions,
    progress: Progress,
    cache: Cache,
    more: Iterable[str] = (),
) -> Scan:
    """Scans the sources for the flags that are defined.

    Raises:
        InputError: there is no source to read.
    """
    from flagctl.scan import scan  # LibCST is slow to import, and the definitions alone do not need it

    flags = {name: name for name in (*more, *sorted(definitions.invalid_names))}
    for flag in reversed(definitions.flags):
        flags |= dict.fromkeys(flag.aliases, flag.key)
    flags |= {flag.key: flag.key for flag in definitions.flags}
    found = scan(config, flags, not_sources(config, definitions), progress, cache)
    if not found.searched:
        raise config.error(
            "sources", f"no source to read: {', '.join(config.sources)} under {config.root} holds no file"
        )
    return found


def chosen_rules(config: Config, request: Request, available: Iterable[Rule]) -> Selection:
    """The rules of a run: the request's choice, or else the configuration's, among those that can run.

    Raises:
        InputError: a choice names no rule, or only rules that cannot run.
    """
    can_run = set(available)
    settings = config.rules
    try:
        ignore = request.ignore or settings.ignore
        chosen = select(request.select or settings.select, ignore)
        for word in (*settings.severity, *(word for words in settings.per_path_ignores.values() for word in words)):
            codes_named(word)
    except UnknownRuleError as error:
        asked = request.select or request.ignore
        raise (InputError(str(error)) if asked else config.error("rules", str(error))) from None
    if request.select and chosen and not can_run.intersection(chosen):
        raise InputError(f"{', '.join(request.select)} cannot run here: these rules read the code; use `flagctl audit`")
    return tuple(rule for rule in chosen if rule in can_run)


Rules = Mapping[str, Selection]
"""The rules of the whole and of each part, by its folder."""


def _rules_by_part(config: Config, request: Request, available: Collection[Rule]) -> Rules:
    """The rules that run; a part may have all of its own ignored."""
    rules = {each.folder: chosen_rules(each, request, available) for each in config.everywhere}
    if not any(rules.values()):
        raise InputError("no rule is left to run: all that are selected are ignored")
    return rules


def _judged(
    config: Config, request: Request, rules: Rules, definitions: Definitions, metrics: Metrics, found: Scan | None
) -> Report:
    code_owners, teams = read_code_owners(config.root), read_owners(config)
    snapshot = Snapshot(
        today=request.today,
        flags=definitions.flags,
        problems=(*definitions.problems, *metrics.problems),
        invalid_names=definitions.invalid_names,
        references=found.references if found else (),
        metrics=metrics.tree,
        archived=tombstones(config),
        missing_files=_missing_files(config, definitions),
        owners=_known_owners(code_owners, teams),
        code_owners=code_owners.path if code_owners else None,
        protected={path: owners for path in definitions.files if (owners := code_owners.of(path))}
        if code_owners
        else {},
    )
    suppressions = (*definitions.suppressions, *metrics.suppressions, *(found.suppressions if found else ()))
    findings = list(dict.fromkeys(_checked(config, rules, snapshot)))
    kept, idle = _suppressed(config, findings, suppressions, rules)
    last = {
        folder: tuple(rule for rule in chosen if rule.code == _UNUSED_SUPPRESSION) for folder, chosen in rules.items()
    }
    idle_findings = tuple(_checked(config, last, replace(snapshot, idle_suppressions=idle)))
    suppressed = len(_limited(findings, request.paths)) - len(_limited(kept, request.paths))
    everything, kept = [*findings, *idle_findings], [*kept, *idle_findings]
    baseline = request.baseline
    known = fingerprints(everything, found.references if found else (), source_lines(config.root)) if baseline else {}
    new = [each for each in kept if known.get(each) not in baseline.entries]
    stale = tuple(baseline.stale(known, kept, _is_judged(config, rules, definitions, found)))
    stale_findings = tuple(_checked(config, last, replace(snapshot, stale_entries=stale)))
    baselined = len(_limited(kept, request.paths)) - len(_limited(new, request.paths))
    shown = _limited([*new, *stale_findings], request.paths)
    report = _report(config, definitions, found, [*everything, *stale_findings], shown)
    if metrics.problems and metrics.tree is None:
        report = replace(report, notices=(*report.notices, "the metric tree was passed over (FLG001)"))
    return replace(report, suppressed=suppressed, baselined=baselined)


def _known_owners(code_owners: CodeOwners | None, teams: Mapping[str, Sequence[str]] | None) -> frozenset[str] | None:
    """Everybody who may own a flag; `None` where nothing says who there is."""
    if code_owners is None and teams is None:
        return None
    people = (name for team, people in (teams or {}).items() for name in (team, *people))
    return frozenset(people) | (code_owners.names if code_owners else frozenset())


def _missing_files(config: Config, definitions: Definitions) -> frozenset[str]:
    """The runbooks that are to be files of the project and are none."""
    named = {flag.kill_switch.runbook for flag in definitions.flags if flag.kill_switch and flag.kill_switch.runbook}
    return frozenset(
        each for each in named if "://" not in each and not (config.root / each.partition("#")[0]).is_file()
    )


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


def _codes(rules: Rules) -> Mapping[str, set[str]]:
    return {folder: {rule.code for rule in chosen} for folder, chosen in rules.items()}


def _is_judged(config: Config, rules: Rules, definitions: Definitions, found: Scan | None) -> Callable[[Entry], bool]:
    """Whether the run would have found what an entry is about, if it were still there."""
    ran, unread = _codes(rules), {each.path for each in found.unread} if found else set()
    return lambda entry: (
        entry.code in ran[config.at(entry.path).folder]
        and entry.flag not in definitions.invalid_names
        and entry.path not in unread
    )


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


def _limited(findings: Iterable[Finding], paths: Sequence[str]) -> tuple[Finding, ...]:
    """The findings at or under some paths; all of them where there are none."""
    return tuple(finding for finding in findings if is_among(finding.location.path, paths))


def is_among(file: str, paths: Sequence[str]) -> bool:
    """Whether a file is at or under some paths; where there are none, every file is."""
    return not paths or any(path == "." or f"{file}/".startswith(f"{path}/") for path in paths)


def not_sources(config: Config, definitions: Definitions) -> set[str]:
    """What names flags but is no source: definitions, what lies beside them, the configuration, the baseline."""
    folders = {PurePosixPath(file).parent for file in definitions.files}
    beside = {folder / name for folder in folders for name in (archive, *metric_trees)}
    entries = {PurePosixPath(entry) for each in config.everywhere for entry in each.definitions}
    settings = {f"{each.folder}flagctl.toml" for each in config.everywhere} | {config.baseline or USUAL_NAME}
    if config.document:
        settings.add(config.document.path.name)
    return {*definitions.files, *map(str, beside | entries), *settings}


def _report(
    config: Config,
    definitions: Definitions,
    found: Scan | None,
    findings: Iterable[Finding],
    shown: tuple[Finding, ...],
) -> Report:
    return Report(
        findings=shown,
        hidden=tuple(set(findings).difference(shown)),
        references=found.references if found else (),
        flags=definitions.flags,
        unread=found.unread if found else (),
        searched=found.searched if found else 0,
        parsed=found.parsed if found else 0,
        notices=found.notices if found else (),
        passed_over=definitions.passed_over,
        lines=source_lines(config.root),
        environment=config.environment,
        environments={flag.first.path: config.at(flag.first.path).environment for flag in definitions.flags},
    )


def _no_definitions(config: Config) -> InputError:
    where = ", ".join(entry for each in config.everywhere for entry in each.definitions)
    return config.error(
        "definitions", f"no definitions: {where} under {config.root} holds no YAML file; try `flagctl new`"
    )
