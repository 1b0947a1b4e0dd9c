"""Functions of the project's own that ask for a flag, inferred from what they do.

A function that hands one of its parameters on as the key of an evaluation is an evaluation itself, wherever it is
called; so is one that does nothing but ask for one flag. What is found is said in the terms of a configuration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import libcst as cst

from flagctl.config.conventions import Argument, Evaluation, FlagObject, Override
from flagctl.model import Role
from flagctl.scan.facts import Helper
from flagctl.scan.python.nodes import children, last_name
from flagctl.scan.python.parameters import HandedOn, handed_on, is_cached, is_property
from flagctl.scan.python.resolver import Draft, Resolver
from flagctl.scan.python.scopes import Assigned, Parameter, Scope, ScopeKind

_CONVERSIONS = {"bool", "int", "str", "float"}


def find_helpers(drafts: Iterable[Draft], resolver: Resolver) -> dict[Draft, tuple[Helper, ...]]:
    """The helpers around some references, by what these were seen from."""
    found = {}
    for draft in drafts:
        if draft.convention is None or draft.reference.site.in_helper:
            continue
        if draft.reference.flag is None or (draft.key and draft.scope and _is_of_self(draft.key, draft.scope)):
            found[draft] = tuple(_handed_on(draft, resolver))
        elif draft.reference.role is Role.EVALUATION and (function := _whole_body(draft)):
            found[draft] = tuple(_fixed(function, draft, resolver))
    return {draft: helpers for draft, helpers in found.items() if helpers}


def _handed_on(draft: Draft, resolver: Resolver) -> Iterator[Helper]:
    """A function whose parameter is the key, or a class that keeps it."""
    if draft.key is None or draft.scope is None:
        return
    parameter = handed_on(draft.key, draft.scope)
    if parameter is not None:
        yield from _by_parameter(parameter, draft, resolver, resolver.tracer.dotted_names)
        return
    owner = _class_around(draft.scope)
    if owner is None or not _is_of_self(draft.key, draft.scope):
        return
    attribute = last_name(draft.key) or ""
    for binding in owner.assigned(attribute):
        if isinstance(binding, Assigned) and binding.value is not None:
            kept = handed_on(binding.value, binding.scope)
            if kept is not None and kept.function.name == "__init__":
                yield from _by_parameter(kept, draft, resolver, lambda _: resolver.tracer.dotted_names(owner))
    convention = draft.convention
    if isinstance(convention, Evaluation) and not owner.assigned(attribute):
        for name in resolver.tracer.dotted_names(owner):
            inferred = Evaluation(class_attribute=f"{name}.{attribute}", returns="object", **_handed_down(convention))
            yield Helper(inferred, draft.reference.sdk)


def _by_parameter(
    parameter: HandedOn, draft: Draft, resolver: Resolver, names: Callable[[Scope], Iterable[str]]
) -> Iterator[Helper]:
    calls = tuple(sorted(names(parameter.function)))
    if not calls:
        return
    convention = draft.convention
    if isinstance(convention, FlagObject) and draft.reference.role is Role.DECLARATION:  # makes a flag in a test
        yield Helper(Override(calls, parameter.where), draft.reference.sdk)
    elif isinstance(convention, Override):
        yield Helper(
            Override(calls, parameter.where, value=_position_of(draft.value, draft, parameter.function)),
            draft.reference.sdk,
        )
    elif isinstance(convention, Evaluation):
        whole = _whole_body(draft) is parameter.function
        inferred = Evaluation(
            call=calls,
            key=parameter.where,
            default=_position_of(draft.default, draft, parameter.function),
            returns=_returned(draft) if whole else "object",
            negated=draft.reference.negated is not _is_negated(draft) if whole else False,
            decorator=convention.decorator or _function_around(draft.scope) is not parameter.function,
            **_handed_down(convention) | ({"refreshes": False} if is_cached(parameter.function) else {}),
        )
        yield Helper(inferred, draft.reference.sdk)


def _fixed(function: Scope, draft: Draft, resolver: Resolver) -> Iterator[Helper]:
    """A function or property that does nothing but ask for one flag, if nothing else has its name."""
    if function.parent is None or len(function.parent.bound(function.name or "")) != 1:
        return
    names = tuple(resolver.tracer.dotted_names(function))
    inferred = Evaluation(
        call=names,
        flag=draft.reference.flag,
        returns=_returned(draft),
        negated=draft.reference.negated is not _is_negated(draft),
        refreshes=not (draft.reference.site.is_fixed or is_cached(function)),
    )
    if is_property(function):
        yield from (Helper(replace(inferred, call=(), attribute=name), draft.reference.sdk) for name in names)
    else:
        yield Helper(inferred, draft.reference.sdk)


def _handed_down(convention: Evaluation) -> dict[str, Any]:
    """How the key that is handed on is spelled, and whether its answer may change."""
    names = ("negation_prefix", "key_pattern", "key_until", "namespace", "refreshes")
    return {name: getattr(convention, name) for name in names}


def _position_of(node: cst.BaseExpression | None, draft: Draft, function: Scope) -> Argument:
    """Where the caller of a function gives what the function hands on."""
    found = handed_on(node, draft.scope) if node is not None and draft.scope is not None else None
    return found.where if found is not None and found.function is function else ()


def _whole_body(draft: Draft) -> Scope | None:
    """The function around a reference, if all it does is return what was asked, perhaps converted."""
    function = _function_around(draft.scope)
    if function is None or not isinstance(function.node, cst.FunctionDef):
        return None
    statements = (
        each
        for line in function.node.body.body
        for each in (line.body if isinstance(line, cst.SimpleStatementLine) else [line])
        if not (isinstance(each, cst.Expr) and isinstance(each.value, cst.SimpleString | cst.ConcatenatedString))
        and not isinstance(each, cst.Import | cst.ImportFrom)
    )
    match [*islice(statements, 2)]:
        case [cst.Return(value=value)] if value is not None and _only_asks(value, draft.node):
            return function
    return None


def _only_asks(value: cst.CSTNode, asked: cst.CSTNode) -> bool:
    if value is asked:
        return True
    match value:
        case cst.Await(expression=inner) | cst.UnaryOperation(operator=cst.Not(), expression=inner):
            return _only_asks(inner, asked)
        case cst.Call(func=cst.Name(value=name), args=[cst.Arg(value=inner, keyword=None)]) if name in _CONVERSIONS:
            return _only_asks(inner, asked)
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(comparator=right)]):
            return _only_asks(left, asked) and isinstance(right, cst.SimpleString | cst.Integer | cst.Name)
    return False


def _returned(draft: Draft) -> str:
    """What a function that only asks gives back: the flag's value, its truth, or what a comparison makes of it."""
    function = _function_around(draft.scope)
    stack: list[cst.CSTNode] = [function.node] if function and function.node else []
    while stack:
        node = stack.pop()
        if node is draft.node:
            return draft.reference.returns or "bool"
        if isinstance(node, cst.Comparison) or (isinstance(node, cst.Call) and last_name(node.func) != "bool"):
            continue
        stack.extend(children(node))
    return "object"


def _is_negated(draft: Draft) -> bool:
    """Whether the `return` around a reference turns its value round."""
    function = _function_around(draft.scope)
    stack: list[tuple[cst.CSTNode, bool]] = [(function.node, False)] if function and function.node else []
    while stack:
        node, negated = stack.pop()
        if node is draft.node:
            return negated
        turned = isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not)
        stack.extend((child, negated is not turned) for child in children(node))
    return False


def _function_around(scope: Scope | None) -> Scope | None:
    if scope is None:
        return None
    return next((each for each in scope.ancestry() if isinstance(each.node, cst.FunctionDef)), None)


def _class_around(scope: Scope) -> Scope | None:
    return next((each for each in scope.ancestry() if each.kind is ScopeKind.CLASS), None)


def _is_of_self(node: cst.BaseExpression, scope: Scope) -> bool:
    """Whether an expression is an attribute of the object whose method this is."""
    if not (isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name)):
        return False
    bindings = scope.lookup(node.value.value)
    return bool(bindings) and all(isinstance(each, Parameter) and each.owner is not None for each in bindings)
