"""`flagctl audit` and `flagctl validate`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flagctl.cli import options
from flagctl.cli.output import progress, say_what_was_missed, terminal, write

if TYPE_CHECKING:
    from flagctl.model import Finding
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
) -> None:
    """Checks every rule over definitions and code: what is expired, ownerless, undeclared, unused."""
    from flagctl import pipeline

    settings = options.load_config(config, output)
    request = pipeline.Request(
        options.day(today),
        options.words(select),
        options.words(ignore),
        options.relative_paths(paths, settings),
        options.cache_file(no_cache),
    )
    with progress() as advance:
        report = pipeline.audit(settings, request, advance)
    _finish(report, output_format, output, options.is_failure(fail_on, exit_zero, settings))


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
) -> None:
    """Checks definitions only, by the rules FLG0xx unless others are selected. Fast: what pre-commit runs."""
    from flagctl import pipeline

    settings = options.load_config(config, output)
    chosen = options.relative_paths(files, settings)
    request = pipeline.Request(options.day(today), options.words(select), options.words(ignore), chosen)
    report = pipeline.validate(settings, request, [path for path in chosen if (settings.root / path).is_file()])
    _finish(report, output_format, output, options.is_failure(fail_on, exit_zero, settings))


def _finish(report: Report, output_format: str, output: Path | None, is_failure: Callable[[Finding], bool]) -> None:
    """Shows the findings; ends with 1 if one makes the run fail."""
    from flagctl.report import FORMATS

    say_what_was_missed(report)
    if console := terminal(output, output_format):
        from flagctl.report.terminal import print_findings

        print_findings(report, console)
    else:
        write(FORMATS[output_format](report), output)
    if any(map(is_failure, report.findings)):
        raise typer.Exit(1)
