"""Goes along the paths of one function and notes what happens to the answers of flags.

An abstract interpretation in source order: at each place it knows which questions may have been asked before, which
variables hold an answer, and which conditions hold. Branches are gone along one by one and joined where they meet; one
that returns, raises, breaks or continues does not go on. A loop is gone through once, as what its next turn asks again
is another matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import libcst as cst

from flagctl.scan.python.flow.decisions import Answer, Answers, Condition, Guard, exclude, guards
from flagctl.scan.python.flow.questions import Question, given
from flagctl.scan.python.flow.sides import Decision, decisions
from flagctl.scan.python.nodes import children, dotted_text, last_name

_WAITS = frozenset(
    [
        "accept",
        "consume",
        "get",
        "join",
        "listen",
        "poll",
        "read",
        "receive",
        "recv",
        "refresh",
        "reload",
        "sleep",
        "wait",
    ]
)
"""Functions that wait: what is asked after them is meant to be asked again."""
_RENEWS = re.compile(r"_?(?:sleep|wait|refresh|reload|reset|invalidate|sync|clear|cache_clear)(?:_|$)")
"""Functions after which a flag is meant to be asked again."""
_STREAMS = ("consumer", "listen", "message", "poll", "queue", "stream", "subscri", "watch")
"""Words in the name of what is looped over and does not end."""


@dataclass(slots=True)
class Facts:
    """What is known of one evaluation."""

    in_loop: bool = False
    """Asked on every turn of a loop, and the same each time."""
    under: tuple[str, ...] = ()
    """The flags that decide whether it is asked at all."""
    earlier: cst.CSTNode | None = None
    """The evaluation before it on one path that asks the same."""
    decisions: list[Decision] = field(default_factory=list)
    """The branches that depend on it."""


@dataclass(frozen=True, eq=False, slots=True)
class _Read:
    """A question that may have been asked on the way, as the how manieth, and the conditions under which it was."""

    question: Question
    number: int
    guards: frozenset[Guard]


@dataclass(frozen=True, eq=False, slots=True)
class _Path:
    """What has happened on the ways to a place."""

    reads: frozenset[_Read] = frozenset()
    carried: Mapping[str, Answer] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, slots=True)
class _Loop:
    """A loop around a place, and what is another thing on each of its turns."""

    changes: tuple[str, ...]
    is_endless: bool = False
    """Runs as long as the program does, or until a flag is switched: it has to ask again."""


@dataclass(frozen=True, eq=False, slots=True)
class _Place:
    """What holds where the walk stands, by the blocks around it."""

    guards: frozenset[Guard] = frozenset()
    under: tuple[str, ...] = ()
    loops: tuple[_Loop, ...] = ()


Onward = _Path | None
"""What has happened when a block is through; `None` if that is never reached."""


def follow(function: cst.FunctionDef, answers: Answers, under: tuple[str, ...] = ()) -> dict[cst.CSTNode, Facts]:
    """The facts of the evaluations in a function's body, by their nodes; `under` are the flags that guard it whole."""
    walk = _Walk(answers)
    walk.block(function.body.body, _Place(under=under), _Path())
    return walk.facts


class _Walk:
    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._asked_so_far = 0
        self.facts: dict[cst.CSTNode, Facts] = {}

    # --- statements

    def block(self, statements: Sequence[cst.CSTNode], place: _Place, path: _Path) -> Onward:
        onward: Onward = path
        for index, statement in enumerate(statements):
            if onward is None:
                return None
            if isinstance(statement, cst.If):
                onward, place = self._if(statement, statements[index + 1 :], place, onward)
            else:
                onward = self._statement(statement, place, onward)
        return onward

    def _statement(self, node: cst.CSTNode, place: _Place, path: _Path) -> Onward:
        visit = _STATEMENTS.get(type(node))
        if visit is not None:
            return visit(self, node, place, path)
        if isinstance(node, cst.FunctionDef | cst.ClassDef):  # what is in it runs at another time
            return self._bound(given([node.name]), path)
        return self._expression(node, place, path)

    def _line(self, node: cst.SimpleStatementLine | cst.SimpleStatementSuite, place: _Place, path: _Path) -> Onward:
        onward: Onward = path
        for each in node.body:
            if onward is not None:
                onward = self._statement(each, place, onward)
        return onward

    def _leave(self, node: cst.CSTNode, place: _Place, path: _Path) -> Onward:
        self._expression(node, place, path)
        return None

    def _assign(self, node: cst.Assign | cst.AnnAssign, place: _Place, path: _Path) -> Onward:
        if node.value is None:
            return path
        after = self._expression(node.value, place, path)
        answer = self._condition(after).answer(node.value)
        after = self._bound(given([node]), after)
        targets = [each.target for each in node.targets] if isinstance(node, cst.Assign) else [node.target]
        names = [each.value for each in targets if isinstance(each, cst.Name)]
        if answer is None or len(names) != 1:
            return after
        return replace(after, carried={**after.carried, names[0]: answer})

    def _change(self, node: cst.CSTNode, place: _Place, path: _Path) -> Onward:
        """A statement that may give something another value: what depends on it is asked anew.

        After one that waits, or that has the answers renewed, everything is.
        """
        after = self._bound(given([node]), self._expression(node, place, path))
        called = (last_name(each.func) or "" for each in _nodes(node) if isinstance(each, cst.Call))
        return replace(after, reads=frozenset()) if any(map(_RENEWS.match, called)) else after

    def _if(self, node: cst.If, rest: Sequence[cst.CSTNode], place: _Place, path: _Path) -> tuple[Onward, _Place]:
        """Both branches; and the place behind them, where one that does not go on tells what holds."""
        after = self._expression(node.test, place, path)
        condition = self._condition(after)
        self._note(decisions(node, rest, condition))
        is_chain = isinstance(node.orelse, cst.If) or _is_lone_if(node.orelse)
        yes = self._assumed(node.test, True, place, condition)
        no = self._assumed(node.test, False, place, condition)
        body = self._inner(node.body, yes, after)
        orelse = self._otherwise(node.orelse, replace(no, under=place.under) if is_chain else no, after)
        if body is None and orelse is not None:
            return orelse, self._behind(node.test, False, place, condition)
        if orelse is None and body is not None:
            return body, self._behind(node.test, True, place, condition)
        return _joined(body, orelse), place

    def _otherwise(self, node: cst.If | cst.Else | None, place: _Place, path: _Path) -> Onward:
        if isinstance(node, cst.If):
            return self._if(node, (), place, path)[0]
        return path if node is None else self._inner(node.body, place, path)

    def _for(self, node: cst.For, place: _Place, path: _Path) -> Onward:
        before = self._expression(node.iter, place, path)
        words = (dotted_text(node.iter) or "").lower()
        is_endless = node.asynchronous is not None or any(word in words for word in _STREAMS)
        loop = _Loop(tuple(given([node])), is_endless)
        return self._looped(node, loop, place, before)

    def _while(self, node: cst.While, place: _Place, path: _Path) -> Onward:
        asked = any(each in self._answers for each in _nodes(node.test))
        called = {last_name(each.func) for each in _nodes(node) if isinstance(each, cst.Call)}
        is_endless = asked or _is_true(node.test) or not called.isdisjoint(_WAITS)
        loop = _Loop(tuple(given([node])), is_endless)
        before = self._expression(node.test, replace(place, loops=(*place.loops, loop)), path)
        onward = self._looped(node, loop, place, before)
        return onward if not _is_true(node.test) or _breaks(node.body) else None

    def _looped(self, node: cst.For | cst.While, loop: _Loop, place: _Place, before: _Path) -> Onward:
        inner = replace(place, loops=(*place.loops, loop))
        through = self._inner(node.body, inner, self._bound(loop.changes, before))
        after = self._bound(loop.changes, _joined(before, through) or before)
        return after if node.orelse is None else _joined(self._inner(node.orelse.body, place, after), after)

    def _try(self, node: cst.Try | cst.TryStar, place: _Place, path: _Path) -> Onward:
        """What was asked in vain is asked again in the handlers: they go on from before."""
        onward = self._inner(node.body, place, path)
        if onward is not None and node.orelse is not None:
            onward = self._inner(node.orelse.body, place, onward)
        changed = self._bound(given([node.body]), path)
        for handler in node.handlers:
            onward = _joined(onward, self._inner(handler.body, place, changed))
        if node.finalbody is None:
            return onward
        through = self._inner(node.finalbody.body, place, onward or changed)
        return through if onward is not None else None

    def _with(self, node: cst.With, place: _Place, path: _Path) -> Onward:
        for item in node.items:
            path = self._bound(given([item]), self._expression(item.item, place, path))
        return self._inner(node.body, place, path)

    def _match(self, node: cst.Match, place: _Place, path: _Path) -> Onward:
        before = self._expression(node.subject, place, path)
        answer = self._condition(before).answer(node.subject)
        inner = replace(place, under=(*place.under, *answer.question.flags)) if answer else place
        onward: Onward = before
        for case in node.cases:
            start = self._bound(given([case.pattern]), before)
            start = start if case.guard is None else self._expression(case.guard, inner, start)
            onward = _joined(onward, self._inner(case.body, inner, start))
        return onward

    def _inner(self, node: cst.BaseSuite, place: _Place, path: _Path) -> Onward:
        """A block of its own: one that ends by leaving a loop does not come round again."""
        kept = place.loops[: len(place.loops) - _loops_left(node)] if place.loops else ()
        return self.block(node.body, replace(place, loops=kept), path)

    # --- expressions

    def _expression(self, node: cst.CSTNode, place: _Place, path: _Path) -> _Path:
        """All that an expression asks, in the order in which it is computed."""
        visit = _EXPRESSIONS.get(type(node))
        if visit is not None:
            path = visit(self, node, place, path)
        elif not isinstance(node, cst.Lambda):
            for child in children(node):
                path = self._expression(child, place, path)
        question = self._answers.get(node)
        return path if question is None else self._asked(question, place, path)

    def _asked(self, question: Question, place: _Place, path: _Path) -> _Path:
        known = self.facts.setdefault(question.node, Facts())
        known.under = tuple(dict.fromkeys(each for each in place.under if each not in question.flags))
        loop = place.loops[-1] if place.loops else None
        if loop is not None and not loop.is_endless and not question.varies:
            known.in_loop = not any(map(question.depends_on, loop.changes))
        if question.varies or not question.flags:
            return path
        same = [each for each in path.reads if each.question.subject == question.subject]
        before = [each for each in same if not exclude(each.guards, place.guards)]
        if before:
            known.earlier = max(before, key=lambda each: each.number).question.node
        self._asked_so_far += 1
        return replace(path, reads=path.reads | {_Read(question, self._asked_so_far, place.guards)})

    def _boolean(self, node: cst.BooleanOperation, place: _Place, path: _Path) -> _Path:
        """Flags that are asked together decide together: none of them is under the other."""
        left = self._expression(node.left, place, path)
        known = guards(node.left, isinstance(node.operator, cst.And))
        inner = replace(place, guards=place.guards | frozenset(known))
        return _both(left, self._expression(node.right, inner, left))

    def _ternary(self, node: cst.IfExp, place: _Place, path: _Path) -> _Path:
        after = self._expression(node.test, place, path)
        condition = self._condition(after)
        self._note(decisions(node, (), condition))
        body = self._expression(node.body, self._assumed(node.test, True, place, condition), after)
        orelse = self._expression(node.orelse, self._assumed(node.test, False, place, condition), after)
        return _both(body, orelse)

    def _walrus(self, node: cst.NamedExpr, place: _Place, path: _Path) -> _Path:
        after = self._expression(node.value, place, path)
        answer = self._condition(after).answer(node.value)
        after = self._bound(given([node]), after)
        if answer is not None and isinstance(node.target, cst.Name):
            after = replace(after, carried={**after.carried, node.target.value: answer})
        return after

    def _comprehension(self, node: cst.BaseComp, place: _Place, path: _Path) -> _Path:
        clause: cst.CompFor | None = node.for_in
        path = self._expression(clause.iter, place, path) if clause else path
        loops, inner = place.loops, place
        while clause is not None:
            is_endless = clause.asynchronous is not None
            loops = (*loops, _Loop(tuple(given([clause])), is_endless))
            inner = replace(place, loops=loops)
            for each in clause.ifs:
                path = self._expression(each.test, inner, path)
            clause = clause.inner_for_in
            path = self._expression(clause.iter, inner, path) if clause else path
        for child in children(node):
            if not isinstance(child, cst.CompFor):
                path = self._expression(child, inner, path)
        return path

    # --- what is known

    def _condition(self, path: _Path) -> Condition:
        return Condition(self._answers, path.carried)

    def _note(self, found: Iterable[Decision]) -> None:
        for each in found:
            self.facts.setdefault(each.question.node, Facts()).decisions.append(each)

    def _assumed(self, test: cst.BaseExpression, truth: bool, place: _Place, condition: Condition) -> _Place:
        """The place inside a branch."""
        flags = [flag for each in condition.known(test, truth) for flag in each.question.flags]
        known = place.guards | frozenset(guards(test, truth))
        return replace(place, guards=known, under=(*place.under, *flags))

    def _behind(self, test: cst.BaseExpression, truth: bool, place: _Place, condition: Condition) -> _Place:
        """The place behind a branch that does not go on: `if not flag(): return` puts all that follows under it.

        Behind `if flag(): return` is what there is without the flag, and not under it.
        """
        inner = self._assumed(test, truth, place, condition)
        is_off = any(each.polarity is False for each in condition.known(test, truth))
        return replace(inner, under=place.under) if is_off else inner

    def _bound(self, names: Iterable[str], path: _Path) -> _Path:
        """Forgets what depends on something that has another value now."""
        changed = tuple(names)
        if not changed:
            return path
        reads = frozenset(each for each in path.reads if not any(map(each.question.depends_on, changed)))
        return _Path(reads, {name: each for name, each in path.carried.items() if name not in changed})


def _joined(one: Onward, other: Onward) -> Onward:
    if one is None or other is None:
        return other if one is None else one
    return _both(one, other)


def _both(one: _Path, other: _Path) -> _Path:
    if one is other:
        return one
    carried = {name: each for name, each in one.carried.items() if other.carried.get(name) is each}
    return _Path(one.reads | other.reads, carried)


def _is_lone_if(node: cst.CSTNode | None) -> bool:
    """`else` with nothing but an `if` in it is an `elif`."""
    return isinstance(node, cst.Else) and len(node.body.body) == 1 and isinstance(node.body.body[0], cst.If)


def _is_true(test: cst.BaseExpression) -> bool:
    return isinstance(test, cst.Name | cst.Integer) and test.value in ("True", "1")


def _nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    stack = [node]
    while stack:
        each = stack.pop()
        yield each
        stack += children(each)


def _breaks(node: cst.BaseSuite) -> bool:
    return any(isinstance(each, cst.Break) for each in _nodes(node))


def _loops_left(node: cst.BaseSuite) -> int:
    """How many of the loops around a block its last statement leaves, all or the innermost."""
    last = node.body[-1] if node.body else None
    if isinstance(last, cst.SimpleStatementLine):
        last = last.body[-1]
    if isinstance(last, cst.Return | cst.Raise):
        return 1_000
    return int(isinstance(last, cst.Break))


_Visit = Callable[[_Walk, Any, _Place, _Path], Onward]

_STATEMENTS: dict[type[cst.CSTNode], _Visit] = {
    cst.AnnAssign: _Walk._assign,
    cst.Assign: _Walk._assign,
    cst.AugAssign: _Walk._change,
    cst.Break: _Walk._leave,
    cst.Continue: _Walk._leave,
    cst.Del: _Walk._change,
    cst.Expr: _Walk._change,
    cst.For: _Walk._for,
    cst.Match: _Walk._match,
    cst.Raise: _Walk._leave,
    cst.Return: _Walk._leave,
    cst.SimpleStatementLine: _Walk._line,
    cst.Try: _Walk._try,
    cst.TryStar: _Walk._try,
    cst.While: _Walk._while,
    cst.With: _Walk._with,
}

_EXPRESSIONS: dict[type[cst.CSTNode], Callable[[_Walk, Any, _Place, _Path], _Path]] = {
    cst.BooleanOperation: _Walk._boolean,
    cst.DictComp: _Walk._comprehension,
    cst.GeneratorExp: _Walk._comprehension,
    cst.IfExp: _Walk._ternary,
    cst.ListComp: _Walk._comprehension,
    cst.NamedExpr: _Walk._walrus,
    cst.SetComp: _Walk._comprehension,
}
