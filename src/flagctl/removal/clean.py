"""What goes once the evaluations are gone: what declares the flag, and what only the removed code used."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping

import libcst as cst

from flagctl.model import Kind, Reference, Role
from flagctl.removal.definitions import Definition, definitions_of, names_made_of, spelled_like
from flagctl.removal.file import PYTHON, PythonFile
from flagctl.removal.mocks import mocks_of, target_pattern
from flagctl.removal.overrides import Overrides, settled
from flagctl.removal.repository import Repository
from flagctl.removal.rewrite import rewritten
from flagctl.removal.unused import without_unused, words_lost
from flagctl.removal.values import Value
from flagctl.scan.python.nodes import children, descendants
from flagctl.scan.source import Unparsable

Files = dict[str, tuple[PythonFile, PythonFile]]
"""The files that change, by their paths: before, and now."""

_MAX_ROUNDS = 10


def registry_entries(file: PythonFile, references: Iterable[Reference]) -> set[cst.CSTNode]:
    """The entries of lists, dictionaries and calls that declare a flag, among the references to it in a file."""
    places = [each.location for each in references if each.role is Role.DECLARATION and each.kind is Kind.REGISTRY]
    parents = {child: node for node in descendants(file.tree) for child in children(node)} if places else {}
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


def _is_member(assignment: cst.Assign, parents: Mapping[cst.CSTNode, cst.CSTNode]) -> bool:
    """Whether an assignment stands in the body of a class."""
    return isinstance(parents.get(parents[parents[assignment]]), cst.ClassDef)


def clean(
    repository: Repository,
    files: Files,
    keys: Collection[str],
    *,
    declared: Collection[str],
    answers: Mapping[str, Value],
    keep_tests: bool,
) -> list[str]:
    """Drops what nothing uses any more, until there is nothing of that kind; the tests that went with it.

    `declared` are the files that declare the flag, if that goes too: constants and members made of one of its `keys`.
    `answers` are the functions that asked for it, and what they said.
    """
    tests: list[str] = []
    declaring: set[str] = set()
    for path in declared:
        if (file := _file(repository, files, path)) is not None:
            declaring |= names_made_of(file[1], keys)
    ours = declaring | spelled_like(keys)
    for before, now in [*files.values()]:
        _note(repository, files, before, now)
    for _ in range(_MAX_ROUNDS):
        tests += _drop_mocks(repository, files, answers, keep_tests=keep_tests)
        for before, now in [*files.values()]:
            _note(repository, files, before, now.changed(_without_unused(repository, before, now)))
        lost = {word for before, now in files.values() for word in words_lost(before.tree.code, now.tree.code)}
        if not _drop_unnamed(repository, files, {word for word in lost | declaring if word.isidentifier()}, ours, keys):
            break
    return tests


def _file(repository: Repository, files: Files, path: str) -> tuple[PythonFile, PythonFile] | None:
    """A file before and now; `None` for what cannot be read as Python."""
    if path in files:
        return files[path]
    try:
        return (PythonFile.of(path, repository.read(path)),) * 2 if path.endswith(PYTHON) else None
    except (Unparsable, OSError):
        return None


def _note(repository: Repository, files: Files, before: PythonFile, now: PythonFile) -> None:
    files[before.path] = (before, now)
    repository.changes[before.path] = now.data


def _drop_mocks(
    repository: Repository, files: Files, answers: Mapping[str, Value], *, keep_tests: bool
) -> Iterator[str]:
    """Drops the mocks of functions that modules no longer call; the tests that went with them."""
    for path, (before, now) in [*files.items()]:
        if now.tree is before.tree:
            continue
        words = _names_and_attributes(now.tree.code)
        for name, value in answers.items():
            if name not in words and name in now.tree.code:
                yield from _without_mocks(repository, files, path, name, value, keep_tests=keep_tests)


def _without_mocks(
    repository: Repository, files: Files, path: str, name: str, value: Value, *, keep_tests: bool
) -> Iterator[str]:
    """Drops the mocks of a function of one module, all or none."""
    found: list[tuple[PythonFile, PythonFile, Overrides]] = []
    for other, count in repository.matching(target_pattern(path, name), name).items():
        if other == path or (file := _file(repository, files, other)) is None:
            return
        tree = file[1].tree
        parents = {child: node for node in descendants(tree) for child in children(node)}
        mocks = mocks_of(tree, path, name, parents)
        if mocks is None or len(mocks) != count:
            return
        what = settled(mocks, parents, lambda forced: _is_same(forced, value), keep_tests=keep_tests)
        if what.refusals:
            return
        found.append((*file, what))
    for before, now, what in found:
        tree = rewritten(now.tree, what.values, what.gone, what.replaced).tree
        _note(repository, files, before, now.changed(tree))
        yield from (f"{before.path}::{test}" for test in what.tests)


def _is_same(forced: object, value: Value) -> bool | None:
    """Whether what a mock says is what the function would have said."""
    if isinstance(value, bool):
        return None if forced is ... else bool(forced) is value
    return forced == value if isinstance(forced, type(value)) else None


def _names_and_attributes(code: str) -> set[str]:
    tree = ast.parse(code)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return names | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def _drop_unnamed(
    repository: Repository, files: Files, words: Collection[str], ours: Collection[str], keys: Collection[str]
) -> bool:
    """Drops the definitions of words that stand nowhere else; whether there were any.

    A word that is `ours` may be defined more than once: a setting stands in the settings of production and of tests.
    """
    counts = repository.count(words)
    counts = {word: found for word, found in counts.items() if word in ours or sum(found.values()) == 1}
    definitions = _definitions(repository, files, counts, keys)
    asked_for = repository.ask_for_member({each.name for _, each in definitions if each.is_member and each.is_ours})
    goes: dict[str, set[cst.CSTNode]] = {}
    for path, each in definitions:
        same = [other for _, other in definitions if other.name == each.name]
        is_alone = sum(counts[each.name].values()) == len(same)
        if (is_alone and (len(same) == 1 or all(other.is_ours for other in same))) or (
            each.is_member and each.is_ours and len(same) == 1 and each.name not in asked_for
        ):
            goes.setdefault(path, set()).add(each.node)
    for path, nodes in goes.items():
        if (file := _file(repository, files, path)) is not None:
            _note(repository, files, file[0], file[1].changed(rewritten(file[1].tree, {}, nodes).tree))
    return bool(goes)


def _definitions(
    repository: Repository, files: Files, counts: dict[str, dict[str, int]], keys: Collection[str]
) -> list[tuple[str, Definition]]:
    """What defines some words, and where."""
    names: dict[str, set[str]] = {}
    for word, places in counts.items():
        for path in places:
            names.setdefault(path, set()).add(word)
    found: list[tuple[str, Definition]] = []
    for path, words in names.items():
        if (file := _file(repository, files, path)) is not None:
            found += [(path, each) for each in definitions_of(file[1], words, keys)]
    return found


def _without_unused(repository: Repository, before: PythonFile, now: PythonFile) -> cst.Module:
    if now.tree is before.tree:
        return now.tree
    is_package = before.path.endswith("__init__.py")
    lost = words_lost(before.tree.code, now.tree.code)
    wanted = (
        set() if is_package else repository.imported_from(before.path, {word for word in lost if word.isidentifier()})
    )
    return without_unused(before.tree, now.tree, imports=not is_package, is_wanted=wanted.__contains__)
