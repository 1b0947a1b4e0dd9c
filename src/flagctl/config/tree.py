"""The files of a commit, read from git's own store: nothing is checked out, and no filter runs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flagctl.config.blobs import blobs
from flagctl.config.files import git
from flagctl.model import InputError

_ENTRY = re.compile(rb"(?:\A|(?<=\0))(\d{6}) blob ([0-9a-f]{40,64})\t([^\0]+)\0")
_LINK = b"120000"


@dataclass(frozen=True)
class Tree:
    """What a commit has under a root: its plain files and its links, each with git's name for what is in it."""

    root: Path
    commit: str
    files: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)

    def read(self, paths: Iterable[str]) -> dict[str, bytes]:
        """What is in some files or links.

        Raises:
            InputError: git does not have it, as in a partial clone.
        """
        wanted = {path: self.files.get(path) or self.links[path] for path in paths}
        contents = {name: content for name, content in blobs(self.root, wanted.values()) if content is not None}
        if missing := next((path for path, name in wanted.items() if name not in contents), None):
            raise InputError(
                f"git does not have {missing} as it is in {self.commit[:12]}: a partial clone; clone without --filter"
            )
        return {path: contents[name] for path, name in wanted.items()}


def tree_of(root: Path, commit: str) -> Tree:
    """The tree of a commit, by its full id.

    Raises:
        InputError: git does not have it.
    """
    listed = git(root, "ls-tree", "-r", "-z", commit)
    if listed is None:
        raise InputError(f"git does not have the files of {commit[:12]}: a partial clone; clone without --filter")
    files: dict[str, str] = {}
    links: dict[str, str] = {}
    for mode, blob, path in _ENTRY.findall(listed):
        (links if mode == _LINK else files)[os.fsdecode(path)] = blob.decode()
    if _OUTSIDE.search(listed):
        files, links = ({path: each[path] for path in each if _is_inside(path)} for each in (files, links))
    return Tree(root, commit, files, links)


def _is_inside(path: str) -> bool:
    """Whether a path is one that git itself would check out: a tree that was made by hand may hold any."""
    return not any(part in ("", ".", "..") or part.lower() == ".git" for part in path.split("/"))


_OUTSIDE = re.compile(rb"[\t/](?:\.{0,2}|(?i:\.git))[/\0]")
"""Of a listing, what a part of a path must look like that `_is_inside` refuses."""
