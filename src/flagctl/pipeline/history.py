"""What git knows of the flags of a project."""

from __future__ import annotations

from pathlib import PurePosixPath

from flagctl.cache import Cache
from flagctl.config import Config
from flagctl.definitions.files import archive, suffixes
from flagctl.definitions.past import MAX_BYTES, past_definitions
from flagctl.history import DefinitionFiles, read_history
from flagctl.history.revision import find_commit
from flagctl.model import InputError
from flagctl.past import ChangeKind, History

_MAGIC = set("*?[")


def history_of(config: Config, commit: str, cache: Cache) -> History:
    """The history of a project's flags up to a commit, by its full name.

    Raises:
        InputError: git does not answer.
    """
    return read_history(config.root, commit, _definition_files(config), cache)


def history_at_hand(config: Config, cache: Cache, commit: str | None = None) -> tuple[History | None, list[str]]:
    """The history up to a commit or to the last one, as far as there is one, and what is to be said of it."""
    commit = commit or find_commit(config.root, "HEAD")
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
        found.append(f"{history.unread} versions of definitions are not in this clone: changes in them are unknown")
    return found


def _definition_files(config: Config) -> DefinitionFiles:
    entries = [str(PurePosixPath(entry)) for each in config.everywhere for entry in each.definitions]
    places = dict.fromkeys(place for entry in entries for place in _places(entry))
    return DefinitionFiles(tuple(places), lambda path: path in entries or _may_hold(path), past_definitions, MAX_BYTES)


def _places(entry: str) -> tuple[str, ...]:
    """The pathspecs of an entry in the configuration: a folder, a file or a glob."""
    if _MAGIC.isdisjoint(entry):
        return (f":(literal){entry}",)
    return (f":(glob){entry}", f":(glob){entry}/**")


def _may_hold(path: str) -> bool:
    *folders, name = path.split("/")
    return name.endswith(suffixes) and archive not in folders
