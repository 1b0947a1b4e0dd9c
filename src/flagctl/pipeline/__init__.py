"""The story of a run: load the definitions, scan the sources, check the rules, take out what is suppressed or old."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from flagctl.baseline import USUAL_NAME
from flagctl.cache import Cache
from flagctl.config import Config
from flagctl.definitions import Definitions, load_definitions, read_more
from flagctl.definitions.files import archive, metric_trees
from flagctl.definitions.metrics import Metrics, check_more, load_metrics
from flagctl.lines import Lines, source_lines
from flagctl.model import InputError
from flagctl.pipeline.judge import judge
from flagctl.pipeline.request import Progress, Request, Rules, all_of, rules_by_part
from flagctl.pipeline.snapshot import snapshot_of
from flagctl.report import Report
from flagctl.rules import CATALOGUE, rule_help

__all__ = ["Progress", "Request", "audit", "audit_of", "not_sources", "references", "scan_sources", "validate"]

if TYPE_CHECKING:
    from flagctl.scan import Scan

_DEFINITION_RULES = "FLG0"


def audit(config: Config, request: Request, progress: Progress) -> Report:
    """Every selected rule over definitions and code.

    Raises:
        InputError: nothing to read, or a configuration that cannot be followed.
    """
    rules = rules_by_part(config, request, CATALOGUE.values())
    cache = Cache(request.cache_file)
    definitions = load_definitions(config, cache)
    if not definitions.files:
        raise _no_definitions(config)
    metrics = load_metrics(config, definitions.files, cache)
    found = scan_sources(config, definitions, progress, cache)
    return _judged(config, request, rules, definitions, metrics, found)


def audit_of(config: Config, request: Request, definitions: Definitions, found: Scan, lines: Lines) -> Report:
    """The same over definitions and references that are at hand; `lines` reads what stands in their files."""
    rules = rules_by_part(config, request, CATALOGUE.values())
    metrics = load_metrics(config, definitions.files)
    return _judged(config, request, rules, definitions, metrics, found, lines)


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


def not_sources(config: Config, definitions: Definitions) -> set[str]:
    """What names flags but is no source: definitions, what lies beside them, the configuration, the baseline."""
    folders = {PurePosixPath(file).parent for file in definitions.files}
    beside = {folder / name for folder in folders for name in (archive, *metric_trees)}
    entries = {PurePosixPath(entry) for each in config.everywhere for entry in each.definitions}
    settings = {f"{each.folder}flagctl.toml" for each in config.everywhere} | {config.baseline or USUAL_NAME}
    if config.document:
        settings.add(config.document.path.name)
    return {*definitions.files, *map(str, beside | entries), *settings}


def _judged(
    config: Config,
    request: Request,
    rules: Rules,
    definitions: Definitions,
    metrics: Metrics,
    found: Scan | None,
    lines: Lines | None = None,
) -> Report:
    snapshot = snapshot_of(config, request, definitions, metrics, found)
    suppressions = (*definitions.suppressions, *metrics.suppressions, *(found.suppressions if found else ()))
    unread = {each.path for each in found.unread} if found else set()
    report = _report(config, definitions, found)
    report = replace(report, lines=lines or report.lines)
    verdicts = judge(config, request, rules, snapshot, suppressions, unread, report.lines)
    report = replace(
        report,
        findings=verdicts.shown,
        hidden=verdicts.hidden,
        suppressed=verdicts.suppressed,
        baselined=verdicts.baselined,
        open_entries=verdicts.open_entries,
        rules=tuple(map(rule_help, all_of(rules))),
    )
    if metrics.problems and metrics.tree is None:
        report = replace(report, notices=(*report.notices, "the metric tree was passed over (FLG001)"))
    return report


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
