"""Values that a command needs: given as options, or asked for on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from datetime import date
from enum import StrEnum

import typer

from flagctl.cli.output import say
from flagctl.model import InputError

Check = Callable[[str], str | None]
"""What is wrong with an answer, if anything is."""


def ask(
    name: str,
    given: str | None,
    question: str,
    check: Check = lambda answer: None,
    default: str | None = None,
) -> str:
    """The value of an option, asked for on a terminal where it is missing; in a script, `default` is taken.

    Raises:
        InputError: it is wrong, or it is missing and nobody can be asked.
    """
    if given is not None:
        complaint = check(given) if given.strip() else "is empty"
        if complaint is not None:
            raise InputError(f"--{name} {complaint}")
        return given
    if not sys.stdin.isatty():
        if default is None:
            raise InputError(f"--{name} is missing: {question}")
        return default
    while True:
        answer = str(typer.prompt(f"{name} ({question})", default=default or "", show_default=bool(default), err=True))
        answer = answer.strip()
        complaint = check(answer) if answer else "needs an answer"
        if complaint is None:
            return answer
        say(f"{name} {complaint}")


def one_of(choices: type[StrEnum] | Collection[str]) -> Check:
    names = [str(choice) for choice in choices]
    return lambda answer: None if answer in names else f"must be one of {', '.join(names)}"


def day(answer: str) -> str | None:
    """Whether an answer is a day."""
    try:
        date.fromisoformat(answer)
    except ValueError:
        return f'must be a date like 2026-05-01, not "{answer}"'
    return None
