"""Tests that force a value of the flag: what forces the kept one goes, and so does a test of nothing but another."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import libcst as cst

from flagctl.model import Flag, Location, Reference
from flagctl.removal.refusal import Refusal
from flagctl.scan.python.nodes import descendants, last_name, string_value

Parents = Mapping[cst.CSTNode, cst.CSTNode]

_UNKNOWN = "it cannot be told which value this override forces"


@dataclass(slots=True)
class Overrides:
    """What goes of the overrides in one file: decorators, items of `with` and of calls, statements and whole tests."""

    gone: set[cst.CSTNode] = field(default_factory=set)
    tests: list[str] = field(default_factory=list)
    """The names of the tests that go."""
    refusals: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Override:
    """One override: what it is, and for the whole of which function or class it speaks, if it does."""

    location: Location
    part: cst.CSTNode | None
    """What may go alone: a decorator, an item of `with`, a statement, an argument; `None` where that cannot be seen."""
    owner: cst.CSTNode | None
    """The function in which it stands, or which or whose class it decorates."""
    is_whole: bool
    is_kept: bool
    """Whether it forces the value that is kept."""


def overrides_in(
    overrides: Iterable[Reference],
    nodes: Mapping[Location, cst.BaseExpression],
    parents: Parents,
    flag: Flag,
    kept: str,
    *,
    keep_tests: bool,
) -> Overrides:
    """What becomes of the overrides of a flag of which the variant `kept` stays.

    With `keep_tests`, a test of what is gone only loses its override.
    """
    found = Overrides()
    seen: list[_Override] = []
    for each in overrides:
        node = nodes.get(each.location)
        is_kept = _is_kept(_value(node, each, parents), flag, kept) if node is not None else None
        if node is None or is_kept is None:
            found.refusals.append(Refusal(each.location, _UNKNOWN))
        elif not each.in_tests and not isinstance(parents[node], cst.Decorator | cst.WithItem):
            found.refusals.append(Refusal(each.location, "it sets the flag outside of tests"))
        else:
            seen.append(_override(node, each, is_kept, flag.names, parents))
    kept_in = {above for each in seen if each.is_kept for above in _around(each.owner, parents)}
    gone_in = {each.owner for each in seen if not each.is_kept}
    for override in seen:
        if override.owner in kept_in & gone_in:
            found.refusals.append(Refusal(override.location, "the test forces one value and the other"))
        elif override.is_kept:
            _drop(override, found)
        else:
            _drop_test(override, found, keep_tests=keep_tests)
    return found


# --- which value it forces ---


def _value(node: cst.BaseExpression, reference: Reference, parents: Parents) -> object:
    """The value that an override forces, where it is written out; `...` where it is not."""
    parent = parents[node]
    text = reference.value
    if isinstance(parent, cst.AssignTarget):
        text = cst.Module([]).code_for_node(cst.ensure_type(parents[parent], cst.Assign).value)
    try:
        return ast.literal_eval(text.strip()) if text is not None else ...
    except (ValueError, SyntaxError):
        return ...


def _is_kept(value: object, flag: Flag, kept: str) -> bool | None:
    """Whether a forced value is that of the variant that is kept; `None` if it is none of the flag's."""
    if not isinstance(value, bool | int | float | str):
        return None
    if value == flag.variants[kept] or value == kept:
        return True
    is_other = any(value in (name, each) for name, each in flag.variants.items())
    return False if is_other else None


# --- what it is, and of what it speaks ---


def _override(
    node: cst.BaseExpression, reference: Reference, is_kept: bool, names: tuple[str, ...], parents: Parents
) -> _Override:
    parent = parents[node]
    entry = _own_entry(node, reference, names)
    part: cst.CSTNode | None = None
    is_whole = False
    owner = _owner(node, parents)
    match parent:
        case cst.Decorator():
            part, is_whole = parent, True
        case cst.WithItem():
            part = parent if parent.asname is None else None
            is_whole = _is_whole(parents[parent], parents)
        case cst.Expr() if _is_alone(parents[parent]):
            part = parents[parent]
            is_whole = _is_whole(part, parents)
        case cst.AssignTarget() if _is_alone(parents[parents[parent]]):
            part = parents[parents[parent]]
            is_whole = _is_whole(part, parents)
    return _Override(reference.location, part if entry is None else entry, owner, is_whole, is_kept)


def _is_alone(line: cst.CSTNode) -> bool:
    """Whether a line has one statement, which binds one thing if any."""
    match line:
        case cst.SimpleStatementLine(body=[cst.Assign(targets=[_])] | [cst.Expr()]):
            return True
    return False


def _own_entry(node: cst.BaseExpression, reference: Reference, names: tuple[str, ...]) -> cst.CSTNode | None:
    """What is for this flag alone in an override that forces more: of `override_settings(A=1, NEW=True)` the last."""
    if not isinstance(node, cst.Call):
        return None
    for each in descendants(node):
        match each:
            case cst.DictElement(key=cst.SimpleString() as key) if string_value(key) in names:
                is_only = sum(isinstance(other, cst.DictElement) for other in descendants(node)) == 1
                return None if is_only else each
            case cst.Arg(keyword=cst.Name(value=name)) if name in names:
                return None if len(node.args) == 1 else each
    return None


def _owner(node: cst.CSTNode, parents: Parents) -> cst.CSTNode | None:
    """The function or class around a node; for what sets up the tests of a class, the class."""
    above: cst.CSTNode | None = node
    while above is not None and not isinstance(above, cst.FunctionDef | cst.ClassDef):
        above = parents.get(above)
    if isinstance(above, cst.FunctionDef) and above.name.value in _SET_UP:
        return _owner(parents[above], parents) or above
    return above


def _around(node: cst.CSTNode | None, parents: Parents) -> Iterator[cst.CSTNode]:
    while node is not None:
        yield node
        node = parents.get(node)


_SET_UP = frozenset({"setUp", "setUpClass", "setUpTestData", "setup_method", "setup_class"})


def _is_whole(statement: cst.CSTNode, parents: Parents) -> bool:
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


def _drop(override: _Override, found: Overrides) -> None:
    if override.part is None:
        found.refusals.append(Refusal(override.location, "what this override is for cannot be seen here"))
    else:
        found.gone.add(override.part)


def _drop_test(override: _Override, found: Overrides, *, keep_tests: bool) -> None:
    """Drops the test for the whole of which an override speaks."""
    test = override.owner
    is_test = (isinstance(test, cst.FunctionDef) and test.name.value.startswith("test")) or (
        isinstance(test, cst.ClassDef) and "Test" in test.name.value
    )
    if not isinstance(test, cst.FunctionDef | cst.ClassDef) or not is_test or not override.is_whole:
        found.refusals.append(Refusal(override.location, "it forces the value that is gone, for a part of a test"))
    elif not keep_tests:
        found.gone.add(test)
        found.tests.append(test.name.value)
    else:
        _drop(override, found)
        found.tests.append(test.name.value)


def inside(nodes: Iterable[cst.CSTNode]) -> set[cst.CSTNode]:
    """Everything in some nodes."""
    return {each for node in nodes for each in descendants(node)}
