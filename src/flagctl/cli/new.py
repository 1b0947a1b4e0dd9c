"""`flagctl new`: a complete definition, asking for what it cannot infer."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from flagctl.cli import options
from flagctl.cli.output import say, write
from flagctl.model import InputError

if TYPE_CHECKING:
    from flagctl.config import Config


class FlagType(StrEnum):
    RELEASE = "release"
    EXPERIMENT = "experiment"
    OPS = "ops"
    PERMISSION = "permission"


class EndState(StrEnum):
    REMOVE = "remove"
    KEEP = "keep"
    CONFIGURATION = "configuration"


def new(
    key: Annotated[str, typer.Argument(help="The key that code will ask for.")],
    kind: Annotated[FlagType | None, typer.Option("--type", help="What the flag is for.")] = None,
    description: Annotated[str | None, typer.Option(help="What the flag turns on, in a few words.")] = None,
    owner: Annotated[str | None, typer.Option(help="One accountable team or person.")] = None,
    reason: Annotated[str | None, typer.Option(help="The decision that the flag supports.")] = None,
    end_state: Annotated[
        EndState | None, typer.Option(help="How it ends [default: remove; keep for ops and permission].")
    ] = None,
    expires: Annotated[str | None, typer.Option(metavar="DATE", help="Expired from this day on.")] = None,
    removal_criterion: Annotated[str | None, typer.Option(help="What has to be true before it may go.")] = None,
    review_by: Annotated[str | None, typer.Option(metavar="DATE", help="Next review of a flag that stays.")] = None,
    justification: Annotated[str | None, typer.Option(help="Why a flag that stays cannot go.")] = None,
    today: options.Today = None,
    config: options.ConfigOption = None,
) -> None:
    """Writes a complete definition, asking for what it cannot infer."""
    settings = options.load_config(config)
    part = settings.at(settings.here)
    _check_key(key, settings)
    created = options.day(today)
    flag_type = FlagType(_ask("type", kind, "release, experiment, ops or permission", _one_of(FlagType)))
    default_end = EndState.KEEP if flag_type in (FlagType.OPS, FlagType.PERMISSION) else EndState.REMOVE
    end = end_state or default_end
    foreign = {"--review-by": review_by, "--justification": justification}
    out_of_place = {"--expires": expires} if end is EndState.KEEP else foreign
    for option, value in out_of_place.items():
        if value is not None:
            raise InputError(f"{option} does not go with the end state {end}; see --end-state")
    last_day = _last_day(created, getattr(part.lifetime, flag_type))
    fields: dict[str, object] = {"key": key}
    fields["description"] = _ask("description", description, "what does it turn on?")
    fields["type"] = str(flag_type)
    fields["owner"] = _ask("owner", owner, 'one team or person, such as "@acme/payments"')
    fields["reason"] = _ask("reason", reason, "what decision does it support?")
    fields["created"] = created
    if end is EndState.KEEP:
        fields["review_by"] = _date("--review-by", review_by) or last_day
        fields["expected_end_state"] = str(end)
        fields["justification"] = _ask("justification", justification, "why can it not go?")
        if removal_criterion is not None:
            fields["removal_criterion"] = removal_criterion
    else:
        fields["expires"] = _date("--expires", expires) or last_day
        fields["expected_end_state"] = str(end)
        fields["removal_criterion"] = _ask(
            "removal-criterion", removal_criterion, "what has to be true before it goes?"
        )
    _write(fields, part)


def _write(fields: dict[str, object], config: Config) -> None:
    from flagctl.definitions import read_definitions
    from flagctl.definitions.new import definition_path, definition_text, schema_line

    path = definition_path(config, str(fields["key"]))
    target = config.root / path
    if target.exists():
        raise InputError(f"{path}: is there already; flagctl overwrites nothing")
    text = definition_text(fields)
    if problems := read_definitions(path, text.encode()).problems:
        raise InputError(f"the definition would not be valid: {problems[0].message}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from None
    line = schema_line(config.root, path)
    write(f"{line}\n{text}" if line else text, target)
    say(f"wrote {path}")


def _check_key(key: str, config: Config) -> None:
    from flagctl.definitions import load_definitions, read_definitions
    from flagctl.definitions.new import definition_text

    if problems := read_definitions("", definition_text({"key": key}).encode()).problems:
        raise InputError(problems[0].message)
    pattern = config.at(config.here).key_pattern
    if not re.search(pattern, key):
        raise InputError(f'"{key}" does not match the key pattern {pattern}')
    definitions = load_definitions(config)
    for flag in definitions.flags:
        if key in flag.names:
            raise InputError(f'"{key}" is taken: see {flag.first.path}:{flag.first.line}')
    if key in definitions.invalid_names:
        raise InputError(f'"{key}" is taken by a definition that is not valid; see `flagctl validate`')


def _ask(name: str, given: str | None, question: str, check: Callable[[str], str | None] = lambda text: None) -> str:
    """The value of an option, asked for on a terminal where it is missing.

    Raises:
        InputError: it is missing and nobody can be asked.
    """
    if given is not None:
        if not given.strip():
            raise InputError(f"--{name} is empty")
        return given
    if not sys.stdin.isatty():
        raise InputError(f"--{name} is missing: {question}")
    while True:
        answer = typer.prompt(f"{name} ({question})", err=True).strip()
        complaint = check(answer) if answer else "an answer is needed"
        if complaint is None:
            return str(answer)
        say(complaint)


def _one_of(choices: type[StrEnum]) -> Callable[[str], str | None]:
    names = [str(choice) for choice in choices]
    return lambda answer: None if answer in names else f"one of {', '.join(names)}, please"


def _last_day(created: date, lifetime: int) -> date:
    try:
        return created + timedelta(lifetime)
    except OverflowError:
        raise InputError(f"{lifetime} days from {created} on are more than the calendar has; see [lifetime]") from None


def _date(option: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f'{option} must be a date like 2026-05-01, not "{text}"') from None
