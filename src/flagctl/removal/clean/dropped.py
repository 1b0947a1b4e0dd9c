"""The names that a removal drops: what a module no longer defines or imports."""

from __future__ import annotations

import ast
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dropped:
    """What a module had and has no longer: functions, classes and constants, and names that it imported."""

    definitions: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()


def dropped(before: bytes, after: bytes) -> Dropped:
    """The names that are in one version of a module and not in the next; of a class that goes, only its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trees = [ast.parse(each) for each in (before, after)]
    defined, imported = ([Counter(names(tree)) for tree in trees] for names in (_defined, _imported))
    gone = defined[0] - defined[1]
    return Dropped(
        tuple(name for name in gone if name.rpartition(".")[0] not in gone),
        tuple(imported[0] - imported[1]),
    )


def _defined(tree: ast.Module) -> Iterator[str]:
    return _defined_in(tree.body, "")


def _defined_in(body: Iterable[ast.stmt], inside: str) -> Iterator[str]:
    for node in body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield inside + name
            case ast.ClassDef(name=name):
                yield inside + name
                yield from _defined_in(node.body, f"{inside}{name}.")
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield inside + name


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (each.asname or each.name for each in node.names)
