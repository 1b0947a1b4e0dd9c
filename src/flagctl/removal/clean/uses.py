"""What code asks for, and by which name: to tell what only removed code asked for from what nothing ever did."""

from __future__ import annotations

import ast
import re
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
    """Whether all that a file has by this name is its own, or of another module, and nothing is asked of an object."""
    is_own = False
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Attribute(attr=own) if own == name:
                return False
            case ast.Constant(value=str() as text) if re.search(rf"\b{re.escape(name)}\b", text):
                return False
            case ast.FunctionDef(name=own) | ast.AsyncFunctionDef(name=own) | ast.ClassDef(name=own) if own == name:
                is_own = True
            case ast.Name(id=own, ctx=ast.Store()) | ast.arg(arg=own) if own == name:
                is_own = True
            case ast.ImportFrom(module=other, names=names):
                taken = [each for each in names if name in (each.name, each.asname)]
                if any(each.asname not in (None, each.name) for each in taken):
                    return False
                is_another = (other or "").rpartition(".")[2] != module
                if taken and not is_another:
                    return False
                is_own = is_own or bool(taken)
    return is_own
