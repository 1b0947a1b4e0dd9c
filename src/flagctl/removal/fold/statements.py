"""Statements of which a part is known, and what is left of those around them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

import libcst as cst

from flagctl.removal.fold.blocks import (
    Spliced,
    ends,
    heading,
    is_blank,
    is_nothing,
    is_pass,
    splice,
    with_lines_before,
    without_first_blank_lines,
    without_new_docstring,
    without_talk,
)
from flagctl.removal.fold.displays import came_to_be_display
from flagctl.removal.fold.expressions import always_is, as_condition, evaluated, inverted
from flagctl.removal.fold.folder import ExpressionFolder
from flagctl.removal.fold.matching import is_chosen, live_cases
from flagctl.removal.fold.skips import never_skips
from flagctl.removal.fold.walrus import assigned, first_evaluated, statement_of
from flagctl.removal.values import Known, is_pure, literal_value
from flagctl.scan.python.nodes import descendants

_S = TypeVar("_S", bound=cst.BaseStatement)
_E = TypeVar("_E", bound=cst.If | cst.Else | None)


class StatementFolder(ExpressionFolder):
    """Folds statements too, and settles the suites that they stand in."""

    def __init__(self, gone: Collection[cst.CSTNode], plain: Collection[cst.CSTNode]) -> None:
        super().__init__()
        self.gone = gone
        self.plain = plain
        self._elifs: set[cst.CSTNode] = set()
        self._first: dict[cst.CSTNode, cst.BaseStatement] = {}
        """The `:=` that statements begin with."""
        self._assigned: dict[cst.CSTNode, list[cst.BaseSmallStatement]] = {}
        """What became of these: assignments before the statement."""
        self._spliced: dict[cst.CSTNode, Spliced] = {}
        """What stands in place of statements, which their suites do not know yet."""
        self._emptied: set[cst.CSTNode] = set()
        """Suites of which nothing is left but a `pass`."""

    # --- what is assigned on the way ---

    def visit_If(self, node: cst.If) -> None:
        if isinstance(node.orelse, cst.If):
            self._elifs.add(node.orelse)
        if node not in self._elifs:
            self._first.update(dict.fromkeys(first_evaluated(node), node))

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> None:
        self._first.update(dict.fromkeys(first_evaluated(node.body[0]), node))

    def leave_NamedExpr(self, original_node: cst.NamedExpr, updated_node: cst.NamedExpr) -> cst.BaseExpression:
        known = self.values.of(updated_node.value)
        if known is None or original_node not in self._first:
            return updated_node
        assignment = assigned(cst.ensure_type(updated_node.target, cst.Name), updated_node.value)
        self._assigned.setdefault(self._first[original_node], []).append(assignment)
        return self.values.literal(known)

    # --- small statements ---

    def leave_Expr(
        self, original_node: cst.Expr, updated_node: cst.Expr
    ) -> cst.BaseSmallStatement | cst.RemovalSentinel:
        value = as_condition(updated_node.value, self.values)
        while always_is(value, self.values) is not None:
            value = evaluated(value)
        if self.values.of(value) is not None:
            return cst.RemoveFromParent()
        if value is updated_node.value:
            return updated_node
        return cst.RemoveFromParent() if is_pure(value, self.values) else statement_of(value, updated_node.semicolon)

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
        assignments = self._assigned.pop(original_node, [])
        if not updated_node.body:
            # LibCST would leave out a line with nothing in it, and suites are compared statement by statement.
            node = self._replaced(updated_node.with_changes(body=[cst.Pass()]), Spliced())
        else:
            node = updated_node.with_changes(body=_joined(updated_node.body))
        return self._preceded(node, assignments)

    def leave_SimpleStatementSuite(
        self, original_node: cst.SimpleStatementSuite, updated_node: cst.SimpleStatementSuite
    ) -> cst.BaseSuite:
        if not updated_node.body:
            suite = updated_node.with_changes(body=[cst.Pass()])
            self._emptied.add(suite)
            return suite
        return updated_node.with_changes(body=_joined(updated_node.body))

    # --- definitions ---

    def leave_Decorator(
        self, original_node: cst.Decorator, updated_node: cst.Decorator
    ) -> cst.Decorator | cst.RemovalSentinel:
        known = self.values.of(updated_node.decorator)
        goes = never_skips(updated_node.decorator, self.imported, self.values) if known is None else known.value
        return cst.RemoveFromParent() if goes else updated_node

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        return without_new_docstring(original_node, updated_node)

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        return without_new_docstring(original_node, updated_node)

    # --- branches ---

    def leave_If(  # type: ignore[override]
        self, original_node: cst.If, updated_node: cst.If
    ) -> cst.BaseStatement | cst.Else | cst.RemovalSentinel:
        if original_node in self._elifs:
            return self._left_elif(original_node, updated_node)
        assignments = self._assigned.pop(original_node, [])
        return self._preceded(self._left_if(original_node, updated_node), assignments)

    def _left_if(self, original: cst.If, node: cst.If) -> cst.If:
        test = as_condition(node.test, self.values)
        known = self.values.of(test)
        if known is not None:
            return self._decided(node, known)
        always = always_is(test, self.values)
        if always is not None:
            return self._preceded(self._decided(node, Known(always)), [statement_of(_bare(evaluated(test), node))])
        node = self._tested(original, node, test)
        if not self._is_hollow(original, node):
            return node
        if isinstance(node.orelse, cst.Else):
            return node.with_changes(test=inverted(node.test), body=node.orelse.body, orelse=None)
        if node.orelse is None and is_pure(node.test, self.values):
            return self._replaced(node, Spliced())
        if node.orelse is None and isinstance(node.test, cst.Call | cst.Await):
            line = cst.SimpleStatementLine([cst.Expr(node.test)], leading_lines=node.leading_lines)
            return self._replaced(node, Spliced([line]))
        return node

    def _left_elif(self, original: cst.If, node: cst.If) -> cst.If | cst.Else | cst.RemovalSentinel:
        """What is left of an `elif` is all that there is besides what is before it."""
        test = as_condition(node.test, self.values)
        known = self.values.of(test)
        if known is not None and known.value:
            is_empty = self._is_nothing(node.body)
            return cst.RemoveFromParent() if is_empty else cst.Else(node.body, leading_lines=node.leading_lines)
        if known is not None:
            return self._without_empty(node.orelse) or cst.RemoveFromParent()
        always = always_is(test, self.values)
        if always is not None:
            return self._evaluated_else(node, node.body if always else node.orelse, test)
        node = self._tested(original, node, test)
        is_left_out = self._is_hollow(original, node) and node.orelse is None and is_pure(node.test, self.values)
        return cst.RemoveFromParent() if is_left_out else node

    def _tested(self, original: cst.If, node: cst.If, test: cst.BaseExpression) -> cst.If:
        """An `if` with its condition, and without an `else` that emptied."""
        test = _bare(test, node) if test is not original.test else test
        return node.with_changes(test=test, orelse=self._without_empty(node.orelse))

    def _is_hollow(self, original: cst.If, node: cst.If) -> bool:
        """Whether the suite of an `if` came to be empty, or to be the last in spite of being empty."""
        lost_its_else = original.orelse is not None and node.orelse is None
        return node.body in self._emptied or (lost_its_else and is_nothing(node.body))

    def _decided(self, node: cst.If, known: Known) -> cst.If:
        """An `if` whose condition is known."""
        other = node.orelse.body if isinstance(node.orelse, cst.Else) else None
        self._note_choice(*((node.body, other) if known.value else (other, node.body)))
        if known.value:
            return self._replaced(node, splice(without_talk(node.leading_lines), node.body), node.body)
        if node.orelse is None:
            return self._replaced(node, Spliced())
        lines = [*without_talk(node.leading_lines), *node.orelse.leading_lines]
        if isinstance(node.orelse, cst.If):
            return self._replaced(node, Spliced([node.orelse.with_changes(leading_lines=lines)]))
        return self._replaced(node, splice(lines, node.orelse.body), node.orelse.body)

    def _note_choice(self, chosen: cst.BaseSuite | None, other: cst.BaseSuite | None) -> None:
        """Notes what a branch says is true or false, where the other says something of the same variables."""
        if chosen is None or other is None:
            return
        names = {name for name, _ in _assignments(other)}
        for name, value in _assignments(chosen):
            if name in names and isinstance(literal_value(value, self.values), bool):
                self.values.picked(value)

    def _evaluated_else(
        self, node: cst.If, chosen: cst.BaseSuite | cst.If | cst.Else | None, test: cst.BaseExpression
    ) -> cst.Else:
        """What is left of an `elif` whose condition does something, and decides nothing."""
        behind = Spliced()
        if isinstance(chosen, cst.If):
            behind = Spliced([chosen])
        elif chosen is not None:
            lines, suite = (chosen.leading_lines, chosen.body) if isinstance(chosen, cst.Else) else ([], chosen)
            behind = Spliced() if self._is_nothing(suite) else splice(lines, suite)
        does = cst.SimpleStatementLine([statement_of(_bare(evaluated(test), node))])
        body = cst.IndentedBlock([does, *behind.statements], footer=behind.footer)
        return cst.Else(body, leading_lines=node.leading_lines)

    # --- other compound statements ---

    def leave_While(self, original_node: cst.While, updated_node: cst.While) -> cst.BaseStatement:
        test = as_condition(updated_node.test, self.values)
        known, always = self.values.of(test), always_is(test, self.values)
        if known is not None and not known.value:
            return self._only_else(updated_node)
        if always is False:
            return self._preceded(self._only_else(updated_node), [statement_of(evaluated(test))])
        node = updated_node if test is updated_node.test else updated_node.with_changes(test=test)
        return node.with_changes(orelse=self._without_empty(node.orelse))

    def leave_For(self, original_node: cst.For, updated_node: cst.For) -> cst.BaseStatement:
        came_to_be_empty = updated_node.asynchronous is None and came_to_be_display(
            original_node.iter, updated_node.iter
        )
        if came_to_be_empty and not updated_node.iter.elements:  # type: ignore[attr-defined]
            return self._only_else(updated_node)
        return updated_node.with_changes(orelse=self._without_empty(updated_node.orelse))

    def _only_else(self, node: cst.For | cst.While) -> cst.BaseStatement:
        """A loop that never runs."""
        if node.orelse is None:
            return self._replaced(node, Spliced())
        return self._replaced(node, splice(node.leading_lines, node.orelse.body), node.orelse.body)

    def leave_With(self, original_node: cst.With, updated_node: cst.With) -> cst.BaseStatement:
        pairs = zip(original_node.items, updated_node.items, strict=True)
        kept = [updated for original, updated in pairs if original not in self.gone]
        if not kept:
            body = updated_node.body
            return self._replaced(updated_node, splice(updated_node.leading_lines, body), body)
        if kept[-1] is not updated_node.items[-1]:
            kept[-1] = kept[-1].with_changes(comma=original_node.items[-1].comma)
        return updated_node.with_changes(items=kept)

    def leave_Try(self, original_node: cst.Try, updated_node: cst.Try) -> cst.BaseStatement:
        return self._left_try(updated_node)

    def leave_TryStar(self, original_node: cst.TryStar, updated_node: cst.TryStar) -> cst.BaseStatement:
        return self._left_try(updated_node)

    def _left_try(self, node: cst.Try | cst.TryStar) -> cst.BaseStatement:
        node = node.with_changes(orelse=self._without_empty(node.orelse))
        if node.finalbody is not None and node.finalbody.body in self._emptied:
            if not node.handlers:
                return self._replaced(node, splice(node.leading_lines, node.body), node.body)
            node = node.with_changes(finalbody=None)
        if node.body not in self._emptied:
            return node
        after = [each.body for each in (node.orelse, node.finalbody) if each is not None]
        if len(after) == 2:  # what is in `finally` has to run even if what is in `else` fails
            return node
        return self._replaced(node, splice(node.leading_lines, after[0]) if after else Spliced())

    # --- match ---

    def leave_MatchCase(self, original_node: cst.MatchCase, updated_node: cst.MatchCase) -> cst.MatchCase:
        if updated_node.guard is None:
            return updated_node
        guard = as_condition(updated_node.guard, self.values)
        known = self.values.of(guard)
        if known is not None and known.value:
            return updated_node.with_changes(guard=None, whitespace_before_if=_NO_SPACE, whitespace_after_if=_NO_SPACE)
        return updated_node if guard is updated_node.guard else updated_node.with_changes(guard=guard)

    def leave_Match(self, original_node: cst.Match, updated_node: cst.Match) -> cst.BaseStatement:
        node, cases = updated_node, live_cases(updated_node, self.values)
        if not cases:
            self._replaced(node, Spliced())
        elif is_chosen(cases[0], node.subject, self.values):
            chosen = cases[0]
            self._replaced(node, splice([*node.leading_lines, *chosen.leading_lines], chosen.body), chosen.body)
        else:
            return node if len(cases) == len(node.cases) else node.with_changes(cases=cases)
        is_left_out = is_pure(node.subject, self.values)
        return node if is_left_out else self._preceded(node, [statement_of(node.subject)])

    # --- suites ---

    def leave_IndentedBlock(self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock) -> cst.BaseSuite:
        body, footer = self._settled(original_node.body, updated_node.body)
        suite = updated_node.with_changes(body=body or [_PASS], footer=[*footer, *updated_node.footer])
        if not body:
            self._emptied.add(suite)
        return suite

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:
        body, footer = self._settled(original_node.body, updated_node.body)
        lines = [*footer, *updated_node.footer]
        ends_with_newline = updated_node.has_trailing_newline and bool(body)
        module = updated_node.with_changes(body=body, footer=lines, has_trailing_newline=ends_with_newline)
        return without_new_docstring(original_node, module)

    def _settled(
        self, before: Sequence[cst.BaseStatement], now: Sequence[cst.BaseStatement]
    ) -> tuple[list[cst.BaseStatement], list[cst.EmptyLine]]:
        """What is left of a suite, and the lines at its end that belonged to suites inside."""
        kept: list[cst.BaseStatement] = []
        lines: list[cst.EmptyLine] = []
        is_changed, begins_anew = False, bool(now) and now[0] in self._spliced
        for original, following, each in zip(before, [*before[1:], None], now, strict=True):
            spliced = self._spliced.pop(each, None)
            moved = [each] if spliced is None else spliced.statements
            if moved:
                kept += [with_lines_before(moved[0], lines), *moved[1:]]
                lines = []
            if spliced is not None:
                is_changed = True
                lines = [*lines, *spliced.footer] if moved else [*filter(is_blank, lines), *heading(each, following)]
            if each is not original and moved and ends(kept) and self._came_to_end(original):
                lines = []
                break
        if is_changed:
            kept = [each for each in kept if not is_pass(each)]
            if kept and begins_anew:
                kept[0] = without_first_blank_lines(kept[0])
        while lines and lines[-1].comment is None:
            del lines[-1]
        return kept, lines

    def _came_to_end(self, original: cst.BaseStatement) -> bool:
        """Whether what is behind a statement that ends now may go: not if that is to be kept for what it says."""
        return not ends([original]) and not any(each in self.plain for each in descendants(original))

    def _replaced(self, node: _S, spliced: Spliced, suite: cst.BaseSuite | None = None) -> _S:
        """A statement that its suite will find to be something else, which comes from the suite given."""
        self._spliced[node] = Spliced() if suite in self._emptied else spliced
        return node

    def _preceded(self, node: _S, first: Sequence[cst.BaseSmallStatement]) -> _S:
        """A statement with others before it, in the place where it began."""
        if not first:
            return node
        spliced = self._spliced.setdefault(node, Spliced([node]))
        before: Sequence[cst.EmptyLine] = node.leading_lines  # type: ignore[attr-defined]
        if spliced.statements:
            after = spliced.statements[0]
            own = after.leading_lines[len(before) :]  # type: ignore[attr-defined]
            spliced.statements[0] = after.with_changes(leading_lines=own)
        lines = [cst.SimpleStatementLine([each]) for each in first]
        lines[0] = lines[0].with_changes(leading_lines=before)
        spliced.statements[:0] = lines
        return node

    def _is_nothing(self, suite: cst.BaseSuite) -> bool:
        return suite in self._emptied or is_nothing(suite)

    def _without_empty(self, orelse: _E) -> _E | None:
        """An `else`, unless it came to be empty."""
        return None if isinstance(orelse, cst.Else) and orelse.body in self._emptied else orelse


_NO_SPACE = cst.SimpleWhitespace("")

_PASS = cst.SimpleStatementLine([cst.Pass()])


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


def _assignments(suite: cst.BaseSuite) -> list[tuple[str, cst.BaseExpression]]:
    """The variables that are set in a suite, each alone."""
    found = []
    for line in suite.body:
        match line:
            case cst.SimpleStatementLine(
                body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value)]
            ):
                found.append((name, value))
    return found
