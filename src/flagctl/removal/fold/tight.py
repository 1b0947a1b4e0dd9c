"""Keywords that touch what is behind or before them, `return(x)`: without the parentheses they would run into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields

import libcst as cst

from flagctl.scan.python.nodes import children

_BESIDE = re.compile(
    r"whitespace_(before|after)(_(if|else|in|not|return|while|assert|await|yield|from|match|raise|del))?$"
    r"|whitespace_before_test$"
)


def tight_children(node: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    """The expressions in a node that has no space beside a keyword."""
    match node:
        case cst.BooleanOperation(operator=how):
            parts: list[cst.CSTNode] = [how]
        case cst.UnaryOperation(operator=cst.Not() as negation):
            parts = [negation]
        case cst.Comparison(comparisons=targets):
            parts = [each.operator for each in targets]
        case cst.ComparisonTarget(operator=how):
            parts = [how]
        case cst.BaseExpression() | cst.BaseSmallStatement() | cst.BaseCompoundStatement():
            parts = [node]
        case cst.CompFor() | cst.CompIf() | cst.From() | cst.MatchCase():
            parts = [node]
        case _:
            return
    if any(_touches(each) for each in parts):
        yield from (each for each in children(node) if isinstance(each, cst.BaseExpression))


def _touches(node: cst.CSTNode) -> bool:
    spaces = [getattr(node, each.name) for each in fields(node) if _BESIDE.match(each.name)]
    return any(isinstance(each, cst.BaseParenthesizableWhitespace) and each.empty for each in spaces)
