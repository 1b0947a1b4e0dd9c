"""Where code declares its keys: registry entries, constants and members of enumerations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

import libcst as cst

from flagctl.config.conventions import Registry
from flagctl.model import Kind, ResolvedBy, Role
from flagctl.scan.python.harvest import Context
from flagctl.scan.python.keys import first_of
from flagctl.scan.python.module import Module
from flagctl.scan.python.resolver import Draft, Resolver
from flagctl.scan.python.scopes import Assigned, Binding, Defined, Scope, ScopeKind


def find_registry_entries(module: Module, registries: Iterable[Registry], resolver: Resolver) -> Iterator[Draft]:
    """The entries of the registries that stand in a module; they count whether or not the key has a definition."""
    for registry in registries:
        if registry.file != module.path:
            continue
        for binding in _named(registry.object.split("."), module.root):
            for entry, scope in _entries(binding):
                draft = Draft.at(entry, Context(scope), Role.DECLARATION, Kind.REGISTRY)
                draft = draft.but(site=replace(draft.reference.site, asked_elsewhere=registry.served))
                keys = resolver.keys.of_member(entry, scope) if scope.kind is ScopeKind.CLASS else None
                for key in keys or resolver.keys.of(entry, scope) or ():
                    yield resolver.with_flag(draft, key.value, key.by)


def find_constants(module: Module, resolver: Resolver) -> Iterator[Draft]:
    """The module and class level names whose value is a declared flag's name."""
    scopes = [scope for scope in (module.root, *module.harvest.scopes) if scope.kind is not ScopeKind.FUNCTION]
    found = [(name, each, scope) for scope in scopes for name, bound in scope.bindings.items() for each in bound]
    for name, binding, scope in found:  # looking at one may read more of the module
        if isinstance(binding, Assigned) and binding.value is not None:
            yield from _constant(name, binding.value, scope, resolver)


def constant_names(module: Module, constants: Iterable[Draft]) -> Iterator[str]:
    """The names of the constants among some declarations."""
    values = {draft.node for draft in constants if draft.reference.resolved_by is not None}
    for scope in (module.root, *module.harvest.scopes):
        for name, bound in scope.bindings.items() if scope.kind is not ScopeKind.FUNCTION else ():
            values_of = (
                first_of(each.value) for each in bound if isinstance(each, Assigned) and each.value is not None
            )
            if name.isupper() and not values.isdisjoint(values_of):
                yield name


def spelled_keys(resolver: Resolver) -> dict[Module, list[Draft]]:
    """Where the keys behind the references so far are spelled, by module."""
    found: dict[Module, list[Draft]] = {}
    for key in dict.fromkeys(resolver.spelled):
        draft = Draft.at(key.node, Context(key.scope), Role.DECLARATION, Kind.CONSTANT)
        by = ResolvedBy.LITERAL if isinstance(key.node, cst.SimpleString) else ResolvedBy.CONCATENATION
        found.setdefault(key.scope.module, []).append(resolver.with_flag(draft, key.value, by))
    return found


def _constant(name: str, assigned: cst.BaseExpression, scope: Scope, resolver: Resolver) -> Iterator[Draft]:
    if name in resolver.flags and name.isupper() and resolver.matcher.attributes:  # settings.FEATURE_X is the flag
        yield resolver.with_flag(Draft.at(assigned, Context(scope), Role.DECLARATION, Kind.CONSTANT), name)
        return
    value = first_of(assigned) if scope.kind is ScopeKind.CLASS else assigned
    if not isinstance(value, cst.SimpleString | cst.ConcatenatedString | cst.BinaryOperation | cst.FormattedString):
        return
    for key in resolver.keys.of(value, scope) or ():
        if key.value not in resolver.flags:
            continue
        if scope.kind is ScopeKind.CLASS and resolver.tracer.is_enum(scope):
            yield resolver.with_flag(Draft.at(value, Context(scope), Role.DECLARATION, Kind.ENUM), key.value, key.by)
        elif value is assigned and (name.isupper() or _JOINED.search(key.value)):  # label = "search" may be anything
            draft = Draft.at(value, Context(scope), Role.DECLARATION, Kind.CONSTANT)
            yield resolver.with_flag(draft, key.value, key.by)


_JOINED = re.compile("[^a-z]")


def _named(path: list[str], scope: Scope) -> list[Binding]:
    """What a dotted name inside a module is bound to."""
    bindings = scope.bound(path[0])
    if len(path) == 1:
        return bindings
    inner = (each.scope for each in bindings if isinstance(each, Defined))
    return [binding for each in inner for binding in _named(path[1:], each)]


def _entries(binding: Binding) -> Iterator[tuple[cst.BaseExpression, Scope]]:
    """The expressions that hold the keys of a registry."""
    match binding:
        case Defined(scope=scope):
            scope.read_all()
            members = [each for bindings in scope.bindings.values() for each in bindings]
            yield from ((first_of(each.value), scope) for each in members if isinstance(each, Assigned) and each.value)
        case Assigned(value=value, scope=scope) if value is not None:
            yield from ((entry, scope) for entry in _items(value))


def _items(value: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    match value:
        case cst.Dict(elements=elements):
            yield from (each.key for each in elements if isinstance(each, cst.DictElement))
        case cst.List(elements=elements) | cst.Tuple(elements=elements) | cst.Set(elements=elements):
            yield from (first_of(each.value) for each in elements)
        case cst.Call(args=[cst.Arg(keyword=None, value=inner)]):  # frozenset({...}), OrderedDict([...])
            yield from _items(inner)
