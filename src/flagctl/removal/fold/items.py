"""Items of lists, dictionaries and calls of which some go: their commas, line ends and comments."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import libcst as cst

Item = cst.Arg | cst.BaseElement | cst.BaseDictElement | cst.Param
"""What stands between commas."""

Space = cst.BaseParenthesizableWhitespace

_NO_SPACE = cst.SimpleWhitespace("")


def without_items(original: cst.CSTNode, updated: Any, gone: Collection[cst.CSTNode]) -> Any:
    """A call, display or function without the items that go; `original` is the node that the items in `gone` are of."""
    match original:
        case cst.Call(args=before):
            return _call(updated, _those(before, updated.args, gone))
        case cst.List(elements=before):
            items, opening, closing = without(
                updated.elements,
                _those(before, updated.elements, gone),
                updated.lbracket.whitespace_after,
                updated.rbracket.whitespace_before,
            )
            return updated.with_changes(
                elements=items,
                lbracket=updated.lbracket.with_changes(whitespace_after=opening),
                rbracket=updated.rbracket.with_changes(whitespace_before=closing),
            )
        case cst.Set(elements=before) | cst.Dict(elements=before):
            items, opening, closing = without(
                updated.elements,
                _those(before, updated.elements, gone),
                updated.lbrace.whitespace_after,
                updated.rbrace.whitespace_before,
            )
            if not items and isinstance(original, cst.Set):
                return cst.Call(cst.Name("set"), lpar=updated.lpar, rpar=updated.rpar)
            return updated.with_changes(
                elements=items,
                lbrace=updated.lbrace.with_changes(whitespace_after=opening),
                rbrace=updated.rbrace.with_changes(whitespace_before=closing),
            )
        case cst.FunctionDef(params=cst.Parameters(params=before)):
            return _function(updated, _those(before, updated.params.params, gone))
        case cst.Tuple(elements=before):
            return _tuple(updated, _those(before, updated.elements, gone))
    return updated


def _those(
    before: Sequence[cst.CSTNode], now: Sequence[cst.CSTNode], gone: Collection[cst.CSTNode]
) -> set[cst.CSTNode]:
    return {each for original, each in zip(before, now, strict=True) if original in gone}


def _call(node: cst.Call, gone: Collection[cst.CSTNode]) -> cst.Call:
    if not gone:
        return node
    args, opening, closing = without(node.args, gone, node.whitespace_before_args, node.args[-1].whitespace_after_arg)
    if args:
        args[-1] = args[-1].with_changes(whitespace_after_arg=closing)
    return node.with_changes(args=args, whitespace_before_args=opening)


def _function(node: cst.FunctionDef, gone: Collection[cst.CSTNode]) -> cst.FunctionDef:
    if not gone:
        return node
    before = node.params.params
    params, opening, closing = without(before, gone, node.whitespace_before_params, before[-1].whitespace_after_param)
    if params:
        params[-1] = params[-1].with_changes(whitespace_after_param=closing)
    return node.with_changes(params=node.params.with_changes(params=params), whitespace_before_params=opening)


def _tuple(node: cst.Tuple, gone: Collection[cst.CSTNode]) -> cst.Tuple:
    if not gone:
        return node
    opening = node.lpar[-1].whitespace_after if node.lpar else _NO_SPACE
    closing = node.rpar[0].whitespace_before if node.rpar else _NO_SPACE
    items, opening, closing = without(node.elements, gone, opening, closing)
    if len(items) == 1 and not isinstance(items[0].comma, cst.Comma):
        items[0] = items[0].with_changes(comma=cst.Comma())
    lpar, rpar = list(node.lpar), list(node.rpar)
    if lpar:
        lpar[-1] = lpar[-1].with_changes(whitespace_after=opening)
        rpar[0] = rpar[0].with_changes(whitespace_before=closing)
    elif not items:
        lpar, rpar = [cst.LeftParen()], [cst.RightParen()]
    return node.with_changes(elements=items, lpar=lpar, rpar=rpar)


def without(
    items: Sequence[Any], gone: Collection[cst.CSTNode], opening: Space, closing: Space
) -> tuple[list[Any], Space, Space]:
    """What is left of some items, and the space before the first of them and behind the last.

    A comment behind an item and those on the lines before it are the item's, and go with it.
    """
    if not any(each in gone for each in items):
        return list(items), opening, closing
    last = items[-1].comma
    gaps = [opening, *(_gap(each) for each in items[:-1]), _gap(items[-1]) if isinstance(last, cst.Comma) else closing]
    kept: list[Any] = []
    spaces = [opening]
    for index, item in enumerate(items):
        if item in gone:
            spaces[-1] = _joined(spaces[-1], gaps[index + 1], is_first=not kept, is_last=index + 1 == len(items))
        else:
            kept.append(item)
            spaces.append(gaps[index + 1])
    if not kept:
        return [], _NO_SPACE, _NO_SPACE
    for index, item in enumerate(kept[:-1]):
        kept[index] = item.with_changes(comma=item.comma.with_changes(whitespace_after=spaces[index + 1]))
    if not isinstance(last, cst.Comma):
        kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return kept, spaces[0], spaces[-1]
    kept[-1] = kept[-1].with_changes(comma=last.with_changes(whitespace_after=spaces[-1]))
    return kept, spaces[0], closing


def _gap(item: Item) -> Space:
    """The space behind an item's comma."""
    return item.comma.whitespace_after if isinstance(item.comma, cst.Comma) else _NO_SPACE


def _joined(before: Space, behind: Space, *, is_first: bool, is_last: bool) -> Space:
    """The space where an item was, of that before it and that behind it."""
    if isinstance(before, cst.ParenthesizedWhitespace):
        if isinstance(behind, cst.ParenthesizedWhitespace):
            return behind.with_changes(first_line=before.first_line)
        return behind if is_last and before.first_line.comment is None else before
    return before if is_first else behind
