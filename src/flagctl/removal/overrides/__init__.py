"""Tests that force a value of the flag: what forces the kept one goes, and so does a test of nothing but another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeGuard

import libcst as cst

from flagctl.model import Location, Reference
from flagctl.removal.kept import Kept
from flagctl.removal.overrides.fixtures import fixture_name, functions_asking, is_autouse, rows_of_fixture
from flagctl.removal.overrides.rows import Rows, rows_without, written_out
from flagctl.removal.overrides.subject import is_about_flag
from flagctl.removal.parents import Parents, around, scope_around
from flagctl.removal.refusal import Refusal
from flagctl.removal.values import Value
from flagctl.scan.python.nodes import descendants, last_name, string_value

_UNKNOWN = "it cannot be told which value this override forces"


@dataclass(slots=True)
class Overrides:
    """What becomes of the overrides in one file."""

    gone: set[cst.CSTNode] = field(default_factory=set)
    """Decorators, parameters, rows, items of `with` and of calls, statements and whole tests."""
    replaced: dict[cst.CSTNode, cst.CSTNode] = field(default_factory=dict)
    values: dict[cst.CSTNode, Value] = field(default_factory=dict)
    """What reads the parameters that go."""
    tests: list[str] = field(default_factory=list)
    """The names of the tests that go."""
    unsure: list[str] = field(default_factory=list)
    """And of those that lost an override and stay, though they may be of a value that is gone."""
    refusals: list[Refusal] = field(default_factory=list)

    def __iadd__(self, other: Overrides) -> Overrides:
        self.gone |= other.gone
        self.replaced |= other.replaced
        self.values |= other.values
        self.tests += other.tests
        self.unsure += other.unsure
        self.refusals += other.refusals
        return self


@dataclass(frozen=True, slots=True)
class Side:
    """What tells an override of the kept side from one of another, and a test of the other from any other test."""

    is_kept: Callable[[object], bool | None]
    """Says of a value that is forced whether it is the kept one; `None` if it cannot tell."""
    names: Collection[str] = ()
    """What a test that is about the flag has words of."""
    is_off: bool = False
    """Whether it is off that is kept."""

    def is_spoken_for(self, test: cst.FunctionDef | cst.ClassDef, parents: Parents) -> bool:
        """Whether a test that forces another value is about that.

        What is switched off for a test is what the test is about. What is switched on for one, or for a whole class,
        often is but a condition of it.
        """
        is_plain = isinstance(test, cst.FunctionDef) and not self.is_off
        return is_plain or is_about_flag(test, self.names, scope_around(test, parents))


def side_of(kept: Kept) -> Side:
    """What tells the overrides of a flag apart."""
    return Side(lambda value: _is_kept(value, kept), kept.flag.names, kept.value is False)


@dataclass(frozen=True, slots=True)
class Override:
    """One override: what it is, and for the whole of which function or class it speaks, if it does."""

    location: Location
    parts: tuple[cst.CSTNode, ...]
    """What goes with it: a decorator, an item of `with`, a statement, an argument; none where that cannot be seen."""
    owner: cst.CSTNode | None
    """The function in which it stands, or which or whose class it decorates."""
    is_whole: bool
    forces: cst.BaseExpression | None


def overrides_in(
    overrides: Iterable[Reference],
    nodes: Mapping[Location, cst.BaseExpression],
    parents: Parents,
    kept: Kept,
    *,
    keep_tests: bool,
) -> Overrides:
    """What becomes of the overrides of a flag.

    With `keep_tests`, a test of what is gone only loses its override.
    """
    seen: list[Override] = []
    outside: list[Refusal] = []
    for each in overrides:
        node = nodes.get(each.location)
        if node is None:
            outside.append(Refusal(each.location, _UNKNOWN))
        elif not each.in_tests and not isinstance(parents[node], cst.Decorator | cst.WithItem):
            outside.append(Refusal(each.location, "it sets the flag outside of tests"))
        else:
            seen.append(_override(node, each, kept.flag.names, parents))
    found = settled(seen, parents, side_of(kept), keep_tests=keep_tests)
    found.refusals += outside
    return found


def settled(
    overrides: Iterable[Override],
    parents: Parents,
    side: Side,
    *,
    keep_tests: bool,
    drop_unknown: bool = False,
) -> Overrides:
    """What becomes of overrides, by the side that each forces.

    With `drop_unknown`, one of which that cannot be told goes, too, as it has no effect any more.
    """
    found = Overrides()
    verdicts: list[tuple[Override, bool, Rows | None]] = []
    left: set[cst.CSTNode | None] = set()
    for each in overrides:
        rows = _rows(each, parents, side.is_kept)
        verdict = not rows.is_empty if rows is not None else side.is_kept(written_out(each.forces))
        if verdict is not None:
            verdicts.append((each if rows is None else replace(each, is_whole=True), verdict, rows))
        elif drop_unknown and isinstance(each.owner, cst.FunctionDef):
            found.gone |= {*each.parts}
            found.unsure.append(qualified_name(each.owner, parents))
        else:
            found.refusals.append(Refusal(each.location, _UNKNOWN))
            left.add(each.owner)
    kept_in = {above for each, verdict, _ in verdicts if verdict for above in around(each.owner, parents)}
    gone_in = {each.owner for each, verdict, _ in verdicts if not verdict}
    for each, _, _ in verdicts:
        if each.owner in kept_in & gone_in:
            found.refusals.append(Refusal(each.location, "the test forces one value and the other"))
            left.add(each.owner)
    for each, verdict, rows in verdicts:
        if left.isdisjoint(around(each.owner, parents)):  # what is left is left whole
            _settle(each, rows, parents, found, side, verdict=verdict, keep_tests=keep_tests)
    return found


def _settle(
    override: Override,
    rows: Rows | None,
    parents: Parents,
    found: Overrides,
    side: Side,
    *,
    verdict: bool,
    keep_tests: bool,
) -> None:
    """Drops what an override forces, or the tests that it was for."""
    if rows is not None and not rows.is_empty:
        found.gone |= rows.gone
        found.replaced |= rows.replaced
        found.values |= rows.values
    if verdict:
        _drop(override, found)
    else:
        _drop_test(override, parents, found, side, keep_tests=keep_tests)


# --- which value it forces ---


def _forced(node: cst.BaseExpression, reference: Reference, parents: Parents) -> cst.BaseExpression | None:
    """What an override forces."""
    parent = parents[node]
    if isinstance(parent, cst.AssignTarget):
        return cst.ensure_type(parents[parent], cst.Assign).value
    return cst.parse_expression(reference.value) if reference.value is not None else None


def _rows(override: Override, parents: Parents, is_kept: Callable[[object], bool | None]) -> Rows | None:
    """What becomes of the rows of a test or fixture, where what the override forces is taken from them."""
    if isinstance(override.owner, cst.FunctionDef) and fixture_name(override.owner) is not None:
        return rows_of_fixture(override.owner, override.forces, is_kept, parents)
    if not isinstance(override.forces, cst.Name) or not isinstance(override.owner, cst.FunctionDef):
        return None
    name = override.forces.value
    is_fixtures = any(
        isinstance(node, cst.FunctionDef)
        and fixture_name(node) is not None
        and any(param.name.value == name for param in node.params.params)
        for node in parents
    )
    return None if is_fixtures else rows_without(override.owner, name, is_kept)


def _is_kept(value: object, kept: Kept) -> bool | None:
    """Whether a forced value is that of the variant that is kept; `None` if it is none of the flag's."""
    if not isinstance(value, bool | int | float | str):
        return None
    if value in (kept.value, kept.variant):
        return True
    is_other = any(value in (name, each) for name, each in kept.flag.variants.items())
    return False if is_other else None


# --- what it is, and of what it speaks ---


def _override(node: cst.BaseExpression, reference: Reference, names: tuple[str, ...], parents: Parents) -> Override:
    entry = _own_entry(node, names)
    part, is_whole = _part(node, parents)
    parts = (entry,) if entry is not None else (part,) if part is not None else ()
    return Override(reference.location, parts, owner_of(node, parents), is_whole, _forced(node, reference, parents))


def _part(node: cst.BaseExpression, parents: Parents) -> tuple[cst.CSTNode | None, bool]:
    """What goes with an expression that forces something, and whether it speaks for a whole test."""
    parent = parents[node]
    match parent:
        case cst.Decorator():
            return parent, True
        case cst.WithItem(asname=None):
            return parent, is_whole(parents[parent], parents)
        case cst.Expr() if _is_alone(parents[parent]):
            return parents[parent], is_whole(parents[parent], parents)
        case cst.AssignTarget() if _is_alone(parents[parents[parent]]):
            line = parents[parents[parent]]
            return line, is_whole(line, parents)
    return None, False


def _is_alone(line: cst.CSTNode) -> bool:
    """Whether a line has one statement, which binds one thing if any."""
    match line:
        case cst.SimpleStatementLine(body=[cst.Assign(targets=[_])] | [cst.Expr()]):
            return True
    return False


def _own_entry(node: cst.BaseExpression, names: tuple[str, ...]) -> cst.CSTNode | None:
    """What is for this flag alone in an override that forces more: of `override_settings(A=1, NEW=True)` the last."""
    if not isinstance(node, cst.Call):
        return None
    for argument in node.args:
        if argument.keyword is not None and argument.keyword.value in names:
            return None if len(node.args) == 1 else argument
        entries = argument.value.elements if isinstance(argument.value, cst.Dict) else ()
        for entry in entries:
            match entry:
                case cst.DictElement(key=cst.SimpleString() as key) if string_value(key) in names:
                    others = [each for each in node.args if each.keyword is not None and each is not argument]
                    return entry if len(entries) > 1 else argument if others else None
    return None


def owner_of(node: cst.CSTNode, parents: Parents) -> cst.CSTNode | None:
    """The function or class around a node; for what sets up the tests of a class, the class."""
    above = next((each for each in around(node, parents) if isinstance(each, cst.FunctionDef | cst.ClassDef)), None)
    if isinstance(above, cst.FunctionDef) and above.name.value in _SET_UP:
        return owner_of(parents[above], parents) or above
    return above


_SET_UP = frozenset({"setUp", "setUpClass", "setUpTestData", "setup_method", "setup_class"})


def is_whole(statement: cst.CSTNode, parents: Parents) -> bool:
    """Whether a test speaks of nothing but what this statement forces: nothing is asserted before it.

    Nor after it, where it is a `with` in which something is.
    """
    suite = parents[statement]
    if not isinstance(suite, cst.IndentedBlock) or not isinstance(parents[suite], cst.FunctionDef):
        return False
    at = suite.body.index(statement)
    if any(map(_asserts, suite.body[:at])):
        return False
    return not (isinstance(statement, cst.With) and _asserts(statement) and any(map(_asserts, suite.body[at + 1 :])))


def _asserts(statement: cst.CSTNode) -> bool:
    return any(
        isinstance(node, cst.Assert)
        or (isinstance(node, cst.Call) and (last_name(node.func) or "").startswith(("assert", "raises", "fail")))
        for node in descendants(statement)
    )


# --- what goes ---


def _drop(override: Override, found: Overrides) -> None:
    if not override.parts:
        found.refusals.append(Refusal(override.location, "what this override is for cannot be seen here"))
    found.gone |= {*override.parts}


def _drop_test(override: Override, parents: Parents, found: Overrides, side: Side, *, keep_tests: bool) -> None:
    """Drops the tests for the whole of which an override speaks."""
    tests = _tests_of(override.owner, parents) if override.is_whole else []
    if not tests:
        found.refusals.append(Refusal(override.location, "it forces the value that is gone, for a part of a test"))
        return
    spoken_for = [each for each in tests if side.is_spoken_for(each, parents)]
    going = [] if keep_tests else [each for each in spoken_for if not _is_named(each, parents)]
    if override.owner not in going:
        _drop(override, found)
    found.gone |= {*going}
    for each in tests:
        is_sure = each in (spoken_for if keep_tests else going)
        (found.tests if is_sure else found.unsure).append(qualified_name(each, parents))


def _tests_of(owner: cst.CSTNode | None, parents: Parents) -> list[cst.FunctionDef | cst.ClassDef]:
    """The tests that are all of them what a function or class is: itself, or those that ask for this fixture."""
    name = fixture_name(owner)
    if name is None or not isinstance(owner, cst.FunctionDef):
        return [owner] if _is_test(owner) else []
    asking = [*functions_asking(name, parents)]
    tests = [each for each in asking if _is_test(each)]
    return tests if len(tests) == len(asking) and not is_autouse(owner) else []


def _is_named(test: cst.FunctionDef | cst.ClassDef, parents: Parents) -> bool:
    """Whether something in its module asks for a test: a class that has it as its base, another test that calls it."""
    names = (each for each in parents if isinstance(each, cst.Name) and each.value == test.name.value)
    return any(not isinstance(parents[each], cst.FunctionDef | cst.ClassDef) for each in names)


def _is_test(node: cst.CSTNode | None) -> TypeGuard[cst.FunctionDef | cst.ClassDef]:
    return (isinstance(node, cst.FunctionDef) and node.name.value.startswith("test")) or (
        isinstance(node, cst.ClassDef) and "Test" in node.name.value
    )


def qualified_name(node: cst.FunctionDef | cst.ClassDef, parents: Parents) -> str:
    """What pytest calls a test in its file: `GuestTest::test_start`."""
    names = [each.name.value for each in around(node, parents) if isinstance(each, cst.FunctionDef | cst.ClassDef)]
    return "::".join(reversed(names))


def inside(nodes: Iterable[cst.CSTNode]) -> set[cst.CSTNode]:
    """Everything in some nodes."""
    return {each for node in nodes for each in descendants(node)}
