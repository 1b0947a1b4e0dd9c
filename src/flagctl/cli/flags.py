"""`flagctl refs`, `flagctl list` and `flagctl show`: looking, not judging."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flagctl.cli import options
from flagctl.cli.output import progress, say, say_what_was_missed, terminal, write
from flagctl.model import InputError

if TYPE_CHECKING:
    from flagctl.model import Flag
    from flagctl.report import Report


def complete_key(incomplete: str) -> list[str]:
    """The keys that begin with what was typed, for the shell's completion."""
    from flagctl.config import find_config
    from flagctl.definitions import load_definitions

    try:
        flags = load_definitions(find_config(Path.cwd())).flags
    except InputError:
        return []
    return sorted(flag.key for flag in flags if flag.key.startswith(incomplete))


def refs(
    key: Annotated[str | None, typer.Argument(help="Only this flag.", autocompletion=complete_key)] = None,
    output_format: options.DataFormatOption = options.DataFormat.TEXT,
    output: options.Output = None,
    config: options.ConfigOption = None,
    no_cache: options.NoCache = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show how each key was followed to where it is.")] = False,
) -> None:
    """Lists every reference: role, place, default, and how the key was resolved."""
    from flagctl import pipeline
    from flagctl.report import REFS_FORMATS

    settings = options.load_config(config, output)
    with progress() as advance:
        report = pipeline.references(settings, advance, [key] if key else (), options.cache_file(no_cache))
    if key is not None:
        report = _only(report, key)
    if explain:
        report = replace(report, is_explained=True)
    say_what_was_missed(report)
    if not report.references:
        say(f"no references{f' to {key}' if key else ''} in {report.searched} files")
    if console := terminal(output, output_format):
        from flagctl.report.terminal import print_references

        print_references(report, console)
    else:
        write(REFS_FORMATS[output_format](report), output)


def list_flags(
    output_format: options.DataFormatOption = options.DataFormat.TEXT,
    output: options.Output = None,
    config: options.ConfigOption = None,
    no_cache: options.NoCache = False,
) -> None:
    """Lists the flags at a glance: owner, age, rollout, how often code asks for them."""
    from flagctl import pipeline
    from flagctl.report import LIST_FORMATS

    settings = options.load_config(config, output)
    with progress() as advance:
        report = pipeline.references(settings, advance, cache_file=options.cache_file(no_cache))
    say_what_was_missed(report)
    if not report.flags:
        raise InputError(f"no definitions to list under {settings.root}; try `flagctl new`")
    if console := terminal(output, output_format):
        from flagctl.report.terminal import print_flags

        print_flags(report, console)
    else:
        write(LIST_FORMATS[output_format](report), output)


def show(
    key: Annotated[str, typer.Argument(help="The flag's key, or one of its aliases.", autocompletion=complete_key)],
    today: options.Today = None,
    output_format: options.DataFormatOption = options.DataFormat.TEXT,
    output: options.Output = None,
    config: options.ConfigOption = None,
    no_cache: options.NoCache = False,
) -> None:
    """Shows one flag whole: its definition, its references, its findings, its history."""
    from flagctl import pipeline
    from flagctl.report import SHOW_FORMATS

    settings = options.load_config(config, output)
    request = pipeline.Request(options.day(today), cache_file=options.cache_file(no_cache), tells_history=True)
    with progress() as advance:
        report = pipeline.audit(settings, request, advance)
    flag = _flag(report, key)
    say_what_was_missed(report)
    if console := terminal(output, output_format):
        from flagctl.report.terminal import print_page

        print_page(report, console, flag)
    else:
        write(SHOW_FORMATS[output_format](report, flag), output)


def _only(report: Report, key: str) -> Report:
    """The report with the references to one flag, by its key or an alias."""
    flag = next((flag for flag in report.flags if key in flag.names), None)
    wanted = flag.key if flag is not None else key
    references = tuple(reference for reference in report.references if reference.flag == wanted)
    if flag is None and not references:
        raise _unknown(report, key)
    return replace(report, references=references)


def _flag(report: Report, key: str) -> Flag:
    for flag in report.flags:
        if key in flag.names:
            return flag
    raise _unknown(report, key)


def _unknown(report: Report, key: str) -> InputError:
    from flagctl.past import ChangeKind
    from flagctl.spelling import did_you_mean

    past = report.history.flags.get(key) if report.history else None
    if past is not None and past.changes[-1].kind is ChangeKind.REMOVED:
        commit = past.changes[-1].commit
        return InputError(f'no flag "{key}" any more: {commit.author} removed it on {commit.written} ({commit.id[:7]})')
    if past is not None:
        return InputError(f'no flag "{key}": its definition was passed over; see `flagctl validate`')
    return InputError(f'no flag "{key}"{did_you_mean(key, [name for flag in report.flags for name in flag.names])}')
