"""Constants, functions and classes that only the removed code named: of a word that stands once, nobody asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import libcst as cst

from flagctl.removal.values import Values, is_pure
from flagctl.scan.python.nodes import string_value


def definitions_of(tree: cst.Module, names: Collection[str], keys: Collection[str]) -> dict[str, cst.CSTNode]:
    """Where a module or its classes define some names, once each, in a way that may go.

    What is made of one of the flag's `keys` may go whatever it is.
    """
    found: dict[str, list[cst.CSTNode]] = {}
    for node in _defining(tree.body):
        for name in _defined(node, keys):
            if name in names:
                found.setdefault(name, []).append(node)
    return {name: nodes[0] for name, nodes in found.items() if len(nodes) == 1}


def _defining(body: Iterable[cst.CSTNode]) -> Iterable[cst.CSTNode]:
    for statement in body:
        yield statement
        if isinstance(statement, cst.ClassDef):
            yield from _defining(statement.body.body)


def _defined(node: cst.CSTNode, keys: Collection[str]) -> tuple[str, ...]:
    match node:
        case cst.FunctionDef(name=cst.Name(value=name), decorators=[]) if not name.startswith("__"):
            return (name,)
        case cst.ClassDef(name=cst.Name(value=name), decorators=[]):
            return (name,)
        case cst.SimpleStatementLine(
            body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value)]
        ):
            return (name,) if is_pure(value, Values()) or _is_made_of(value, keys) else ()
        case cst.SimpleStatementLine(body=[cst.AnnAssign(target=cst.Name(value=name), value=value)]) if (
            value is not None
        ):
            return (name,) if is_pure(value, Values()) or _is_made_of(value, keys) else ()
    return ()


def _is_made_of(value: cst.BaseExpression, keys: Collection[str]) -> bool:
    """Whether a value is a flag object: a call that is given the key."""
    match value:
        case cst.Call(args=args):
            return any(isinstance(each.value, cst.SimpleString) and string_value(each.value) in keys for each in args)
    return False
