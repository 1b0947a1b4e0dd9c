"""Evaluations and overrides that are calls, flag objects, and decorators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import libcst as cst

from flagctl.config.conventions import Argument, Evaluation, FlagObject, KeyForm, Override
from flagctl.model import Kind, ResolvedBy, Role
from flagctl.scan.conventions import Matcher, Pattern
from flagctl.scan.facts import Helper
from flagctl.scan.python.harvest import Occurrence
from flagctl.scan.python.keys import is_false
from flagctl.scan.python.module import Module
from flagctl.scan.python.nodes import argument, last_name
from flagctl.scan.python.origins import Value
from flagctl.scan.python.resolver import Draft, Resolver
from flagctl.scan.python.scopes import Assigned, Binding, Imported, Scope


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
        yield from _called_result(call, known, resolver)
        return
    patterns, scope = _patterns(name, call, known, resolver), call.context.scope
    matching = list(resolver.all_matching(patterns, call.node.func, scope))
    for pattern in matching:  # two SDKs may share a helper, such as Django's `override_settings`
        if found := list(_matched(call, pattern, resolver)):
            yield from found
            return
    if not matching and not {name, *known.get(name, ())}.isdisjoint(resolver.matcher.methods):
        yield from _flag_object_method(call, resolver)
    elif not matching:
        yield from _partial_called(call, patterns, resolver)
        yield from _function_passed(call, known, resolver)


def _patterns(name: str, call: Occurrence, known: Mapping[str, set[str]], resolver: Resolver) -> list[Pattern]:
    """The patterns that something of this name may match."""
    text = call.context.scope.module.text
    names = sorted({name, *known.get(name, ())})
    return [each for name in names for each in resolver.matcher.calls(name) if each.may_be_in(text)]


def _called_result(call: Occurrence, known: Mapping[str, set[str]], resolver: Resolver) -> Iterator[Draft]:
    """`sync_to_async(flag_is_active)(request, "x")`: what is called is what another call gives."""
    inner = call.node.func
    if isinstance(inner, cst.Call) and inner.args and (name := last_name(inner.args[0].value)):
        patterns = _patterns(name, call, known, resolver)
        for pattern in resolver.all_matching(patterns, inner, call.context.scope):
            yield from _matched(call, pattern, resolver)
            return


def _partial_called(call: Occurrence, patterns: list[Pattern], resolver: Resolver) -> Iterator[Draft]:
    """`ask = partial(flag_is_active, request)`, asked as `ask("x")`; a key that was bound before is asked for there."""
    for origin in resolver.tracer.trace(call.node.func, call.context.scope) if patterns else ():
        made = origin.node if isinstance(origin, Value) else None
        if not isinstance(origin, Value) or not isinstance(made, cst.Call) or not made.args:
            continue
        if "functools.partial" not in resolver.tracer.names(made.func, origin.scope):
            continue
        bound = [cst.Arg(_BOUND) for each in made.args[1:] if each.keyword is None and not each.star]
        whole = Occurrence(cst.Call(made.args[0].value, [*bound, *call.node.args]), call.context)
        for pattern in resolver.all_matching(patterns, made.args[0].value, origin.scope):
            found = _matched(whole, pattern, resolver)
            yield from (replace(draft, node=call.node) for draft in found if draft.key is not _BOUND)
            return


_BOUND = cst.Ellipsis()
"""Stands for an argument that was given before."""


def _function_passed(call: Occurrence, known: Mapping[str, set[str]], resolver: Resolver) -> Iterator[Draft]:
    """`partial(flag_is_active, request, "x")`, `to_thread(client.is_enabled, "x")`: a function with its arguments."""
    for index, argument_ in enumerate(call.node.args[:-1]):
        name = last_name(argument_.value)
        patterns = _patterns(name, call, known, resolver) if name else []
        for pattern in resolver.all_matching(patterns, argument_.value, call.context.scope):
            if isinstance(pattern.convention, Evaluation) and not pattern.convention.flag:
                asked = cst.Call(argument_.value, call.node.args[index + 1 :])
                for draft in _matched(Occurrence(asked, call.context), pattern, resolver):
                    if draft.reference.flag is not None:  # when it is asked is up to what it is passed to
                        yield replace(draft, node=call.node).but(site=replace(draft.reference.site, import_time=False))
                return


def _matched(call: Occurrence, pattern: Pattern, resolver: Resolver) -> Iterator[Draft]:
    convention = pattern.convention
    match convention:
        case FlagObject():
            draft = Draft.at(call.node, call.context, Role.DECLARATION, Kind.FLAG_OBJECT, pattern.sdk)
            draft = replace(draft, convention=convention)
            yield from _keyed_by_object(draft, convention, call.node, call.context.scope, resolver)
        case Override():
            draft = Draft.at(call.node, call.context, Role.OVERRIDE, Kind.CALL, pattern.sdk)
            draft = replace(draft, convention=convention)
            draft = draft.with_source(value=_argument(call, convention.value, resolver))
            yield from _keyed_by_form(draft, call, convention, resolver)
        case Evaluation():
            draft = Draft.evaluation(call.node, call.context, convention, pattern.sdk)
            draft = replace(draft, convention=convention)
            draft = draft.with_source(default=_argument(call, convention.default, resolver))
            if is_false(_argument(call, convention.state, resolver)):
                draft = draft.but(negated=not convention.negated)
            if convention.flag:
                yield resolver.with_flag(draft, convention.flag, pattern.resolves_by)
            else:
                yield from _keyed_by_form(draft, call, convention, resolver)


def _keyed_by_form(
    draft: Draft, call: Occurrence, convention: Evaluation | Override, resolver: Resolver
) -> Iterator[Draft]:
    form, spelling, scope = convention.form, convention.spelling, call.context.scope
    if form is KeyForm.KEYWORDS:
        for each in call.node.args:
            if each.keyword is not None and spelling.allows(each.keyword.value):
                name = resolver.in_namespace(each.keyword.value, spelling.namespace)
                yield resolver.with_flag(_forcing(draft, each.value), name)
        return
    key = _argument(call, convention.key, resolver)
    if key is None:
        if any(each.star for each in call.node.args) and not spelling.patterns:  # it may be among what is unpacked
            yield draft
        return
    if form is KeyForm.ANY:
        form = resolver.keys.form_of(key, scope)
    if form is KeyForm.ONE:
        yield from resolver.keyed(draft, key, scope, spelling)
    elif form is KeyForm.OBJECT:
        yield from _keyed_by_objects(draft, key, scope, resolver)
    else:
        for keys, value in resolver.keys.entries(key, scope, form):
            yield from resolver.with_keys(_forcing(draft, value), keys, spelling)


def _forcing(draft: Draft, value: cst.BaseExpression | None) -> Draft:
    """An override that has the value beside the key: `{"key": value}`, `key=value`."""
    if draft.reference.role is not Role.OVERRIDE or draft.reference.value is not None:
        return draft
    return draft.with_source(value=value)


def _argument(call: Occurrence, where: Argument, resolver: Resolver) -> cst.BaseExpression | None:
    """An argument, by its position even where the call gives its name, if the function is the project's own."""
    return argument(call.node, resolver.with_parameter_names(where, call.node, call.context.scope))


def _flag_object_method(call: Occurrence, resolver: Resolver) -> Iterator[Draft]:
    """`FLAG.is_enabled()`, where a flag object's constructor made `FLAG`, here or in another module."""
    callee = call.node.func
    if not isinstance(callee, cst.Attribute):
        return
    for pattern, convention, made in _flag_objects(callee.value, call.context.scope, resolver):
        if callee.attr.value in convention.evaluations:
            draft = Draft.at(call.node, call.context, Role.EVALUATION, Kind.CALL, pattern.sdk)
            draft = replace(draft, convention=convention).but(returns=convention.returns)
            draft = draft.but(site=replace(draft.reference.site, is_fixed=not convention.refreshes))
            links = tuple(resolver.tracer.links(callee.value, call.context.scope))
            for found in _keyed_by_object(replace(draft, links=links), convention, made.node, made.scope, resolver):
                yield replace(_through_object(found), key=None, scope=call.context.scope)


def _keyed_by_objects(draft: Draft, node: cst.BaseExpression, scope: Scope, resolver: Resolver) -> Iterator[Draft]:
    """A draft for the key of each flag object that an expression may hold; as it is where there is none."""
    found = [
        each
        for _, convention, made in _flag_objects(node, scope, resolver)
        for each in _keyed_by_object(draft, convention, made.node, made.scope, resolver)
    ]
    yield from map(_through_object, found or [draft])


def _flag_objects(
    node: cst.BaseExpression, scope: Scope, resolver: Resolver
) -> Iterator[tuple[Pattern, FlagObject, Value]]:
    """The calls of flag objects' constructors that an expression, or an element of it, may come from."""
    for origin in resolver.tracer.trace(node, scope):
        if not isinstance(origin, Value):
            continue
        if isinstance(origin.node, cst.List | cst.Tuple | cst.Set):
            for element in origin.node.elements:
                yield from _flag_objects(element.value, origin.scope, resolver)
        elif isinstance(origin.node, cst.Call):
            pattern = resolver.matching(resolver.matcher.constructors, origin.node.func, origin.scope)
            if pattern is not None and isinstance(pattern.convention, FlagObject):
                yield pattern, pattern.convention, origin


def _keyed_by_object(
    draft: Draft, convention: FlagObject, made: cst.BaseExpression, scope: Scope, resolver: Resolver
) -> Iterator[Draft]:
    """A draft for the key of the object that the call `made` makes."""
    if not isinstance(made, cst.Call):
        return
    if convention.named:
        name = resolver.name_given(made, scope)
        if name is not None:
            yield resolver.with_flag(draft, resolver.in_namespace(name, convention.namespace))
        return
    key = argument(made, convention.key)
    if key is not None:
        yield from resolver.keyed(draft, key, scope, convention.spelling)


def _through_object(draft: Draft) -> Draft:
    return draft.but(resolved_by=ResolvedBy.FLAG_OBJECT) if draft.reference.flag is not None else draft


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
        for name, bindings in (*scope.bindings.items(), *scope.attributes.items()):
            for original in filter(None, map(_original_name, bindings)):
                if original != name and (matcher.calls(original) or original in matcher.methods):
                    found.setdefault(name, set()).add(original)
    return found


def find_exported_aliases(module: Module, resolver: Resolver) -> Iterator[Helper]:
    """The other names of this module for what the conventions call, as other modules may import them."""
    for name, originals in aliases(module, resolver.matcher).items():
        patterns = [pattern for each in sorted(originals) for pattern in resolver.matcher.calls(each)]
        for pattern in resolver.all_matching(patterns, cst.Name(name), module.root) if module.root.bound(name) else ():
            if isinstance(pattern.convention, Evaluation | Override):
                exported = tuple(f"{each}.{name}" for each in resolver.tracer.module_names(module))
                yield Helper(replace(pattern.convention, call=exported), pattern.sdk)


def _original_name(binding: Binding) -> str | None:
    match binding:
        case Imported(name=name):
            return name
        case Assigned(value=cst.Name() | cst.Attribute() as value):
            return last_name(value)
        case Assigned(value=cst.Call(args=[cst.Arg(value=cst.Name() | cst.Attribute() as value), *_])):
            return last_name(value)  # partial(...), sync_to_async(...)
    return None
