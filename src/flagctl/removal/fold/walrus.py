"""`:=`, where it may as well be an assignment before the statement."""

from __future__ import annotations

import libcst as cst

from flagctl.removal.values import stands_alone


def first_evaluated(statement: cst.CSTNode) -> list[cst.NamedExpr]:
    """The `:=` that a statement begins by, before it reads or does anything else.

    `assert` is left out: with `-O`, it does not run.
    """
    match statement:
        case cst.If(test=expression) | cst.Expr(value=expression) | cst.Assign(value=expression):
            return _first_in(expression)
        case cst.Return(value=cst.BaseExpression() as expression):
            return _first_in(expression)
    return []


def _first_in(expression: cst.BaseExpression) -> list[cst.NamedExpr]:
    match expression:
        case cst.NamedExpr(value=value):
            return [expression, *_first_in(value)]
        case cst.BooleanOperation(left=first) | cst.Comparison(left=first) | cst.IfExp(test=first):
            return _first_in(first)
        case cst.UnaryOperation(operator=cst.Not(), expression=first):
            return _first_in(first)
    return []


def assigned(target: cst.Name, value: cst.BaseExpression) -> cst.Assign:
    """An assignment that does what `:=` does."""
    return cst.Assign([cst.AssignTarget(target)], value)


def statement_of(
    expression: cst.BaseExpression,
    semicolon: cst.Semicolon | cst.MaybeSentinel = cst.MaybeSentinel.DEFAULT,
) -> cst.BaseSmallStatement:
    """An expression that is evaluated for what it does."""
    if isinstance(expression, cst.NamedExpr) and stands_alone(expression.value):
        target = cst.ensure_type(expression.target, cst.Name)
        return assigned(target, expression.value).with_changes(semicolon=semicolon)
    return cst.Expr(expression, semicolon)
