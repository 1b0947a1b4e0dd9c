"""What goes once the evaluations are gone: what declares the flag, and what only the removed code used."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from textwrap import dedent

import libcst as cst

from flagctl.model import Kind, Reference, Role
from flagctl.removal.clean.definitions import Definition, defined_as, definitions_of, names_made_of, spelled_like
from flagctl.removal.clean.emptied import drop_emptied_fixtures
from flagctl.removal.clean.inherited import drop_inherited
from flagctl.removal.clean.mocked import drop_idle_mocks, drop_mocks
from flagctl.removal.clean.unused import without_unused, words_lost
from flagctl.removal.clean.uses import Use, binds, uses_in
from flagctl.removal.file import PYTHON, PythonFile
from flagctl.removal.files import Files
from flagctl.removal.fold.rewrite import rewritten
from flagctl.removal.openness import is_open, looks_into_itself
from flagctl.removal.parents import Parents, parents_in
from flagctl.removal.plan.sites import Answers
from flagctl.removal.propagate.known import replace_known
from flagctl.scan.python.nodes import descendants, last_name, string_value

_MAX_ROUNDS = 10


def registry_entries(file: PythonFile, references: Iterable[Reference]) -> set[cst.CSTNode]:
    """The entries of lists, dictionaries and calls that declare a flag, among the references to it in a file."""
    places = [each.location for each in references if each.role is Role.DECLARATION and each.kind is Kind.REGISTRY]
    if not places:
        return set()
    parents = parents_in(file.tree)
    entries: set[cst.CSTNode] = set()
    for node in file.expressions_at(places).values():
        match parents[node]:
            case cst.DictElement(key=key) as entry if key is node:
                entries.add(entry)
            case cst.Element() as entry:
                row = parents[entry]
                is_first = isinstance(row, cst.Tuple) and row.elements[0] is entry
                above = parents[row] if is_first else None
                if isinstance(above, cst.Element):
                    entries.add(above)  # a row that begins with the key
                elif not (isinstance(above, cst.Assign) and _is_member(above, parents)):
                    entries.add(entry)
    return entries


def _is_member(assignment: cst.Assign, parents: Parents) -> bool:
    """Whether an assignment stands in the body of a class."""
    return isinstance(parents.get(parents[parents[assignment]]), cst.ClassDef)


def clean(
    files: Files,
    keys: Collection[str],
    declared: Collection[str],
    answers: Answers,
    tests: Collection[str] | None,
) -> dict[str, bool]:
    """Drops what nothing uses any more, until there is nothing of that kind.

    Gives the tests that lost a mock and may be of a value that is gone, and whether each goes: those surely are, or
    those among `tests` if that is given.

    `declared` are the files that declare the flag, if that goes too: constants and members made of one of its `keys`.
    `answers` are the functions that asked for it, and what they said.
    """
    mocked: dict[str, bool] = {}
    declaring: set[str] = set()
    for path in declared:
        if (file := files.of(path)) is not None:
            declaring |= names_made_of(file[1], keys)
    ours = declaring | spelled_like(keys)
    for before, now in [*files.values()]:
        files.note(before, now)
    for _ in range(_MAX_ROUNDS):
        while known := replace_known(files):
            answers = answers.with_helpers(known)
        mocked |= drop_mocks(files, answers, keys, tests)
        _drop_unused(files)
        is_done = not _drop_unnamed(files, _Ours(declaring, ours, keys, answers))
        if is_done and not any(drop(files) for drop in (drop_emptied_fixtures, drop_idle_mocks, drop_inherited)):
            break
    return mocked


@dataclass(frozen=True, slots=True)
class _Ours:
    """What belongs to the flag."""

    declaring: Collection[str]
    """The names of what is made of its key."""
    names: Collection[str]
    """These, and what is called like it: such may stand in several places, as in the settings of tests."""
    keys: Collection[str]
    answers: Answers


def _drop_unnamed(files: Files, ours: _Ours) -> bool:
    """Drops the definitions that only removed code asked for; whether there were any."""
    uses = {path: (uses_in(before.code), uses_in(now.code)) for path, (before, now) in files.items()}
    names = {use.name for before, now in uses.values() for use in before - now} | {*ours.declaring}
    names -= _for_any_flag(files, ours)
    counts = files.repository.count(names)
    found = [
        (path, each)
        for path, each in _definitions(files, counts, ours)
        if each.name in ours.declaring
        or _was_asked_for(path, each, files, uses, ours.answers.helpers, files.repository.is_test)
    ]
    owners: dict[str, set[str]] = {}
    for _, each in found:
        if each.owner is not None and each.is_ours:
            owners.setdefault(each.name, set()).add(each.owner)
    asked_for = files.repository.ask_for_member(owners)
    found = [*_not_offered(files, found)]
    goes: dict[str, set[cst.CSTNode]] = {}
    for path, each in found:
        same = [other for other in found if other[1].name == each.name]
        is_member = each.owner is not None and each.is_ours and len(same) == 1
        if _is_alone(files, counts[each.name], same) or (is_member and each.name not in asked_for):
            goes.setdefault(path, set()).add(each.node)
    for path, nodes in goes.items():
        if (file := files.of(path)) is not None:
            files.note(file[0], file[1].changed(rewritten(file[1].tree, {}, nodes).tree))
    return bool(goes)


def _for_any_flag(files: Files, ours: _Ours) -> set[str]:
    """What is there for other flags, too: functions that asked for this one by its key, and what made its object."""
    asked = {*ours.answers.values} - ours.answers.helpers - {*ours.names}
    for before, _ in files.values():
        for node in descendants(before.tree):
            if isinstance(node, cst.Call) and any(
                isinstance(each.value, cst.SimpleString) and string_value(each.value) in ours.keys for each in node.args
            ):
                asked.add(last_name(node.func) or "")
    return asked


def _not_offered(files: Files, definitions: Iterable[tuple[str, Definition]]) -> Iterator[tuple[str, Definition]]:
    """The definitions that nobody gets by a star, and nobody asks for by a name that is put together."""
    definitions = [*definitions]
    names: dict[str, set[str]] = {}
    for path, each in definitions:
        if each.owner is None and not each.is_ours:
            names.setdefault(path, set()).add(each.name)
    wanted = files.repository.imported_from(names) if names else {}
    opened: dict[str, bool] = {}
    for path, each in definitions:
        file = files.of(path)
        is_made_up = file is not None and _is_put_together(each.name, file[1].code)
        if each.is_ours:
            yield path, each
        elif each.name not in wanted.get(path, ()) and not is_made_up:
            if path not in opened:
                opened[path] = is_open(files.repository, path)
            is_hidden = each.name.startswith("_") and not looks_into_itself(files.repository, path)
            if is_hidden or not opened[path]:
                yield path, each


def _is_put_together(name: str, code: str) -> bool:
    """Whether a text is the beginning or the end of a name: `getattr(self, "export_" + kind)`, `f"{kind}_handler"`."""
    at = [match.start() for match in re.finditer("_", name) if match.start() > 0]
    begins = any(re.search(rf"""["']{re.escape(name[: each + 1])}(?:["'{{%]|$)""", code) for each in at)
    return begins or any(re.search(rf"""["'}}]{re.escape(name[each:])}["']""", code) for each in at)


def _definitions(
    files: Files,
    counts: Mapping[str, Mapping[str, int]],
    ours: _Ours,
) -> Iterator[tuple[str, Definition]]:
    """What defines some words that stand in few places, and where."""
    names: dict[str, set[str]] = {}
    for word, places in counts.items():
        for path in places if word in ours.names or len(places) <= _MAX_PLACES else ():
            names.setdefault(path, set()).add(word)
    for path, words in names.items():
        if path.endswith(PYTHON) and path not in files.left and (file := files.of(path)) is not None:
            found = definitions_of(file[1], words, ours.keys, ours.answers.helpers)
            yield from ((path, each) for each in found)


_MAX_PLACES = 3
"""What stands in more files is not looked at."""


def _was_asked_for(
    path: str,
    definition: Definition,
    files: Files,
    uses: Mapping[str, tuple[Counter[Use], Counter[Use]]],
    answers: Collection[str],
    is_test: Callable[[str], bool],
) -> bool:
    """Whether removed code asked for a definition, other than the definition itself."""
    if definition.is_ours:
        return any(use.name == definition.name for before, now in uses.values() for use in before - now)
    module = _module_name(path)
    for other, (before, now) in uses.items():
        if is_test(other) and not is_test(path) and definition.name not in answers:
            continue  # what a test that goes was for is no less there
        if other == path:
            was = defined_as(files[path][0], definition)
            if was is None:
                return False  # it stood in a branch, or is one of several
            before, now = before - _own_uses(was), now - _own_uses(definition.node)
        if any(definition.is_asked_for_by(use, module, answers, is_own=other == path) for use in before - now):
            return True
    return False


def _own_uses(node: cst.CSTNode) -> Counter[Use]:
    return uses_in(dedent(cst.Module([]).code_for_node(node)))


def _module_name(path: str) -> str:
    return PurePosixPath(path).stem


def _is_alone(files: Files, places: Mapping[str, int], same: Sequence[tuple[str, Definition]]) -> bool:
    """Whether nothing but some definitions of a name, of which all or one may go, has this name."""
    if len(same) > 1 and not all(each.is_ours for _, each in same):
        return False
    name = same[0][1].name
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    for path, count in places.items():
        own = [cst.Module([]).code_for_node(each.node) for other, each in same if other == path]
        if own and count == sum(len(word.findall(text)) for text in own):
            continue
        if own or not _is_independent(files, path, same[0]):
            return False
    return True


def _is_independent(files: Files, path: str, definition: tuple[str, Definition]) -> bool:
    """Whether a file that has the name of a definition means something of its own."""
    defined_in, each = definition
    file = files.of(path) if path.endswith(PYTHON) else None
    if (
        file is None
        or each.owner is not None
        or each.name in files.repository.imported_from({defined_in: {each.name}})[defined_in]
    ):
        return False
    return binds(file[1].code, each.name, _module_name(defined_in))


def _drop_unused(files: Files) -> None:
    """Drops the imports and variables that nothing reads any more."""
    changed = files.changed
    lost = {
        before.path: {word for word in words_lost(before.code, now.code) if word.isidentifier()}
        for before, now in changed
        if not _is_package(before.path)
    }
    wanted = files.repository.imported_from(lost)
    for before, now in changed:
        is_wanted = wanted.get(before.path, set()).__contains__
        tree = without_unused(before.tree, now.tree, imports=not _is_package(before.path), is_wanted=is_wanted)
        files.note(before, now.changed(tree))


def _is_package(path: str) -> bool:
    return path.endswith("__init__.py")
