"""Looking at LibCST nodes without LibCST's visitors, which cost many times its parse."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import cache

import libcst as cst

from flagctl.config.conventions import Argument


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes right below this one that are not white space or punctuation."""
    for name in _fields(type(node)):
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            yield value
        elif isinstance(value, list | tuple):
            yield from (item for item in value if isinstance(item, cst.CSTNode))


def descendants(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A node and all below it that are no white space, each before what is in it."""
    stack = [node]
    while stack:
        each = stack.pop()
        yield each
        stack += reversed([*children(each)])


def comments(tree: cst.Module) -> Iterator[cst.Comment]:
    """Every comment of a tree, in no particular order."""
    stack: list[cst.CSTNode] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Comment):
            yield node
            continue
        for name in _all_fields(type(node)):
            value = getattr(node, name)
            if isinstance(value, cst.CSTNode):
                stack.append(value)
            elif isinstance(value, list | tuple):
                stack.extend(item for item in value if isinstance(item, cst.CSTNode))


def is_main_guard(test: cst.BaseExpression) -> bool:
    """`__name__ == "__main__"`: what it guards does not run at import."""
    match test:
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=cst.Equal(), comparator=right)]):
            return any(isinstance(side, cst.Name) and side.value == "__name__" for side in (left, right))
    return False


_PUNCTUATION = (
    "whitespace", "leading_lines", "lines_after_decorators", "lpar", "rpar", "lbracket", "rbracket", "lbrace", "rbrace",
    "comma", "semicolon", "equal", "dot", "colon", "header", "footer", "operator", "indent",
)  # fmt: skip


@cache
def _all_fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    return tuple(each.name for each in dataclasses.fields(kind))


@cache
def _fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    return tuple(each.name for each in dataclasses.fields(kind) if not any(word in each.name for word in _PUNCTUATION))


def dotted_text(node: cst.BaseExpression | None) -> str | None:
    """`a.b.c` as written, `get().x` with its call marked, `None` for what is no chain of names."""
    parts: list[str] = []
    while node is not None:
        if isinstance(node, cst.Attribute):
            parts.append(node.attr.value)
            node = node.value
        elif isinstance(node, cst.Call):
            parts.append("()")
            node = node.func
        elif isinstance(node, cst.Name):
            parts.append(node.value)
            return ".".join(reversed(parts)).replace(".()", "()")
        else:
            return None
    return None


def last_name(node: cst.BaseExpression) -> str | None:
    """`c` of `a.b.c`."""
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else None


def argument(call: cst.Call, where: Argument) -> cst.BaseExpression | None:
    """The argument of a call that stands at one of the positions or has one of the keywords."""
    positional: list[cst.Arg | None] = []
    for each in call.args:
        if each.keyword is not None:
            if each.keyword.value in where:
                return each.value
        elif each.star == "*":
            positional += [None] * len(call.args)  # what stands behind an unpacked list is at no known position
        elif not each.star:
            positional.append(each)
    for position in where:
        if isinstance(position, int) and position < len(positional):
            found = positional[position]
            return found.value if found is not None else None
    return None


def literal(node: cst.BaseExpression) -> str | int | None:
    """The value of a text or number that is written out."""
    match node:
        case cst.SimpleString():
            return string_value(node)
        case cst.Integer():
            return node.evaluated_value
    return None


def string_value(node: cst.SimpleString) -> str | None:
    """What a string says; `None` for bytes."""
    source = node.value
    if source[0] in "'\"" and "\\" not in source and "\r" not in source:  # LibCST has Python parse every string
        quotes = 3 if source[:3] in ("'''", '"""') else 1
        return source[quotes:-quotes]
    value = node.evaluated_value
    return value if isinstance(value, str) else None


def item(node: cst.BaseExpression, key: str | int | None) -> cst.BaseExpression | None:
    """The item of a display; of a dictionary, the last that has the key."""
    match node:
        case cst.Dict(elements=elements) if all(isinstance(each, cst.DictElement) for each in elements):
            found = [each.value for each in elements if isinstance(each, cst.DictElement) and literal(each.key) == key]
            return found[-1] if found else None
        case cst.List(elements=elements) | cst.Tuple(elements=elements) if isinstance(key, int):
            plain = [each.value for each in elements if isinstance(each, cst.Element)]
            return plain[key] if len(plain) == len(elements) and key < len(plain) else None
    return None
