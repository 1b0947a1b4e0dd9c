"""Goes along the paths of one function and notes what happens to the answers of flags.

An abstract interpretation in source order: at each place it knows which questions may have been asked before, which
variables hold an answer, and which conditions hold. Branches are gone along one by one and joined where they meet; one
that returns, raises, breaks or continues does not go on. A loop is gone through once, as what its next turn asks again
is another matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import libcst as cst

from flagctl.scan.python.flow.again import asks_anew, is_unending, locks, renews, surrounds, waits
from flagctl.scan.python.flow.decisions import Answer, Answers, Condition, Guard, case_guards, chain, exclude, guards
from flagctl.scan.python.flow.questions import Question, below, given, operands
from flagctl.scan.python.flow.shapes import (
    decided,
    is_lone_if,
    is_true,
    loops_left,
    pairs,
    rebound_inside,
    suppresses,
    takes_all,
)
from flagctl.scan.python.flow.sides import Decision, decisions
from flagctl.scan.python.flow.state import (
    MOST_QUESTIONS,
    Exits,
    Facts,
    Loop,
    Onward,
    Path,
    Place,
    Read,
    both,
    forgotten,
    joined,
    renewed,
)
from flagctl.scan.python.nodes import children


def follow(function: cst.FunctionDef, answers: Answers, under: tuple[str, ...] = ()) -> dict[cst.CSTNode, Facts]:
    """The facts of the evaluations in a function's body, by their nodes; `under` are the flags that guard it whole."""
    walk = _Walk(answers, frozenset(rebound_inside(function)))
    walk.block(function.body.body, Place(under=under), Path())
    return walk.facts


class _Walk:
    def __init__(self, answers: Answers, unsteady: frozenset[str]) -> None:
        """`unsteady` are variables that functions inside give other values, whenever they are called."""
        self._answers = answers
        self._unsteady = unsteady
        self._asked_so_far = 0
        self._exits = Exits()
        self.facts: dict[cst.CSTNode, Facts] = {}

    # --- statements

    def block(self, statements: Sequence[cst.CSTNode], place: Place, path: Path) -> Onward:
        onward: Onward = path
        for index, statement in enumerate(statements):
            if onward is None:
                return None
            if isinstance(statement, cst.If):
                onward, place = self._if(statement, statements[index + 1 :], place, onward)
            else:
                onward = self._statement(statement, place, onward)
        return onward

    def _statement(self, node: cst.CSTNode, place: Place, path: Path) -> Onward:
        visit = _STATEMENTS.get(type(node))
        if visit is not None:
            return visit(self, node, place, path)
        if isinstance(node, cst.FunctionDef | cst.ClassDef):  # what is in it runs at another time
            return self._bound([node.name.value], path)
        return self._expression(node, place, path)

    def _line(self, node: cst.SimpleStatementLine | cst.SimpleStatementSuite, place: Place, path: Path) -> Onward:
        onward: Onward = path
        for each in node.body:
            if onward is not None:
                onward = self._statement(each, place, onward)
        return onward

    def _leave(self, node: cst.CSTNode, place: Place, path: Path) -> Onward:
        after = self._expression(node, place, path)
        exits = self._exits
        exits.left = joined(exits.left, after)
        if isinstance(node, cst.Break):
            exits.broken = joined(exits.broken, after)
        elif isinstance(node, cst.Continue):
            exits.turned = joined(exits.turned, after)
        return None

    def _assign(self, node: cst.Assign | cst.AnnAssign, place: Place, path: Path) -> Onward:
        if node.value is None:
            return path
        after = self._expression(node.value, place, path)
        condition = self._condition(after)
        targets = [each.target for each in node.targets] if isinstance(node, cst.Assign) else [node.target]
        after = self._bound(given([node]), after)
        for name, value in (pair for each in targets for pair in pairs(each, node.value)):
            after = self._kept(name, condition.answer(value), after)
        return after

    def _kept(self, name: str, answer: Answer | None, path: Path) -> Path:
        """A variable holds an answer from here on: where it is asked for because there is none, it was not asked."""
        if answer is None or name in self._unsteady:
            return path
        known = frozenset([(f"{name}==None", "False")])
        reads = frozenset(
            replace(each, guards=each.guards | known) if each.question is answer.question else each
            for each in path.reads
        )
        return Path(reads, {**path.carried, name: answer})

    def _change(self, node: cst.CSTNode, place: Place, path: Path) -> Onward:
        """A statement that may give something another value: what depends on it is asked anew."""
        return self._bound(given([node]), self._expression(node, place, path))

    def _if(self, node: cst.If, rest: Sequence[cst.CSTNode], place: Place, path: Path) -> tuple[Onward, Place]:
        """Both branches; and the place behind them, where one that does not go on tells what holds."""
        after = self._expression(node.test, place, path)
        condition = self._condition(after)
        self._note(decisions(node, rest, condition))
        is_chain = isinstance(node.orelse, cst.If) or is_lone_if(node.orelse)
        yes = self._assumed(node.test, True, place, condition)
        no = self._assumed(node.test, False, place, condition)
        body = self._inner(node.body, yes, after)
        no = replace(no, under=place.under) if is_chain else no
        if isinstance(node.orelse, cst.If):
            orelse, behind = self._if(node.orelse, rest, no, after)
        else:
            orelse, behind = after if node.orelse is None else self._inner(node.orelse.body, no, after), no
        self._note_ends(node, place, condition)
        if body is None and orelse is not None:
            known = self._behind(node.test, False, place, condition)
            under = behind.under[len(place.under) :] if is_chain else ()
            return orelse, replace(known, guards=known.guards | behind.guards, under=(*known.under, *under))
        if orelse is None and body is not None:
            return body, self._behind(node.test, True, place, condition)
        return joined(body, orelse), place

    def _for(self, node: cst.For, place: Place, path: Path) -> Onward:
        before = self._expression(node.iter, place, path)
        loop = Loop(tuple(given([node])), is_unending(node) or asks_anew(node))
        return self._looped(node, loop, place, before, before)

    def _while(self, node: cst.While, place: Place, path: Path) -> Onward:
        tested = frozenset(operands(node.test))
        is_asked = any(each in self._answers for each in below(node.test)) or self._is_kept(tested, node.body)
        is_endless = is_asked or is_true(node.test) or waits(node) or asks_anew(node)
        loop = Loop(tuple(given([node])), is_endless, tested)
        before = self._expression(node.test, replace(place, loops=(*place.loops, loop)), path)
        return self._looped(node, loop, place, before, None if is_true(node.test) else before)

    def _is_kept(self, names: frozenset[str], node: cst.BaseSuite) -> bool:
        """Whether a block keeps an answer in one of some variables."""
        return any(
            isinstance(each, cst.Assign)
            and not names.isdisjoint(given([each]))
            and any(part in self._answers for part in below(each.value))
            for each in below(node)
        )

    def _looped(self, node: cst.For | cst.While, loop: Loop, place: Place, before: Path, done: Onward) -> Onward:
        """One turn of a loop; `done` is what has happened where there is none, if that can be."""
        inner = replace(place, loops=(*place.loops, loop))
        outer, self._exits = self._exits, Exits()
        start = renewed(before) if loop.is_endless else before
        through = self._inner(node.body, inner, self._bound(loop.changes, start))
        exits, self._exits = self._exits, outer
        outer.left = joined(outer.left, exits.left)
        if done is not None:
            done = self._bound(loop.changes, joined(joined(done, through), exits.turned) or done)
        if done is not None and node.orelse is not None:
            done = self._inner(node.orelse.body, place, done)
        broken = exits.broken
        return done if broken is None else joined(done, self._bound(loop.changes, broken))

    def _try(self, node: cst.Try | cst.TryStar, place: Place, path: Path) -> Onward:
        """What was asked in vain is asked again in the handlers: they go on from before."""
        before_all, self._exits.left = self._exits.left, None
        onward = self._inner(node.body, self._around(node.orelse.body, place) if node.orelse else place, path)
        if onward is not None and node.orelse is not None:
            onward = self._inner(node.orelse.body, place, onward)
        changed = self._bound(given([node.body]), path)
        for handler in node.handlers:
            start = self._bound(given([handler.name]), changed) if handler.name else changed
            onward = joined(onward, self._inner(handler.body, place, start))
        left = self._exits.left
        self._exits.left = joined(before_all, left)
        if node.finalbody is None:
            return onward
        through = self._inner(node.finalbody.body, place, onward or joined(left, changed) or changed)
        return through if onward is not None else None

    def _with(self, node: cst.With, place: Place, path: Path) -> Onward:
        for item in node.items:
            path = self._bound(given([item]), self._expression(item.item, place, path))
        if surrounds(node):
            return renewed(self._inner(node.body, place, renewed(path)))
        through = self._inner(node.body, place, renewed(path) if locks(node) else path)
        return path if through is None and suppresses(node) else through

    def _match(self, node: cst.Match, place: Place, path: Path) -> Onward:
        before = self._expression(node.subject, place, path)
        answer = self._condition(before).answer(node.subject)
        inner = replace(place, under=(*place.under, *answer.question.flags)) if answer else place
        onward: Onward = None if any(map(takes_all, node.cases)) else before
        for case in node.cases:
            start = self._bound(given([case.pattern]), before)
            known = replace(inner, guards=inner.guards | frozenset(case_guards(node.subject, case.pattern)))
            start = start if case.guard is None else self._expression(case.guard, known, start)
            onward = joined(onward, self._inner(case.body, known, start))
        return onward

    def _inner(self, node: cst.BaseSuite, place: Place, path: Path) -> Onward:
        return self.block(node.body, self._around(node, place), path)

    def _around(self, node: cst.BaseSuite, place: Place) -> Place:
        """The place in a block of its own: one that ends by leaving a loop does not come round again."""
        kept = place.loops[: max(0, len(place.loops) - loops_left(node))]
        return replace(place, loops=kept)

    # --- expressions

    def _expression(self, node: cst.CSTNode, place: Place, path: Path) -> Path:
        """All that an expression asks, in the order in which it is computed."""
        visit = _EXPRESSIONS.get(type(node))
        if visit is not None:
            path = visit(self, node, place, path)
        elif not isinstance(node, cst.Lambda):
            for child in children(node):
                path = self._expression(child, place, path)
        question = self._answers.get(node)
        if question is not None:
            return self._asked(question, place, path)
        return renewed(path) if path.reads and renews(node) else path

    def _asked(self, question: Question, place: Place, path: Path) -> Path:
        known = self.facts.setdefault(question.node, Facts())
        known.under = tuple(dict.fromkeys(each for each in place.under if each not in question.flags))
        loop = place.loops[-1] if place.loops else None
        if loop is not None and not loop.is_endless and not question.varies:
            known.in_loop = not any(map(question.depends_on, loop.changes))
        if question.varies or any(map(question.depends_on, self._unsteady)):
            return path
        guards_here = dict(place.guards)
        same = [each for each in path.reads if each.question.subject == question.subject]
        before = [each for each in same if not exclude(guards_here, each.guards)]
        if before:
            known.earlier = max(before, key=lambda each: each.number).question.node
        self._asked_so_far += 1
        read = Read(question, self._asked_so_far, place.guards)
        kept = path.reads.difference(forgotten(same, read))
        if len(kept) >= MOST_QUESTIONS:
            kept -= {min(kept, key=lambda each: each.number)}
        return replace(path, reads=kept | {read})

    def _boolean(self, node: cst.BooleanOperation, place: Place, path: Path) -> Path:
        """Flags that are asked together decide together: none of them is under the other."""
        ways: Onward = None
        for operand in chain(node):
            path = self._expression(operand, place, path)
            ways = joined(ways, path)
            place = replace(place, guards=self._guards(operand, isinstance(node.operator, cst.And), place))
        return ways or path

    def _ternary(self, node: cst.IfExp, place: Place, path: Path) -> Path:
        after = self._expression(node.test, place, path)
        condition = self._condition(after)
        self._note(decisions(node, (), condition))
        body = self._expression(node.body, self._assumed(node.test, True, place, condition), after)
        orelse = self._expression(node.orelse, self._assumed(node.test, False, place, condition), after)
        return both(body, orelse)

    def _walrus(self, node: cst.NamedExpr, place: Place, path: Path) -> Path:
        after = self._expression(node.value, place, path)
        answer = self._condition(after).answer(node.value)
        after = self._bound(given([node]), after)
        return self._kept(node.target.value, answer, after) if isinstance(node.target, cst.Name) else after

    def _comprehension(self, node: cst.BaseComp, place: Place, path: Path) -> Path:
        clause: cst.CompFor | None = node.for_in
        changes = tuple(given([node.for_in]))
        path = self._bound(changes, self._expression(clause.iter, place, path) if clause else path)
        loops, inner = place.loops, place
        while clause is not None:
            is_endless = clause.asynchronous is not None
            loops = (*loops, Loop(tuple(given([clause])), is_endless))
            inner = replace(place, loops=loops)
            for each in clause.ifs:
                path = self._expression(each.test, inner, path)
            clause = clause.inner_for_in
            path = self._expression(clause.iter, inner, path) if clause else path
        for child in children(node):
            if not isinstance(child, cst.CompFor):
                path = self._expression(child, inner, path)
        return self._bound(changes, path)

    # --- what is known

    def _condition(self, path: Path) -> Condition:
        return Condition(self._answers, path.carried)

    def _note(self, found: Iterable[Decision]) -> None:
        for each in found:
            self.facts.setdefault(each.question.node, Facts()).decisions.append(each)

    def _note_ends(self, node: cst.If, place: Place, condition: Condition) -> None:
        """What decides by itself that a loop ends is to be asked on each of its turns."""
        sides = [(True, node.body), (False, node.orelse.body if isinstance(node.orelse, cst.Else) else None)]
        tested = place.loops[-1].tested if place.loops else frozenset()
        ends = [truth for truth, side in sides if side and (loops_left(side) or not tested.isdisjoint(decided(side)))]
        for each in condition.all_answers(node.test) if ends else ():
            values = (condition.value(node.test, each.question, is_on) for is_on in (True, False))
            is_all = condition.answer(node.test) is not None
            if (is_all or any(value in ends for value in values)) and each.question.node in self.facts:
                self.facts[each.question.node].in_loop = False

    def _assumed(self, test: cst.BaseExpression, truth: bool, place: Place, condition: Condition) -> Place:
        """The place inside a branch."""
        flags = [flag for each in condition.known(test, truth) for flag in each.question.flags]
        return replace(place, guards=self._guards(test, truth, place), under=(*place.under, *flags))

    def _guards(self, test: cst.BaseExpression, truth: bool, place: Place) -> frozenset[Guard]:
        """What is known inside a branch; where only one question is asked there is nothing to compare it with."""
        return place.guards | frozenset(guards(test, truth)) if len(self._answers) > 1 else place.guards

    def _behind(self, test: cst.BaseExpression, truth: bool, place: Place, condition: Condition) -> Place:
        """The place behind a branch that does not go on: `if not flag(): return` puts all that follows under it.

        Behind `if flag(): return` is what there is without the flag, and not under it.
        """
        inner = self._assumed(test, truth, place, condition)
        is_off = any(each.is_off for each in condition.known(test, truth))
        return replace(inner, under=place.under) if is_off else inner

    def _bound(self, names: Iterable[str], path: Path) -> Path:
        """Forgets what depends on something that has another value now."""
        changed = tuple(names)
        if not changed:
            return path
        reads = frozenset(each for each in path.reads if not any(map(each.question.depends_on, changed)))
        return Path(reads, {name: each for name, each in path.carried.items() if name not in changed})


_Visit = Callable[[_Walk, Any, Place, Path], Onward]

_STATEMENTS: dict[type[cst.CSTNode], _Visit] = {
    cst.AnnAssign: _Walk._assign,
    cst.Assign: _Walk._assign,
    cst.AugAssign: _Walk._change,
    cst.Break: _Walk._leave,
    cst.Continue: _Walk._leave,
    cst.Del: _Walk._change,
    cst.Expr: _Walk._change,
    cst.For: _Walk._for,
    cst.Import: _Walk._change,
    cst.ImportFrom: _Walk._change,
    cst.Match: _Walk._match,
    cst.Raise: _Walk._leave,
    cst.Return: _Walk._leave,
    cst.SimpleStatementLine: _Walk._line,
    cst.Try: _Walk._try,
    cst.TryStar: _Walk._try,
    cst.While: _Walk._while,
    cst.With: _Walk._with,
}

_EXPRESSIONS: dict[type[cst.CSTNode], Callable[[_Walk, Any, Place, Path], Path]] = {
    cst.BooleanOperation: _Walk._boolean,
    cst.DictComp: _Walk._comprehension,
    cst.GeneratorExp: _Walk._comprehension,
    cst.IfExp: _Walk._ternary,
    cst.ListComp: _Walk._comprehension,
    cst.NamedExpr: _Walk._walrus,
    cst.SetComp: _Walk._comprehension,
}
