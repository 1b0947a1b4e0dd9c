"""`*[x]` and `**{"k": x}` that came out of a choice, opened where they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from keyword import iskeyword
from typing import Any

import libcst as cst

from flagctl.removal.fold.displays import came_to_be_display
from flagctl.removal.fold.items import Item, without_items
from flagctl.removal.values import Values
from flagctl.scan.python.nodes import string_value

Opened = Mapping[cst.CSTNode, Sequence[Any]]
"""What stands in the place of items: others, or none."""


def items_in(original: cst.CSTNode, node: cst.CSTNode) -> Sequence[Item] | None:
    """The items that an item spreads, if they came to be written out."""
    match original, node:
        case (cst.StarredElement(value=before), cst.StarredElement(value=now)) if came_to_be_display(before, now):
            found: Sequence[Item] = now.elements  # type: ignore[attr-defined]
        case (cst.StarredDictElement(value=before), cst.StarredDictElement(value=cst.Dict() as now)) if not isinstance(
            before, cst.Dict
        ):
            found = now.elements
        case (cst.Arg(star="*", value=before), cst.Arg(value=now)) if came_to_be_display(before, now):
            elements: Sequence[cst.BaseElement] = now.elements  # type: ignore[attr-defined]
            found = [
                cst.Arg(each.value, star="*" if isinstance(each, cst.StarredElement) else "", comma=each.comma)
                for each in elements
            ]
        case (cst.Arg(star="**", value=before), cst.Arg(value=cst.Dict() as now)) if not isinstance(before, cst.Dict):
            arguments = [_as_argument(each) for each in now.elements]
            found = [each for each in arguments if each is not None]
            if len(found) < len(arguments):
                return None
        case _:
            return None
    return None if "#" in cst.Module([]).code_for_node(node.value) else found  # a comment has a place of its own


def _as_argument(element: cst.BaseDictElement) -> cst.Arg | None:
    match element:
        case cst.StarredDictElement(value=value):
            return cst.Arg(value, star="**", comma=element.comma)
        case cst.DictElement(key=cst.SimpleString() as key, value=value):
            name = string_value(key) or ""
            if name.isascii() and name.isidentifier() and not iskeyword(name) and not name.startswith("__"):
                equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
                return cst.Arg(value, cst.Name(name), equal, element.comma)
    return None


def opened(node: Any, found: Opened, values: Values) -> Any:
    """A display or call with the items of its items."""
    items = node.args if isinstance(node, cst.Call) else node.elements
    those = {each for each in items if each in found and _may_be_opened(node, each, found)}
    if isinstance(node, cst.Set) and "set" in values.own:
        those = {each for each in those if found[each]}
    if not those:
        return node
    all_items = [inner for each in items for inner in (_in_place_of(each, found[each]) if each in those else [each])]
    node = node.with_changes(**{"args" if isinstance(node, cst.Call) else "elements": all_items})
    return without_items(node, node, those)


def _in_place_of(item: Any, items: Sequence[Any]) -> list[Any]:
    """The items in the place of one, which stays for now if there is none in it."""
    if not items:
        return [item]
    *others, last = items
    changes = {"comma": item.comma}
    if isinstance(item, cst.Arg):
        changes["whitespace_after_arg"] = item.whitespace_after_arg
    return [*others, last.with_changes(**changes)]


def _may_be_opened(node: cst.CSTNode, item: cst.CSTNode, found: Opened) -> bool:
    match node:
        case cst.Tuple(lpar=[]):
            return "\n" not in cst.Module([]).code_for_node(item)
        case cst.Call(args=args):
            return _is_argument_list([inner for each in args for inner in (found[each] if each is item else [each])])
    return True


def _is_argument_list(args: Sequence[cst.Arg]) -> bool:
    """Whether arguments may stand in this order: none by its place behind one by name, and no name twice."""
    names = [each.keyword.value for each in args if each.keyword is not None]
    by_name = False
    for each in args:
        if by_name and each.keyword is None and not each.star:
            return False
        by_name = by_name or each.keyword is not None or each.star == "**"
    return len(names) == len(set(names))
