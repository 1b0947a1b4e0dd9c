"""Functions as their callers see them: by which position or name a parameter is given."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from flagctl.config.conventions import Argument
from flagctl.scan.python.nodes import dotted_text
from flagctl.scan.python.scopes import Parameter, Scope


@dataclass(frozen=True, slots=True)
class HandedOn:
    """A parameter whose value an expression has, unchanged, and where a caller gives it."""

    function: Scope
    where: Argument


def handed_on(node: cst.BaseExpression, scope: Scope) -> HandedOn | None:
    """The parameter of a function around an expression that this has the value of."""
    if not isinstance(node, cst.Name):
        return None
    bindings = scope.module.harvest.reaching.get(node) or scope.lookup(node.value)
    if len(bindings) != 1 or not isinstance(bindings[0], Parameter) or bindings[0].owner is not None:
        return None
    function = next((each for each in scope.ancestry() if bindings[0] in each.bindings.get(node.value, ())), None)
    if function is None or not isinstance(function.node, cst.FunctionDef):
        return None
    names = parameter_names(function, function.node)
    where: Argument = (names.index(node.value), node.value) if node.value in names else (node.value,)
    return HandedOn(function, where)


def parameter_names(function: Scope, node: cst.FunctionDef) -> list[str]:
    """The names of a function's parameters by position, `self` not counted."""
    names = [each.name.value for each in (*node.params.posonly_params, *node.params.params)]
    bindings = function.bindings.get(names[0], []) if names else []
    is_method = any(isinstance(each, Parameter) and each.owner is not None for each in bindings)
    return names[1:] if is_method else names


def is_property(scope: Scope) -> bool:
    """Whether a function is a property: its name stands for what it returns."""
    return not _decorators(scope).isdisjoint(["property", "cached_property", "setter", "deleter"])


def is_cached(scope: Scope) -> bool:
    """Whether a function keeps its answers: who calls it again gets the same one."""
    return not _decorators(scope).isdisjoint(["cache", "cached", "cached_property", "lru_cache", "memoize"])


def _decorators(scope: Scope) -> set[str]:
    """The last names of a function's decorators."""
    made = scope.node.decorators if isinstance(scope.node, cst.FunctionDef) else ()
    called = (each.decorator.func if isinstance(each.decorator, cst.Call) else each.decorator for each in made)
    return {(dotted_text(each) or "").rpartition(".")[2] for each in called}
