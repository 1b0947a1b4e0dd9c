"""What a condition says of flags: which it asks, and what is known where it holds and where it does not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import libcst as cst

from flagctl.scan.python.flow.questions import Question, code
from flagctl.scan.python.nodes import last_name

_TRUE = frozenset(["True", "1", "'on'", '"on"'])
_FALSE = frozenset(["False", "0", "'off'", '"off"'])
_BESIDE = re.compile(r"reason|error|exception|(?:flag_)?(?:key|metadata|name|id)$")
"""What the details of an answer have beside the answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An expression that is the answer to a question: `polarity` says whether it is true when the flag is on.

    It is `None` where that cannot be told, as of a comparison with a variant; `is_variant` then says whether the
    expression is true for that variant, and not for all others.
    """

    question: Question
    polarity: bool | None
    is_variant: bool = True

    @property
    def is_off(self) -> bool:
        """The flag is off where this is true, or is not the variant that was asked for."""
        return not self.is_variant if self.polarity is None else not self.polarity


Answers = Mapping[cst.CSTNode, Question]
Carried = Mapping[str, Answer]
"""The local variables that hold an answer."""

Guard = tuple[str, str]
"""A condition, or one side of a comparison, and what it is known to be."""


class Condition:
    """Reads conditions, where some expressions and some variables are answers."""

    def __init__(self, answers: Answers, carried: Carried) -> None:
        self._answers = answers
        self._carried = carried

    def asks(self, node: cst.CSTNode) -> bool:
        """Whether an expression is an evaluation."""
        return node in self._answers

    def answer(self, node: cst.BaseExpression) -> Answer | None:
        """The answer that an expression is, if it is one and no more."""
        if (question := self._answers.get(node)) is not None:
            return Answer(question, (not question.negated) if question.is_truth else None)
        match node:
            case cst.Name(value=name):
                return self._carried.get(name)
            case cst.Await(expression=inner) | cst.NamedExpr(value=inner):
                return self.answer(inner)
            case cst.Attribute(value=inner, attr=cst.Name(value=name)) if not _BESIDE.match(name):
                return self.answer(inner)
            case cst.Call(func=func, args=[cst.Arg(value=inner, keyword=None)]) if last_name(func) == "bool":
                return self.answer(inner)
            case cst.UnaryOperation(operator=cst.Not(), expression=inner):
                return _turned(self.answer(inner))
            case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator, right)]):
                return self._compared(left, operator, right)
        return None

    def _compared(self, left: cst.BaseExpression, operator: object, right: cst.BaseExpression) -> Answer | None:
        """`flag() is True`, `flag() == "on"`; `"on" == flag()`, too."""
        found, other = self.answer(left), right
        if found is None:
            found, other = self.answer(right), left
        if found is None:
            return None
        text = code(other)
        if not isinstance(operator, cst.Equal | cst.Is | cst.NotEqual | cst.IsNot) or text not in _TRUE | _FALSE:
            is_other = isinstance(operator, cst.NotEqual | cst.IsNot | cst.NotIn)
            return Answer(found.question, None, is_other is (text == "None"))
        if text[0] in "'\"" and found.polarity is None:  # the variants on and off
            found = Answer(found.question, not found.question.negated)
        is_same = isinstance(operator, cst.Equal | cst.Is)
        return found if (text in _TRUE) is is_same else _turned(found)

    def all_answers(self, test: cst.BaseExpression) -> Iterator[Answer]:
        """Every answer that a condition has in it."""
        if (found := self.answer(test)) is not None:
            yield found
            return
        match test:
            case cst.BooleanOperation(left=left, right=right):
                yield from (*self.all_answers(left), *self.all_answers(right))
            case cst.UnaryOperation(operator=cst.Not(), expression=inner):
                yield from self.all_answers(inner)

    def known(self, test: cst.BaseExpression, truth: bool) -> Iterator[Answer]:
        """The answers that are known where a condition is true, or false; their polarity is what the flag is there."""
        if (found := self.answer(test)) is not None:
            yield found if truth else _turned(found) or found
            return
        match test:
            case cst.UnaryOperation(operator=cst.Not(), expression=inner):
                yield from self.known(inner, not truth)
            case cst.BooleanOperation(left=left, operator=operator, right=right):
                if isinstance(operator, cst.And) is truth:
                    yield from (*self.known(left, truth), *self.known(right, truth))

    def value(self, test: cst.BaseExpression, question: Question, is_on: bool) -> bool | None:
        """What a condition is where a flag is on, or off; `None` where that depends on something else."""
        if (found := self.answer(test)) is not None:
            return found.polarity is is_on if found.question is question and found.polarity is not None else None
        match test:
            case cst.UnaryOperation(operator=cst.Not(), expression=inner):
                inside = self.value(inner, question, is_on)
                return None if inside is None else not inside
            case cst.BooleanOperation(left=left, operator=operator, right=right):
                sides = (self.value(left, question, is_on), self.value(right, question, is_on))
                decisive = isinstance(operator, cst.Or)
                if decisive in sides:
                    return decisive
                return None if None in sides else not decisive
        return None


def chain(node: cst.BooleanOperation) -> list[cst.BaseExpression]:
    """The operands of `a and b and c`, which is written as one operation on another."""
    found: list[cst.BaseExpression] = []
    rest: cst.BaseExpression = node
    while isinstance(rest, cst.BooleanOperation) and type(rest.operator) is type(node.operator):
        found.append(rest.right)
        rest = rest.left
    return [rest, *reversed(found)]


def guards(test: cst.BaseExpression, truth: bool) -> Iterator[Guard]:
    """What is known of expressions where a condition is true, or false."""
    match test:
        case cst.UnaryOperation(operator=cst.Not(), expression=inner):
            yield from guards(inner, not truth)
            return
        case cst.BooleanOperation(operator=operator) if isinstance(operator, cst.And) is truth:
            for each in chain(test):
                yield from guards(each, truth)
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator, right)]) if type(operator) in _SAME:
            sign, is_same = _SAME[type(operator)]
            yield code(left) + sign + code(right), str(truth is is_same)
            if sign == "==" and truth is is_same and isinstance(right, cst.BaseString | cst.BaseNumber):
                yield code(left) + "=", code(right)
            return
    yield code(test), str(truth)


_SAME: dict[type[cst.CSTNode], tuple[str, bool]] = {
    cst.Equal: ("==", True),
    cst.Is: ("==", True),
    cst.NotEqual: ("==", False),
    cst.IsNot: ("==", False),
    cst.In: (" in ", True),
    cst.NotIn: (" in ", False),
    cst.LessThan: ("<", True),
    cst.GreaterThanEqual: ("<", False),
    cst.GreaterThan: (">", True),
    cst.LessThanEqual: (">", False),
}
"""Comparisons, each by another that is true where it is, or where it is not."""


def case_guards(subject: cst.BaseExpression, pattern: cst.MatchPattern) -> Iterator[Guard]:
    """What is known in a case of a `match`."""
    if isinstance(pattern, cst.MatchValue | cst.MatchSingleton):
        yield from guards(cst.Comparison(subject, [cst.ComparisonTarget(cst.Equal(), pattern.value)]), True)


def exclude(known: Mapping[str, str], other: frozenset[Guard]) -> bool:
    """Whether two places cannot be on one path, as they need one thing to be this and that."""
    return any(known.get(subject, value) != value for subject, value in other)


def _turned(answer: Answer | None) -> Answer | None:
    if answer is None:
        return None
    if answer.polarity is None:
        return replace(answer, is_variant=not answer.is_variant)
    return replace(answer, polarity=not answer.polarity)
