"""What Python decides by the whole text of a function, whichever way it runs.

A name is local if any statement binds it, and a function is a generator if a `yield` stands anywhere in it. So code
that never runs still has a say, and not all of it can go.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import takewhile

import libcst as cst

from flagctl.removal.parents import Parents, around, parents_in
from flagctl.scan.python.harvest import Harvest
from flagctl.scan.python.module import Module
from flagctl.scan.python.nodes import children, descendants
from flagctl.scan.python.scopes import Parameter, Scope, ScopeKind
from flagctl.scan.python.walk import walk


def scopes_of(tree: cst.Module) -> dict[cst.CSTNode, Scope]:
    """The scopes of a tree: that of the module by the tree, those of functions and classes by their suites."""
    root = Scope(ScopeKind.MODULE, Module("", b""))
    found = Harvest()
    walk(tree.body, root, found, is_first=True)
    return {tree: root} | {scope.node.body: scope for scope in found.scopes if scope.node is not None}  # type: ignore[attr-defined]


def unsafe_sites(
    scopes: Mapping[cst.CSTNode, Scope],
    before: cst.Module,
    after: cst.Module,
    functions: Mapping[cst.CSTNode, cst.CSTNode],
    sites: Collection[cst.CSTNode],
) -> frozenset[cst.CSTNode]:
    """The sites in functions, or in the module, that would mean something else by what went.

    `scopes` are those of the module before, `functions` the suites of functions before and after.
    """
    new = scopes_of(after)
    found: set[cst.CSTNode] = set()
    for suite, scope in scopes.items():
        now = after if suite is before else functions.get(suite, suite)
        if now in new and _means_something_else(scope, new[now], suite, now):
            inside = {node for node in descendants(suite) if node in sites}
            if suite is before:  # what stands in functions does not bind the module's names
                inside -= {node for other in functions for node in descendants(other)}
            found |= inside
    return frozenset(found)


def _means_something_else(old: Scope, new: Scope, before: cst.CSTNode, after: cst.CSTNode) -> bool:
    if old.kind is ScopeKind.FUNCTION and _yields(before) != _yields(after):
        return True
    lost = old.bindings.keys() - new.bindings.keys()
    lost |= (old.globals - new.globals) | (old.nonlocals - new.nonlocals)
    return bool(lost) and any(each.value in lost for each in variables_in(after))


def variables_in(tree: cst.CSTNode) -> Iterator[cst.Name]:
    """The names of variables, and none of attributes and keywords."""
    others: set[cst.CSTNode] = set()
    for node in descendants(tree):
        match node:
            case cst.Attribute(attr=name):
                others.add(name)
            case cst.Arg(keyword=cst.Name() as name):
                others.add(name)
            case cst.Name() if node not in others:
                yield node


def is_set(node: cst.CSTNode, parents: Parents) -> bool:
    """Whether a name, attribute or item is set or deleted where it stands, alone or among others, and not read."""
    below = node
    above = parents.get(node)
    while isinstance(above, cst.Element | cst.StarredElement | cst.Tuple | cst.List):
        below = above
        above = parents.get(above)
    match above:
        case cst.AssignTarget() | cst.Del() | cst.AsName() | cst.MatchAs() | cst.MatchStar() | cst.MatchMapping():
            return True
        case cst.AugAssign() | cst.AnnAssign() | cst.For() | cst.CompFor() | cst.NamedExpr():
            return above.target is below
        case cst.Param() | cst.ImportAlias() | cst.FunctionDef() | cst.ClassDef():
            return above.name is below
        case cst.NameItem() | cst.TypeVar() | cst.MatchKeywordElement():
            return True
    return False


def shows_its_source(node: cst.CSTNode, parents: Parents) -> bool:
    """Whether an expression stands in `f"{...=}"`."""
    above = takewhile(lambda each: not isinstance(each, cst.BaseStatement), around(node, parents))
    return any(isinstance(each, cst.FormattedStringExpression) and each.equal is not None for each in above)


def _yields(suite: cst.CSTNode) -> bool:
    stack = [suite]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Yield):
            return True
        if not isinstance(node, cst.FunctionDef | cst.ClassDef | cst.Lambda):
            stack += children(node)
    return False


def may_be_unset(
    functions: Iterable[cst.FunctionDef], scopes: Mapping[cst.CSTNode, Scope], nodes: Collection[cst.CSTNode]
) -> frozenset[str]:
    """The variables of some functions that may have no value where the first of the nodes is."""
    found: set[str] = set()
    for function in functions:
        bindings = scopes[function.body].bindings
        found |= {name for name, all_ in bindings.items() if not all(isinstance(each, Parameter) for each in all_)}
        for statement in function.body.body:
            if statement in nodes:
                break
            found -= _set_by(statement)
    return frozenset(found)


def may_be_unset_anywhere(scopes: Iterable[Scope]) -> frozenset[str]:
    """The variables of functions that may have no value somewhere: all but parameters."""
    functions = (scope for scope in scopes if scope.kind is ScopeKind.FUNCTION)
    bound = ((name, each) for scope in functions for name, all_ in scope.bindings.items() for each in all_)
    return frozenset(name for name, each in bound if not isinstance(each, Parameter))


def unset_somewhere(tree: cst.Module) -> frozenset[str]:
    """The names that are unset somewhere: by `del`, or at the end of an `except` that names what it caught."""
    targets: list[cst.CSTNode] = []
    for node in descendants(tree):
        match node:
            case cst.Del(target=target) | cst.ExceptHandler(name=cst.AsName(name=target)):
                targets.append(target)
            case cst.ExceptStarHandler(name=cst.AsName(name=target)):
                targets.append(target)
    plain = (target.elements if isinstance(target, cst.Tuple | cst.List) else [target] for target in targets)
    names = (getattr(each, "value", each) if isinstance(each, cst.Element) else each for part in plain for each in part)
    return frozenset(each.value for each in names if isinstance(each, cst.Name))


def _set_by(statement: cst.CSTNode) -> set[str]:
    """The variables that a simple statement sets."""
    match statement:
        case cst.SimpleStatementLine(body=parts):
            targets = [target.target for part in parts if isinstance(part, cst.Assign) for target in part.targets]
            return {target.value for target in targets if isinstance(target, cst.Name)}
    return set()


SEEN_BY_NAME = frozenset({"eval", "exec", "globals", "locals", "vars"})
"""Functions that see variables which no name in the source reads."""


def is_simple(params: cst.Parameters) -> bool:
    """Whether a parameter may be left out without a look at what stands behind it."""
    has_star = isinstance(params.star_arg, cst.Param | cst.ParamStar) or params.star_kwarg is not None
    return not has_star and not params.kwonly_params and not params.posonly_params


def reads_of(function: cst.FunctionDef, name: str) -> list[cst.CSTNode] | None:
    """Where a function reads a parameter; `None` where it does more with it, or an inner function may."""
    names = [node for node in variables_in(function.body) if node.value == name]
    parents = parents_in(function) if names else {}
    if any(node.value in SEEN_BY_NAME for node in variables_in(function.body)):
        return None
    is_more = any(is_set(node, parents) or shows_its_source(node, parents) for node in names)
    return None if is_more else [*names]
