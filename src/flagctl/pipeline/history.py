"""What git knows of the flags of a project."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from flagctl.cache import Cache
from flagctl.config import Config
from flagctl.definitions.files import archive, fixed_part, is_in, suffixes
from flagctl.definitions.past import MAX_BYTES, past_definitions
from flagctl.history import DefinitionFiles, read_history, without
from flagctl.history.revision import commits_in, find_commit
from flagctl.model import InputError
from flagctl.past import ChangeKind, History
from flagctl.pipeline.project import Project
from flagctl.pipeline.request import Request, Rules, all_of

if TYPE_CHECKING:
    from flagctl.pipeline.base import Before

_MAGIC = set("*?[")


def history_of(config: Config, commit: str, cache: Cache) -> History:
    """The history of a project's flags up to a commit, by its full name.

    Raises:
        InputError: git does not answer.
    """
    return read_history(config.root, commit, _definition_files(config), cache)


def remembering(
    config: Config, request: Request, rules: Rules, project: Project, before: Before | None, cache: Cache
) -> tuple[Project, Before | None]:
    """A project, and as it was in the base, with their histories, where somebody asks for these.

    What the commits since the base changed is judged, and nothing that was changed before.
    """
    is_judged = any(rule.reads_history for rule in all_of(rules))
    is_rolled_out = any(flag.rollout and flag.rollout.environments for flag in project.definitions.flags)
    if not request.tells_history and not (is_judged and is_rolled_out):
        return project, before
    history, notices = _history_at_hand(config, cache)
    if history is None:
        return project.remembered(None, None, () if request.tells_history else notices), before
    if before is None:
        return project.remembered(history, None, notices), None
    since = commits_in(config.root, before.base.commit, history.commit)
    there = before.project.remembered(without(history, since), frozenset())
    return project.remembered(history, since, notices), replace(before, project=there)


def _history_at_hand(config: Config, cache: Cache) -> tuple[History | None, list[str]]:
    """The history up to the last commit, as far as there is one, and what is to be said of it."""
    commit = find_commit(config.root, "HEAD")
    if commit is None:
        return None, ["there is no git history here: what it would tell of rollouts was not judged"]
    try:
        history = history_of(config, commit, cache)
    except InputError as error:
        return None, [f"the git history cannot be read, so what it would tell was not judged: {error}"]
    return history, complaints(history)


def complaints(history: History) -> list[str]:
    """What a history lacks, one line for each kind."""
    found = []
    if history.is_shallow and any(each.changes[0].kind is ChangeKind.KNOWN for each in history.flags.values()):
        found.append(
            "this is a shallow clone: what was before it begins is unknown; `git fetch --unshallow` brings the rest"
        )
    if history.unread:
        what = "versions of definitions are not at hand, as in a partial clone"
        found.append(f"{history.unread} {what}: what they changed is unknown")
    return found


def _definition_files(config: Config) -> DefinitionFiles:
    named = dict.fromkeys(str(PurePosixPath(entry)) for each in config.everywhere for entry in each.definitions)
    entries = [*named, *filter(None, (_linked(config.root, entry) for entry in named))]
    places = dict.fromkeys(place for entry in entries for place in _places(entry))
    inside = {fixed_part(entry) for entry in entries}
    return DefinitionFiles(
        places=tuple(places),
        holds=lambda path: path in entries or _may_hold(path),
        is_named=lambda path: is_in(path, inside),
        read=past_definitions,
        most=MAX_BYTES,
    )


def _linked(root: Path, entry: str) -> str | None:
    """Where an entry lies, if that is elsewhere in the project: it is or goes through a link."""
    real_root, target = Path(os.path.realpath(root)), Path(os.path.realpath(root / entry))
    if not target.is_relative_to(real_root) or target in (real_root, real_root / entry):
        return None
    return target.relative_to(real_root).as_posix()


def _places(entry: str) -> tuple[str, ...]:
    """The pathspecs of an entry in the configuration: a folder, a file or a glob."""
    if _MAGIC.isdisjoint(entry):
        return (f":(literal){entry}",)
    return (f":(glob){entry}", f":(glob){entry}/**")


def _may_hold(path: str) -> bool:
    *folders, name = path.split("/")
    return name.endswith(suffixes) and archive not in folders
