"""`flagctl changes`: what became of flags, from git."""

from __future__ import annotations

from typing import Annotated

import typer

from flagctl.cli import options
from flagctl.cli.output import say, terminal, write


def changes(
    span: Annotated[
        str | None,
        typer.Argument(metavar="REV..REV", help="Only what these commits changed; a single REV means REV..HEAD."),
    ] = None,
    output_format: options.DataFormatOption = options.DataFormat.TEXT,
    output: options.Output = None,
    config: options.ConfigOption = None,
    no_cache: options.NoCache = False,
) -> None:
    """Tells which flags and rollouts were changed, by whom, when and why."""
    from flagctl import pipeline
    from flagctl.report import CHANGES_FORMATS

    settings = options.load_config(config, output)
    report = pipeline.changes(settings, span, options.cache_file(no_cache))
    for notice in report.notices:
        say(notice)
    if console := terminal(output, output_format):
        from flagctl.report.terminal import print_changes

        print_changes(report, console)
    else:
        write(CHANGES_FORMATS[output_format](report), output)
