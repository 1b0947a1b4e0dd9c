"""Expressions of which a part is known: each rule keeps the value, and what is evaluated in which order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import libcst as cst

from flagctl.removal.values import Known, Values, compared, in_place_of, is_boolean, is_pure


def fold_not(node: cst.UnaryOperation, values: Values) -> cst.BaseExpression:
    """`not` of what is known; its operand is only asked whether it is true."""
    if not isinstance(node.operator, cst.Not):
        return node
    operand = as_condition(node.expression, values)
    known = values.of(operand)
    if known is not None:
        return values.literal(Known(not known.value))
    return node if operand is node.expression else node.with_changes(expression=operand)


def fold_boolean(node: cst.BooleanOperation, values: Values, *, is_condition: bool = False) -> cst.BaseExpression:
    """`and` and `or`; of a condition nobody sees the value, only whether it is true."""
    is_and = isinstance(node.operator, cst.And)
    left, right = values.of(node.left), values.of(node.right)
    always = always_is(node.left, values)
    if left is None and always is not None:
        if always is not is_and:  # what is behind it is never asked
            return in_place_of(node, node.left, values)
        if is_pure(node.left, values):
            return in_place_of(node, node.right, values)
    if left is not None:
        return in_place_of(node, node.right if bool(left.value) is is_and else node.left, values)
    node = _with_plain_left(node, values)
    if right is None or not (is_condition or (is_boolean(node.left, values) and isinstance(right.value, bool))):
        return node
    if bool(right.value) is is_and:
        return in_place_of(node, node.left, values)
    return in_place_of(node, values.literal(Known(not is_and)), values) if is_pure(node.left, values) else node


def _with_plain_left(node: cst.BooleanOperation, values: Values) -> cst.BooleanOperation:
    """`(x and True) and y` as `x and y`: of what is true on the left of `and`, nobody sees the value."""
    is_and = isinstance(node.operator, cst.And)
    match node.left:
        case cst.BooleanOperation(left=inner, operator=how, right=right) if isinstance(how, cst.And) is is_and:
            known = values.of(right)
            if known is not None and bool(known.value) is is_and:
                return node.with_changes(left=in_place_of(node.left, inner, values))
    return node


def always_is(node: cst.BaseExpression, values: Values) -> bool | None:
    """Whether an expression, its value not known, is always true or always false: `x or True`, `x and False`."""
    match node:
        case cst.BooleanOperation(operator=how, right=right):
            known = values.of(right)
            if known is not None and bool(known.value) is isinstance(how, cst.Or):
                return bool(known.value)
        case cst.UnaryOperation(operator=cst.Not(), expression=operand):
            always = always_is(operand, values)
            return None if always is None else not always
    return None


def evaluated(node: cst.BaseExpression) -> cst.BaseExpression:
    """What is done by evaluating an expression that is always true or always false."""
    match node:
        case cst.BooleanOperation(left=left):
            return left
        case cst.UnaryOperation(expression=operand):
            return evaluated(operand)
    return node


def as_condition(node: cst.BaseExpression, values: Values) -> cst.BaseExpression:
    """An expression of which only the truth matters."""
    if values.of(node) is not None or not isinstance(node, cst.BooleanOperation):
        return node
    left, right = as_condition(node.left, values), as_condition(node.right, values)
    if left is not node.left or right is not node.right:
        node = node.with_changes(left=left, right=right)
    return fold_boolean(node, values, is_condition=True)


def fold_choice(node: cst.IfExp, values: Values) -> cst.BaseExpression:
    """`a if known else b`."""
    test = as_condition(node.test, values)
    known = values.of(test)
    if known is None:
        return node if test is node.test else node.with_changes(test=test)
    return in_place_of(node, node.body if known.value else node.orelse, values)


def fold_comparison(node: cst.Comparison, values: Values) -> cst.BaseExpression:
    """`known == "on"`."""
    known = compared(node, values)
    return node if known is None else values.literal(known)


def fold_call(node: cst.Call, values: Values) -> cst.BaseExpression:
    """`bool(known)`, `int(known)`, `str(known)`, `all([known, x])`, `any([known, x])`."""
    match node:
        case cst.Call(func=cst.Name(value=name)) if name in values.own:
            return node
        case cst.Call(func=cst.Name(value=name), args=[cst.Arg(value=value, keyword=None, star="")]) if (
            name in _CONVERSIONS
        ):
            given = as_condition(value, values) if name == "bool" else value
            known = values.of(given)
            if known is not None and (name in ("bool", "str") or isinstance(known.value, bool | int | float)):
                return values.literal(Known(_CONVERSIONS[name](known.value)))
            if given is not value:
                return node.with_changes(args=[node.args[0].with_changes(value=given)])
        case cst.Call(
            func=cst.Name(value="all" | "any" as name),
            args=[cst.Arg(value=(cst.List() | cst.Tuple()) as items, keyword=None, star="")],
        ):
            return _fold_quantifier(node, items, name == "all", values)
    return node


_CONVERSIONS: dict[str, Callable[[Any], bool | int | float | str]] = {
    "bool": bool,
    "int": int,
    "float": float,
    "str": str,
}


def _fold_quantifier(node: cst.Call, items: cst.List | cst.Tuple, is_all: bool, values: Values) -> cst.BaseExpression:
    known = [values.of(each.value) for each in items.elements]
    if not any(known) or not all(isinstance(each, cst.Element) for each in items.elements):
        return node
    rest = [each for each, value in zip(items.elements, known, strict=True) if value is None]
    if any(value is not None and bool(value.value) is not is_all for value in known):
        return values.literal(Known(not is_all)) if all(is_pure(each.value, values) for each in rest) else node
    if not rest:
        return values.literal(Known(is_all))
    if isinstance(items, cst.Tuple) and len(rest) == 1:
        return node
    if items.elements[-1] is not rest[-1]:
        rest[-1] = rest[-1].with_changes(comma=items.elements[-1].comma)
    return node.with_changes(args=[node.args[0].with_changes(value=items.with_changes(elements=rest))])


def inverted(node: cst.BaseExpression) -> cst.BaseExpression:
    """The opposite of a condition."""
    match node:
        case cst.UnaryOperation(operator=cst.Not(), expression=operand):
            return operand
        case cst.Comparison(comparisons=[cst.ComparisonTarget(operator=how)]) if type(how) in _OPPOSITES:
            target = node.comparisons[0]
            opposite = _OPPOSITES[type(how)]()
            return node.with_changes(comparisons=[target.with_changes(operator=opposite)])
    needs_parentheses = (
        isinstance(node, cst.BooleanOperation | cst.IfExp | cst.Lambda | cst.NamedExpr) and not node.lpar
    )
    if needs_parentheses:
        node = node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return cst.UnaryOperation(cst.Not(), node)


_OPPOSITES: dict[type[cst.BaseCompOp], type[cst.BaseCompOp]] = {
    cst.Is: cst.IsNot,
    cst.IsNot: cst.Is,
    cst.In: cst.NotIn,
    cst.NotIn: cst.In,
}
"""`==` is not among them: a class may say of two things that they are both equal and not."""
