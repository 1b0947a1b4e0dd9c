"""The base: what there was before a branch, laid out beside the work tree as far as definitions and owners go.

Sources are not laid out: the scanner takes those that differ from git (see `scan.scan_both`).
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from flagctl.cache import Cache
from flagctl.config import Config, definitions_named
from flagctl.config.tree import Tree, tree_of
from flagctl.definitions import definition_files, load_definitions, read_more
from flagctl.definitions.codeowners import places
from flagctl.definitions.files import fixed_part, is_in, suffixes
from flagctl.definitions.metrics import check_more, load_metrics
from flagctl.definitions.owners import read_owners
from flagctl.history.revision import commit_of, merge_base
from flagctl.model import InputError
from flagctl.pipeline.project import Project, read_project
from flagctl.pipeline.request import Request

_MAX_LINKS = 5
"""How many links lead from one to the next."""


@dataclass(frozen=True)
class Base:
    """The commit with which the work tree is compared; `rev` is what it was called."""

    rev: str
    commit: str
    notice: str | None = None
    """What the user should know of how it was found."""


@dataclass(frozen=True)
class Before:
    """The project as it was in the base."""

    base: Base
    tree: Tree
    project: Project

    @property
    def notices(self) -> list[str]:
        """What the user should know."""
        empty = (
            None if self.project.definitions.files else f"no definitions at {self.base.rev}: all that is found is new"
        )
        return [notice for notice in (self.base.notice, empty) if notice]


def find_base(root: Path, rev: str) -> Base:
    """Where a branch left `rev`: what was done there since is not held against it.

    Raises:
        InputError: there is no such commit, or no git.
    """
    try:
        commit = commit_of(root, rev)
    except InputError as error:
        raise InputError(f"--new-from: {error}") from None
    fork = merge_base(root, commit, "HEAD")
    if fork is None:
        return Base(rev, commit, f"{rev} and HEAD have no commit in common here: compared with {rev} itself")
    return Base(rev, fork)


def read_before(config: Config, request: Request, base: Base, cache: Cache, more: Collection[str] = ()) -> Before:
    """Reads the definitions of the base, and what lies beside them; `more` are files that hold some, too.

    The configuration is that of the work tree, so that to change it makes nothing worse; but definitions are also
    looked for where they were before.

    Raises:
        InputError: git does not have the base, or the folder for it cannot be written.
    """
    tree = tree_of(config.root, base.commit)
    more = [path for path in more if path in tree.files]
    with _laid_out(config, tree, more) as (there, data):
        definitions = load_definitions(there, cache)
        metrics = load_metrics(there, definitions.files, cache)
        metrics = check_more(there, metrics, (path for path in more if path not in definitions.files))
        definitions = read_more(there, definitions, more)
        known = {*tree.files, *tree.links}
        project = read_project(
            there, request, definitions, metrics, lambda path: posixpath.normpath(path) in known, config.root
        )
    return Before(base, tree, replace(project, data=data))


@contextmanager
def _laid_out(config: Config, tree: Tree, more: Iterable[str]) -> Iterator[tuple[Config, dict[str, bytes]]]:
    """A folder with what the base has besides sources, for as long as it is read; and what is in it."""
    settings = [file for file in tree.files if file == "pyproject.toml" or file.rpartition("/")[2] == "flagctl.toml"]
    owners = [each.owners for each in config.everywhere if each.owners]
    try:
        with TemporaryDirectory(prefix="flagctl-base-") as folder:
            root = Path(folder).resolve()
            named = {*settings, *places, *owners, *more}
            entries = {entry for each in config.everywhere for entry in each.definitions}
            links, files = _wanted(tree, entries, named)
            _write(root, data := tree.read(files))
            if moved := {*definitions_named(root, settings)} - entries:
                entries |= moved
                links, files = _wanted(tree, entries, named)
                _write(root, more_data := tree.read({*files} - data.keys()))
                data |= more_data
            _link(root, links)
            yield _there(config, root, entries), data
    except OSError as error:
        raise InputError(f"a folder for {tree.commit[:12]} cannot be written: {error}") from None


def _there(config: Config, root: Path, entries: Iterable[str]) -> Config:
    """The configuration, of a folder in which definitions may lie elsewhere and owners may be missing."""
    parts = tuple(replace(part, root=root) for part in config.parts)
    there = replace(config, root=root, parts=parts)
    named = {entry for each in config.everywhere for entry in each.definitions}
    moved = tuple(entry for entry in entries if entry not in named and _is_glob(replace(there, definitions=(entry,))))
    there = replace(there, definitions=(*config.definitions, *moved))
    try:
        read_owners(there)
    except InputError:
        parts = tuple(replace(part, owners=None) for part in parts)
        there = replace(there, owners=None, parts=parts)
    return there


def _is_glob(config: Config) -> bool:
    """Whether definitions can be looked for as a configuration says."""
    try:
        definition_files(config)
    except InputError:
        return False
    return True


def _wanted(tree: Tree, entries: Iterable[str], named: Collection[str]) -> tuple[dict[str, str], list[str]]:
    """The links of a tree that lead to definitions and the like, and the files, these among `named` or YAML.

    `entries` are folders, files or globs.
    """
    inside = {fixed_part(entry) for entry in entries} | {*named}
    links: dict[str, str] = {}
    for _ in range(_MAX_LINKS):
        on_the_way = {path for path in tree.links if is_in(path, inside) or any(is_in(each, {path}) for each in inside)}
        targets = {path: _target(path, text) for path, text in tree.read(on_the_way - links.keys()).items()}
        if not targets:
            break
        links |= {path: target for path, target in targets.items() if target is not None}
        inside |= {target for target in targets.values() if target is not None}
    files = [path for path in tree.files if path in inside or (path.endswith(suffixes) and is_in(path, inside))]
    return links, files


def _target(path: str, text: bytes) -> str | None:
    """What a link leads to, if it is in the project."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), text.decode(errors="surrogateescape")))
    return None if target == ".." or target.startswith(("/", "../")) else target.removeprefix("./")


def _write(root: Path, data: dict[str, bytes]) -> None:
    for path, content in data.items():
        file = root / path
        if not os.path.lexists(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)


def _link(root: Path, links: dict[str, str]) -> None:
    """Makes links that lead where they led, and never out of the folder."""
    for path, target in links.items():
        link = root / path
        if not os.path.lexists(link):
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(root / target)
