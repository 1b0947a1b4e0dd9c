"""The two sides of a branch that a flag decides: whether they are the same code, and what each of them calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from flagctl.scan.python.flow.decisions import Condition
from flagctl.scan.python.flow.questions import Question, below, code

_MOST = 40
"""Calls that are kept of a side: one with more is not compared by a reader either."""


@dataclass(frozen=True, eq=False, slots=True)
class Decision:
    """A branch as one question sees it, on which it depends."""

    question: Question
    test: cst.BaseExpression
    is_same: bool
    """Both sides are the same code."""
    on_calls: tuple[str, ...]
    off_calls: tuple[str, ...]
    """What the side calls that is taken where the flag is off; `on_calls` are those of the other side."""
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
    is_same = _source(yes) == _source(no)
    calls = {True: _calls(yes), False: _calls(no)}
    if not is_same and set(calls[True]).isdisjoint(calls[False]):
        return
    for question in dict.fromkeys(each.question for each in answers):
        when_on, when_off = (condition.value(node.test, question, is_on) for is_on in (True, False))
        on = when_on if when_on is not None else None if when_off is None else not when_off
        is_decided = on is not None and when_off is not on
        yield Decision(
            question,
            node.test,
            is_same,
            calls[on] if on is not None and is_decided else (),
            calls[not on] if on is not None and is_decided else (),
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
    return node.body.body, (rest if _leaves(node.body.body) else ())


def _leaves(statements: Side) -> bool:
    last = statements[-1] if statements else None
    if isinstance(last, cst.SimpleStatementLine):
        last = last.body[-1]
    return isinstance(last, cst.Return | cst.Raise | cst.Continue | cst.Break)


def _source(side: Side) -> str:
    """What a side does, whatever its layout and its comments; nothing if it does nothing."""
    statements = [each for each in side if not _does_nothing(each)]
    if not statements:
        return ""
    try:
        return ast.dump(ast.parse("".join(map(cst.Module([]).code_for_node, statements)).strip()))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return repr(statements)  # newer than this interpreter: like no other


def _does_nothing(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.SimpleStatementLine):
        return all(map(_does_nothing, node.body))
    if isinstance(node, cst.Expr):
        return isinstance(node.value, cst.Ellipsis | cst.SimpleString)
    return isinstance(node, cst.Pass)


def _calls(side: Side) -> tuple[str, ...]:
    """The calls of a side as they are written, without their layout."""
    calls = dict.fromkeys(code(node) for each in side for node in below(each) if isinstance(node, cst.Call))
    return tuple(calls) if len(calls) <= _MOST else ()
