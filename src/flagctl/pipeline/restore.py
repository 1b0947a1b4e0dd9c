"""The story of a removal backwards: from a tombstone to the commit that laid it, to the patch that undoes that."""

from __future__ import annotations

from pathlib import PurePosixPath

from flagctl.config import Config
from flagctl.config.files import files_named, git, git_must
from flagctl.definitions.archive import tombstone_name
from flagctl.definitions.files import archive
from flagctl.model import InputError


def restored(config: Config, key: str) -> tuple[str, bytes]:
    """The commit that removed a flag, with its subject, and the patch that undoes it.

    Raises:
        InputError: the flag has no tombstone, several, or one that is not committed.
    """
    found = [
        path for path in files_named(tombstone_name(key), config.root) if PurePosixPath(path).parent.name == archive
    ]
    if len(found) != 1:
        raise InputError(
            f"{key}: " + (f"which of {', '.join(sorted(found))}?" if found else "there is no tombstone of it")
        )
    [path] = found
    asked = ("--diff-filter=A", "--no-renames", "--max-count=1", "--format=%H %s", "--", f":(literal){path}")
    commit = (git(config.root, "log", *asked) or b"").decode(errors="replace").strip()
    if not commit:
        raise InputError(f"{path}: it is not committed; git restore brings back what was there before")
    name = commit.partition(" ")[0]
    options = ("-p", "--binary", "--no-ext-diff", "--no-textconv", "--relative", "--no-color")
    return commit, git_must(config.root, "diff-tree", *options, name, f"{name}^")
