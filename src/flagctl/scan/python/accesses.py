"""Evaluations that are no calls of a flag function: attributes, mappings and class attributes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase

import libcst as cst

from flagctl.config.conventions import Evaluation
from flagctl.model import Kind, Role
from flagctl.scan.conventions import Pattern
from flagctl.scan.python.harvest import Context, Harvest, Occurrence
from flagctl.scan.python.keys import is_false
from flagctl.scan.python.module import Module
from flagctl.scan.python.nodes import argument, dotted_text, last_name, string_value
from flagctl.scan.python.origins import Code, External
from flagctl.scan.python.resolver import Draft, Resolver
from flagctl.scan.python.scopes import Assigned, Scope, ScopeKind

_MAX_BASES = 8


def find_accesses(module: Module, resolver: Resolver) -> Iterator[Draft]:
    """The references in a module that read an attribute or an item, or set a class attribute."""
    found = module.harvest
    if resolver.matcher.attributes or resolver.matcher.properties:
        for attribute in found.attributes:
            yield from _attribute(attribute, resolver)
        for call in found.calls:
            yield from _getattr(call, resolver)
    if resolver.matcher.mappings:
        yield from _items(found, resolver)
    for scope in list(found.scopes):
        if scope.kind is ScopeKind.CLASS:
            yield from _class_attributes(scope, resolver)


def _items(found: Harvest, resolver: Resolver) -> Iterator[Draft]:
    """The references that read or write items of mappings."""
    for call in found.calls:
        yield from _mapping_get(call, resolver)
        yield from _mapping_patched(call, resolver)
    for subscript in found.subscripts:
        yield from _subscript(subscript, resolver)
    for assignment in found.assignments:
        yield from _mapping_assigned(assignment, resolver)
    for comparison in found.comparisons:
        yield from _membership(comparison, resolver)


def _attribute(attribute: Occurrence, resolver: Resolver) -> Iterator[Draft]:
    """`settings.FEATURE_X`."""
    name = attribute.node.attr.value
    properties = [each for each in resolver.matcher.properties if fnmatchcase(name, each.last)]
    found = resolver.matching(properties, attribute.node, attribute.context.scope)
    if found is not None and isinstance(found.convention, Evaluation) and found.convention.flag:
        draft = _access(attribute, found.convention, Kind.ATTRIBUTE, found.sdk)
        yield resolver.with_flag(draft, found.convention.flag, found.resolves_by)
        return
    for pattern, convention, sdk in resolver.matcher.attributes:
        if not _may_be_key(name, convention, resolver):
            continue
        names = resolver.names(attribute.node, attribute.context.scope)
        if any((match := pattern.fullmatch(each)) and match["key"] == name for each in names):
            yield resolver.with_flag(_access(attribute, convention, Kind.ATTRIBUTE, sdk), name)
            return


def _getattr(call: Occurrence, resolver: Resolver) -> Iterator[Draft]:
    """`getattr(settings, "FEATURE_X", False)`."""
    owner, key = argument(call.node, (0,)), argument(call.node, (1,))
    if last_name(call.node.func) != "getattr" or owner is None or key is None:
        return
    owners = resolver.names(owner, call.context.scope)
    for found in resolver.keys.of(key, call.context.scope) or ():
        for pattern, convention, sdk in resolver.matcher.attributes:
            matches = any(pattern.fullmatch(f"{name}.{found.value}") for name in owners)
            if matches and _may_be_key(found.value, convention, resolver):
                draft = Draft.evaluation(call.node, call.context, convention, sdk, Kind.ATTRIBUTE)
                yield from resolver.with_keys(draft.with_source(default=argument(call.node, (2,))), [found])
                break


def _may_be_key(name: str, convention: Evaluation, resolver: Resolver) -> bool:
    return convention.spelling.allows(name) if convention.key_pattern else name in resolver.flags


def _mapping_get(call: Occurrence, resolver: Resolver) -> Iterator[Draft]:
    """`settings.FEATURES.get("key", default)`."""
    callee = call.node.func
    if isinstance(callee, cst.Attribute) and callee.attr.value == "get":
        for draft in _item(callee.value, call, argument(call.node, (0, "key")), resolver):
            yield draft.with_source(default=argument(call.node, (1, "default")))


def _subscript(subscript: Occurrence, resolver: Resolver) -> Iterator[Draft]:
    """`settings.FEATURES["key"]`."""
    slices = subscript.node.slice
    if len(slices) == 1 and isinstance(slices[0].slice, cst.Index):
        yield from _item(subscript.node.value, subscript, slices[0].slice.value, resolver)


def _mapping_assigned(assignment: Occurrence, resolver: Resolver) -> Iterator[Draft]:
    """`settings.FEATURES = {"key": False}` forces what is in it; at module level it is where the mapping comes from."""
    value, scope = assignment.node.value, assignment.context.scope
    if not isinstance(value, cst.Dict) or scope.kind is not ScopeKind.FUNCTION:
        return
    for target in (each.target for each in assignment.node.targets):
        for element in value.elements:
            if isinstance(target, cst.Attribute) and isinstance(element, cst.DictElement):
                at = Occurrence(element.key, Context(scope, import_time=False, is_target=True))
                for draft in _item(target, at, element.key, resolver):
                    yield draft.with_source(value=element.value)


def _mapping_patched(call: Occurrence, resolver: Resolver) -> Iterator[Draft]:
    """`mock.patch.dict(settings.FEATURES, {"key": True})`, `monkeypatch.setitem(settings.FEATURES, "key", True)`."""
    name = dotted_text(call.node.func) or ""
    if not name.endswith(("patch.dict", "patch.setitem", "patch.delitem")):
        return
    mapping, key, value = (argument(call.node, (each,)) for each in range(3))
    if mapping is None or key is None:
        return
    at = Occurrence(call.node, Context(call.context.scope, import_time=False, is_target=True))
    entries: list[tuple[cst.BaseExpression, cst.BaseExpression | None]] = [(key, value)]
    if name.endswith("dict"):
        elements = key.elements if isinstance(key, cst.Dict) else ()
        entries = [(each.key, each.value) for each in elements if isinstance(each, cst.DictElement)]
    for each, forced in entries:
        for draft in _item(mapping, at, each, resolver):
            yield draft.with_source(value=forced)


def _membership(comparison: Occurrence, resolver: Resolver) -> Iterator[Draft]:
    """`"key" in settings.FEATURES`."""
    targets = comparison.node.comparisons
    if len(targets) == 1 and isinstance(targets[0].operator, cst.In | cst.NotIn):
        negated = isinstance(targets[0].operator, cst.NotIn)
        for draft in _item(targets[0].comparator, comparison, comparison.node.left, resolver):
            yield draft.but(returns="bool", negated=negated)


def _item(
    mapping: cst.BaseExpression, at: Occurrence, key: cst.BaseExpression | None, resolver: Resolver
) -> Iterator[Draft]:
    pattern = _mapping_pattern(mapping, at.context.scope, resolver) if key is not None else None
    if key is None or pattern is None or not isinstance(pattern.convention, Evaluation):
        return
    draft = replace(_access(at, pattern.convention, Kind.MAPPING, pattern.sdk), convention=pattern.convention)
    yield from resolver.keyed(draft, key, at.context.scope, pattern.convention.spelling)


def _mapping_pattern(mapping: cst.BaseExpression, scope: Scope, resolver: Resolver) -> Pattern | None:
    """The convention that a mapping is one of.

    What a function gives back ends in `()`, and an item of another mapping is written like an attribute of it:
    `config["FEATURES"]` is `config.FEATURES`.
    """
    items: list[str] = []
    while (item := _literal_item(mapping)) is not None:
        mapping, name = item
        items.insert(0, name)
    if isinstance(mapping, cst.SimpleString):  # patch.dict("os.environ", ...)
        return next((each for each in resolver.matcher.mappings if each.matches([string_value(mapping) or ""])), None)
    last = items[-1] if items else last_name(mapping) or ""
    patterns = [each for each in resolver.matcher.mappings if fnmatchcase(last, each.last) or each.last.endswith("()")]
    if not items:
        return resolver.matching(patterns, mapping, scope)
    names = {".".join((name, *items)) for name in resolver.names(mapping, scope)} if patterns else set()
    return next((each for each in patterns if each.matches(names)), None)


def _literal_item(node: cst.BaseExpression) -> tuple[cst.BaseExpression, str] | None:
    """`m["name"]` and `m.get("name", {})`, taken apart."""
    match node:
        case cst.Subscript(
            value=mapping, slice=[cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as key))]
        ):
            pass
        case cst.Call(
            func=cst.Attribute(value=mapping, attr=cst.Name("get")),
            args=[cst.Arg(value=cst.SimpleString() as key, keyword=None), *_],
        ):
            pass
        case _:
            return None
    name = string_value(key)
    return (mapping, name) if name is not None else None


def _access(at: Occurrence, convention: Evaluation, kind: Kind, sdk: str | None = None) -> Draft:
    """Reading an attribute or an item evaluates the flag; writing one forces its value."""
    if at.context.is_target:
        return Draft.at(at.node, at.context, Role.OVERRIDE, kind, sdk)
    return Draft.evaluation(at.node, at.context, convention, sdk, kind)


def _class_attributes(scope: Scope, resolver: Resolver) -> Iterator[Draft]:
    """`waffle_flag = "x"` in a class that has the SDK's mixin among its bases."""
    for pattern in resolver.matcher.class_attributes:
        convention = pattern.convention
        assigned = [each for each in scope.bound(pattern.last) if isinstance(each, Assigned)]
        if not assigned or not isinstance(convention, Evaluation):
            continue
        if not pattern.matches(f"{name}.{pattern.last}" for name in _base_names(scope, resolver)):
            continue
        names = [each for each in convention.state if isinstance(each, str)]
        states = [bound for name in names for bound in scope.bound(name)]
        is_opposite = any(isinstance(each, Assigned) and is_false(each.value) for each in states)
        for each in assigned:
            if each.value is not None:
                draft = Draft.evaluation(each.value, Context(scope), convention, pattern.sdk, Kind.CLASS_ATTRIBUTE)
                draft = draft.but(negated=convention.negated is not is_opposite)
                yield from resolver.keyed(draft, each.value, scope, convention.spelling)


def _base_names(scope: Scope, resolver: Resolver, depth: int = 0) -> Iterator[str]:
    """The dotted names of all base classes of a class, as far as they can be followed."""
    if depth > _MAX_BASES:
        return
    for base in resolver.tracer.bases(scope):
        if isinstance(base, External):
            yield resolver.matcher.types.get(base.name, base.name)
        elif isinstance(base, Code):
            yield from resolver.tracer.dotted_names(base.scope)
            yield from _base_names(base.scope, resolver, depth + 1)
