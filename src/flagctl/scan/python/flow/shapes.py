"""Shapes of code that the walk along the paths asks for."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from flagctl.scan.python.flow.questions import code, given
from flagctl.scan.python.nodes import descendants, last_name


def is_lone_if(node: cst.CSTNode | None) -> bool:
    """`else` with nothing but an `if` in it is an `elif`."""
    return isinstance(node, cst.Else) and len(node.body.body) == 1 and isinstance(node.body.body[0], cst.If)


def is_true(test: cst.BaseExpression) -> bool:
    return isinstance(test, cst.Name | cst.Integer) and test.value in ("True", "1")


def rebound_inside(function: cst.FunctionDef) -> Iterable[str]:
    """The variables that functions inside of one give other values."""
    for each in descendants(function.body):
        if isinstance(each, cst.Nonlocal):
            yield from (item.name.value for item in each.names)


def pairs(target: cst.BaseExpression, value: cst.BaseExpression) -> Iterable[tuple[str, cst.BaseExpression]]:
    """The variables of an assignment, each with what it is given; of `a, b = x, y` each its own."""
    match target, value:
        case cst.Name(value=name), _:
            yield name, value
        case cst.Tuple(elements=names), cst.Tuple(elements=values) if len(names) == len(values):
            elements = (*names, *values)
            if not any(isinstance(each, cst.StarredElement) for each in elements):
                for each, given_ in zip(names, values, strict=True):
                    yield from pairs(each.value, given_.value)


def decided(node: cst.BaseSuite) -> Iterable[str]:
    """The variables that a block sets to true or false."""
    for line in node.body:
        for each in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            if isinstance(each, cst.Assign) and code(each.value) in ("True", "False", "None"):
                yield from given([each])


def suppresses(node: cst.With) -> bool:
    """`with suppress(Timeout):` goes on behind it, even where it ends in a `return`."""
    calls = (each.item.func for each in node.items if isinstance(each.item, cst.Call))
    return any(last_name(each) == "suppress" for each in calls)


def takes_all(case: cst.MatchCase) -> bool:
    return case.guard is None and isinstance(case.pattern, cst.MatchAs) and case.pattern.pattern is None


def loops_left(node: cst.BaseSuite) -> int:
    """How many of the loops around a block its last statement leaves, all or the innermost."""
    last = node.body[-1] if node.body else None
    if isinstance(last, cst.SimpleStatementLine):
        last = last.body[-1]
    if isinstance(last, cst.Return | cst.Raise):
        return 1_000
    return int(isinstance(last, cst.Break))
