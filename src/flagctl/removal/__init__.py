"""References and the value that is kept, to a patch that removes a flag: plan, rewrite, clean up, verify."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import libcst as cst

from flagctl.model import Flag, Kind, Location, Reference, Role
from flagctl.removal.definitions import definitions_of
from flagctl.removal.file import PythonFile
from flagctl.removal.refusal import Refusal
from flagctl.removal.repository import Repository
from flagctl.removal.rewrite import rewritten
from flagctl.removal.sites import Sites, sites_in
from flagctl.removal.templates import rewritten_template
from flagctl.removal.unused import without_unused, words_lost
from flagctl.removal.variables import constant_variables
from flagctl.scan.languages import is_template
from flagctl.scan.source import Unparsable

__all__ = ["Refusal", "Removal", "remove_from_code"]

_MAX_ROUNDS = 10

_PYTHON = (".py", ".pyi", ".pyw")


Files = dict[str, tuple[PythonFile, PythonFile]]
"""The files that change, by their paths: before, and now."""


@dataclass(slots=True)
class Removal:
    """What a removal does: the content of each file that changes, `None` where it goes, and what it leaves."""

    changes: dict[str, bytes | None] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    replaced: int = 0
    """Evaluations in whose place there is a value now."""
    tests: list[str] = field(default_factory=list)
    """Tests of the value that is gone."""
    mentions: list[Location] = field(default_factory=list)
    """Where the flag is still spoken of, in files that do not change."""


def remove_from_code(
    root: Path,
    paths: Sequence[str],
    references: Iterable[Reference],
    flag: Flag,
    kept: str,
    *,
    keep_tests: bool = False,
) -> Removal:
    """Removes a flag from the Python code and the templates of a project.

    `paths` are all its text files, `references` all that name the flag. With `keep_tests`, tests of what is gone stay,
    without their overrides.

    Raises:
        Unparsable: what came of a file is no Python, which is a mistake of ours.
    """
    repository = Repository(root, paths)
    removal = Removal()
    files: Files = {}
    templates: dict[str, bytes | None] = {}
    for path, found in _to_rewrite(references, removal).items():
        try:
            if not path.endswith(_PYTHON):
                templates.update(_rewritten_template(path, repository.read(path), found, flag, kept, removal))
                continue
            file = PythonFile.of(path, repository.read(path))
            sites = sites_in(file, found, flag, kept, keep_tests=keep_tests)
            if sites.refusals:
                removal.refusals += sites.refusals
                continue
            files[path] = (file, _rewritten(file, sites))
        except (Unparsable, OSError, RecursionError) as error:
            why = "is nested too deeply" if isinstance(error, RecursionError) else error
            removal.refusals += [Refusal(each.location, f"the file {why}") for each in found]
            continue
        removal.replaced += len(sites.values)
        removal.tests += [f"{path}::{name}" for name in sites.tests]
    repository.changes |= templates
    _clean(repository, files, flag.names)
    for before, now in files.values():
        PythonFile.of(before.path, now.data)  # what cannot be read again is not written
    removal.mentions = [each for each in removal.mentions if each.path not in files | templates]
    removal.changes = {path: now.data for path, (before, now) in files.items() if now.data != before.data}
    removal.changes.update(templates)
    return removal


def _to_rewrite(references: Iterable[Reference], removal: Removal) -> dict[str, list[Reference]]:
    """What is to be rewritten, by file; what is not, is noted."""
    found: dict[str, list[Reference]] = {}
    for each in references:
        if each.role in (Role.EVALUATION, Role.OVERRIDE):
            if each.location.path.endswith(_PYTHON) or is_template(each.location.path):
                found.setdefault(each.location.path, []).append(each)
            else:
                removal.refusals.append(Refusal(each.location, "only Python and templates are rewritten"))
        elif each.kind is Kind.CODE:
            removal.refusals.append(Refusal(each.location, "another language asks for it here"))
        elif each.role is Role.MENTION and each.kind in (Kind.TEXT, Kind.LITERAL):
            removal.mentions.append(each.location)
    return found


def _rewritten_template(
    path: str, data: bytes, found: Sequence[Reference], flag: Flag, kept: str, removal: Removal
) -> dict[str, bytes]:
    """What becomes of a template; nothing, where it is left to a human."""
    now, refusals = rewritten_template(path, data, found, flag, kept)
    removal.refusals += refusals
    removal.replaced += 0 if refusals else len(found)
    return {} if refusals else {path: now}


def _rewritten(file: PythonFile, sites: Sites) -> PythonFile:
    """A file without its evaluations, and without the variables that only held them."""
    found = rewritten(file.tree, sites.values, sites.gone)
    while variables := constant_variables(found.tree, found.values):
        found = rewritten(found.tree, variables.reads, variables.lines)
    return file.changed(found.tree)


def _clean(repository: Repository, files: Files, keys: Collection[str]) -> None:
    """Drops what nothing uses any more, until there is nothing of that kind."""
    for _ in range(_MAX_ROUNDS):
        for before, now in [*files.values()]:
            _note(repository, files, before, now.changed(_without_unused(repository, before, now)))
        lost = {word for before, now in files.values() for word in words_lost(before.tree.code, now.tree.code)}
        if not _drop_unnamed(repository, files, {word for word in lost if word.isidentifier()}, keys):
            return


def _drop_unnamed(repository: Repository, files: Files, words: Collection[str], keys: Collection[str]) -> bool:
    """Drops the definitions of words that stand nowhere else; whether there were any."""
    alone: dict[str, set[str]] = {}
    for word, places in repository.count(words).items():
        if [*places.values()] == [1]:
            alone.setdefault(next(iter(places)), set()).add(word)
    is_changed = False
    for path, names in alone.items():
        if not path.endswith(_PYTHON):
            continue
        try:
            before, now = files.get(path) or (PythonFile.of(path, repository.read(path)),) * 2
        except (Unparsable, OSError):
            continue
        if found := definitions_of(now, names, keys):
            _note(repository, files, before, now.changed(rewritten(now.tree, {}, found).tree))
            is_changed = True
    return is_changed


def _note(repository: Repository, files: Files, before: PythonFile, now: PythonFile) -> None:
    files[before.path] = (before, now)
    repository.changes[before.path] = now.data


def _without_unused(repository: Repository, before: PythonFile, now: PythonFile) -> cst.Module:
    if now.tree is before.tree:
        return now.tree
    is_package = before.path.endswith("__init__.py")
    lost = words_lost(before.tree.code, now.tree.code)
    wanted = (
        set() if is_package else repository.imported_from(before.path, {word for word in lost if word.isidentifier()})
    )
    return without_unused(before.tree, now.tree, imports=not is_package, is_wanted=wanted.__contains__)
