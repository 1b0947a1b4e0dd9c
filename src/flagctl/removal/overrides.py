"""Tests that force a value of the flag: what forces the kept one goes, and so does a test of nothing but the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import libcst as cst

from flagctl.model import Location, Reference
from flagctl.removal.refusal import Refusal
from flagctl.scan.python.nodes import descendants


@dataclass(slots=True)
class Overrides:
    """What goes of the overrides in one file: decorators, items of `with`, statements and whole tests."""

    gone: set[cst.CSTNode] = field(default_factory=set)
    tests: list[str] = field(default_factory=list)
    """The names of the tests that go."""
    refusals: list[Refusal] = field(default_factory=list)

    def __iadd__(self, other: Overrides) -> Overrides:
        self.gone |= other.gone
        self.tests += other.tests
        self.refusals += other.refusals
        return self


def overrides_in(
    overrides: Iterable[Reference],
    nodes: Mapping[Location, cst.BaseExpression],
    parents: Mapping[cst.CSTNode, cst.CSTNode],
    kept: object,
    *,
    keep_tests: bool,
) -> Overrides:
    """What becomes of the overrides of a flag of which a value is kept.

    With `keep_tests`, a test of what is gone only loses its override.
    """
    found = Overrides()
    for each in overrides:
        node = nodes.get(each.location)
        value = {"True": True, "False": False}.get(each.value or "")
        if node is None or value is None or not isinstance(kept, bool):
            found.refusals.append(Refusal(each.location, "it cannot be told which value this override forces"))
        elif value is kept:
            _drop(node, each.location, parents, found)
        else:
            _drop_test(node, each.location, parents, found, keep_tests=keep_tests)
    return found


def _drop(
    node: cst.BaseExpression, location: Location, parents: Mapping[cst.CSTNode, cst.CSTNode], found: Overrides
) -> None:
    parent = parents[node]
    if isinstance(parent, cst.Decorator) or (isinstance(parent, cst.WithItem) and parent.asname is None):
        found.gone.add(parent)
    elif isinstance(parent, cst.Expr) and len(getattr(parents[parent], "body", ())) == 1:
        found.gone.add(parents[parent])
    else:
        found.refusals.append(Refusal(location, "what this override is for cannot be seen here"))


def _drop_test(
    node: cst.BaseExpression,
    location: Location,
    parents: Mapping[cst.CSTNode, cst.CSTNode],
    found: Overrides,
    *,
    keep_tests: bool,
) -> None:
    """Drops the test for the whole of which an override speaks."""
    parent = parents[node]
    whole: cst.CSTNode | None = None
    if isinstance(parent, cst.Decorator):
        whole = parents[parent]
    elif isinstance(parent, cst.WithItem):
        statement = parents[parent]
        suite = parents[statement]
        if isinstance(suite, cst.IndentedBlock) and all(each is statement or _is_text(each) for each in suite.body):
            whole = parents[suite]
    is_test = (isinstance(whole, cst.FunctionDef) and whole.name.value.startswith("test")) or (
        isinstance(whole, cst.ClassDef) and "Test" in whole.name.value
    )
    if isinstance(whole, cst.FunctionDef | cst.ClassDef) and is_test:
        found.gone.add(parent if keep_tests else whole)
        found.tests.append(qualified_name(whole, parents))
    else:
        found.refusals.append(Refusal(location, "it forces the value that is gone, for a part of a test"))


def qualified_name(node: cst.FunctionDef | cst.ClassDef, parents: Mapping[cst.CSTNode, cst.CSTNode]) -> str:
    """What pytest calls a test in its file: `GuestTest::test_start`."""
    names = [node.name.value]
    above: cst.CSTNode | None = parents.get(node)
    while above is not None:
        if isinstance(above, cst.FunctionDef | cst.ClassDef):
            names.append(above.name.value)
        above = parents.get(above)
    return "::".join(reversed(names))


def _is_text(statement: cst.CSTNode) -> bool:
    match statement:
        case cst.SimpleStatementLine(body=[cst.Expr(value=cst.BaseString())]):
            return True
    return False


def inside(nodes: Iterable[cst.CSTNode]) -> set[cst.CSTNode]:
    """Everything in some nodes."""
    return {each for node in nodes for each in descendants(node)}
