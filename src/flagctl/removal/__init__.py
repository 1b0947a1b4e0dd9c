"""References and the value that is kept, to a patch that removes a flag: plan, rewrite, clean up, verify."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import libcst as cst

from flagctl.model import Kind, Location, Reference, Role
from flagctl.removal.clean import clean, registry_entries
from flagctl.removal.clean.contexts import Handed, handed_to_templates
from flagctl.removal.clean.definitions import is_offered
from flagctl.removal.clean.strings import settings_left, strings_left
from flagctl.removal.file import PYTHON, PythonFile
from flagctl.removal.files import Files
from flagctl.removal.fold.rewrite import rewritten
from flagctl.removal.kept import Kept
from flagctl.removal.plan.doubts import doubts
from flagctl.removal.plan.sites import Sites, answers_of, names_in, sites_in
from flagctl.removal.propagate import propagated
from flagctl.removal.refusal import Refusal
from flagctl.removal.repository import Repository, places_of
from flagctl.removal.templates import rewritten_template
from flagctl.scan.languages import is_template
from flagctl.scan.source import Unparsable

__all__ = ["Kept", "Refusal", "Removal", "remove_from_code"]


@dataclass(slots=True)
class Removal:
    """What a removal does: the content of each file that changes, `None` where it goes, and what it leaves."""

    changes: dict[str, bytes | None] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    replaced: int = 0
    """Evaluations in whose place there is a value now."""
    tests: list[str] = field(default_factory=list)
    """Tests of a value that is gone, which go."""
    kept_tests: list[str] = field(default_factory=list)
    """Tests of a value that is gone, which stay without what forced it."""
    mentions: list[Location] = field(default_factory=list)
    """Where the flag is still spoken of."""
    handed: list[Handed] = field(default_factory=list)
    """Where templates ask for what only the flag decided."""
    asked_otherwise: set[str] = field(default_factory=set)
    """The keys that are still handed to a function: perhaps one asks for the flag that nobody described."""


def remove_from_code(
    root: Path,
    paths: Sequence[str],
    references: Iterable[Reference],
    kept: Sequence[Kept],
    tests: Collection[str] | None = None,
    *,
    is_test: Callable[[str], bool] = lambda path: False,
) -> Removal:
    """Removes flags from the Python code and the templates of a project.

    `paths` are all its text files, `references` all that name the flags. `tests` are those that go, as
    `tests/test_a.py::test_b`; without it, all tests of what is gone do. `is_test` says of a file whether it has tests.

    Raises:
        Unparsable: what came of a file is no Python, which is a mistake of ours.
    """
    references = list(references)
    names = {name: each.flag.key for each in kept for name in each.flag.names}
    repository = Repository(root, paths, is_test)
    found = _removal(repository, references, kept, tests, declares=True)
    if not any(_asked_otherwise(repository, references, names)):
        return found
    # What declares a flag stays while something may look it up there.
    repository.changes = {}
    found = _removal(repository, references, kept, tests, declares=False)
    left = [*_asked_otherwise(repository, references, names)]
    found.asked_otherwise |= {key for key, _ in left}
    found.refusals += (refusal for _, refusal in left)
    lines = {(each.location.path, each.location.line) for _, each in left}
    found.mentions = [each for each in found.mentions if (each.path, each.line) not in lines]
    return found


def _asked_otherwise(
    repository: Repository, references: Sequence[Reference], names: Mapping[str, str]
) -> Iterator[tuple[str, Refusal]]:
    """What may still ask for the flags, with their keys."""
    for key, place in strings_left(repository, references, names):
        yield key, Refusal(place, "its key is handed on here: is it asked for in a way that is not configured?")
    for key, place in settings_left(repository, references, names):
        yield key, Refusal(place, "the setting is still there, and read by its name")


def _removal(
    repository: Repository,
    references: Sequence[Reference],
    kept: Sequence[Kept],
    tests: Collection[str] | None,
    *,
    declares: bool,
) -> Removal:
    """What a removal does; without `declares`, what declares the flags stays."""
    removal = Removal()
    wanted = _Wanted({each.flag.key: each for each in kept}, tests)
    _note_elsewhere(references, removal)
    templates = _templates(repository, references, wanted, removal)
    plans = _plans(repository, references, wanted, removal)
    declared = _declaring(references) if declares and not removal.refusals else set()
    for path in declared - plans.keys():
        with suppress(Unparsable, OSError, RecursionError):
            plans[path] = (PythonFile.of(path, repository.read(path)), Sites())
    files = Files(repository, {each.location.path for each in removal.refusals} - plans.keys())
    for path, (file, sites) in plans.items():
        try:
            entries = registry_entries(file, (each for each in references if each.location.path == path))
            files[path] = (file, _rewritten(repository, file, sites, entries if path in declared else ()))
        except RecursionError as error:
            removal.refusals.append(Refusal(Location(path), f"the file {_why(error)}"))
            continue
        removal.replaced += len(sites.values.keys() & sites.asked.keys())
        removal.tests += [f"{path}::{name}" for name in sites.tests]
        removal.kept_tests += [f"{path}::{name}" for name in sites.kept_tests]
    repository.changes |= templates
    answers = answers_of([] if removal.refusals else [sites for _, sites in plans.values()])
    found = clean(files, [name for each in kept for name in each.flag.names], declared, answers, tests)
    removal.tests += (test for test, goes in found.items() if goes)
    removal.kept_tests += (test for test, goes in found.items() if not goes)
    for before, now in files.values():
        PythonFile.of(before.path, now.data)  # what cannot be read again is not written
    removal.changes = {path: now.data for path, (before, now) in files.items() if now.data != before.data}
    removal.changes.update(templates)
    removal.handed = [*handed_to_templates(files)]
    removal.mentions = [*_left(removal, [name for each in kept for name in each.flag.names])]
    return removal


def _left(removal: Removal, names: Collection[str]) -> Iterator[Location]:
    """Where the flags are still mentioned: in files that change, where they will stand."""
    for path in dict.fromkeys(each.path for each in removal.mentions):
        data = removal.changes.get(path)
        if path not in removal.changes:
            yield from (each for each in removal.mentions if each.path == path)
        elif data is not None:
            yield from places_of(names, path, data.decode(errors="replace"))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be done everywhere: the flags that go, by their keys, and the tests, if these are named."""

    kept: Mapping[str, Kept]
    tests: Collection[str] | None


def _templates(
    repository: Repository, references: Iterable[Reference], wanted: _Wanted, removal: Removal
) -> dict[str, bytes | None]:
    """What becomes of the templates; what is left to a human is noted."""
    templates: dict[str, bytes | None] = {}
    for path, found in _by_file(references).items():
        if not is_template(path):
            continue
        try:
            now, refusals = rewritten_template(path, repository.read(path), found, wanted.kept)
        except (OSError, RecursionError) as error:
            refusals = [Refusal(each.location, f"the file {_why(error)}") for each in found]
        removal.refusals += refusals
        if not refusals:
            templates[path] = now
            removal.replaced += len(found)
    return templates


def _plans(
    repository: Repository, references: Iterable[Reference], wanted: _Wanted, removal: Removal
) -> dict[str, tuple[PythonFile, Sites]]:
    """What is to be done to each Python file; what is left to a human is noted.

    What forces a flag in tests stays, while Python or a template still asks for it.
    """
    to_rewrite = {path: found for path, found in _by_file(references).items() if path.endswith(PYTHON)}
    plans = {path: _plan(repository, path, found, wanted) for path, found in to_rewrite.items()}
    doubtful = doubts(repository, plans)
    refused = {each.location for each in removal.refusals}
    whole: set[str] = set()
    for path, found in to_rewrite.items():
        sites = plans[path][1]
        # An override that is left in a test leaves that test whole; any other place, the whole file.
        refusals = [*sites.refusals, *doubtful.get(path, ())]
        refusals += sites.left_overrides if not repository.is_test(path) else ()
        removal.refusals += dict.fromkeys((*refusals, *sites.left_overrides))
        if refusals:
            whole.add(path)
        if refusals and any(each.role is Role.EVALUATION and not each.in_tests for each in found):
            refused |= {each.location for each in found}
    for path, names in _named_elsewhere(repository, plans).items():
        why = f"another module has {', '.join(sorted(names))}, which would go"
        removal.refusals += [Refusal(each.location, why) for each in to_rewrite[path] if each.role is Role.OVERRIDE]
        whole.add(path)
    asked_for = {each.flag for each in references if each.location in refused and each.role is not Role.MENTION}
    for path, found in to_rewrite.items():
        rest = [each for each in found if each.role is not Role.OVERRIDE or each.flag not in asked_for]
        if path in whole:
            del plans[path]
        elif rest != found:
            plans[path] = _plan(repository, path, rest, wanted)
    return plans


def _named_elsewhere(
    repository: Repository, plans: Mapping[str, tuple[PythonFile, Sites]]
) -> Mapping[str, Collection[str]]:
    """The tests that would go and that another module asks for: as a base, or to run them again."""
    going = {path: {name.partition("::")[0] for name in sites.tests} for path, (_, sites) in plans.items()}
    wanted = repository.imported_from({path: names for path, names in going.items() if names})
    return {path: names for path, names in wanted.items() if names}


def _plan(
    repository: Repository, path: str, references: Sequence[Reference], wanted: _Wanted
) -> tuple[PythonFile, Sites]:
    try:
        file = PythonFile.of(path, repository.read(path))
        return file, sites_in(file, references, wanted.kept, names_in(path, wanted.tests))
    except (Unparsable, OSError, RecursionError) as error:
        refusals = (Refusal(each.location, f"the file {_why(error)}") for each in references)
        return PythonFile(path, cst.Module([])), Sites(refusals=tuple(refusals))


def _why(error: Exception) -> str:
    return "is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _by_file(references: Iterable[Reference]) -> dict[str, list[Reference]]:
    """The evaluations and overrides, and what may be one in a test, by their files."""
    found: dict[str, list[Reference]] = {}
    for each in references:
        may_force = each.in_tests and each.role is Role.MENTION and each.kind is Kind.LITERAL
        if each.role in (Role.EVALUATION, Role.OVERRIDE) or may_force:
            found.setdefault(each.location.path, []).append(each)
    return found


def _note_elsewhere(references: Iterable[Reference], removal: Removal) -> None:
    """Notes what names the flags where nothing is rewritten."""
    for each in references:
        path = each.location.path
        if each.role in (Role.EVALUATION, Role.OVERRIDE):
            if not path.endswith(PYTHON) and not is_template(path):
                removal.refusals.append(Refusal(each.location, "only Python and templates are rewritten"))
        elif each.kind is Kind.CODE:
            removal.refusals.append(Refusal(each.location, "another language asks for it here"))
        elif each.kind in (Kind.TEXT, Kind.LITERAL, Kind.REGISTRY, Kind.ENUM, Kind.CONSTANT):
            removal.mentions.append(each.location)


def _declaring(references: Iterable[Reference]) -> set[str]:
    """The Python files that declare a flag."""
    paths = {each.location.path for each in references if each.role is Role.DECLARATION}
    return {path for path in paths if path.endswith(PYTHON)}


def _rewritten(repository: Repository, file: PythonFile, sites: Sites, entries: Collection[cst.CSTNode]) -> PythonFile:
    """A file without its evaluations and entries, and without what only held or handed on the flag's value."""
    is_own = repository.is_only_in(file.path)
    found = rewritten(file.tree, sites.values, sites.gone | set(entries), sites.replaced)
    return file.changed(propagated(file.tree, found, is_own, constants=not is_offered(file.path)))
