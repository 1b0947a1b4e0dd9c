"""What a run was asked for, and which rules that means."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flagctl.baseline import Baseline
from flagctl.config import Config
from flagctl.model import InputError
from flagctl.rules import Rule, Selection, UnknownRuleError, codes_named, select

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Request:
    """What a run was asked for besides its configuration."""

    today: date
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    """Report on these files and folders only; relative to the root."""
    cache_file: Path | None = None
    """Where what was scanned is kept between runs, if anywhere."""
    baseline: Baseline = Baseline()
    """What is not reported again."""
    renews_baseline: bool = False
    """All is reported, for the baseline to be written anew."""
    tells_history: bool = False
    """The history is wanted for itself, not only where a rule needs it."""
    new_from: str | None = None
    """Only what was not there at this revision, or where the branch left it, is reported."""


Rules = Mapping[str, Selection]
"""The rules of the whole and of each part, by its folder."""


def rules_by_part(config: Config, request: Request, available: Collection[Rule]) -> Rules:
    """The rules that run; a part may have all of its own ignored."""
    rules = {each.folder: _chosen(each, request, available) for each in config.everywhere}
    if not any(rules.values()):
        raise InputError("no rule is left to run: all that are selected are ignored")
    return rules


def all_of(rules: Rules) -> list[Rule]:
    """The rules that run in any part, by code."""
    return sorted({rule for chosen in rules.values() for rule in chosen}, key=lambda rule: rule.code)


def _chosen(config: Config, request: Request, available: Iterable[Rule]) -> Selection:
    """The rules of a run: the request's choice, or else the configuration's, among those that can run.

    Raises:
        InputError: a choice names no rule, or only rules that cannot run.
    """
    can_run = set(available)
    settings = config.rules
    try:
        ignore = request.ignore or settings.ignore
        chosen = select(request.select or settings.select, ignore)
        for word in (*settings.severity, *(word for words in settings.per_path_ignores.values() for word in words)):
            codes_named(word)
    except UnknownRuleError as error:
        asked = request.select or request.ignore
        raise (InputError(str(error)) if asked else config.error("rules", str(error))) from None
    if request.select and chosen and not can_run.intersection(chosen):
        raise InputError(f"{', '.join(request.select)} cannot run here: these rules read the code; use `flagctl audit`")
    return tuple(rule for rule in chosen if rule in can_run)


def is_among(file: str, paths: Sequence[str]) -> bool:
    """Whether a file is at or under some paths; where there are none, every file is."""
    return not paths or any(path == "." or f"{file}/".startswith(f"{path}/") for path in paths)
