"""Variables that hold nothing but a known value: what reads them reads the value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import libcst as cst

from flagctl.removal.parents import Parents, parents_in
from flagctl.removal.scoping import SEEN_BY_NAME, may_be_unset_anywhere, scopes_of, unset_somewhere
from flagctl.removal.values import Known, Value, Values, is_pure
from flagctl.scan.python.nodes import descendants
from flagctl.scan.python.scopes import Assigned, Scope, ScopeKind


@dataclass(frozen=True, slots=True)
class Constants:
    """Variables with a known value: the reads of them, and the statements that did nothing but set them."""

    reads: dict[cst.CSTNode, Value] = field(default_factory=dict)
    lines: set[cst.CSTNode] = field(default_factory=set)
    """Lines, or parts of lines with other statements."""

    def __bool__(self) -> bool:
        return bool(self.reads or self.lines)


def constant_variables(tree: cst.Module, values: Values, before: cst.Module | None = None) -> Constants:
    """The variables that have a known value whenever they are read.

    Such a variable is local to a function, bound once, and read only further down in the suite that binds it. If it was
    bound more often `before`, what it is said to be, true or false, counts as known, too.
    """
    were = _bindings(before) if before is not None else {}
    found = Constants()
    parents = parents_in(tree)
    if any(isinstance(node, cst.Name) and node.value in SEEN_BY_NAME for node in parents):
        return found
    scopes = scopes_of(tree)
    for suite, scope in scopes.items():
        if scope.kind is not ScopeKind.FUNCTION:
            continue
        for name, bindings in scope.bindings.items():
            match bindings:
                case [Assigned(value=cst.BaseExpression() as value)]:
                    is_left = were.get(scope.qualified_name or "", {}).get(name, 0) > 1
                    known = values.of(value) or (_truth(value) if is_left else None)
                    if known is None:
                        continue
                    reads = reads_behind(name, value, suite, parents, scopes) or []
                    is_short = len(reads) == 1 or isinstance(known.value, bool | None)
                    shown = reads if is_short else [each for each in reads if isinstance(parents[each], _FOLDS)]
                    found.reads.update(dict.fromkeys(shown, known.value))
                    if reads and len(shown) == len(reads):
                        binding = parents[value]
                        line = cst.ensure_type(parents[binding], cst.SimpleStatementLine)
                        found.lines.add(line if len(line.body) == 1 else binding)
    return found


_FOLDS = (
    cst.Comparison, cst.ComparisonTarget, cst.If, cst.While, cst.IfExp, cst.UnaryOperation, cst.BooleanOperation,
    cst.Match, cst.Index,
)  # fmt: skip
"""What may come to something else with a text or a number in it."""


def _bindings(tree: cst.Module) -> dict[str, dict[str, int]]:
    """How often the functions of a module bind their variables; none of functions that share a name."""
    found: dict[str, list[dict[str, int]]] = {}
    for scope in scopes_of(tree).values():
        counts = {name: len(bindings) for name, bindings in scope.bindings.items()}
        found.setdefault(scope.qualified_name or "", []).append(counts)
    return {name: counts[0] for name, counts in found.items() if len(counts) == 1}


def _truth(node: cst.BaseExpression) -> Known | None:
    return Known(node.value == "True") if isinstance(node, cst.Name) and node.value in ("True", "False") else None


def overwritten(before: cst.Module, now: cst.Module) -> set[cst.CSTNode]:
    """The lines that set a variable of a function which the next line, that was not the next before, sets again."""
    adjacent = {_codes(pair) for pair in _pairs(before)}
    scopes = scopes_of(now)
    values = Values()
    values.unsure = unset_somewhere(now) | may_be_unset_anywhere(scopes.values())
    found: set[cst.CSTNode] = set()
    for suite, scope in scopes.items():
        if scope.kind is not ScopeKind.FUNCTION or not isinstance(suite, cst.IndentedBlock):
            continue
        inside = [*descendants(suite)]
        inner = [node for node in inside if isinstance(node, _INNER)]
        tried = {
            node for each in inside if isinstance(each, cst.Try | cst.TryStar | cst.With) for node in descendants(each)
        }
        for first, second in _pairs(suite):
            match _set(first), _set(second):
                case (name, value), (other, new) if name == other and name in scope.bindings and first not in tried:
                    is_read = any(_mentions(name, each) for each in (new, *inner))
                    if not is_read and is_pure(value, values) and _codes((first, second)) not in adjacent:
                        found.add(first)
    return found


_INNER = (cst.FunctionDef, cst.Lambda, cst.ClassDef, cst.BaseComp)


def _mentions(name: str, node: cst.CSTNode) -> bool:
    return any(True for _ in _named(name, node))


def _pairs(tree: cst.CSTNode) -> Iterator[tuple[cst.SimpleStatementLine, cst.SimpleStatementLine]]:
    """The lines of suites with the next ones; those of functions inside, too."""
    for node in descendants(tree):
        if isinstance(node, cst.IndentedBlock):
            for first, second in pairwise(node.body):
                if isinstance(first, cst.SimpleStatementLine) and isinstance(second, cst.SimpleStatementLine):
                    yield first, second


def _codes(lines: Iterable[cst.SimpleStatementLine]) -> tuple[str, ...]:
    return tuple(cst.Module([]).code_for_node(line).strip() for line in lines)


def _set(line: cst.SimpleStatementLine) -> tuple[str, cst.BaseExpression] | None:
    """The variable that a line does nothing but set, and its value."""
    match line:
        case cst.SimpleStatementLine(
            body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value)]
        ):
            return name, value
    return None


def reads_behind(
    name: str,
    value: cst.BaseExpression,
    suite: cst.CSTNode,
    parents: Parents,
    scopes: Mapping[cst.CSTNode, Scope],
) -> list[cst.Name] | None:
    """Where a variable is read, if that is known to be behind its only binding."""
    binding = parents[value]
    line = parents[binding]
    if not isinstance(binding, cst.Assign | cst.AnnAssign) or not isinstance(line, cst.SimpleStatementLine):
        return None
    if isinstance(binding, cst.Assign) and (
        len(binding.targets) > 1 or not isinstance(binding.targets[0].target, cst.Name)
    ):
        return None
    inner = parents[line]
    body = getattr(inner, "body", ())
    behind = {node for statement in body[body.index(line) + 1 :] for node in descendants(statement)}
    behind |= {node for part in line.body[line.body.index(binding) + 1 :] for node in descendants(part)}
    reads = [node for node in _named(name, suite) if not _is_other(node, parents[node])]
    target = binding.targets[0].target if isinstance(binding, cst.Assign) else binding.target
    reads = [node for node in reads if node is not target]
    for other, scope in scopes.items():
        if other is not suite and name in scope.bindings and any(node is other for node in descendants(suite)):
            return None
    is_plain = all(node in behind and _is_read(node, parents[node]) for node in reads)
    return reads if is_plain and not _is_rebound(name, suite) else None


def _named(name: str, suite: cst.CSTNode) -> Iterator[cst.Name]:
    return (node for node in descendants(suite) if isinstance(node, cst.Name) and node.value == name)


def _is_other(node: cst.Name, parent: cst.CSTNode) -> bool:
    """Whether a name is that of an attribute or of an argument, and no variable."""
    match parent:
        case cst.Attribute(attr=attr):
            return attr is node
        case cst.Arg(keyword=keyword):
            return keyword is node
    return False


def _is_read(node: cst.Name, parent: cst.CSTNode) -> bool:
    match parent:
        case (
            cst.AssignTarget()
            | cst.AugAssign()
            | cst.Del()
            | cst.NameItem()
            | cst.Param()
            | cst.AsName()
            | cst.ImportAlias()
        ):
            return (
                isinstance(parent, cst.Param | cst.AugAssign)
                and node is not getattr(parent, "name", None)
                and node is not getattr(parent, "target", None)
            )
        case cst.NamedExpr(target=target) | cst.For(target=target) | cst.CompFor(target=target):
            return target is not node
        case cst.FormattedStringExpression(equal=equal):
            return equal is None  # `f"{name=}"` shows the name
        case cst.AnnAssign(target=target):
            return target is not node
        case cst.FunctionDef() | cst.ClassDef() | cst.MatchAs() | cst.MatchStar() | cst.MatchMapping() | cst.TypeVar():
            return False
    return True


def _is_rebound(name: str, suite: cst.CSTNode) -> bool:
    """Whether a lambda or a comprehension has a variable of that name."""
    for node in descendants(suite):
        match node:
            case cst.Param(name=cst.Name(value=own)) if own == name:
                return True
            case cst.CompFor(target=target) if any(each.value == name for each in _named(name, target)):
                return True
    return False
