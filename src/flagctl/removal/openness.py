"""Modules that are looked into by more than the names that they have: nobody can say what is asked of these.

`vars(views)`, `getattr(views, "show_" + kind)`, `app.config.from_object("shop.constants")`, `globals()[name]`.
"""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath

from flagctl.removal.repository import Repository, means_another

_SEE_OWN = frozenset({"globals", "locals", "vars", "dir", "__dict__", "__getattr__", "getmembers", "__import__"})


def is_open(repository: Repository, path: str) -> bool:
    """Whether something may ask the module at `path` for a name that is not written out."""
    try:
        own = ast.parse(repository.now(path))
    except (OSError, SyntaxError, ValueError):
        return True
    if _looks_into_itself(own):
        return True
    stem = _name(path)
    dotted = _dotted(path, stem)
    for other in repository.count({stem})[stem]:
        data = repository.now(other)
        if other != path and (dotted.search(data) is not None or _is_handed_on(data, path, stem)):
            return True
    return False


def _name(path: str) -> str:
    """What other files call a module."""
    module = PurePosixPath(path)
    return module.parent.name if module.stem == "__init__" else module.stem


def _looks_into_itself(tree: ast.Module) -> bool:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.FunctionDef(name=name) if name in _SEE_OWN:
                return True
            case ast.Subscript(value=ast.Attribute(attr="modules")):
                return True
    return False


def _dotted(path: str, stem: str) -> re.Pattern[bytes]:
    """A string that is the module's dotted name: what imports it by that may do anything with it."""
    parent = PurePosixPath(path).parent.name
    before = rb"(?:[\w.]*\.)?" if not parent else rb"[\w.]*\."
    return re.compile(rb"""["']%s%s["']""" % (before, re.escape(stem.encode())))


def _is_handed_on(data: bytes, path: str, stem: str) -> bool:
    """Whether the module is used as an object, and not only to take names from."""
    if means_another(data, path):
        return False
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError):
        return False
    names = {
        alias.asname or alias.name.partition(".")[0] if isinstance(node, ast.Import) else alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        if alias.name.rpartition(".")[2] == stem
    }
    taken_from = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return any(
        (isinstance(node, ast.Name) and node.id in names and id(node) not in taken_from)
        or (isinstance(node, ast.Attribute) and node.attr == stem and id(node) not in taken_from and names)
        for node in ast.walk(tree)
    )
