"""The story of a run: load the definitions, scan the sources, check the rules, take out what is suppressed or old."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from flagctl.baseline import USUAL_NAME
from flagctl.cache import Cache
from flagctl.config import Config
from flagctl.definitions import Definitions, load_definitions, read_more
from flagctl.definitions.files import archive, metric_trees
from flagctl.definitions.metrics import check_more, load_metrics
from flagctl.history.revision import commit_of, commits_between, commits_in
from flagctl.lines import Lines, source_lines
from flagctl.model import Finding, InputError
from flagctl.pipeline.history import complaints, history_of, remembering
from flagctl.pipeline.judge import Judgement, judge
from flagctl.pipeline.project import Project, read_project
from flagctl.pipeline.request import Progress, Request, Rules, all_of, rules_by_part
from flagctl.report import ChangesReport, Report
from flagctl.rules import CATALOGUE, rule_help

__all__ = [
    "Progress",
    "Request",
    "audit",
    "audit_of",
    "changes",
    "not_sources",
    "references",
    "scan_sources",
    "validate",
]

if TYPE_CHECKING:
    from flagctl.pipeline.base import Before
    from flagctl.scan import Scan, Wanted

_DEFINITION_RULES = "FLG0"


def audit(config: Config, request: Request, progress: Progress) -> Report:
    """Every selected rule over definitions and code.

    Raises:
        InputError: nothing to read, or a configuration that cannot be followed.
    """
    rules = rules_by_part(config, request, CATALOGUE.values())
    cache = Cache(request.cache_file)
    before = _before(config, request, cache)
    definitions = load_definitions(config, cache)
    if not definitions.files:
        raise _no_definitions(config)
    project = read_project(config, request, definitions, load_metrics(config, definitions.files, cache))
    if before is None:
        project = project.scanned(scan_sources(config, definitions, progress, cache))
    else:
        project, before = _scan_both(config, project, before, progress, cache)
    return _judged(config, request, rules, *remembering(config, request, rules, project, before, cache))


def audit_of(config: Config, request: Request, definitions: Definitions, found: Scan, lines: Lines) -> Report:
    """The same over definitions and references that are at hand; `lines` reads what stands in their files."""
    rules = rules_by_part(config, request, CATALOGUE.values())
    project = read_project(config, request, definitions, load_metrics(config, definitions.files)).scanned(found)
    judged = remembering(config, request, rules, project, None, Cache(request.cache_file))
    return _judged(config, request, rules, *judged, lines)


def validate(config: Config, request: Request, more: Iterable[str] = ()) -> Report:
    """The rules about definitions as such, or those selected, over the definitions and `more` files that hold some.

    A metric tree among those is checked as one.

    Raises:
        InputError: nothing to read, or a rule that needs the code.
    """
    available = [rule for rule in CATALOGUE.values() if not rule.reads_code]
    if not request.select:
        available = [rule for rule in available if rule.code.startswith(_DEFINITION_RULES)]
    rules = rules_by_part(config, request, available)
    more = list(more)
    before = _before(config, request, Cache(None), more)
    definitions = load_definitions(config)
    metrics = load_metrics(config, definitions.files)
    metrics = check_more(config, metrics, (path for path in more if path not in definitions.files))
    definitions = read_more(config, definitions, more)
    if not definitions.files:
        raise _no_definitions(config)
    project = read_project(config, request, definitions, metrics)
    return _judged(config, request, rules, *remembering(config, request, rules, project, before, Cache(None)))


def references(config: Config, progress: Progress, more: Iterable[str] = (), cache_file: Path | None = None) -> Report:
    """Every reference to every flag, declared or not; `more` are keys to look for as if they were declared.

    Raises:
        InputError: nothing to read.
    """
    cache = Cache(cache_file)
    definitions = load_definitions(config, cache)
    found = scan_sources(config, definitions, progress, cache, more)
    return _report(config, definitions, found)


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

    wanted = _wanted(config, definitions, more)
    return _searched(config, scan(config, wanted.flags, wanted.leave_out, progress, cache))


def _scan_both(
    config: Config, project: Project, before: Before, progress: Progress, cache: Cache
) -> tuple[Project, Before]:
    """Scans the work tree and the base. A base without definitions is empty: nobody was judged there."""
    from flagctl.scan import scan_both

    if not before.project.definitions.files:
        return project.scanned(scan_sources(config, project.definitions, progress, cache)), before
    now, then = (_wanted(config, each.definitions) for each in (project, before.project))
    both = scan_both(config, now, then, before.tree, progress, cache)
    there = before.project.scanned(both.before, both.data)
    return project.scanned(_searched(config, both.now)), replace(before, project=there)


def _wanted(config: Config, definitions: Definitions, more: Iterable[str] = ()) -> Wanted:
    """What is looked for where these definitions are."""
    from flagctl.scan import Wanted

    flags = {name: name for name in (*more, *sorted(definitions.invalid_names))}
    for flag in reversed(definitions.flags):
        flags |= dict.fromkeys(flag.aliases, flag.key)
    flags |= {flag.key: flag.key for flag in definitions.flags}
    return Wanted(flags, not_sources(config, definitions))


def _searched(config: Config, found: Scan) -> Scan:
    if not found.searched:
        raise config.error(
            "sources", f"no source to read: {', '.join(config.sources)} under {config.root} holds no file"
        )
    return found


def not_sources(config: Config, definitions: Definitions) -> set[str]:
    """What names flags but is no source: definitions, what lies beside them, the configuration, the baseline."""
    folders = {PurePosixPath(file).parent for file in definitions.files}
    beside = {folder / name for folder in folders for name in (archive, *metric_trees)}
    entries = {PurePosixPath(entry) for each in config.everywhere for entry in each.definitions}
    settings = {f"{each.folder}flagctl.toml" for each in config.everywhere} | {config.baseline or USUAL_NAME}
    if config.document:
        settings.add(config.document.path.name)
    return {*definitions.files, *map(str, beside | entries), *settings}


def _before(config: Config, request: Request, cache: Cache, more: Collection[str] = ()) -> Before | None:
    """What the run is compared with, if with anything."""
    if request.new_from is None:
        return None
    from flagctl.pipeline.base import find_base, read_before  # a plain run does without

    return read_before(config, request, find_base(config.root, request.new_from), cache, more)


def changes(config: Config, span: str | None, cache_file: Path | None = None) -> ChangesReport:
    """What a range of commits changed in the flags, latest first; without one, all that git knows.

    Raises:
        InputError: there is no git repository, or no such range of commits.
    """
    first, last = commits_between(config.root, span) if span else (None, commit_of(config.root, "HEAD"))
    cache = Cache(cache_file)
    history = history_of(config, last, cache)
    chosen = commits_in(config.root, first, last) if first else None
    found = [each for each in history.changes if chosen is None or each.commit.id in chosen]
    return ChangesReport(tuple(found[::-1]), history, (*complaints(history), *cache.notices))


def _judged(
    config: Config,
    request: Request,
    rules: Rules,
    project: Project,
    before: Before | None = None,
    lines: Lines | None = None,
) -> Report:
    metrics, found = project.metrics, project.found
    report = _report(config, project.definitions, found)
    report = replace(report, lines=lines or report.lines)
    judgement = judge(config, request, rules, project, report.lines)
    verdicts = judgement.verdicts(request.paths, _old(config, request, rules, judgement, before))
    report = replace(
        report,
        findings=verdicts.shown,
        hidden=verdicts.hidden,
        suppressed=verdicts.suppressed,
        baselined=verdicts.baselined,
        at_base=verdicts.at_base,
        base=request.new_from,
        open_entries=verdicts.open_entries,
        rules=tuple(map(rule_help, all_of(rules))),
        history=project.snapshot.history,
        today=request.today,
        notices=(*report.notices, *(before.notices if before else ()), *project.notices),
    )
    if metrics.problems and metrics.tree is None:
        report = replace(report, notices=(*report.notices, "the metric tree was passed over (FLG001)"))
    return report


def _old(
    config: Config, request: Request, rules: Rules, judgement: Judgement, before: Before | None
) -> Collection[Finding]:
    """The findings that were there before."""
    if before is None or not before.project.definitions.files:
        return ()
    from flagctl.pipeline.compare import there_before

    lines = source_lines(config.root, before.project.data)
    then = judge(config, request, rules, before.project, lines)
    return there_before(
        judgement,
        then,
        is_new=lambda path: path not in before.tree.files,
        is_gone=lambda path: not (config.root / path).is_file(),
    )


def _report(config: Config, definitions: Definitions, found: Scan | None) -> Report:
    return Report(
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
