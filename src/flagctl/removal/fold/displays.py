"""Lists, tuples and dictionaries that are written out: the item that a known key picks, and sums of two of them."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from flagctl.removal.values import (
    NOT_LITERAL,
    Known,
    Value,
    Values,
    in_place_of,
    is_pure,
    literal_value,
    on_its_own,
)


def fold_subscript(node: cst.Subscript, values: Values) -> cst.BaseExpression:
    """`{"a": x, "b": y}[known]`, `(x, y)[known]`."""
    match node.slice:
        case [cst.SubscriptElement(slice=cst.Index(value=key, star=None))] if (known := values.of(key)) is not None:
            found = _picked(node.value, known.value, values)
            return node if found is None else in_place_of(node, on_its_own(found, values), values)
    return node


def fold_get(node: cst.Call, values: Values) -> cst.BaseExpression:
    """`{"a": x, "b": y}.get(known, z)`."""
    match node:
        case cst.Call(func=cst.Attribute(value=cst.Dict() as display, attr=cst.Name("get")), args=[first, *rest]) if (
            len(rest) < 2 and all(each.keyword is None and not each.star for each in node.args)
        ):
            known = values.of(first.value)
            default = rest[0].value if rest else None
            if known is None:
                return node
            found = _picked(display, known.value, values)
            if found is not None and (default is None or is_pure(default, values)):
                return in_place_of(node, on_its_own(found, values), values)
            if found is None and _has_not(display, known.value, values):
                other = values.literal(Known(None)) if default is None else on_its_own(default, values)
                return in_place_of(node, other, values)
    return node


def _picked(display: cst.BaseExpression, key: Value, values: Values) -> cst.BaseExpression | None:
    """The item of a display that a key picks, if to leave out the others leaves out nothing that is done."""
    match display:
        case cst.Dict(elements=elements):
            keys = _keys(elements, values)
            at = [index for index, each in enumerate(keys or ()) if each == key]
        case cst.List(elements=elements) | cst.Tuple(elements=elements):
            is_plain = all(isinstance(each, cst.Element) for each in elements)
            at = [key] if is_plain and isinstance(key, int) and 0 <= key < len(elements) else []
        case _:
            return None
    if not at:
        return None
    others = [each.value for index, each in enumerate(elements) if index != at[-1]]
    return elements[at[-1]].value if all(is_pure(each, values) for each in others) else None


def _has_not(display: cst.Dict, key: Value, values: Values) -> bool:
    keys = _keys(display.elements, values)
    return keys is not None and key not in keys and all(is_pure(each.value, values) for each in display.elements)


def _keys(elements: Sequence[cst.BaseDictElement], values: Values) -> list[Value] | None:
    """The keys of a dictionary, if they are all written out."""
    found: list[Value] = []
    for each in elements:
        value = literal_value(each.key, values) if isinstance(each, cst.DictElement) else NOT_LITERAL
        if not isinstance(value, Value):
            return None
        found.append(value)
    return found


def fold_sum(original: cst.BinaryOperation, node: cst.BinaryOperation, values: Values) -> cst.BaseExpression:
    """`[x] + [y]` and `"a" + ""` of which one came out of a choice."""
    if not isinstance(node.operator, cst.Add):
        return node
    pairs = ((original.left, node.left), (original.right, node.right))
    if any(came_to_be_display(before, now) for before, now in pairs):
        joined = _joined(node.left, node.right)
        return node if joined is None else in_place_of(node, joined, values)
    for empty, other in ((node.left, node.right), (node.right, node.left)):
        if values.of(empty) == Known("") and _is_text(other):
            return in_place_of(node, other, values)
    return node


def came_to_be_display(before: cst.BaseExpression, now: cst.BaseExpression) -> bool:
    """Whether an expression is a list or tuple now, and was none."""
    return isinstance(now, cst.List | cst.Tuple) and not isinstance(before, cst.List | cst.Tuple)


def _is_text(node: cst.BaseExpression) -> bool:
    match node:
        case cst.SimpleString(prefix=prefix):
            return "b" not in prefix.lower()
        case cst.ConcatenatedString(left=left):
            return _is_text(left)
        case cst.BinaryOperation(left=left, operator=cst.Add(), right=right):
            return _is_text(left) and _is_text(right)
    return isinstance(node, cst.FormattedString)


def _joined(left: cst.BaseExpression, right: cst.BaseExpression) -> cst.BaseExpression | None:
    """A list of the items of two, or a tuple."""
    if not isinstance(left, cst.List | cst.Tuple) or not isinstance(right, type(left)):
        return None
    if not right.elements:
        return left
    if not left.elements:
        return right
    if "#" in cst.Module([]).code_for_node(left) + cst.Module([]).code_for_node(right):
        return None  # a comment has its place, which is not easily told
    *before, last = left.elements
    *others, end = right.elements
    comma = _comma(left)
    is_one_line = isinstance(comma.whitespace_after, cst.SimpleWhitespace)
    behind = cst.MaybeSentinel.DEFAULT if is_one_line else last.comma
    items = [*before, last.with_changes(comma=comma), *others, end.with_changes(comma=behind)]
    return left.with_changes(elements=items)


def _comma(display: cst.List | cst.Tuple) -> cst.Comma:
    """What stands between the items of a display: a line end, if it begins by one."""
    opening = display.lbracket.whitespace_after if isinstance(display, cst.List) else display.lpar[-1].whitespace_after
    begins_a_line = isinstance(opening, cst.ParenthesizedWhitespace)
    return cst.Comma(whitespace_after=opening if begins_a_line else cst.SimpleWhitespace(" "))
