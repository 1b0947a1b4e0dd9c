"""The values that expressions are known to have once a flag is gone, and what else can be told of an expression."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any

import libcst as cst

from flagctl.scan.python.nodes import children, last_name, string_value

Value = bool | str | int | float | None


@dataclass(frozen=True, slots=True)
class Known:
    """A value that is known; itself one, so that it is never taken for nothing being known."""

    value: Value


_SPECIAL = re.compile(r"[\n\\'\"]")
"""What cannot be written out everywhere: not in an f-string before Python 3.12."""


class Values:
    """Which nodes of a tree in the making have a value that is known."""

    def __init__(self) -> None:
        self._known: dict[cst.CSTNode, Known] = {}
        self.unsure: frozenset[str] = frozenset()
        """Names that may have no value where the tree is being made: to read one of these may fail."""
        self.own: frozenset[str] = frozenset()
        """Names that the module binds itself, so that they are no builtin functions."""
        self.quote = '"'
        """What strings are written in, where the tree is being made."""
        self.tight: set[cst.LeftParen] = set()
        """Parentheses that keep a keyword from what is in them."""

    def keep(self, others: Values) -> None:
        """Knows what is known of the nodes of the tree before, of which most are those of the next one."""
        self._known |= others._known

    def of(self, node: cst.CSTNode) -> Known | None:
        return self._known.get(node)

    def literal(self, known: Known) -> cst.BaseExpression:
        """A literal that stands for a value."""
        node = literal(known.value, self.quote)
        self._known[node] = known
        return node

    def moved(self, old: cst.CSTNode, new: cst.BaseExpression) -> cst.BaseExpression:
        """A node that replaces another and has its value."""
        known = self._known.get(old)
        if known is not None:
            self._known[new] = known
        return new

    def picked(self, node: cst.BaseExpression) -> cst.BaseExpression:
        """A node that was chosen by what is known: one that is written out is known too."""
        if node not in self._known and isinstance(node, cst.Name | cst.SimpleString | cst.Integer | cst.Float):
            value = literal_value(node, self)
            is_plain = value is not NOT_LITERAL and value not in (inf, -inf) and not _SPECIAL.search(str(value))
            if is_plain:
                self._known[node] = Known(value)
        return node

    def enclosed(self, node: cst.BaseExpression) -> cst.BaseExpression:
        """A node in parentheses that stay."""
        parenthesis = cst.LeftParen()
        self.tight.add(parenthesis)
        return self.moved(node, node.with_changes(lpar=[parenthesis], rpar=[cst.RightParen()]))


def literal(value: Value, quote: str = '"') -> cst.BaseExpression:
    """A value as Python writes it, a string in these quotes."""
    match value:
        case bool() | None:
            return cst.Name(repr(value))
        case str():
            shown = (f"\\{each}" if each in (quote, "\\") else repr(f"{each}_")[1:-2] for each in value)
            return cst.SimpleString(f"{quote}{''.join(shown)}{quote}")
    return cst.parse_expression(repr(value))


NOT_LITERAL = object()


def literal_value(node: cst.BaseExpression, values: Values) -> Any:
    """The value of what is written out or known, tuples and other displays too; `NOT_LITERAL` of anything else."""
    known = values.of(node)
    if known is not None:
        return known.value
    match node:
        case cst.Name(value="True" | "False" | "None" as name):
            return {"True": True, "False": False, "None": None}[name]
        case cst.SimpleString():
            text = string_value(node)
            return NOT_LITERAL if text is None else text
        case cst.Integer() | cst.Float():
            return node.evaluated_value
        case cst.Tuple(elements=elements) | cst.List(elements=elements) | cst.Set(elements=elements):
            items = [literal_value(each.value, values) for each in elements]
            plain = all(isinstance(each, cst.Element) for each in elements)
            return tuple(items) if plain and NOT_LITERAL not in items else NOT_LITERAL
    return NOT_LITERAL


def compared(comparison: cst.Comparison, values: Values) -> Known | None:
    """What a comparison of known values gives; `None` if it is not known."""
    match comparison:
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=how, comparator=right)]):
            sides = (literal_value(left, values), literal_value(right, values))
            is_known = values.of(left) is not None or values.of(right) is not None
            compare = _COMPARE.get(type(how))
            if compare is None or not is_known or NOT_LITERAL in sides:
                return None
            if isinstance(how, cst.Is | cst.IsNot) and not any(
                each is None or isinstance(each, bool) for each in sides
            ):
                return None
            if isinstance(how, cst.In | cst.NotIn) and not isinstance(sides[1], tuple):
                return None
            return Known(compare(*sides))
    return None


_COMPARE: dict[type[cst.BaseCompOp], Callable[[Any, Any], bool]] = {
    cst.Equal: operator.eq,
    cst.NotEqual: operator.ne,
    cst.Is: operator.is_,
    cst.IsNot: operator.is_not,
    cst.In: lambda item, items: item in items,
    cst.NotIn: lambda item, items: item not in items,
}


def is_boolean(node: cst.BaseExpression, values: Values) -> bool:
    """Whether an expression can only be `True` or `False`."""
    match node:
        case cst.Name(value="True" | "False") | cst.UnaryOperation(operator=cst.Not()):
            return True
        case cst.Comparison(comparisons=targets):
            # `==` and its like give whatever the operands' classes say; `is` and `in` do not.
            return all(isinstance(each.operator, cst.Is | cst.IsNot | cst.In | cst.NotIn) for each in targets)
        case cst.Call(func=cst.Name(value=name)):
            return name in _BOOLEAN - values.own
        case cst.BooleanOperation(left=left, right=right):
            return is_boolean(left, values) and is_boolean(right, values)
    return False


_BOOLEAN = frozenset({"all", "any", "bool", "callable", "hasattr", "isinstance", "issubclass"})

_CONTEXT = re.compile(r"[A-Z]\w*(?:Context|User|Attributes)$")


def is_context(node: cst.BaseExpression) -> bool:
    """Whether an expression makes what evaluations are given, to say whom they ask for: `EvaluationContext(...)`."""
    return isinstance(node, cst.Call) and _CONTEXT.match(last_name(node.func) or "") is not None


_EFFECTS = (cst.Call, cst.Await, cst.Yield, cst.NamedExpr, cst.BaseComp)


def is_pure(node: cst.CSTNode, values: Values) -> bool:
    """Whether nothing is done by evaluating an expression, so that it may be left out.

    To read an attribute or an item, to compare and to calculate counts as nothing, as it does for linters.
    """
    stack = [node]
    while stack:
        each = stack.pop()
        if isinstance(each, _EFFECTS) or (isinstance(each, cst.Name) and each.value in values.unsure):
            return False
        if not isinstance(each, cst.Lambda):
            stack += children(each)
    return True


_ATOMS = (
    cst.Name, cst.Attribute, cst.Call, cst.Subscript, cst.BaseNumber, cst.BaseString, cst.List, cst.Set, cst.Dict,
    cst.ListComp, cst.SetComp, cst.DictComp,
)  # fmt: skip


def in_place_of(whole: cst.BaseExpression, part: cst.BaseExpression, values: Values) -> cst.BaseExpression:
    """An operand, in the place of the expression that it was a part of; with the parentheses that it needs there."""
    return values.picked(_in_parentheses_of(whole, part, values))


def _in_parentheses_of(whole: cst.BaseExpression, part: cst.BaseExpression, values: Values) -> cst.BaseExpression:
    if not whole.lpar or part.lpar:
        return part
    if (end := _commented_end(whole, part)) is not None:
        return values.moved(part, part.with_changes(lpar=whole.lpar, rpar=[*whole.rpar[:-1], end]))
    is_atom = isinstance(part, _ATOMS) and "\n" not in cst.Module([]).code_for_node(part)
    if is_atom and whole.lpar[0] not in values.tight:
        return part
    return values.moved(part, part.with_changes(lpar=whole.lpar, rpar=whole.rpar))


def on_its_own(node: cst.BaseExpression, values: Values) -> cst.BaseExpression:
    """An expression that may stand anywhere, taken out of brackets."""
    if node.lpar or (isinstance(node, _ATOMS) and stands_alone(node)):
        return node
    return values.moved(node, node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()]))


def stands_alone(node: cst.BaseExpression) -> bool:
    """Whether an expression needs no brackets around it to be read as a whole."""
    try:
        ast.parse(f"_ = {cst.Module([]).code_for_node(node)}")
    except SyntaxError:
        return False
    return True


def _commented_end(whole: cst.BaseExpression, part: cst.BaseExpression) -> cst.RightParen | None:
    """The closing parenthesis behind an operand whose comment stood before an operator that goes."""
    match whole:
        case cst.BooleanOperation(left=left, operator=how) if left is part and whole.rpar:
            space, end = how.whitespace_before, whole.rpar[-1].whitespace_before
            if not isinstance(space, cst.ParenthesizedWhitespace) or not isinstance(end, cst.ParenthesizedWhitespace):
                return None
            if space.first_line.comment is not None and end.first_line.comment is None:
                return cst.RightParen(end.with_changes(first_line=space.first_line))
    return None
