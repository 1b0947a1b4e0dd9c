"""Names that stand for one flag: constants that hold its key, its object, functions that ask for nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import libcst as cst

from flagctl.config.conventions import Evaluation, FlagObject
from flagctl.model import Kind, Role
from flagctl.scan.facts import Helper
from flagctl.scan.python.harvest import Context, Occurrence
from flagctl.scan.python.module import Module
from flagctl.scan.python.nodes import argument, dotted_text, last_name
from flagctl.scan.python.origins import Value
from flagctl.scan.python.resolver import Draft, Resolver
from flagctl.scan.python.scopes import Scope


def find_names(module: Module, resolver: Resolver) -> Iterator[Draft]:
    """Where the names in question are imported and used, outside of the references that have them."""
    for found in (*module.harvest.names, *module.harvest.attributes):
        if found.context.is_target or (last_name(found.node) or "") not in resolver.matcher.names:
            continue
        draft = with_call(Draft.at(found.node, found.context.inside, Role.MENTION, Kind.NAME), found)
        for flag in sorted(set(_flags(found.node, found.context.scope, resolver))):
            yield resolver.with_flag(draft, flag).but(resolved_by=None)


def with_call(draft: Draft, found: Occurrence) -> Draft:
    """What stands for a key, with the call that it is an argument of: perhaps a helper that we were not told of."""
    call = found.context.argument_of
    for position, each in enumerate(call.args if call else ()):
        if call is not None and each.value is found.node:
            where = each.keyword.value if each.keyword else position
            return draft.but(site=replace(draft.reference.site, passed_to=dotted_text(call.func), position=where))
    return draft


def _flags(node: cst.BaseExpression, scope: Scope, resolver: Resolver) -> Iterator[str]:
    """The declared flags that an expression stands for."""
    keys = list(resolver.keys.of(node, scope) or ())
    for origin in resolver.tracer.trace(node, scope):
        if isinstance(origin, Value) and isinstance(origin.node, cst.Call):
            pattern = resolver.matching(resolver.matcher.constructors, origin.node.func, origin.scope)
            if pattern is not None and isinstance(pattern.convention, FlagObject):
                key = argument(origin.node, pattern.convention.key)
                keys += (resolver.keys.of(key, origin.scope) or ()) if key is not None else ()
    yield from (key.value for key in keys if key.value in resolver.flags)
    for pattern in resolver.all_matching(resolver.matcher.calls(last_name(node) or ""), node, scope):
        if isinstance(pattern.convention, Evaluation) and pattern.convention.flag:
            yield pattern.convention.flag


def helper_definitions(found: Mapping[Draft, Iterable[Helper]], resolver: Resolver) -> Iterator[Draft]:
    """Where the functions that ask for one flag and do nothing else are defined."""
    for draft, helpers in found.items():
        asks_for_one = any(isinstance(each.convention, Evaluation) and each.convention.flag for each in helpers)
        if draft.reference.flag is None or draft.scope is None or not asks_for_one:
            continue
        for scope in draft.scope.ancestry():
            if isinstance(scope.node, cst.FunctionDef):
                at = Draft.at(scope.node.name, Context(scope), Role.DECLARATION, Kind.HELPER)
                yield resolver.with_flag(at, draft.reference.flag).but(resolved_by=None)
                break
