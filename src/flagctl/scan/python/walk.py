"""One pass over a LibCST tree that gathers scopes, bindings and the expressions that may turn out to be references.

LibCST's visitors and metadata providers cost many times its parse. This walk keeps a stack of its own, goes through
each node once, skips white space and keeps a small context.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import libcst as cst

from flagctl.scan.python.bind import bind_target
from flagctl.scan.python.harvest import Context, Harvest, Occurrence, String
from flagctl.scan.python.nodes import children, dotted_text, is_main_guard
from flagctl.scan.python.scopes import (
    Assigned,
    Binding,
    Block,
    Defined,
    Element,
    Imported,
    Opaque,
    Parameter,
    Scope,
    ScopeKind,
)


def walk(body: Iterable[cst.CSTNode], scope: Scope, found: Harvest, *, is_first: bool) -> None:
    """Goes through some statements of a module or class; every name that they bind ends up in the scope.

    `is_first` says that they begin the body, so that the first of them may be its docstring.
    """
    body = list(body)
    if is_first:
        _note_docstring(body, found)
    context = Context(scope, import_time=not scope.module.is_script)
    stack: list[tuple[Step, Context]] = [(statement, context) for statement in reversed(body)]
    while stack:
        node, context = stack.pop()
        if not isinstance(node, cst.CSTNode):
            node()
            continue
        visit = _VISITS.get(type(node))
        below = visit(node, context, found) if visit else ((child, context) for child in children(node))
        stack.extend(reversed(list(below)))


Step = cst.CSTNode | Callable[[], None]
"""What the walk does next: go into a node, or bind a name once the value before it has been gone through."""

Visited = Iterator[tuple[Step, Context]]


def _binding(target: cst.BaseExpression, binding: Binding, context: Context) -> Callable[[], None]:
    return lambda: bind_target(target, binding, context.scope, context.blocks)


def _visit_function(node: cst.FunctionDef, context: Context, found: Harvest) -> Visited:
    scope = Scope(ScopeKind.FUNCTION, context.scope.module, node, node.name.value, context.scope)
    found.scopes.append(scope)
    context.scope.bind(node.name.value, Defined(scope))
    yield from _decorators(node.decorators, context, found)
    for each in node.type_parameters.params if node.type_parameters else ():
        scope.bind(each.param.name.value, Opaque())
    yield from _parameters(node.params, context, scope, is_method=_binds_self(node, context.scope))
    if node.returns:
        yield node.returns.annotation, context
    _note_docstring(node.body.body, found)
    yield node.body, Context(scope, import_time=False, blocks=(Block(),))


def _visit_lambda(node: cst.Lambda, context: Context, found: Harvest) -> Visited:
    scope = Scope(ScopeKind.FUNCTION, context.scope.module, node, None, context.scope)
    yield from _parameters(node.params, context, scope, is_method=False)
    yield node.body, Context(scope, import_time=False)


def _visit_class(node: cst.ClassDef, context: Context, found: Harvest) -> Visited:
    scope = Scope(ScopeKind.CLASS, context.scope.module, node, node.name.value, context.scope)
    context.scope.bind(node.name.value, Defined(scope))
    found.scopes.append(scope)
    yield from _decorators(node.decorators, context, found)
    yield from ((argument.value, context) for argument in (*node.bases, *node.keywords))
    _note_docstring(node.body.body, found)
    yield node.body, replace(context, scope=scope)


def _visit_comprehension(
    node: cst.BaseSimpleComp | cst.DictComp | cst.GeneratorExp, context: Context, found: Harvest
) -> Visited:
    inner = replace(context, scope=Scope(ScopeKind.FUNCTION, context.scope.module, node, None, context.scope))
    clause: cst.CompFor | None = node.for_in
    while clause is not None:
        bind_target(clause.target, Element(clause.iter, inner.scope), inner.scope)
        clause = clause.inner_for_in
    yield from ((child, inner) for child in children(node))


def _decorators(decorators: Sequence[cst.Decorator], context: Context, found: Harvest) -> Visited:
    inner = replace(context, is_decorator=True)
    for each in decorators:
        if not isinstance(each.decorator, cst.Call):
            found.decorators.append(Occurrence(each.decorator, inner))
        yield each.decorator, inner


def _parameters(parameters: cst.Parameters, context: Context, scope: Scope, *, is_method: bool) -> Visited:
    """Binds a function's parameters; its defaults and annotations belong to the scope around it."""
    first = True
    stars = (parameters.star_arg, parameters.star_kwarg)
    ordinary = (*parameters.posonly_params, *parameters.params, *parameters.kwonly_params)
    for each in (*ordinary, *stars):
        if not isinstance(each, cst.Param):
            continue
        annotation = each.annotation.annotation if each.annotation else None
        owner = context.scope if first and is_method else None
        scope.bind(each.name.value, Parameter(annotation, context.scope, owner) if each in ordinary else Opaque())
        first = False
        if annotation is not None:
            yield annotation, context
        if each.default is not None:
            yield each.default, context


def _binds_self(node: cst.FunctionDef, scope: Scope) -> bool:
    if scope.kind is not ScopeKind.CLASS:
        return False
    names = (decorator.decorator for decorator in node.decorators)
    return not any(isinstance(name, cst.Name) and name.value == "staticmethod" for name in names)


def _note_docstring(body: Sequence[cst.CSTNode], found: Harvest) -> None:
    statement = body[0] if body else None
    if isinstance(statement, cst.SimpleStatementLine):
        statement = statement.body[0]
    if isinstance(statement, cst.Expr):
        found.docstrings.add(statement.value)


def _visit_assign(node: cst.Assign, context: Context, found: Harvest) -> Visited:
    found.assignments.append(Occurrence(node, context))
    yield node.value, context
    for target in node.targets:
        yield _binding(target.target, Assigned(node.value, context.scope), context), context
        yield target.target, replace(context, is_target=True)


def _visit_annotated_assign(node: cst.AnnAssign, context: Context, found: Harvest) -> Visited:
    annotation = node.annotation.annotation
    yield annotation, context
    if node.value is not None:
        yield node.value, context
    yield _binding(node.target, Assigned(node.value, context.scope, annotation), context), context
    yield node.target, replace(context, is_target=True)


def _visit_augmented_assign(node: cst.AugAssign, context: Context, found: Harvest) -> Visited:
    yield from ((child, context) for child in children(node))
    yield _binding(node.target, Opaque(), context), context


def _visit_walrus(node: cst.NamedExpr, context: Context, found: Harvest) -> Visited:
    scope = next(each for each in context.scope.ancestry() if not isinstance(each.node, cst.BaseComp))
    yield node.value, context
    yield _binding(node.target, Assigned(node.value, context.scope), replace(context, scope=scope)), context


def _visit_with_item(node: cst.WithItem, context: Context, found: Harvest) -> Visited:
    """`with f() as x`: what is entered mostly gives itself."""
    yield node.item, context
    if node.asname is not None:
        yield _binding(node.asname.name, Assigned(node.item, context.scope), context), context
        yield node.asname.name, replace(context, is_target=True)


def _visit_as_name(node: cst.AsName, context: Context, found: Harvest) -> Visited:
    bind_target(node.name, Opaque(), context.scope)
    return iter(())


def _visit_capture(node: cst.MatchAs | cst.MatchStar, context: Context, found: Harvest) -> Visited:
    if node.name is not None:
        bind_target(node.name, Opaque(), context.scope)
    return ((child, context) for child in children(node) if child is not node.name)


def _visit_match_mapping(node: cst.MatchMapping, context: Context, found: Harvest) -> Visited:
    if node.rest is not None:
        bind_target(node.rest, Opaque(), context.scope)
    return ((child, context) for child in children(node) if child is not node.rest)


def _visit_del(node: cst.Del, context: Context, found: Harvest) -> Visited:
    bind_target(node.target, Opaque(), context.scope)
    yield node.target, replace(context, is_target=True)


def _visit_if(node: cst.If, context: Context, found: Harvest) -> Visited:
    guarded = replace(context, import_time=False) if is_main_guard(node.test) else context
    yield node.test, context
    yield node.body, guarded
    if node.orelse is not None:
        yield node.orelse, context


def _visit_global(node: cst.Global, context: Context, found: Harvest) -> Visited:
    context.scope.globals.update(item.name.value for item in node.names)
    return iter(())


def _visit_nonlocal(node: cst.Nonlocal, context: Context, found: Harvest) -> Visited:
    context.scope.nonlocals.update(item.name.value for item in node.names)
    return iter(())


def _visit_return(node: cst.Return, context: Context, found: Harvest) -> Visited:
    if node.value is not None:
        context.scope.returns.append(node.value)
        yield node.value, context


def _visit_import(node: cst.Import, context: Context, found: Harvest) -> Visited:
    for alias in node.names:
        dotted = dotted_text(alias.name) or ""
        if alias.asname is None:
            root = dotted.partition(".")[0]
            context.scope.bind(root, Imported(root))
        elif isinstance(alias.asname.name, cst.Name):
            context.scope.bind(alias.asname.name.value, Imported(dotted))
    return iter(())


def _visit_import_from(node: cst.ImportFrom, context: Context, found: Harvest) -> Visited:
    module = dotted_text(node.module) or "" if node.module is not None else ""
    level = len(node.relative)
    if isinstance(node.names, cst.ImportStar):
        context.scope.star_imports.append(Imported(module, None, level))
        return iter(())
    for alias in node.names:
        name = dotted_text(alias.name) or ""
        local = alias.asname.name if alias.asname else alias.name
        if isinstance(local, cst.Name):
            context.scope.bind(local.value, Imported(module, name, level, local))
            found.names.append(Occurrence(local, context))
    return iter(())


def _visit_call(node: cst.Call, context: Context, found: Harvest) -> Visited:
    found.calls.append(Occurrence(node, context))
    yield node.func, context.inside
    yield from ((argument, replace(context.inside, argument_of=node)) for argument in node.args)


def _visit_subscript(node: cst.Subscript, context: Context, found: Harvest) -> Visited:
    found.subscripts.append(Occurrence(node, context))
    return ((child, context.inside) for child in children(node))


def _visit_comparison(node: cst.Comparison, context: Context, found: Harvest) -> Visited:
    found.comparisons.append(Occurrence(node, context))
    return ((child, context.inside) for child in children(node))


def _visit_name(node: cst.Name, context: Context, found: Harvest) -> Visited:
    if not context.is_target:
        found.names.append(Occurrence(node, context))
    if context.scope.kind is ScopeKind.FUNCTION and not context.is_target:
        reaching = context.scope.reaching(node.value, context.blocks)
        if reaching is not None:
            found.reaching[node] = reaching
    return iter(())


def _visit_block(node: cst.BaseSuite, context: Context, found: Harvest) -> Visited:
    inner = replace(context, blocks=(*context.blocks, Block()))
    return ((child, inner) for child in node.body)


def _visit_loop(node: cst.For | cst.While, context: Context, found: Harvest) -> Visited:
    inner = replace(context, blocks=(*context.blocks, Block(is_loop=True)))
    if isinstance(node, cst.For):
        yield node.iter, context
        yield _binding(node.target, Element(node.iter, context.scope), inner), inner
    else:
        yield node.test, inner
    yield node.body, inner
    if node.orelse is not None:
        yield node.orelse, context


def _visit_string(node: String, context: Context, found: Harvest) -> Visited:
    found.strings.append(Occurrence(node, context))
    if isinstance(node, cst.FormattedString):
        return ((child, context) for child in children(node))
    if isinstance(node, cst.ConcatenatedString):
        return ((part, context) for part in _parts(node) if isinstance(part, cst.FormattedString))
    return iter(())


def _parts(node: cst.ConcatenatedString) -> Iterator[cst.CSTNode]:
    """The strings of which a concatenated one is made: of more than two, the right one is such itself."""
    for child in children(node):
        yield from _parts(child) if isinstance(child, cst.ConcatenatedString) else [child]


def _visit_attribute(node: cst.Attribute, context: Context, found: Harvest) -> Visited:
    found.attributes.append(Occurrence(node, context))
    yield node.value, context.inside


_VISITS: dict[type[cst.CSTNode], Callable[[Any, Context, Harvest], Visited]] = {
    cst.AnnAssign: _visit_annotated_assign,
    cst.AsName: _visit_as_name,
    cst.Assign: _visit_assign,
    cst.Attribute: _visit_attribute,
    cst.AugAssign: _visit_augmented_assign,
    cst.Call: _visit_call,
    cst.ClassDef: _visit_class,
    cst.Comparison: _visit_comparison,
    cst.ConcatenatedString: _visit_string,
    cst.Del: _visit_del,
    cst.DictComp: _visit_comprehension,
    cst.For: _visit_loop,
    cst.FormattedString: _visit_string,
    cst.FunctionDef: _visit_function,
    cst.GeneratorExp: _visit_comprehension,
    cst.Global: _visit_global,
    cst.If: _visit_if,
    cst.IndentedBlock: _visit_block,
    cst.Import: _visit_import,
    cst.ImportFrom: _visit_import_from,
    cst.Lambda: _visit_lambda,
    cst.ListComp: _visit_comprehension,
    cst.MatchAs: _visit_capture,
    cst.MatchMapping: _visit_match_mapping,
    cst.MatchStar: _visit_capture,
    cst.Name: _visit_name,
    cst.NamedExpr: _visit_walrus,
    cst.Nonlocal: _visit_nonlocal,
    cst.Return: _visit_return,
    cst.SetComp: _visit_comprehension,
    cst.SimpleStatementSuite: _visit_block,
    cst.SimpleString: _visit_string,
    cst.Subscript: _visit_subscript,
    cst.While: _visit_loop,
    cst.WithItem: _visit_with_item,
}
