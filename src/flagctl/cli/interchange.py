"""`flagctl export` and `flagctl import`: definitions for other tools, and from them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flagctl.cli import options
from flagctl.cli.output import say, write
from flagctl.model import InputError

if TYPE_CHECKING:
    from flagctl.config import Config
    from flagctl.pipeline.interchange import Import


class ExportFormat(StrEnum):
    OPENFEATURE = "openfeature"
    FLAGD = "flagd"
    JSON = "json"


class ImportFormat(StrEnum):
    OPENFEATURE = "openfeature"
    FLAGD = "flagd"
    JSON = "json"
    UNLEASH = "unleash"
    LAUNCHDARKLY = "launchdarkly"


Environment = Annotated[
    str | None,
    typer.Option("--environment", metavar="NAME", help="Whose rollout, where a format has one [default: configured]."),
]


def export(
    to: Annotated[ExportFormat, typer.Argument(metavar="FORMAT", help="openfeature, flagd or json.")],
    environment: Environment = None,
    output: options.Output = None,
    config: options.ConfigOption = None,
) -> None:
    """Writes the flags in another tool's format, and says what that has no room for."""
    from flagctl.pipeline import interchange

    exported = interchange.export(options.load_config(config, output), str(to), environment)
    for line in exported.lost:
        say(line)
    write(exported.text, output)


def import_flags(
    from_: Annotated[
        ImportFormat, typer.Argument(metavar="FORMAT", help="openfeature, flagd, json, unleash or launchdarkly.")
    ],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What the other tool has exported.")],
    into: Annotated[
        Path | None, typer.Option("--into", metavar="FOLDER", help="Where definitions go [default: where new ones do].")
    ] = None,
    environment: Environment = None,
    today: options.Today = None,
    config: options.ConfigOption = None,
) -> None:
    """Writes a definition for each flag of another tool that has none, and says what could not be carried over."""
    from flagctl.pipeline import interchange

    settings = options.load_config(config)
    terms = interchange.Terms(_folder(into, settings), environment, options.day(today))
    found = interchange.take_over(settings, str(from_), file, terms)
    for path, notes in found.written.items():
        say(f"wrote {path}")
        for note in notes:
            say(f"{path}: {note}")
    for key, why in (*found.left_alone, *found.refused):
        say(f"{key}: not imported: {why}")
    for note in found.notes:
        say(note)
    say(_summary(found))
    if found.refused:
        raise typer.Exit(1)


def _folder(into: Path | None, config: Config) -> str | None:
    """The folder that was asked for, relative to the root."""
    if into is None:
        return None
    absolute = into.resolve()
    if not absolute.is_relative_to(config.root):
        raise InputError(f"{into}: lies outside the project, {config.root}")
    return absolute.relative_to(config.root).as_posix()


def _summary(found: Import) -> str:
    from flagctl.report.words import count

    skipped = len(found.left_alone) + len(found.refused)
    rest = f", {skipped} not imported" if skipped else ""
    return f"{count(len(found.written), 'definition')} written{rest}; `flagctl audit` says what they lack"
