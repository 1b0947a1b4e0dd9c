"""One module with the evaluations of a flag replaced by the value that is kept, and everything folded that follows.

Only what is never evaluated under that value goes, and only what has it changes: so the module does what it did. What
Python decides by a function's text as a whole, whichever way it runs, is compared afterwards (see `scoping`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

from flagctl.removal.blocks import (
    Spliced,
    blank_lines_before,
    ends,
    is_pass,
    splice,
    with_lines_before,
    without_first_blank_lines,
)
from flagctl.removal.expressions import always_is, as_condition, inverted
from flagctl.removal.fold import ExpressionFolder
from flagctl.removal.items import Item, without_items
from flagctl.removal.scoping import may_be_unset, scopes_of, unsafe_sites, unset_somewhere
from flagctl.removal.values import Known, Value, Values, is_pure, literal
from flagctl.scan.python.nodes import children
from flagctl.scan.python.scopes import Scope

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


class _Rewriter(ExpressionFolder):
    def __init__(
        self,
        tree: cst.Module,
        sites: Mapping[cst.CSTNode, Value],
        plain: Collection[cst.CSTNode],
        scopes: Mapping[cst.CSTNode, Scope],
        gone: Collection[cst.CSTNode],
        others: Mapping[cst.CSTNode, cst.CSTNode],
    ) -> None:
        super().__init__()
        self._sites = sites
        self._plain = plain
        self._on_the_way = _ancestors(tree, {*sites, *gone, *others})
        self._gone = gone
        self._others = others
        self._elifs: set[cst.CSTNode] = set()
        self._spliced: dict[cst.CSTNode, Spliced] = {}
        """What stands in place of statements, which their suites do not know yet."""
        self._emptied: set[cst.CSTNode] = set()
        """Suites of which nothing is left but a `pass`."""
        self._ends: set[cst.CSTNode] = set()
        """Statements that came to end their suite, and suites that came to end what they are the suite of."""
        self._scopes = scopes
        self._unset = unset_somewhere(tree)
        self.values.own = frozenset(name for scope in scopes.values() for name in scope.bindings)
        self.values.unsure = self._unset
        self._functions: list[cst.FunctionDef] = []
        """Those around the node that is being visited."""
        self.functions: dict[cst.CSTNode, cst.CSTNode] = {}
        """The suites of functions before and after."""

    # --- walking ---

    def on_visit(self, node: cst.CSTNode) -> bool:
        if node not in self._on_the_way or node in self._sites or node in self._gone or node in self._others:
            return False
        if isinstance(node, cst.If) and isinstance(node.orelse, cst.If):
            self._elifs.add(node.orelse)
        elif isinstance(node, cst.FunctionDef):
            self._functions.append(node)
            self._note_unset()
        elif isinstance(node, cst.FormattedString):
            self.values.quote = "'" if '"' in node.start else '"'
        return True

    def on_leave(  # type: ignore[override]
        self, original_node: cst.CSTNode, updated_node: cst.CSTNode
    ) -> cst.CSTNode | cst.RemovalSentinel:
        if original_node in self._sites:
            known = Known(self._sites[original_node])
            if original_node in self._plain:
                return literal(known.value, self.values.quote)
            return self.values.literal(known)
        if original_node not in self._on_the_way:
            return updated_node
        if original_node in self._others:
            return self._others[original_node]
        if original_node in self._gone:
            if isinstance(updated_node, cst.BaseStatement):
                return self._replaced(updated_node, Spliced())
            is_in_list = isinstance(updated_node, cst.WithItem | Item)
            return updated_node if is_in_list else cst.RemoveFromParent()
        updated_node = without_items(original_node, updated_node, self._gone)
        if isinstance(original_node, cst.FunctionDef):
            self._functions.pop()
            self._note_unset()
        return super().on_leave(original_node, updated_node)  # type: ignore[return-value]

    def _note_unset(self) -> None:
        self.values.unsure = self._unset | may_be_unset(self._functions, self._scopes, self._on_the_way)

    # --- small statements ---

    def leave_Expr(
        self, original_node: cst.Expr, updated_node: cst.Expr
    ) -> cst.BaseSmallStatement | cst.RemovalSentinel:
        return updated_node if self.values.of(updated_node.value) is None else cst.RemoveFromParent()

    def leave_Assert(
        self, original_node: cst.Assert, updated_node: cst.Assert
    ) -> cst.BaseSmallStatement | cst.RemovalSentinel:
        test = as_condition(updated_node.test, self.values)
        known = self.values.of(test)
        if known is not None and known.value:
            return cst.RemoveFromParent()
        return updated_node if test is updated_node.test else updated_node.with_changes(test=test)

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement:
        if not updated_node.body:
            return self._replaced(updated_node, Spliced())
        return updated_node.with_changes(body=_joined(updated_node.body))

    def leave_SimpleStatementSuite(
        self, original_node: cst.SimpleStatementSuite, updated_node: cst.SimpleStatementSuite
    ) -> cst.BaseSuite:
        if not updated_node.body:
            suite = updated_node.with_changes(body=[cst.Pass()])
            self._emptied.add(suite)
            return suite
        return updated_node.with_changes(body=_joined(updated_node.body))

    # --- compound statements ---

    def leave_Decorator(
        self, original_node: cst.Decorator, updated_node: cst.Decorator
    ) -> cst.Decorator | cst.RemovalSentinel:
        known = self.values.of(updated_node.decorator)
        return updated_node if known is None or not known.value else cst.RemoveFromParent()

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        self.functions[original_node.body] = updated_node.body
        return updated_node

    def leave_If(  # type: ignore[override]
        self, original_node: cst.If, updated_node: cst.If
    ) -> cst.If | cst.Else | cst.RemovalSentinel:
        test = as_condition(updated_node.test, self.values)
        known = self.values.of(test)
        is_elif = original_node in self._elifs
        if known is not None:
            return self._decided_elif(updated_node, known) if is_elif else self._decided(updated_node, known)
        always = always_is(test, self.values)
        if always is not None and not is_elif:
            return self._evaluated(self._decided(updated_node, Known(always)), test)
        node = updated_node.with_changes(test=_bare(test, updated_node) if test is not original_node.test else test)
        if isinstance(node.orelse, cst.Else) and node.orelse.body in self._emptied:
            node = node.with_changes(orelse=None)
        if node.body in self._emptied:
            return self._hollow(node, is_elif)
        if not is_elif and self._came_to_end(node):
            self._ends.add(node)
        return node

    def _decided(self, node: cst.If, known: Known) -> cst.If:
        """An `if` whose condition is known."""
        if known.value:
            return self._replaced(node, splice(node.leading_lines, node.body), node.body)
        if node.orelse is None:
            return self._replaced(node, Spliced())
        lines = [*node.leading_lines, *node.orelse.leading_lines]
        if isinstance(node.orelse, cst.If):
            return self._replaced(node, Spliced([node.orelse.with_changes(leading_lines=lines)]))
        return self._replaced(node, splice(lines, node.orelse.body), node.orelse.body)

    def _evaluated(self, node: cst.If, test: cst.BaseExpression) -> cst.If:
        """A decided `if`, with what its condition does done before."""
        spliced = self._spliced[node]
        does = cst.Expr(_bare(cst.ensure_type(test, cst.BooleanOperation).left, node))
        line = cst.SimpleStatementLine([does], leading_lines=node.leading_lines)
        if spliced.statements:
            after = spliced.statements[0]
            own = after.leading_lines[len(node.leading_lines) :]  # type: ignore[attr-defined]
            spliced.statements[0] = after.with_changes(leading_lines=own)
        spliced.statements.insert(0, line)
        return node

    def _decided_elif(self, node: cst.If, known: Known) -> cst.If | cst.Else | cst.RemovalSentinel:
        """An `elif` whose condition is known: what is left of it is all that there is besides what is before it."""
        if known.value and node.body in self._emptied:
            return cst.RemoveFromParent()
        after = cst.Else(node.body, leading_lines=node.leading_lines) if known.value else node.orelse
        if isinstance(after, cst.Else) and ends(after.body.body):
            self._ends.add(after.body)
        return after if after is not None else cst.RemoveFromParent()

    def _hollow(self, node: cst.If, is_elif: bool) -> cst.If | cst.RemovalSentinel:
        """An `if` whose own suite has nothing left in it."""
        if node.orelse is None:
            if is_elif:
                return cst.RemoveFromParent() if is_pure(node.test, self.values) else node
            if is_pure(node.test, self.values):
                return self._replaced(node, Spliced())
            if isinstance(node.test, cst.Call | cst.Await):
                line = cst.SimpleStatementLine([cst.Expr(node.test)], leading_lines=node.leading_lines)
                return self._replaced(node, Spliced([line]))
        elif isinstance(node.orelse, cst.Else) and not is_elif:
            return node.with_changes(test=inverted(node.test), body=node.orelse.body, orelse=None)
        return node

    def _came_to_end(self, node: cst.If) -> bool:
        """Whether what is behind it can no longer be reached, and could before."""
        is_new = False
        branch: cst.If | cst.Else | None = node
        while branch is not None:
            is_new = is_new or branch.body in self._ends
            branch = branch.orelse if isinstance(branch, cst.If) else None
        return is_new and ends([node])

    def leave_While(self, original_node: cst.While, updated_node: cst.While) -> cst.BaseStatement:
        test = as_condition(updated_node.test, self.values)
        known = self.values.of(test)
        if known is not None and not known.value:
            if updated_node.orelse is None:
                return self._replaced(updated_node, Spliced())
            body = updated_node.orelse.body
            return self._replaced(updated_node, splice(updated_node.leading_lines, body), body)
        node = updated_node if test is updated_node.test else updated_node.with_changes(test=test)
        return self._without_empty_else(node)

    def leave_For(self, original_node: cst.For, updated_node: cst.For) -> cst.BaseStatement:
        return self._without_empty_else(updated_node)

    def _without_empty_else(self, node: cst.For | cst.While) -> cst.BaseStatement:
        if node.orelse is not None and node.orelse.body in self._emptied:
            return node.with_changes(orelse=None)
        return node

    def leave_With(self, original_node: cst.With, updated_node: cst.With) -> cst.BaseStatement:
        pairs = zip(original_node.items, updated_node.items, strict=True)
        kept = [updated for original, updated in pairs if original not in self._gone]
        if not kept:
            body = updated_node.body
            return self._replaced(updated_node, splice(updated_node.leading_lines, body), body)
        if kept[-1] is not updated_node.items[-1]:
            kept[-1] = kept[-1].with_changes(comma=original_node.items[-1].comma)
        return updated_node.with_changes(items=kept)

    def leave_Try(self, original_node: cst.Try, updated_node: cst.Try) -> cst.BaseStatement:
        return self._leave_try(updated_node)

    def leave_TryStar(self, original_node: cst.TryStar, updated_node: cst.TryStar) -> cst.BaseStatement:
        return self._leave_try(updated_node)

    def _leave_try(self, node: cst.Try | cst.TryStar) -> cst.BaseStatement:
        if node.orelse is not None and node.orelse.body in self._emptied:
            node = node.with_changes(orelse=None)
        if node.finalbody is not None and node.finalbody.body in self._emptied and node.handlers:
            node = node.with_changes(finalbody=None)
        if node.body not in self._emptied:
            return node
        after = [each.body for each in (node.orelse, node.finalbody) if each is not None]
        if len(after) == 2:  # what is in `finally` has to run even if what is in `else` fails
            return node
        return self._replaced(node, splice(node.leading_lines, after[0]) if after else Spliced())

    def leave_MatchCase(self, original_node: cst.MatchCase, updated_node: cst.MatchCase) -> cst.MatchCase:
        if updated_node.guard is None:
            return updated_node
        guard = as_condition(updated_node.guard, self.values)
        known = self.values.of(guard)
        if known is not None and known.value:
            return updated_node.with_changes(guard=None, whitespace_before_if=_NO_SPACE, whitespace_after_if=_NO_SPACE)
        return updated_node if guard is updated_node.guard else updated_node.with_changes(guard=guard)

    # --- suites ---

    def leave_IndentedBlock(self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock) -> cst.BaseSuite:
        body, footer = self._settled(updated_node.body)
        suite = updated_node.with_changes(body=body or [_PASS], footer=[*footer, *updated_node.footer])
        if not body:
            self._emptied.add(suite)
        if body and body[-1] in self._ends:
            self._ends.add(suite)
        return suite

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:
        body, footer = self._settled(updated_node.body)
        lines = [*footer, *updated_node.footer]
        ends_with_newline = updated_node.has_trailing_newline and bool(body)
        return updated_node.with_changes(body=body, footer=lines, has_trailing_newline=ends_with_newline)

    def _settled(self, statements: Sequence[cst.BaseStatement]) -> tuple[list[cst.BaseStatement], list[cst.EmptyLine]]:
        """What is left of a suite, and the lines at its end that belonged to suites inside."""
        kept: list[cst.BaseStatement] = []
        lines: list[cst.EmptyLine] = []
        is_changed, begins_anew = False, bool(statements) and statements[0] in self._spliced
        for each in statements:
            spliced = self._spliced.pop(each, None)
            moved = [each] if spliced is None else spliced.statements
            if moved:
                kept += [with_lines_before(moved[0], lines), *moved[1:]]
                lines = []
            if spliced is not None:
                is_changed = True
                lines += spliced.footer if moved else blank_lines_before(each)
            if (spliced is not None or each in self._ends) and moved and ends(kept):
                self._ends.add(kept[-1])
                lines = []
                break
        if is_changed:
            if len(kept) > 1:
                kept = [each for each in kept if not is_pass(each)] or kept[:1]
            if kept and begins_anew:
                kept[0] = without_first_blank_lines(kept[0])
        while lines and lines[-1].comment is None:
            del lines[-1]
        return kept, lines

    def _replaced(self, node: cst.BaseStatement, spliced: Spliced, suite: cst.BaseSuite | None = None) -> cst.If:
        if suite in self._emptied:
            spliced = Spliced()
        self._spliced[node] = spliced
        return node  # type: ignore[return-value]


_NO_SPACE = cst.SimpleWhitespace("")

_PASS = cst.SimpleStatementLine([cst.Pass()])


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


def _joined(body: Sequence[cst.BaseSmallStatement]) -> list[cst.BaseSmallStatement]:
    """Small statements on one line, with nothing after the last."""
    *others, last = body
    return [*others, last.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)]


def _bare(test: cst.BaseExpression, header: cst.If) -> cst.BaseExpression:
    """A condition without the parentheses that it no longer needs."""
    needs_them = isinstance(test, cst.NamedExpr | cst.Yield | cst.Tuple | cst.GeneratorExp)
    if needs_them or len(test.lpar) != 1 or header.whitespace_before_test.empty:
        return test
    return test if "\n" in cst.Module([]).code_for_node(test) else test.with_changes(lpar=[], rpar=[])
