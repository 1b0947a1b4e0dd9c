"""What tests put in place of functions and names that modules do not ask for any more."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator

import libcst as cst

from flagctl.model import Location
from flagctl.removal.clean.unused import names_read
from flagctl.removal.file import PythonFile
from flagctl.removal.files import Files
from flagctl.removal.fold.rewrite import rewritten
from flagctl.removal.overrides import Overrides, Side, settled
from flagctl.removal.overrides.fixtures import is_shared
from flagctl.removal.overrides.mocks import mocks_of, target_pattern, tests_mocking
from flagctl.removal.parents import parents_in
from flagctl.removal.plan.sites import Answers, functions_named, names_in, with_emptied
from flagctl.removal.refusal import Refusal
from flagctl.removal.repository import means_another
from flagctl.removal.scoping import scopes_of
from flagctl.removal.values import Value
from flagctl.scan.python.nodes import descendants
from flagctl.scan.python.scopes import Imported


def drop_mocks(
    files: Files,
    answers: Answers,
    keys: Collection[str],
    tests: Collection[str] | None,
) -> Iterator[tuple[str, bool]]:
    """Drops the mocks of functions that modules no longer call; the tests that these were for, and whether they go."""
    for _, now in files.changed:
        words = _names_and_attributes(now.code)
        words |= {name for name in _functions(now.tree) if name not in answers.helpers}  # of its own, called alike
        for name, value in answers.values.items():
            if name not in words and name in now.code:
                yield from _without_mocks(files, now.path, (name, value), keys, tests)


def _without_mocks(
    files: Files,
    path: str,
    answer: tuple[str, Value],
    keys: Collection[str],
    tests: Collection[str] | None,
) -> Iterator[tuple[str, bool]]:
    """Drops the mocks of a function of one module, all or none; where none, the tests that have them are looked at.

    `answer` is the name of the function, and what it would say.
    """
    name, value = answer
    found: list[tuple[PythonFile, PythonFile, Overrides]] = []
    tests_with: list[str] = []
    for other, count in files.repository.matching(target_pattern(path, name), name).items():
        if other == path or other in files.left or (file := files.of(other)) is None:
            return
        tree = file[1].tree
        parents = parents_in(tree)
        tests_with += (f"{other}::{test}" for test in tests_mocking(tree, path, name, parents))
        mocks = mocks_of(tree, other, path, name, parents)
        if not mocks and means_another(file[1].data, path):
            continue
        keep = tests is not None
        side = Side(_comparing(value), (name, *keys), value is False)
        what = settled(mocks or (), parents, side, keep_tests=keep, drop_unknown=True)
        if mocks is None or len(mocks) != count:
            what.refusals.append(Refusal(Location(other), "more is done with it"))
        failing = functions_named(tree, parents, names_in(other, tests) or ())
        what.gone = with_emptied(what.gone | {*failing.values()}, parents)
        found.append((*file, what))
    if any(what.refusals for _, _, what in found):
        yield from ((test, False) for test in tests_with)
        return
    for before, now, what in found:
        tree = rewritten(now.tree, what.values, what.gone, what.replaced).tree
        files.note(before, now.changed(tree))
        for test in (*what.tests, *what.unsure):
            full = f"{before.path}::{test}"
            yield full, test in what.tests if tests is None else full in tests


def _comparing(value: Value) -> Callable[[object], bool | None]:
    """Says of what a mock gives whether it is what the function would have given."""

    def is_same(forced: object) -> bool | None:
        if isinstance(value, bool):
            return None if forced is ... else bool(forced) is value
        return forced == value if isinstance(forced, type(value)) else None

    return is_same


def drop_idle_mocks(files: Files) -> bool:
    """Drops the mocks of imported names that nothing in their module reads any more; whether there were any.

    They are what keeps the import. One of which more is asked in a test stays, and all others of that name.
    """
    is_changed = False
    for before, now in files.changed:
        lost = names_read(before.code) - names_read(now.code)
        bindings = scopes_of(now.tree)[now.tree].bindings if lost else {}
        for name in sorted(lost):
            if name in bindings and all(isinstance(each, Imported) for each in bindings[name]):
                is_changed |= _without_idle_mocks(files, now.path, name)
    return is_changed


def _without_idle_mocks(files: Files, path: str, name: str) -> bool:
    """Drops the mocks of a name in one module, all or none; whether there were any."""
    found: list[tuple[PythonFile, PythonFile, Overrides]] = []
    for other, count in files.repository.matching(target_pattern(path, name), name).items():
        if other == path or other in files.left or is_shared(other) or (file := files.of(other)) is None:
            return False
        parents = parents_in(file[1].tree)
        mocks = mocks_of(file[1].tree, other, path, name, parents)
        if not mocks and means_another(file[1].data, path):
            continue
        what = settled(mocks or (), parents, Side(lambda _: True), keep_tests=False)
        if mocks is None or len(mocks) != count or what.refusals:
            return False
        found.append((*file, what))
    for before, now, what in found:
        files.note(before, now.changed(rewritten(now.tree, what.values, what.gone, what.replaced).tree))
    return bool(found)


def _functions(tree: cst.Module) -> Iterator[str]:
    return (node.name.value for node in descendants(tree) if isinstance(node, cst.FunctionDef))


def _names_and_attributes(code: str) -> set[str]:
    tree = ast.parse(code)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return names | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
