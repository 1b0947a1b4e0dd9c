"""`flagctl remove`: the patch goes to standard output, what it does and what it leaves is said beside it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from flagctl.cli import options
from flagctl.cli.flags import complete_key
from flagctl.cli.output import progress, say, show_diff, write
from flagctl.model import InputError

if TYPE_CHECKING:
    from flagctl.model import Flag
    from flagctl.pipeline.removal import Patch
    from flagctl.pipeline.remover import Remover
    from flagctl.removal import Kept


def remove(
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="KEY...", help="The flags that go.", autocompletion=complete_key)
    ] = None,
    keep: Annotated[
        str | None, typer.Option("--keep", metavar="VALUE", help="What stays: on, off or a variant.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Write the files, instead of printing the patch.")] = False,
    commit: Annotated[
        bool, typer.Option("--commit", help="Commit it on a branch of its own; your files stay as they are.")
    ] = False,
    ready: Annotated[
        bool, typer.Option("--ready", help="Make such a branch for every flag of which it is decided what stays.")
    ] = False,
    test: Annotated[
        str | None, typer.Option("--test", metavar="CMD", help="Drop the patch if it breaks what passes.")
    ] = None,
    allow_dirty: Annotated[
        bool, typer.Option("--allow-dirty", help="Even if files have changes that are not committed.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Keep a value other than the definition says.")] = False,
    keep_tests: Annotated[
        bool, typer.Option("--keep-tests", help="Keep tests of what is gone; only drop what forces the flag in them.")
    ] = False,
    today: options.Today = None,
    config: options.ConfigOption = None,
    no_cache: options.NoCache = False,
) -> None:
    """Removes flags: prints the patch that deletes them from code, tests and definitions, writes or commits it."""
    from flagctl.cache import Cache
    from flagctl.definitions import load_definitions
    from flagctl.pipeline import Request, removal
    from flagctl.pipeline.remover import Remover, last_commit, refuse_branch
    from flagctl.pipeline.trial import Command, Trial

    _refuse_contradictions(keys, keep, apply=apply, commit=commit, ready=ready)
    settings = options.load_config(config)
    request = Request(options.day(today), cache_file=options.cache_file(no_cache))
    command = Command.of(test) if test is not None else None
    with last_commit(settings) if commit or ready else nullcontext(settings) as place:
        definitions = load_definitions(place, Cache(request.cache_file))
        decided = removal.ready(definitions.flags) if ready else []
        if ready and not decided:
            say("no flag is ready: of none is it decided what stays (decision.keep)")
            return
        kept = removal.wanted(definitions.flags, keys or (), keep, force=force)
        if commit and kept:
            refuse_branch(settings, kept)
        trial = Trial(settings.root, command, say) if command else None
        with progress() as advance:
            project = removal.read_project(place, definitions, request, advance)
        remover = Remover(settings, project, trial, keep_tests, allow_dirty)
        if ready:
            skipped = [flag for flag in decided if not _commit_or_skip(remover, flag)]
            is_done = not skipped
        else:
            is_done = _commit(remover, kept) if commit else _print_or_apply(remover, kept, apply=apply)
    raise typer.Exit(0 if is_done else 1)


def _refuse_contradictions(
    keys: Sequence[str] | None, keep: str | None, *, apply: bool, commit: bool, ready: bool
) -> None:
    """Looks for options that do not go together.

    Raises:
        InputError: there are some.
    """
    if apply and (commit or ready):
        raise InputError("--apply writes your files, --commit and --ready leave them alone: choose one")
    if ready and (keys or keep):
        raise InputError("--ready takes every flag of which it is decided what stays; it goes without KEY and --keep")
    if not ready and not keys:
        raise InputError("which flag? give its KEY, or --ready for every flag of which it is decided what stays")


def _print_or_apply(remover: Remover, kept: Sequence[Kept], *, apply: bool) -> bool:
    """Prints the patch or writes the files; whether nothing is left to do."""
    from flagctl.removal.patch import unified_diff

    patch = _patch(remover, kept)
    if patch is None:
        return False
    if apply:
        remover.apply(patch)
    else:
        show_diff(unified_diff(patch.changes))
    _summarise(patch)
    return not patch.removal.refusals


def _commit(remover: Remover, kept: Sequence[Kept]) -> bool:
    """Makes a branch, as far as anything can be done; whether nothing is left to do."""
    patch = _patch(remover, kept)
    if patch is None:
        return False
    if patch.changes:
        write(f"{remover.commit(patch)}\n", None)
    _summarise(patch)
    return not patch.removal.refusals


def _commit_or_skip(remover: Remover, flag: Flag) -> bool:
    """Makes a branch for a flag that goes without anything left to do, or says why it is skipped."""
    from flagctl.pipeline.pull_request import tally
    from flagctl.pipeline.removal import wanted
    from flagctl.pipeline.remover import refuse_branch
    from flagctl.scan.source import Unparsable

    try:
        kept = wanted([flag], [flag.key], None)
        refuse_branch(remover.config, kept)
        patch = _patch(remover, kept)
        if patch is not None and not patch.removal.refusals:
            write(f"{remover.commit(patch)}\n", None)
            say(f"{flag.key}: {tally(patch)}")
            return True
        if patch is not None:
            _say_what_is_left(patch)
        why = "it breaks what passes" if patch is None else "it would leave something for you"
    except (InputError, Unparsable) as error:
        why = str(error)
    say(f"{flag.key}: skipped: {why}")
    return False


def _patch(remover: Remover, kept: Sequence[Kept]) -> Patch | None:
    """What removes some flags; `None` where it breaks the project's tests, which is said."""
    from flagctl.pipeline.trial import BrokenError

    try:
        return remover.patch(kept)
    except BrokenError as error:
        for line in error.what:
            say(line)
        say("the patch is dropped")
        return None


def _summarise(patch: Patch) -> None:
    """Says what was done and what is left."""
    from flagctl.pipeline.pull_request import dropped_names, tally

    for test in patch.removal.tests:
        say(f"{test}: goes, as it tests what is gone")
    for line in dropped_names(patch):
        say(f"{line}, which nothing uses any more")
    _say_what_is_left(patch)
    say(tally(patch))


def _say_what_is_left(patch: Patch) -> None:
    from flagctl.pipeline.pull_request import mentions, refusals

    for test in patch.removal.kept_tests:
        say(f"{test}: no longer forces what is gone; see whether it still holds")
    for line in (*refusals(patch), *mentions(patch)):
        say(line)
