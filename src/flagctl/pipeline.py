"""The story of a run: load the definitions, scan the sources, check the rules, take out what is suppressed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from flagctl.config import Config
from flagctl.definitions import Definitions, load_definitions, read_more
from flagctl.definitions.files import archive, metric_trees
from flagctl.model import Finding, InputError, Snapshot, Suppression
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


def audit(config: Config, request: Request, progress: Progress) -> Report:
    """Every selected rule over definitions and code.

    Raises:
        InputError: nothing to read, or a configuration that cannot be followed.
    """
    rules = chosen_rules(config, request, CATALOGUE.values())
    definitions = load_definitions(config)
    if not definitions.files:
        raise _no_definitions(config)
    found = scan_sources(config, definitions, progress, cache_file=request.cache_file)
    return _judged(config, request, rules, definitions, found)


def validate(config: Config, request: Request, more: Iterable[str] = ()) -> Report:
    """The rules about definitions as such, or those selected, over the definitions and `more` files that hold some.

    Raises:
        InputError: nothing to read, or a rule that needs the code.
    """
    available = [rule for rule in CATALOGUE.values() if not rule.reads_code]
    if not request.select:
        available = [rule for rule in available if rule.code.startswith(_DEFINITION_RULES)]
    rules = chosen_rules(config, request, available)
    definitions = read_more(config, load_definitions(config), more)
    if not definitions.files:
        raise _no_definitions(config)
    return _judged(config, request, rules, definitions, None)


def references(config: Config, progress: Progress, more: Iterable[str] = (), cache_file: Path | None = None) -> Report:
    """Every reference to every flag, declared or not; `more` are keys to look for as if they were declared.

    Raises:
        InputError: nothing to read.
    """
    definitions = load_definitions(config)
    found = scan_sources(config, definitions, progress, more, cache_file)
    return _report(config, definitions, found, (), 0)


def scan_sources(
    config: Config,
    definitions: Definitions,
    progress: Progress,
    more: Iterable[str] = (),
    cache_file: Path | None = None,
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
    found = scan(config, flags, _not_sources(config, definitions), progress, cache_file)
    if not found.searched:
        raise config.error(
            "sources", f"no source to read: {', '.join(config.sources)} under {config.root} holds no file"
        )
    return found


def chosen_rules(config: Config, request: Request, available: Iterable[Rule]) -> Selection:
    """The rules of a run: the request's choice, or else the configuration's, among those that can run.

    Raises:
        InputError: a choice names no rule, leaves none, or only rules that cannot run.
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
    if not chosen:
        raise InputError("no rule is left to run: all that are selected are ignored")
    if request.select and not can_run.intersection(chosen):
        raise InputError(f"{', '.join(request.select)} cannot run here: these rules read the code; use `flagctl audit`")
    return tuple(rule for rule in chosen if rule in can_run)


def _judged(config: Config, request: Request, rules: Selection, definitions: Definitions, found: Scan | None) -> Report:
    snapshot = Snapshot(
        today=request.today,
        flags=definitions.flags,
        problems=definitions.problems,
        invalid_names=definitions.invalid_names,
        references=found.references if found else (),
        lifetime=config.lifetime,
        thresholds=config.thresholds,
        key_pattern=config.key_pattern,
    )
    suppressions = (*definitions.suppressions, *(found.suppressions if found else ()))
    findings = list(_checked(config, rules, snapshot))
    kept, idle = _suppressed(findings, suppressions, rules)
    last = [rule for rule in rules if rule.code == _UNUSED_SUPPRESSION]
    last_findings = _checked(config, last, replace(snapshot, idle_suppressions=idle))
    suppressed = len(_limited(findings, request.paths)) - len(_limited(kept, request.paths))
    return _report(config, definitions, found, _limited([*kept, *last_findings], request.paths), suppressed)


def _checked(config: Config, rules: Sequence[Rule], snapshot: Snapshot) -> Iterator[Finding]:
    """The findings of some rules, with the severities and without the paths that the configuration says."""
    levels = sorted(config.rules.severity.items(), key=lambda level: len(codes_named(level[0])), reverse=True)
    severities = {code: level for word, level in levels for code in codes_named(word)}  # the most specific comes last
    is_ignored = _ignored_paths(config)
    for rule in rules:
        for finding in rule.check(snapshot):
            if not is_ignored(rule.code, finding.location.path):
                yield replace(finding, severity=severities.get(rule.code, finding.severity))


def _ignored_paths(config: Config) -> Callable[[str, str], bool]:
    """Whether the configuration ignores a code at a path."""
    if not config.rules.per_path_ignores:
        return lambda code, path: False
    from pathspec import GitIgnoreSpec  # slow to import, and few configurations need it

    ignores = [
        (GitIgnoreSpec.from_lines([path]), {code for word in words for code in codes_named(word)})
        for path, words in config.rules.per_path_ignores.items()
    ]
    return lambda code, path: any(code in codes and spec.match_file(path) for spec, codes in ignores)


def _suppressed(
    findings: Iterable[Finding], suppressions: Iterable[Suppression], rules: Sequence[Rule]
) -> tuple[list[Finding], tuple[tuple[Suppression, str], ...]]:
    """The findings that no ignore comment hides, and the comments that are of no use, each with the reason."""
    ran = {rule.code for rule in rules}
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
            if not matching and codes & ran:
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


def _limited(findings: Iterable[Finding], paths: Sequence[str]) -> tuple[Finding, ...]:
    """The findings at or under some paths; all of them where there are none."""
    return tuple(
        finding
        for finding in findings
        if not paths or any(path == "." or f"{finding.location.path}/".startswith(f"{path}/") for path in paths)
    )


def _not_sources(config: Config, definitions: Definitions) -> set[str]:
    """Files and folders that name flags but are no sources: definitions, what lies beside them, the configuration."""
    folders = {PurePosixPath(file).parent for file in definitions.files}
    beside = {folder / name for folder in folders for name in (archive, *metric_trees)}
    entries = {PurePosixPath(entry) for entry in config.definitions}
    settings = {"flagctl.toml", config.document.path.name} if config.document else {"flagctl.toml"}
    return {*definitions.files, *map(str, beside | entries), *settings}


def _report(
    config: Config, definitions: Definitions, found: Scan | None, findings: tuple[Finding, ...], suppressed: int
) -> Report:
    return Report(
        findings=findings,
        references=found.references if found else (),
        flags=definitions.flags,
        unread=found.unread if found else (),
        searched=found.searched if found else 0,
        parsed=found.parsed if found else 0,
        notices=found.notices if found else (),
        suppressed=suppressed,
        passed_over=definitions.passed_over,
        environment=config.environment,
    )


def _no_definitions(config: Config) -> InputError:
    where = ", ".join(config.definitions)
    return config.error(
        "definitions", f"no definitions: {where} under {config.root} holds no YAML file; try `flagctl new`"
    )
