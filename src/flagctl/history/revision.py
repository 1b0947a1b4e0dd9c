"""Names of commits to commits. A name is never taken for an option, whatever it looks like."""

from __future__ import annotations

import re
from pathlib import Path

from flagctl.config.files import git, git_must, kept_file, shallow_commits
from flagctl.model import InputError

_ID = re.compile(rb"([0-9a-f]{40,64})\n")
_HEAD = re.compile(r"(\w[\w.-]*)/HEAD")
"""The main branch of a remote, which only `git clone` writes down."""


def commit_of(root: Path, name: str) -> str:
    """The full name of a commit.

    Raises:
        InputError: there is no such commit, or no git repository.
    """
    if (found := find_commit(root, name)) is not None:
        return found
    if git(root, "rev-parse", "--git-dir") is None:
        raise InputError(f"{root} is in no git repository, or git cannot be run, so there is no history")
    if name == "HEAD":
        raise InputError(f"{root} has no commit yet, so there is no history")
    if (remote := _HEAD.fullmatch(name)) is not None:
        how = f"`git remote set-head {remote[1]} --auto` asks {remote[1]} for it, once it has commits"
    elif shallow_commits(root):
        how = "this is a shallow clone: fetch it, or clone with the whole history (fetch-depth: 0)"
    else:
        how = "see `git branch --all`, or `git fetch` it"
    raise InputError(f'"{name}" is no commit here; {how}')


def commits_between(root: Path, span: str) -> tuple[str, str]:
    """The commits that `A..B` names; `A...B` begins where the two part, and a missing end is `HEAD`.

    Raises:
        InputError: one is no commit, or the two have nothing in common.
    """
    first, dots, last = span.partition("...") if "..." in span else span.partition("..")
    begin, end = commit_of(root, first or "HEAD"), commit_of(root, last or "HEAD")
    if dots != "...":
        return begin, end
    if (base := merge_base(root, begin, end)) is None:
        raise InputError(f'"{span}" is no range here: nothing is known that the two have in common')
    return base, end


def commits_in(root: Path, first: str, last: str) -> frozenset[str]:
    """The commits that lead to one and not to another."""
    listed = git_must(root, "rev-list", "--end-of-options", last, f"^{first}")
    return frozenset(listed.decode("ascii").split())


def merge_base(root: Path, one: str, other: str) -> str | None:
    """Where two commits part; `None` where they have nothing in common that is known."""
    return _id(git(root, "merge-base", one, other))


def find_commit(root: Path, name: str) -> str | None:
    """The full name of a commit; `None` where there is none."""
    if not name or "\0" in name:
        return None
    return _id(git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"))


def _id(answer: bytes | None) -> str | None:
    """The commit that git names; what it would leave out, `^main`, is none."""
    found = _ID.fullmatch(answer or b"")
    return found[1].decode() if found else None


def replacements(root: Path) -> bytes:
    """What a clone says of commits otherwise than they do themselves: `git replace`, and grafts."""
    replaced = git(root, "for-each-ref", "--format=%(refname) %(objectname)", "refs/replace/")
    return (replaced or b"") + kept_file(root, "info/grafts")
