"""One module with the evaluations of a flag replaced by the value that is kept, and everything folded that follows.

Only what is never evaluated under that value goes, and only what has it changes: so the module does what it did. What
Python decides by a function's text as a whole, whichever way it runs, is compared afterwards (see `scoping`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import libcst as cst

from flagctl.removal.fold.blocks import Spliced, without_talk
from flagctl.removal.fold.items import Item, without_items
from flagctl.removal.fold.statements import StatementFolder
from flagctl.removal.fold.tight import tight_children
from flagctl.removal.scoping import may_be_unset, scopes_of, unsafe_sites, unset_somewhere
from flagctl.removal.values import Known, Value, Values, literal
from flagctl.scan.python.nodes import children, descendants
from flagctl.scan.python.scopes import Imported, Scope

_NOTHING: Mapping[cst.CSTNode, cst.CSTNode] = {}


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A module without its evaluations."""

    tree: cst.Module
    values: Values
    """Which of its nodes have a value that came from them."""
    plain: frozenset[cst.CSTNode] = frozenset()
    """The evaluations around which nothing could be folded."""


def rewritten(
    tree: cst.Module,
    sites: Mapping[cst.CSTNode, Value],
    gone: Collection[cst.CSTNode] = (),
    replaced: Mapping[cst.CSTNode, cst.CSTNode] = _NOTHING,
) -> Rewritten:
    """A module with `sites` replaced by their values, and other nodes by others.

    `gone` are decorators, items of `with`, calls and displays, statements and definitions that go as they are.
    """
    plain: frozenset[cst.CSTNode] = frozenset()
    scopes = scopes_of(tree)
    while True:
        rewriter = _Rewriter(tree, sites, plain, scopes, gone, replaced)
        found = cst.ensure_type(tree.visit(rewriter), cst.Module)
        unsafe = unsafe_sites(scopes, tree, found, rewriter.functions, sites.keys() - plain)
        if not unsafe:
            return Rewritten(found, rewriter.values, plain)
        plain |= unsafe


class _Rewriter(StatementFolder):
    def __init__(
        self,
        tree: cst.Module,
        sites: Mapping[cst.CSTNode, Value],
        plain: Collection[cst.CSTNode],
        scopes: Mapping[cst.CSTNode, Scope],
        gone: Collection[cst.CSTNode],
        others: Mapping[cst.CSTNode, cst.CSTNode],
    ) -> None:
        super().__init__(gone, plain)
        self._sites = sites
        self._on_the_way = _ancestors(tree, {*sites, *gone, *others})
        self._asking = _ancestors(tree, sites)
        self._others = others
        self._tight: set[cst.CSTNode] = set()
        """Expressions that a keyword touches."""
        self._scopes = scopes
        self._unset = unset_somewhere(tree)
        bindings = [(name, each) for scope in scopes.values() for name, all_ in scope.bindings.items() for each in all_]
        self.values.own = frozenset(name for name, _ in bindings)
        self.values.unsure = self._unset
        self.imported = _imported(scopes.values())
        self._functions: list[cst.FunctionDef] = []
        """Those around the node that is being visited."""
        self.functions: dict[cst.CSTNode, cst.CSTNode] = {}
        """The suites of functions, and of classes in these, before and after."""

    def on_visit(self, node: cst.CSTNode) -> bool:
        if node not in self._on_the_way or node in self._sites or node in self.gone or node in self._others:
            return False
        for child in tight_children(node):
            self._tight.add(child)
            self.values.tight.update(child.lpar)
        if isinstance(node, cst.FunctionDef):
            self._functions.append(node)
            self._note_unset()
        elif isinstance(node, cst.FormattedString):
            self.values.quote = "'" if '"' in node.start else '"'
        return super().on_visit(node)

    def on_leave(  # type: ignore[override]
        self, original_node: cst.CSTNode, updated_node: cst.CSTNode
    ) -> cst.CSTNode | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNode]:
        left = self._left(original_node, updated_node)
        if original_node not in self._tight or left is original_node:
            return left
        if isinstance(left, cst.BaseExpression) and not left.lpar:
            return self.values.enclosed(left)
        return left

    def _left(
        self, original_node: cst.CSTNode, updated_node: cst.CSTNode
    ) -> cst.CSTNode | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNode]:
        if original_node in self._sites:
            known = Known(self._sites[original_node])
            if original_node in self.plain:
                return literal(known.value, self.values.quote)
            return self.values.literal(known)
        if original_node not in self._on_the_way:
            return updated_node
        if original_node in self._others:
            return self._others[original_node]
        if original_node in self.gone:
            if isinstance(updated_node, cst.BaseStatement):
                return self._replaced(updated_node, Spliced())
            is_in_list = isinstance(updated_node, cst.WithItem | Item)
            return updated_node if is_in_list else cst.RemoveFromParent()
        updated_node = without_items(original_node, updated_node, self.gone)
        if isinstance(original_node, cst.FunctionDef):
            self._functions.pop()
            self._note_unset()
        left = super().on_leave(original_node, updated_node)
        match original_node, left:
            case (cst.FunctionDef(), cst.FunctionDef()):
                self.functions[original_node.body] = left.body
            case (cst.ClassDef(), cst.ClassDef()) if self._functions:
                self.functions[original_node.body] = left.body
        return left if left in self._spliced else self._without_talk(original_node, left)

    def _without_talk(self, original: cst.CSTNode, node: Any) -> Any:
        """A statement that no longer depends on the flag, without the comment on that."""
        match original, node:
            case (cst.SimpleStatementLine() as asking, cst.SimpleStatementLine() as now):
                pass
            case (cst.If(test=asking) | cst.While(test=asking), cst.If(test=now) | cst.While(test=now)):
                pass
            case _:
                return node
        if asking not in self._asking or any(self.values.of(each) is not None for each in descendants(now)):
            return node
        return node.with_changes(leading_lines=without_talk(node.leading_lines, stays=True))

    def _note_unset(self) -> None:
        self.values.unsure = self._unset | may_be_unset(self._functions, self._scopes, self._on_the_way)


def _ancestors(tree: cst.Module, nodes: Collection[cst.CSTNode]) -> set[cst.CSTNode]:
    """The nodes that have some nodes in them, and these."""
    found: set[cst.CSTNode] = set()

    def visit(node: cst.CSTNode) -> bool:
        below = [visit(child) for child in children(node)]
        is_on_the_way = node in nodes or any(below)
        if is_on_the_way:
            found.add(node)
        return is_on_the_way

    visit(tree)
    return found


def _imported(scopes: Iterable[Scope]) -> dict[str, str]:
    """Names that are imported and nothing else, with what they stand for."""
    found: dict[str, set[str]] = {}
    for scope in scopes:
        for name, bindings in scope.bindings.items():
            texts = found.setdefault(name, set())
            for each in bindings:
                texts.add(_dotted(each) if isinstance(each, Imported) and not each.level else "")
    return {name: min(texts) for name, texts in found.items() if len(texts) == 1}


def _dotted(imported: Imported) -> str:
    return ".".join(filter(None, (imported.module, imported.name)))
