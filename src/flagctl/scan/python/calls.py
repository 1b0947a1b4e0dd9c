"""Evaluations and overrides that are calls, flag objects, and decorators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import libcst as cst

from flagctl.config.conventions import Argument, Evaluation, FlagObject, KeyForm, Override
from flagctl.model import Kind, ResolvedBy, Role
from flagctl.scan.conventions import Matcher, Pattern
from flagctl.scan.python.keys import keyword_names
from flagctl.scan.python.module import Module
from flagctl.scan.python.nodes import argument, last_name
from flagctl.scan.python.origins import Value
from flagctl.scan.python.resolver import Draft, Resolver
from flagctl.scan.python.scopes import Assigned, Binding, Imported
from flagctl.scan.python.walk import Occurrence


def find_calls(module: Module, resolver: Resolver) -> Iterator[Draft]:
    """The references in a module that are calls or decorators."""
    known = aliases(module, resolver.matcher)
    for call in module.harvest.calls:
        yield from _call(call, known, resolver)
    for decorator in module.harvest.decorators:
        yield from _bare_decorator(decorator, resolver)


def _call(call: Occurrence, known: Mapping[str, set[str]], resolver: Resolver) -> Iterator[Draft]:
    name = last_name(call.node.func)
    if name is None:
        return
    names = {name, *known.get(name, ())}
    text = call.context.scope.module.text
    named = (pattern for each in sorted(names) for pattern in resolver.matcher.calls(each))
    patterns = [pattern for pattern in named if pattern.may_be_in(text)]
    if pattern := resolver.matching(patterns, call.node.func, call.context.scope):
        yield from _matched(call, pattern, resolver)
    elif not names.isdisjoint(resolver.matcher.methods):
        yield from _flag_object_method(call, resolver)


def _matched(call: Occurrence, pattern: Pattern, resolver: Resolver) -> Iterator[Draft]:
    convention = pattern.convention
    match convention:
        case FlagObject():
            key = argument(call.node, convention.key)
            if key is not None:
                draft = Draft.at(call.node, call.context, Role.DECLARATION, Kind.FLAG_OBJECT, pattern.sdk)
                yield from resolver.keyed(draft, key, call.context.scope)
        case Override():
            draft = Draft.at(call.node, call.context, Role.OVERRIDE, Kind.CALL, pattern.sdk)
            draft = replace(draft, convention=convention, scope=call.context.scope)
            draft = draft.with_source(value=_argument(call, convention.value, resolver))
            yield from _keyed_by_form(draft, call, convention, resolver)
        case Evaluation():
            draft = Draft.evaluation(call.node, call.context, convention, pattern.sdk)
            draft = replace(draft, convention=convention, scope=call.context.scope)
            draft = draft.with_source(default=_argument(call, convention.default, resolver))
            if convention.flag:
                yield resolver.with_flag(draft, convention.flag, pattern.resolves_by)
            else:
                yield from _keyed_by_form(draft, call, convention, resolver)


def _keyed_by_form(
    draft: Draft, call: Occurrence, convention: Evaluation | Override, resolver: Resolver
) -> Iterator[Draft]:
    if convention.form is KeyForm.KEYWORDS:
        for name in keyword_names(call.node):
            yield resolver.with_flag(draft, name.value)
        return
    key = _argument(call, convention.key, resolver)
    if key is None:
        if any(each.star for each in call.node.args):  # it may be among what is unpacked
            yield draft
    elif convention.form is KeyForm.ONE:
        prefix = convention.negation_prefix if isinstance(convention, Evaluation) else ""
        yield from resolver.keyed(draft, key, call.context.scope, prefix)
    else:
        for keys in resolver.keys.elements(key, call.context.scope, convention.form):
            yield from resolver.with_keys(draft, keys)


def _argument(call: Occurrence, where: Argument, resolver: Resolver) -> cst.BaseExpression | None:
    """An argument, by its position even where the call gives its name, if the function is the project's own."""
    return argument(call.node, resolver.with_parameter_names(where, call.node, call.context.scope))


def _flag_object_method(call: Occurrence, resolver: Resolver) -> Iterator[Draft]:
    """`FLAG.is_enabled()`, where a flag object's constructor made `FLAG`, here or in another module."""
    callee = call.node.func
    if not isinstance(callee, cst.Attribute):
        return
    for origin in resolver.tracer.trace(callee.value, call.context.scope):
        if not (isinstance(origin, Value) and isinstance(origin.node, cst.Call)):
            continue
        pattern = resolver.matching(resolver.matcher.constructors, origin.node.func, origin.scope)
        if pattern is None or not isinstance(pattern.convention, FlagObject):
            continue
        key = argument(origin.node, pattern.convention.key)
        if key is None or callee.attr.value not in pattern.convention.evaluations:
            continue
        draft = Draft.at(call.node, call.context, Role.EVALUATION, Kind.CALL, pattern.sdk)
        for found in resolver.keyed(draft.but(returns=pattern.convention.returns), key, origin.scope):
            yield found.but(resolved_by=ResolvedBy.FLAG_OBJECT) if found.reference.flag is not None else found


def _bare_decorator(decorator: Occurrence, resolver: Resolver) -> Iterator[Draft]:
    """`@new_checkout_only`: a decorator that always asks for one flag needs no call."""
    name = last_name(decorator.node)
    patterns = resolver.matcher.calls(name) if name else ()
    pattern = resolver.matching(patterns, decorator.node, decorator.context.scope)
    convention = pattern.convention if pattern else None
    if pattern and isinstance(convention, Evaluation) and convention.decorator and convention.flag:
        draft = Draft.evaluation(decorator.node, decorator.context, convention, pattern.sdk)
        yield resolver.with_flag(draft, convention.flag, pattern.resolves_by)


def aliases(module: Module, matcher: Matcher) -> dict[str, set[str]]:
    """Other names that a module gives to what the conventions call: `import ... as`, `is_on = client.is_enabled`."""
    found: dict[str, set[str]] = {}
    for scope in (module.root, *module.harvest.scopes):
        for name, bindings in scope.bindings.items():
            for original in filter(None, map(_original_name, bindings)):
                if original != name and (matcher.calls(original) or original in matcher.methods):
                    found.setdefault(name, set()).add(original)
    return found


def _original_name(binding: Binding) -> str | None:
    match binding:
        case Imported(name=name):
            return name
        case Assigned(value=cst.Name() | cst.Attribute() as value):
            return last_name(value)
    return None
