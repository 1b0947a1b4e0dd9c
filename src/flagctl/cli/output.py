"""Where results go, and what is said beside them."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flagctl.model import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from flagctl.report import Report

_PATIENCE = 1.0
"""Seconds after which a progress bar is shown."""

_BLINK = 0.1
"""Seconds between two pictures of it: each costs a millisecond, and there are calls by the thousand."""


def terminal(output: Path | None, output_format: str) -> Console | None:
    """A console where a person reads the result; `None` where it goes to a pipe or a file, or is for a machine."""
    if output is not None or output_format != "text" or not sys.stdout.isatty():
        return None
    from rich.console import Console

    return Console(highlight=False)


def write(text: str, output: Path | None) -> None:
    """Writes a result as it is; a file is written whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    if output is None:
        _write_out(text)
        return
    try:
        if output.exists() and not output.is_file():  # a pipe or a device, which must stay what it is
            with output.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
                stream.write(text)
            return
        target = output.resolve()
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
                file.write(text)
            Path(temporary).chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink()
            raise
    except OSError as error:
        raise InputError(f"{output}: cannot be written: {error.strerror}") from None


def _write_out(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has had enough, which is no failure of ours
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else what is left fails again at exit
        raise InputError(f"standard output cannot be written: {error.strerror}") from None


def show_diff(diff: bytes) -> None:
    """Prints a patch: drawn on a terminal, and anywhere else as it is."""
    if diff and (console := terminal(None, "text")):
        from flagctl.report.terminal import print_diff

        print_diff(diff, console)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(diff)
    sys.stdout.buffer.flush()


def _umask() -> int:
    """What new files may not be; it can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def say(message: str) -> None:
    """Says something beside the result."""
    from flagctl.report import inert

    print(f"flagctl: {inert(message)}", file=sys.stderr)  # noqa: T201


def say_what_was_missed(report: Report) -> None:
    """Nothing that could not be read passes in silence."""
    from flagctl.report.words import missed

    for line in missed(report):
        say(line)


@contextmanager
def progress() -> Iterator[Callable[[int, int], None]]:
    """A callback for work in progress; on a terminal a bar shows it, if it takes long."""
    with steps() as step:
        yield step("Reading sources")


@contextmanager
def steps() -> Iterator[Callable[[str], Callable[[int, int], None]]]:
    """The same for work in several steps: gives the callback for each by its name."""
    if not sys.stderr.isatty():
        yield lambda name: lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, auto_refresh=False) as bar:

        def step(name: str) -> Callable[[int, int], None]:
            started, task = time.monotonic(), bar.add_task(name, visible=False)
            due = started + _PATIENCE

            def advance(done: int, total: int) -> None:
                nonlocal due
                now = time.monotonic()
                if now > due or (done == total and now > started + _PATIENCE):
                    due = now + _BLINK
                    bar.update(task, completed=done, total=total, visible=done < total)
                    bar.refresh()

            return advance

        yield step
