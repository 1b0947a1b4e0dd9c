"""`flagctl cache`: what earlier runs have scanned."""

from __future__ import annotations

import typer

from flagctl.cli.output import say
from flagctl.model import InputError

cache = typer.Typer(help="What earlier runs have scanned.", no_args_is_help=True, rich_markup_mode=None)


@cache.callback()
def root() -> None:
    """What earlier runs have scanned."""


@cache.command()
def clear() -> None:
    """Forgets what was scanned, in every project."""
    from flagctl.cache import cache_file
    from flagctl.cache import clear as clear_file

    file = cache_file()
    try:
        existed = clear_file(file)
    except OSError as error:
        raise InputError(f"{file}: cannot be removed: {error.strerror}") from None
    say(f"{file}: removed" if existed else f"{file}: there is no cache")
