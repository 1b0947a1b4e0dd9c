"""Names of commits to commits. A name is never taken for an option, whatever it looks like."""

from __future__ import annotations

from pathlib import Path

from flagctl.config.files import git
from flagctl.model import InputError


def commit_of(root: Path, name: str) -> str:
    """The full name of a commit.

    Raises:
        InputError: there is no such commit, or no git repository.
    """
    if (found := find_commit(root, name)) is not None:
        return found
    if git(root, "rev-parse", "--git-dir") is None:
        raise InputError(f"{root} is in no git repository, so there is no history")
    if is_shallow(root):
        raise InputError(f'"{name}" is no commit here: this is a shallow clone; fetch it, or clone with all history')
    raise InputError(f'"{name}" is no commit here; see `git branch --all`, or fetch it')


def find_commit(root: Path, name: str) -> str | None:
    """The full name of a commit; `None` where there is none."""
    asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    found = git(root, *asked) if name and "\0" not in name else None
    return found.decode("ascii").strip() if found else None


def is_shallow(root: Path) -> bool:
    """Whether a clone lacks what was before some commits."""
    return bool(shallow_commits(root))


def shallow_commits(root: Path) -> frozenset[str]:
    """The commits with which a shallow clone begins; none where it is whole."""
    told = git(root, "rev-parse", "--git-path", "shallow")
    try:
        return frozenset((root / (told or b"").decode().strip()).read_text("ascii").split()) if told else frozenset()
    except OSError:
        return frozenset()
