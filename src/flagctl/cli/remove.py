"""`flagctl remove`: the patch goes to standard output, what it does and what it leaves is said beside it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from flagctl.cli import options
from flagctl.cli.flags import complete_key
from flagctl.cli.output import progress, say
from flagctl.model import InputError

if TYPE_CHECKING:
    from flagctl.config import Config
    from flagctl.removal import Removal
    from flagctl.removal.patch import Changes


def remove(
    key: Annotated[str, typer.Argument(help="The flag that goes.", autocompletion=complete_key)],
    keep: Annotated[
        str | None, typer.Option("--keep", metavar="VALUE", help="What stays: on, off or a variant.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Write the files, instead of printing the patch.")] = False,
    allow_dirty: Annotated[
        bool, typer.Option("--allow-dirty", help="Write files with changes that are not committed, too.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Keep a value other than the definition says.")] = False,
    keep_tests: Annotated[
        bool, typer.Option("--keep-tests", help="Keep tests of what is gone; only drop what forces the flag in them.")
    ] = False,
    today: options.Today = None,
    config: options.ConfigOption = None,
    no_cache: options.NoCache = False,
) -> None:
    """Removes a flag: prints the patch that deletes it from code, tests and definitions, or writes it."""
    from flagctl.pipeline import Request
    from flagctl.pipeline.removal import remove as removal_of
    from flagctl.removal.patch import unified_diff, write

    settings = options.load_config(config)
    request = Request(options.day(today), cache_file=options.cache_file(no_cache))
    with progress() as advance:
        removal = removal_of(settings, key, keep, request, advance, force=force, keep_tests=keep_tests)
    changes = _with_originals(settings, removal)
    if apply:
        if not allow_dirty:
            _refuse_dirty(settings, changes)
        write(settings.root, changes)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(unified_diff(changes))
        sys.stdout.buffer.flush()
    _summarise(removal, changes, keep_tests=keep_tests)
    raise typer.Exit(1 if removal.refusals else 0)


def _with_originals(config: Config, removal: Removal) -> Changes:
    """The content of each file that changes, before and after."""
    found: dict[str, tuple[bytes | None, bytes | None]] = {}
    for path, after in removal.changes.items():
        file = config.root / path
        found[path] = (file.read_bytes() if file.exists() else None, after)
    return found


def _refuse_dirty(config: Config, changes: Changes) -> None:
    """Looks for changes that git could not bring back.

    Raises:
        InputError: there are some.
    """
    from flagctl.config.files import git

    told = git(config.root, "status", "--porcelain", "-z", "--", *(f":(literal){path}" for path in changes))
    if told:
        raise InputError("some of the files have changes that are not committed; commit them, or add --allow-dirty")


def _summarise(removal: Removal, changes: Changes, *, keep_tests: bool) -> None:
    """Says what was done and what is left."""
    from flagctl.report.words import count

    for each in sorted(removal.refusals):
        say(f"{each.location.path}:{each.location.line}:{each.location.column}: left as it is: {each.reason}")
    for test in removal.tests:
        say(f"{test}: tests what is gone; look at it" if keep_tests else f"{test}: goes, as it tests what is gone")
    for place in removal.mentions[:_MAX_MENTIONS]:
        say(f"{place.path}:{place.line}:{place.column}: still mentions it")
    if more := removal.mentions[_MAX_MENTIONS:]:
        say(f"and {count(len(more), 'place')} more that mention it; flagctl refs shows them")
    edited = [(before, after) for before, after in changes.values() if before is not None and after is not None]
    deleted = sum(_lines(before) - _lines(after) for before, after in edited)
    say(
        f"{count(removal.replaced, 'evaluation')} replaced, {count(deleted, 'line')} fewer in "
        f"{count(len(edited), 'file')}, {count(len(removal.refusals), 'place')} left for you"
    )


_MAX_MENTIONS = 50


def _lines(data: bytes) -> int:
    return data.count(b"\n")
