"""Options that several commands share, and their values."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from enum import StrEnum
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flagctl.model import InputError, Severity

if TYPE_CHECKING:
    from flagctl.config import Config
    from flagctl.model import Finding


class FindingsFormat(StrEnum):
    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"
    GITLAB = "gitlab"
    JUNIT = "junit"
    RDJSON = "rdjson"
    MARKDOWN = "markdown"


class DataFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


class FailOn(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class GroupBy(StrEnum):
    OWNER = "owner"


ConfigOption = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Configuration to use instead of the nearest one.")
]
Select = Annotated[
    list[str] | None,
    typer.Option("--select", metavar="RULES", help="Run these: codes, prefixes, names, DEFAULT or ALL, with commas."),
]
Ignore = Annotated[list[str] | None, typer.Option("--ignore", metavar="RULES", help="Do not run these.")]
FailOnOption = Annotated[FailOn | None, typer.Option("--fail-on", help="Lowest severity that makes the run fail.")]
ExitZero = Annotated[bool, typer.Option("--exit-zero", help="Succeed whatever is found.")]
Today = Annotated[
    str | None, typer.Option("--today", metavar="DATE", help="The day to judge by [default: the current UTC date].")
]
FindingsFormatOption = Annotated[FindingsFormat, typer.Option("--output-format", help="How to write the findings.")]
DataFormatOption = Annotated[DataFormat, typer.Option("--output-format", help="How to write the result.")]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Scan everything anew, and keep nothing for the next run.")]
BaselineOption = Annotated[
    Path | None, typer.Option("--baseline", metavar="FILE", help="Do not report again what this file has.")
]
NewFrom = Annotated[
    str | None, typer.Option("--new-from", metavar="REV", help="Report only what was not there where REV was left.")
]
Output = Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Write there, not to standard output.")]


def cache_file(no_cache: bool) -> Path | None:
    """Where a command keeps what it scans."""
    from flagctl.cache import cache_file

    return None if no_cache else cache_file()


def load_config(file: Path | None, output: Path | None = None, baseline: Path | None = None) -> Config:
    """The configuration that a command runs with. What an earlier run wrote to `output` is no source."""
    from flagctl.config import find_config, read_config

    config = read_config(file) if file is not None else find_config(Path.cwd())
    if baseline is not None:
        config = replace(config, baseline=_from_root(baseline, config))
    if output is None or not output.resolve().is_relative_to(config.root):
        return config
    _spare(output, config)
    report = f"/{escape(output.resolve().relative_to(config.root).as_posix())}"
    parts = tuple(replace(part, exclude=(*part.exclude, report)) for part in config.parts)
    return replace(config, exclude=(*config.exclude, report), parts=parts)


def _spare(output: Path, config: Config) -> None:
    """Makes sure that a report takes the place of nothing that somebody wrote.

    Raises:
        InputError: it would.
    """
    from flagctl.baseline import USUAL_NAME

    if output.resolve() == (config.root / (config.baseline or USUAL_NAME)).resolve():
        raise InputError(f"--output {output}: that is the baseline; choose another file")
    if output.suffix in (".py", ".toml", ".yaml", ".yml") and output.is_file():
        raise InputError(f"--output {output}: is a source, a definition or a configuration; choose another file")


def _from_root(path: Path, config: Config) -> str:
    """A path as given on the command line, relative to the root where it lies inside."""
    absolute = path.resolve()
    return (absolute.relative_to(config.root) if absolute.is_relative_to(config.root) else absolute).as_posix()


def words(values: Iterable[str] | None) -> tuple[str, ...]:
    """The values of an option that may be repeated and may hold commas."""
    return tuple(word.strip() for value in values or () for word in value.split(",") if word.strip())


def day(text: str | None) -> date:
    """The day to judge by: the option's, `SOURCE_DATE_EPOCH`'s, or the current one in UTC.

    Raises:
        InputError: it is no date.
    """
    if text is not None:
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise InputError(f'--today must be a date like 2026-05-01, not "{text}"') from None
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return datetime.now(UTC).date()
    try:
        return datetime.fromtimestamp(int(epoch), UTC).date()
    except (ValueError, OverflowError, OSError):
        raise InputError(f'SOURCE_DATE_EPOCH must be seconds since 1970, not "{epoch}"') from None


def sources_address() -> str:
    """Where GitHub shows the commit that its job runs for; from a comment there, a path alone leads nowhere."""
    server, repository, commit = map(os.environ.get, ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA"))
    return f"{server}/{repository}/blob/{commit}/" if server and repository and commit else ""


def is_failure(option: FailOn | None, exit_zero: bool, config: Config) -> Callable[[Finding], bool]:
    """Tells of a finding whether it makes the run fail."""
    if exit_zero:
        return lambda finding: False
    if option is not None:
        return lambda finding: finding.severity >= Severity[option.name]
    return lambda finding: finding.severity >= config.at(finding.location.path).rules.fail_on


def relative_paths(paths: Iterable[Path] | None, config: Config) -> tuple[str, ...]:
    """Paths as given on the command line, relative to the root; without any, the part that the command is run in.

    Raises:
        InputError: one does not exist, or lies outside the project.
    """
    if not paths:
        return (config.here.rstrip("/"),) if config.here else ()
    found = []
    for path in paths:
        if not path.exists():
            raise InputError(f"{path}: no such file or folder")
        absolute = path.resolve()
        if not absolute.is_relative_to(config.root):
            raise InputError(f"{path}: lies outside the project, {config.root}")
        found.append(absolute.relative_to(config.root).as_posix())
    return tuple(found)
