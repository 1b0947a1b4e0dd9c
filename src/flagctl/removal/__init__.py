"""References and the value that is kept, to a patch that removes a flag: plan, rewrite, clean up, verify."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import libcst as cst

from flagctl.model import Flag, Kind, Location, Reference, Role
from flagctl.removal.clean import Files, clean, registry_entries
from flagctl.removal.file import PYTHON, PythonFile
from flagctl.removal.refusal import Refusal
from flagctl.removal.repository import Repository
from flagctl.removal.rewrite import rewritten
from flagctl.removal.sites import Sites, answers_of, sites_in
from flagctl.removal.variables import constant_variables
from flagctl.scan.source import Unparsable

__all__ = ["Refusal", "Removal", "remove_from_code"]


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
    """Removes a flag from the Python code of a project.

    `paths` are all its text files, `references` all that name the flag. With `keep_tests`, tests of what is gone stay,
    without their overrides.

    Raises:
        Unparsable: what came of a file is no Python, which is a mistake of ours.
    """
    repository = Repository(root, paths)
    removal = Removal()
    references = list(references)
    plans: dict[str, tuple[PythonFile, Sites]] = {}
    for path, found in _to_rewrite(references, removal).items():
        try:
            file = PythonFile.of(path, repository.read(path))
            sites = sites_in(file, found, flag, kept, keep_tests=keep_tests)
        except (Unparsable, OSError, RecursionError) as error:
            removal.refusals += [Refusal(each.location, f"the file {_why(error)}") for each in found]
            continue
        removal.refusals += sites.refusals
        if not sites.refusals:
            plans[path] = (file, sites)
    declared = set() if removal.refusals else _declaring(references)
    for path in declared - plans.keys():
        with suppress(Unparsable, OSError, RecursionError):
            plans[path] = (PythonFile.of(path, repository.read(path)), Sites({}, frozenset(), {}, (), ()))
    files: Files = {}
    for path, (file, sites) in plans.items():
        try:
            entries = registry_entries(file, (each for each in references if each.location.path == path))
            files[path] = (file, _rewritten(file, sites, entries if path in declared else ()))
        except RecursionError as error:
            removal.refusals.append(Refusal(Location(path), f"the file {_why(error)}"))
            continue
        removal.replaced += len(sites.values)
        removal.tests += [f"{path}::{name}" for name in sites.tests]
    answers = answers_of(sites for _, sites in plans.values())
    removal.tests += clean(repository, files, flag.names, declared=declared, answers=answers, keep_tests=keep_tests)
    for before, now in files.values():
        PythonFile.of(before.path, now.data)  # what cannot be read again is not written
    removal.mentions = [each for each in removal.mentions if each.path not in files]
    removal.changes = {path: now.data for path, (before, now) in files.items() if now.data != before.data}
    return removal


def _why(error: Exception) -> str:
    return "is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _to_rewrite(references: Iterable[Reference], removal: Removal) -> dict[str, list[Reference]]:
    """What is to be rewritten, by file; what is not, is noted."""
    found: dict[str, list[Reference]] = {}
    for each in references:
        if each.role in (Role.EVALUATION, Role.OVERRIDE):
            if each.location.path.endswith(PYTHON):
                found.setdefault(each.location.path, []).append(each)
            else:
                removal.refusals.append(Refusal(each.location, "only Python is rewritten so far"))
        elif each.kind is Kind.CODE:
            removal.refusals.append(Refusal(each.location, "another language asks for it here"))
        elif each.role is Role.MENTION and each.kind in (Kind.TEXT, Kind.LITERAL):
            removal.mentions.append(each.location)
    return found


def _declaring(references: Iterable[Reference]) -> set[str]:
    """The Python files that declare a flag."""
    paths = {each.location.path for each in references if each.role is Role.DECLARATION}
    return {path for path in paths if path.endswith(PYTHON)}


def _rewritten(file: PythonFile, sites: Sites, entries: Collection[cst.CSTNode]) -> PythonFile:
    """A file without its evaluations and entries, and without the variables that only held the flag's value."""
    found = rewritten(file.tree, sites.values, sites.gone | set(entries), sites.replaced)
    while variables := constant_variables(found.tree, found.values):
        found = rewritten(found.tree, variables.reads, variables.lines)
    return file.changed(found.tree)
