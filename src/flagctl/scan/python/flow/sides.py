"""The two sides of a branch that a flag decides: whether they are the same code, and what each of them calls."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Any

import libcst as cst

from flagctl.scan.python.flow.decisions import Condition
from flagctl.scan.python.flow.questions import Question, below, code, given, operands
from flagctl.scan.python.nodes import children, descendants, last_name

_MOST = 40
"""Calls that are kept of a side, and statements of a block that may be one: no reader compares more either."""
_MOST_NODES = 2_000
"""What is looked at of a side."""


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of a side as they are written, without their layout; `always` are those that no condition guards."""

    all: tuple[str, ...] = ()
    always: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Decision:
    """A branch as one question sees it, on which it depends."""

    question: Question
    test: cst.BaseExpression
    is_same: bool
    """Both sides are the same code."""
    on: Calls
    off: Calls
    """What the side calls that is taken where the flag is off."""
    is_sure_on: bool
    is_sure_off: bool
    """Whether that side is taken whenever the flag is off, whatever else the test asks."""


def decisions(node: cst.If | cst.IfExp, rest: Sequence[cst.CSTNode], condition: Condition) -> Iterator[Decision]:
    """What the flags in the test of a branch decide; `rest` is what follows in the block.

    A branch is left out if its sides have nothing in common.
    """
    answers = list(condition.all_answers(node.test))
    if not answers:
        return
    yes, no = _sides(node, rest)
    is_same = _are_same(yes, no)
    if not is_same and _called(yes).isdisjoint(_called(no)):
        return
    calls = {True: _calls(yes, condition), False: _calls(no, condition)}
    if not is_same and set(calls[True].all).isdisjoint(calls[False].all):
        return
    for question in dict.fromkeys(each.question for each in answers):
        when_on, when_off = (condition.value(node.test, question, is_on) for is_on in (True, False))
        on = when_on if when_on is not None else None if when_off is None else not when_off
        is_decided = on is not None and when_off is not on
        yield Decision(
            question,
            node.test,
            is_same,
            calls[on] if on is not None and is_decided else Calls(),
            calls[not on] if on is not None and is_decided else Calls(),
            when_on is not None,
            when_off is not None,
        )


Side = Sequence[cst.CSTNode]


def _sides(node: cst.If | cst.IfExp, rest: Sequence[cst.CSTNode]) -> tuple[Side, Side]:
    """What runs on either side; of an `if` without `else` that does not go on, the rest of the block is the other."""
    match node:
        case cst.IfExp(body=body, orelse=orelse):
            return [body], [orelse]
        case cst.If(body=body, orelse=cst.If() as orelse):
            return body.body, [orelse]
        case cst.If(body=body, orelse=cst.Else(body=orelse)):
            return body.body, orelse.body
    return node.body.body, (rest if len(rest) <= _MOST and _leaves(node.body.body) else ())


def _leaves(statements: Side) -> bool:
    last = statements[-1] if statements else None
    if isinstance(last, cst.SimpleStatementLine):
        last = last.body[-1]
    return isinstance(last, cst.Return | cst.Raise | cst.Continue | cst.Break)


def _are_same(one: Side, other: Side) -> bool:
    """Whether two sides do the same, whatever their layout and their comments."""
    left, right = ([each for each in side if not _does_nothing(each)] for side in (one, other))
    words = zip_longest(_words(left), _words(right))
    return all(one == other for one, other in words) and _source(left) == _source(right)


def _words(side: Side) -> Iterator[object]:
    """The kinds of the statements of a side, then the names in it: mostly enough to tell two sides apart."""
    yield from (type(each) for each in side)
    yield from (each.value for node in side for each in descendants(node) if isinstance(each, cst.Name))


def _called(side: Side) -> set[str]:
    """The last parts of the names of what a side calls."""
    return {last_name(each.func) or "" for node in side for each in below(node) if isinstance(each, cst.Call)}


def _source(statements: Side) -> str:
    """What some statements, or an expression, do."""
    text = "".join(map(cst.Module([]).code_for_node, statements)).strip()
    is_expression = any(isinstance(each, cst.BaseExpression) for each in statements)
    try:
        with warnings.catch_warnings(action="ignore"):  # of an escape that a text does not know
            return ast.dump(ast.parse(f"({text})" if is_expression else text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return f"{id(statements)}"  # newer than this interpreter: like no other


def _does_nothing(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.SimpleStatementLine):
        return all(map(_does_nothing, node.body))
    if isinstance(node, cst.Expr):
        return isinstance(node.value, cst.Ellipsis | cst.SimpleString)
    return isinstance(node, cst.Pass)


def _calls(side: Side, condition: Condition) -> Calls:
    """The calls of a side but those that ask for a flag; none if there are too many.

    A call with something that the side itself gives a value is the same as another one if it is given that there, too.
    """
    calls: dict[str, None] = {}
    always: dict[str, None] = {}
    seen = list(islice(_guarded(side), _MOST_NODES))
    given_here = [(frozenset(given([node])), node) for node, _ in seen if isinstance(node, _GIVES)]
    for node, is_guarded in seen:
        if isinstance(node, cst.Call) and not condition.asks(node):
            used = frozenset(operands(node))
            text = "".join([code(node), *(code(each) for names, each in given_here if _meet(names, used))])
            calls.setdefault(text)
            if not is_guarded:
                always.setdefault(text)
            if len(calls) > _MOST:
                return Calls()
    return Calls(tuple(calls), tuple(always))


_GIVES = (cst.AnnAssign, cst.Assign, cst.AugAssign, cst.NamedExpr)


def _meet(names: Iterable[str], used: Iterable[str]) -> bool:
    """Whether some names are among others, or attributes of them, or have them for attributes."""
    return any(f"{one}.".startswith(f"{two}.") or f"{two}.".startswith(f"{one}.") for one in names for two in used)


def _guarded(side: Side) -> Iterator[tuple[cst.CSTNode, bool]]:
    """What runs on a side, in source order, each with whether it does so only under a condition."""
    stack = [(node, False) for node in reversed(side)]
    while stack:
        node, is_guarded = stack.pop()
        yield node, is_guarded
        if isinstance(node, cst.Lambda | cst.FunctionDef | cst.ClassDef):
            continue
        below = [*children(node)]
        sure = _SURE[type(node)](node) if type(node) in _SURE else below
        stack += [(each, is_guarded or each not in sure) for each in reversed(below)]


_SURE: dict[type[cst.CSTNode], Callable[[Any], Collection[cst.CSTNode]]] = {
    cst.BooleanOperation: lambda node: [node.left],
    cst.ExceptHandler: lambda node: [],
    cst.ExceptStarHandler: lambda node: [],
    cst.If: lambda node: [node.test],
    cst.IfExp: lambda node: [node.test],
    cst.MatchCase: lambda node: [],
}
"""What is computed of a node whatever else holds."""
