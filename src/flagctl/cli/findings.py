"""`flagctl audit` and `flagctl validate`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flagctl.cli import options
from flagctl.cli.output import progress, say, say_what_was_missed, terminal, write
from flagctl.model import InputError

if TYPE_CHECKING:
    from flagctl.baseline import Baseline
    from flagctl.config import Config
    from flagctl.model import Finding
    from flagctl.pipeline import Request
    from flagctl.report import Report


def audit(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Report on these files and folders only; everything is still scanned.")
    ] = None,
    select: options.Select = None,
    ignore: options.Ignore = None,
    fail_on: options.FailOnOption = None,
    exit_zero: options.ExitZero = False,
    today: options.Today = None,
    output_format: options.FindingsFormatOption = options.FindingsFormat.TEXT,
    output: options.Output = None,
    config: options.ConfigOption = None,
    no_cache: options.NoCache = False,
    baseline: options.BaselineOption = None,
    new_from: options.NewFrom = None,
    group_by: Annotated[
        options.GroupBy | None,
        typer.Option("--group-by", help="Group the findings, in text, markdown and json."),
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Add what is certain to definitions: owners by CODEOWNERS, the schema line.")
    ] = False,
    write_baseline: Annotated[
        bool, typer.Option("--write-baseline", help="Write what is found to the baseline, less what is mended.")
    ] = False,
) -> None:
    """Checks every rule over definitions and code: what is expired, ownerless, undeclared, unused."""
    from flagctl import pipeline

    _check_grouping(group_by, output_format)
    settings = options.load_config(config, output, baseline)
    if write_baseline and (paths or select or ignore):
        raise InputError("a baseline is of the whole: --write-baseline goes without PATHS, --select and --ignore")
    if new_from is not None and (write_baseline or fix):
        raise InputError("--new-from goes without --write-baseline and --fix, which are about all that is found")
    request = pipeline.Request(
        options.day(today),
        options.words(select),
        options.words(ignore),
        () if write_baseline else options.relative_paths(paths, settings),
        options.cache_file(no_cache),
        new_from=new_from,
    )
    old = _baseline(settings, may_be_new=write_baseline)
    if fix:
        _fix(settings, request)
    with progress() as advance:
        report = pipeline.audit(settings, replace(request, baseline=old, renews_baseline=write_baseline), advance)
    if write_baseline:
        report = _write_baseline(report, old, settings)
    _finish(report, output_format, output, options.is_failure(fail_on, exit_zero, settings), group_by)


def validate(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Report on these definition files only; all of them are read.")
    ] = None,
    select: options.Select = None,
    ignore: options.Ignore = None,
    fail_on: options.FailOnOption = None,
    exit_zero: options.ExitZero = False,
    today: options.Today = None,
    output_format: options.FindingsFormatOption = options.FindingsFormat.TEXT,
    output: options.Output = None,
    config: options.ConfigOption = None,
    baseline: options.BaselineOption = None,
    new_from: options.NewFrom = None,
) -> None:
    """Checks definitions only, by the rules FLG0xx unless others are selected. Fast: what pre-commit runs."""
    from flagctl import pipeline

    settings = options.load_config(config, output, baseline)
    chosen = options.relative_paths(files, settings)
    request = pipeline.Request(
        options.day(today),
        options.words(select),
        options.words(ignore),
        chosen,
        baseline=_baseline(settings),
        new_from=new_from,
    )
    report = pipeline.validate(settings, request, [path for path in chosen if (settings.root / path).is_file()])
    _finish(report, output_format, output, options.is_failure(fail_on, exit_zero, settings))


def _fix(config: Config, request: Request) -> None:
    """Adds what is certain to the definitions, and says so."""
    from flagctl.pipeline.fix import fix

    with progress() as advance:
        fixes = fix(config, request, advance)
    for path, added in fixes.added.items():
        say(f"{path}: added {' and '.join(added)}")
    for path, why in fixes.left_alone.items():
        say(f"{path}: left alone: {why}")
    if not fixes.added and not fixes.left_alone:
        say("nothing to fix")


def _baseline(config: Config, *, may_be_new: bool = False) -> Baseline:
    """What the baseline has; nothing where none is configured, or it is yet to be written."""
    from flagctl.baseline import USUAL_NAME, Baseline, read_baseline

    path = config.baseline or (USUAL_NAME if may_be_new else None)
    if path is None or (may_be_new and not (config.root / path).exists()):
        return Baseline()
    return read_baseline(config.root, path)


def _write_baseline(report: Report, old: Baseline, config: Config) -> Report:
    """Writes what was found to the baseline; gives what there is left to report."""
    from flagctl.baseline import USUAL_NAME, Entry, baseline_text
    from flagctl.report.words import count

    path = config.baseline or USUAL_NAME
    found = [Entry.of(each, report.fingerprints[each]) for each in report.findings]
    entries = {each.fingerprint: each for each in (*report.open_entries, *found)}.values()
    write(baseline_text(entries), config.root / path)
    written = {each.fingerprint for each in entries}
    new, dropped = len(written - old.entries.keys()), len(old.entries.keys() - written)
    say(f"wrote {path}: {count(len(entries), 'finding')}, {new} new, {dropped} dropped as mended")
    if config.baseline is None:
        say(f'to use it, set baseline = "{path}" in the configuration')
    return replace(report, findings=(), hidden=(*report.findings, *report.hidden), baselined=len(entries))


def _check_grouping(group_by: options.GroupBy | None, output_format: str) -> None:
    """Makes sure that a format has groups where they are asked for.

    Raises:
        InputError: it has none.
    """
    from flagctl.report import BY_OWNER

    if group_by is not None and output_format not in BY_OWNER:
        raise InputError(f"--group-by is for {', '.join(BY_OWNER)}; --output-format {output_format} has no groups")


def _finish(
    report: Report,
    output_format: str,
    output: Path | None,
    is_failure: Callable[[Finding], bool],
    group_by: options.GroupBy | None = None,
) -> None:
    """Shows the findings; ends with 1 if one makes the run fail."""
    from flagctl.report import BY_OWNER, FITTED, FORMATS

    shown = FITTED[output_format](report) if output_format in FITTED else report
    say_what_was_missed(shown)
    if console := terminal(output, output_format):
        from flagctl.report.terminal import print_by_owner, print_findings

        (print_findings if group_by is None else print_by_owner)(report, console)
    else:
        formats = FORMATS if group_by is None else BY_OWNER
        write(formats[output_format](replace(shown, sources=options.sources_address())), output)
    if any(map(is_failure, report.findings)):
        raise typer.Exit(1)
