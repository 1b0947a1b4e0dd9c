"""Modules that are looked into by more than the names that they have: nobody can say what is asked of these.

`vars(views)`, `getattr(views, "show_" + kind)`, `app.config.from_object("shop.constants")`, `globals()[name]`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from flagctl.removal.repository import Repository

_SEE_OWN = frozenset({"globals", "locals", "vars", "dir", "__dict__", "__getattr__", "getmembers", "__import__"})


def is_open(repository: Repository, path: str) -> bool:
    """Whether something may ask the module at `path` for a name that is not written out."""
    stem = _name(path)
    dotted = _dotted(path, stem)
    return looks_into_itself(repository, path) or any(
        dotted.search(data := repository.now(other)) is not None or _is_handed_on(data, other, path)
        for other in repository.count({stem})[stem]
        if other != path
    )


def looks_into_itself(repository: Repository, path: str) -> bool:
    """Whether a module asks itself for names that are not written out, or cannot be read."""
    try:
        return _sees_its_names(ast.parse(repository.now(path)))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return True


def _name(path: str) -> str:
    """What other files call a module."""
    module = PurePosixPath(path)
    return module.parent.name if module.stem == "__init__" else module.stem


def _sees_its_names(tree: ast.Module) -> bool:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.FunctionDef(name=name) if name in _SEE_OWN:
                return True
            case ast.Subscript(value=ast.Attribute(attr="modules")):
                return True
    return False


def _dotted(path: str, stem: str) -> re.Pattern[bytes]:
    """A string that is the module's dotted name: what imports it by that may do anything with it."""
    parts = [*PurePosixPath(path).with_suffix("").parts]
    parent = parts[parts.index(stem) - 1] if parts.index(stem) else ""
    before = rb"(?:[\w.]*\.)?%s" % (re.escape(parent.encode()) + rb"\." if parent else b"")
    return re.compile(rb"""["']%s%s["']""" % (before, re.escape(stem.encode())))


def _is_handed_on(data: bytes, own: str, path: str) -> bool:
    """Whether the module at `own` uses another one as an object, and not only to take names from."""
    stem = re.escape(_name(path).encode())
    # Most files only take names from it: `from .const import A`. To look costs little, to parse them much.
    if not re.search(rb"\bimport\s+(?:\([^)]*|[^\n]*)\b%s\b" % stem, data):
        return False
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError):
        return False
    names = {name for name, dotted in _imported(tree, own) if _may_be(dotted, path)}
    taken_from = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return any(
        id(node) not in taken_from and _text(node) in names
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute)
    )


def _text(node: ast.expr) -> str | None:
    """A dotted name as it is written."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def _imported(tree: ast.Module, own: str) -> Iterator[tuple[str, str]]:
    """What is imported into the module at `own`: as what it is written there, and from where."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((each.asname or each.name, each.name) for each in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                above = PurePosixPath(own).parts[:-level] if level else ()
                for each in names:
                    yield each.asname or each.name, ".".join([*above, *filter(None, [module]), each.name])


def _may_be(dotted: str, path: str) -> bool:
    """Whether a dotted name may be that of a module, though one of the two may begin further up."""
    parts = [part for part in PurePosixPath(path).with_suffix("").parts if part != "__init__"]
    return all(one == other for one, other in zip(reversed(parts), reversed(dotted.split(".")), strict=False))
