"""What a removal left without a use: imports, variables, and what modules define."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence

import libcst as cst

from flagctl.removal.fold.rewrite import rewritten
from flagctl.removal.scoping import (
    SEEN_BY_NAME,
    may_be_unset_anywhere,
    scopes_of,
    unset_somewhere,
    variables_in,
)
from flagctl.removal.values import Values, is_context, is_pure
from flagctl.scan.python.nodes import descendants, dotted_text
from flagctl.scan.python.scopes import Assigned, Defined, Imported, Scope, ScopeKind

_WORD = re.compile(r"\w+")


def words_lost(before: str, after: str) -> set[str]:
    """The words that stand less often in a text than they did."""
    return set(Counter(_WORD.findall(before)) - Counter(_WORD.findall(after)))


def names_read(code: str) -> set[str]:
    """The names that a module reads anywhere, in annotations that are strings and in `__all__` too."""
    tree = ast.parse(code)
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Global | ast.Nonlocal):
            found |= {*node.names}
    for text in _texts_of_code(tree):
        found |= set(_WORD.findall(text))
    return found


def _texts_of_code(tree: ast.AST) -> Iterable[str]:
    for node in ast.walk(tree):
        places: list[ast.AST | None] = []
        match node:
            case ast.arg(annotation=annotation) | ast.AnnAssign(annotation=annotation):
                places = [annotation]
            case ast.FunctionDef(returns=returns) | ast.AsyncFunctionDef(returns=returns):
                places = [returns]
            case ast.Assign(targets=targets, value=value) | ast.AugAssign(target=targets, value=value):
                names = targets if isinstance(targets, list) else [targets]
                places = [value] if any(isinstance(each, ast.Name) and each.id == "__all__" for each in names) else []
            case ast.Call(func=ast.Name(id="cast"), args=[first, *_]):
                places = [first]
        for place in places:
            for each in ast.walk(place) if place is not None else ():
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    yield each.value


def without_unused(
    before: cst.Module, after: cst.Module, *, imports: bool, is_wanted: Callable[[str], bool]
) -> cst.Module:
    """A module without the imports and variables that nothing reads any more.

    What was not read before stays, and so does what others want from here; `imports` says whether imports may go.
    """
    read_before = names_read(before.code)
    while True:
        gone = read_before - names_read(after.code)
        scopes = scopes_of(after)
        unused = {name for name in gone if name in scopes[after].bindings and not is_wanted(name)}
        names = _imports(scopes.values(), gone, unused) if imports else set()
        values = set() if _may_be_seen(after) else _variables(scopes.values(), gone)
        if values:
            unsure = unset_somewhere(after) | may_be_unset_anywhere(scopes.values())
            values = {value for value in values if not any(each.value in unsure for each in variables_in(value))}
        tried = _tried_imports(after)
        lines = {line for line in descendants(after) if line not in tried and _is_of_no_use(line, names, values)}
        lines |= _inner_definitions(scopes.values(), gone)
        dropper = _Dropper(names, values, tried)
        found = rewritten(after, {}, lines).tree if lines else cst.ensure_type(after.visit(dropper), cst.Module)
        if not lines and not dropper.is_used:
            return after
        after = found


def _tried_imports(tree: cst.Module) -> set[cst.CSTNode]:
    """The lines that import something to see whether it is there: those in a `try` that catches what they raise."""
    tries = (node for node in descendants(tree) if isinstance(node, cst.Try | cst.TryStar) and node.handlers)
    return {line for node in tries for line in descendants(node) if isinstance(line, cst.SimpleStatementLine)}


def _may_be_seen(tree: cst.Module) -> bool:
    """Whether something may see variables without reading them by name."""
    return any(isinstance(node, cst.Name) and node.value in SEEN_BY_NAME for node in descendants(tree))


def _is_of_no_use(line: cst.CSTNode, names: Collection[str], values: Collection[cst.CSTNode]) -> bool:
    """Whether a line does nothing but bind names that nothing reads."""
    match line:
        case cst.SimpleStatementLine(body=[cst.Import() | cst.ImportFrom() as only]) if not isinstance(
            only.names, cst.ImportStar
        ):
            is_future = isinstance(only, cst.ImportFrom) and dotted_text(only.module) == "__future__"
            comments = [each.value for each in _all_below(line) if isinstance(each, cst.Comment)]
            has_reason = any("noqa" in comment for comment in comments)
            return not has_reason and not is_future and all(_bound(alias) in names for alias in only.names)
        case (
            cst.SimpleStatementLine(body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name())], value=value)])
            | cst.SimpleStatementLine(body=[cst.AnnAssign(target=cst.Name(), value=value)])
        ):
            return value is not None and value in values and (is_pure(value, Values()) or is_context(value))
    return False


def _imports(scopes: Iterable[Scope], gone: Collection[str], unused: Collection[str]) -> set[str]:
    """The names of imports that go."""
    return {
        name
        for scope in scopes
        for name, bindings in scope.bindings.items()
        if name in (unused if scope.kind is ScopeKind.MODULE else gone)
        and all(isinstance(each, Imported) for each in bindings)
    }


def _variables(scopes: Iterable[Scope], gone: Collection[str]) -> set[cst.CSTNode]:
    """The values of variables that go."""
    return {
        each.value
        for scope in scopes
        if scope.kind is ScopeKind.FUNCTION
        for name, bindings in scope.bindings.items()
        if name in gone and all(isinstance(each, Assigned) for each in bindings)
        for each in bindings
        if isinstance(each, Assigned) and each.value is not None
    }


def _inner_definitions(scopes: Iterable[Scope], gone: Collection[str]) -> set[cst.CSTNode]:
    """The functions inside functions that go; one with a default or decorator does something where it is defined."""
    found: set[cst.CSTNode] = set()
    for scope in scopes:
        for name, bindings in scope.bindings.items() if scope.kind is ScopeKind.FUNCTION else ():
            match bindings:
                case [Defined(scope=Scope(node=cst.FunctionDef(decorators=[]) as function))] if name in gone:
                    if all(default is None for default in _defaults(function)):
                        found.add(function)
    return found


def _defaults(function: cst.FunctionDef) -> Iterable[cst.BaseExpression | None]:
    """The defaults of the parameters, which are evaluated where a function is defined."""
    params = function.params
    return (each.default for each in (*params.posonly_params, *params.params, *params.kwonly_params))


class _Dropper(cst.CSTTransformer):
    """Drops imports by the names that they bind, and variables by their values."""

    def __init__(self, names: Collection[str], values: Collection[cst.CSTNode], tried: Collection[cst.CSTNode]) -> None:
        super().__init__()
        self._tried = tried
        self._names = names
        self._values = values
        self._kept_by_comment: set[cst.CSTNode] = set()
        self.is_used = False

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> bool:
        comment = node.trailing_whitespace.comment
        if node in self._tried or (comment is not None and "noqa" in comment.value):
            self._kept_by_comment |= set(node.body)
        return True

    def leave_ImportFrom(
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.BaseSmallStatement | cst.RemovalSentinel:
        if isinstance(updated_node.names, cst.ImportStar) or dotted_text(updated_node.module) == "__future__":
            return updated_node
        return self._without(original_node, updated_node, updated_node.names)

    def leave_Import(
        self, original_node: cst.Import, updated_node: cst.Import
    ) -> cst.BaseSmallStatement | cst.RemovalSentinel:
        return self._without(original_node, updated_node, updated_node.names)

    def _without(
        self, original: cst.CSTNode, node: cst.Import | cst.ImportFrom, aliases: Sequence[cst.ImportAlias]
    ) -> cst.BaseSmallStatement | cst.RemovalSentinel:
        kept = [alias for alias in aliases if _bound(alias) not in self._names or _is_explained(alias)]
        if len(kept) == len(aliases) or original in self._kept_by_comment:
            return node
        self.is_used = True
        if not kept:
            return cst.RemoveFromParent()
        if kept[-1] is not aliases[-1]:
            kept[-1] = kept[-1].with_changes(comma=_last_comma(kept[-1], aliases[-1]))
        return node.with_changes(names=kept)

    def leave_Assign(
        self, original_node: cst.Assign, updated_node: cst.Assign
    ) -> cst.BaseSmallStatement | cst.RemovalSentinel:
        is_one_name = len(original_node.targets) == 1 and isinstance(original_node.targets[0].target, cst.Name)
        return self._only_value(updated_node, original_node.value) if is_one_name else updated_node

    def leave_AnnAssign(
        self, original_node: cst.AnnAssign, updated_node: cst.AnnAssign
    ) -> cst.BaseSmallStatement | cst.RemovalSentinel:
        is_name = isinstance(original_node.target, cst.Name) and original_node.value is not None
        return self._only_value(updated_node, original_node.value) if is_name else updated_node

    def _only_value(
        self, node: cst.BaseSmallStatement, value: cst.BaseExpression | None
    ) -> cst.BaseSmallStatement | cst.RemovalSentinel:
        if value is None or value not in self._values:
            return node
        self.is_used = True
        return cst.RemoveFromParent() if is_pure(value, Values()) else cst.Expr(value)


def _last_comma(alias: cst.ImportAlias, last: cst.ImportAlias) -> cst.Comma | cst.MaybeSentinel:
    """The comma behind a name that came to be the last in its list: as that was, but with its own comment."""
    match alias.comma, last.comma:
        case (
            cst.Comma(whitespace_after=cst.ParenthesizedWhitespace(first_line=own)),
            cst.Comma(whitespace_after=cst.ParenthesizedWhitespace() as end) as comma,
        ):
            return comma.with_changes(whitespace_after=end.with_changes(first_line=own))
    return last.comma


def _bound(alias: cst.ImportAlias) -> str:
    if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
        return alias.asname.name.value
    return (dotted_text(alias.name) or "").partition(".")[0]


def _is_explained(alias: cst.ImportAlias) -> bool:
    """Whether a comment beside a name in a list says that it stays."""
    return any(isinstance(node, cst.Comment) and "noqa" in node.value for node in _all_below(alias.comma))


def _all_below(node: object) -> Iterable[cst.CSTNode]:
    if isinstance(node, cst.CSTNode):
        yield node
        for each in node.children:
            yield from _all_below(each)
