"""The last commit in a temporary work tree, and a branch with one commit more: the user's own tree stays as it is."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from flagctl.config.files import git, git_must, names
from flagctl.model import InputError


@contextmanager
def checked_out(root: Path) -> Iterator[Path]:
    """The folder `root` of a git work tree as the last commit has it, in a temporary work tree that goes again.

    No hook and no filter of the repository runs.

    Raises:
        InputError: git knows no commit there, or it has no such folder.
    """
    if git(root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}") is None:
        raise InputError(f"{root}: there is no commit to start from")
    inside = git_must(root, "rev-parse", "--show-prefix").decode().strip("\n")
    temporary = Path(tempfile.mkdtemp(prefix="flagctl-")).resolve()
    tree = temporary / "tree"
    try:
        # What git is configured to run may depend on where it runs: so files are asked for inside, and not before.
        git_must(root, "worktree", "add", "--quiet", "--no-checkout", "--detach", str(tree), "HEAD")
        git_must(tree, "reset", "--quiet", "--hard")
        if not (tree / inside).is_dir():
            raise InputError(f"{root}: the last commit does not have this folder")
        yield tree / inside
    finally:
        git(root, "worktree", "remove", "--force", str(tree))
        shutil.rmtree(temporary, ignore_errors=True)


def refuse_anonymous(root: Path) -> None:
    """Looks whether git knows who commits.

    Raises:
        InputError: it does not.
    """
    for who in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
        if git(root, "-c", "user.useConfigOnly=true", "var", who) is None:
            raise InputError("git does not know who commits; set it by git config user.name and user.email")


def are_dirty(root: Path, paths: Iterable[str]) -> bool:
    """Whether some files have changes that git could not bring back; outside a work tree it would bring back none."""
    listed = [f":(literal){path}" for path in paths]
    if not listed or git(root, "rev-parse", "--is-inside-work-tree") is None:
        return False
    return bool(git_must(root, "status", "--porcelain", "-z", "--ignore-submodules=all", "--", *listed))


def branch_name(keys: Sequence[str]) -> str:
    """The branch on which flags are removed: `flagctl/remove-new-checkout-and-2-more`."""
    name = re.sub(r"[^\w.-]+", "-", keys[0])
    name = re.sub(r"\.(?=\.|$|lock$)", "-", name)  # what git allows in no name
    return f"flagctl/remove-{name}{f'-and-{len(keys) - 1}-more' if len(keys) > 1 else ''}"


def refuse_existing(root: Path, branch: str) -> None:
    """Looks whether a branch may be made.

    Raises:
        InputError: there is one of this name.
    """
    if git(root, "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}") is not None:
        raise InputError(f"the branch {branch} exists already; merge it, or delete it with git branch -D {branch}")


def commit(root: Path, branch: str, changes: Mapping[str, bytes | None], message: str) -> str:
    """Makes a branch with one commit on top of the last; gives its name.

    `root` is in a temporary work tree, of which only the index is used.

    Raises:
        InputError: git does not do it.
    """
    refuse_existing(root, branch)
    top = Path(git_must(root, "rev-parse", "--show-toplevel").decode().rstrip("\n"))
    git_must(top, "read-tree", "HEAD")
    inside = root.relative_to(top)
    entries = [_entry(top, (inside / path).as_posix(), data) for path, data in sorted(changes.items())]
    git_must(top, "update-index", "-z", "--index-info", given=os.fsencode("".join(entries)))
    tree = _told(top, "write-tree")
    made = _told(top, "commit-tree", "--no-gpg-sign", "-p", "HEAD", "-F", "-", tree, given=message.encode())
    git_must(top, "update-ref", "-m", "flagctl remove", f"refs/heads/{branch}", made, "0" * len(made))
    return made


def _entry(top: Path, path: str, data: bytes | None) -> str:
    """What git's index is told of a file; mode 0 is for one that goes."""
    content = _told(top, "hash-object", "-w", "--stdin", f"--path={path}", given=data or b"")
    known = git_must(top, "ls-files", "-z", "--stage", "--", f":(literal){path}")
    mode = next(names(known), "100644").partition(" ")[0] if data is not None else "0"
    return f"{mode} {content}\t{path}\0"


def _told(root: Path, *arguments: str, given: bytes = b"") -> str:
    return git_must(root, *arguments, given=given).decode().strip()
