"""What code asks for, and by which name: to tell what only removed code asked for from what nothing ever did."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Use:
    """A name that is read: alone, as an attribute of something, or taken from a module by an import."""

    name: str
    of: str | None = None
    """What it is an attribute of, or the last part of the module it is taken from; `None` for a name alone."""


def uses_in(code: str) -> Counter[Use]:
    """What some statements ask for, and how often."""
    return Counter(_uses(ast.parse(code)))


def _uses(tree: ast.AST) -> Iterator[Use]:
    modules = dict(_modules(tree))
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                yield Use(name)
            case ast.Attribute(value=ast.Name(id=of) | ast.Attribute(attr=of), attr=name, ctx=ast.Load()):
                yield Use(name, modules.get(of, of))
            case ast.ImportFrom(module=module, names=names):
                yield from (Use(each.name, (module or "").rpartition(".")[2]) for each in names)


def _modules(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """What imported modules are called here, and what by themselves: `import checkout.keys as k`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((each.asname, each.name.rpartition(".")[2]) for each in node.names if each.asname)


def binds(code: str, name: str, module: str) -> bool:
    """Whether a module has something of its own by this name, that it does not take from another module."""
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.FunctionDef(name=own) | ast.AsyncFunctionDef(name=own) | ast.ClassDef(name=own) if own == name:
                return True
            case ast.Name(id=own, ctx=ast.Store()) | ast.arg(arg=own) if own == name:
                return True
            case ast.ImportFrom(module=other, names=names) if (other or "").rpartition(".")[2] != module:
                if any((each.asname or each.name) == name for each in names):
                    return True
    return False
