"""What an evaluation asks, apart from how: two places that ask the same may get two answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import libcst as cst

from flagctl.scan.python.nodes import children, dotted_text, last_name
from flagctl.scan.python.resolver import Draft

_VARYING = frozenset(["choice", "getrandbits", "next", "now", "pop", "randint", "random", "time", "today", "uuid4"])
"""Functions that are called for another answer each time."""


@dataclass(frozen=True, eq=False)
class Question:
    """One evaluation: of which flags, by what expression, and what its answer depends on."""

    node: cst.CSTNode
    flags: tuple[str, ...]
    is_truth: bool
    """Its value is on or off, and not a variant."""
    negated: bool
    _draft: Draft = field(repr=False)

    @classmethod
    def of(cls, drafts: list[Draft]) -> Question:
        """The question that is asked at one node: there are several drafts where the key may be one of several."""
        first = drafts[0]
        flags = tuple(dict.fromkeys(each.reference.flag for each in drafts if each.reference.flag is not None))
        is_truth = first.reference.returns in ("bool", "details", None)
        return cls(first.node, flags, is_truth, first.reference.negated, first)

    @cached_property
    def subject(self) -> tuple[object, ...]:
        """What two evaluations that ask the same have in common: flag, receiver, and all arguments but key and default.

        The spelling of the key does not count, and what is fallen back on is no part of the question.
        """
        return (self.flags, self._aspect, self._receiver, tuple(map(code, self._context)))

    @cached_property
    def operands(self) -> frozenset[str]:
        """The variables and attributes, as dotted names, that the answer depends on: `request.user`."""
        return frozenset(name for each in (*self._context, *self._key) for name in operands(each))

    @cached_property
    def varies(self) -> bool:
        """Whether an argument is another one each time it is computed, as far as one can see."""
        calls = [each for argument in self._context for each in below(argument) if isinstance(each, cst.Call)]
        return any(not each.args or last_name(each.func) in _VARYING for each in calls)

    @cached_property
    def _receiver(self) -> str | None:
        """What is asked: `client` of `client.is_enabled("x")`."""
        match self.node:
            case (
                cst.Call(func=cst.Attribute(value=owner))
                | cst.Attribute(value=owner)
                | cst.Subscript(value=owner)
                | cst.Comparison(comparisons=[cst.ComparisonTarget(comparator=owner)])
            ):
                return code(owner)
        return None

    @cached_property
    def _aspect(self) -> str:
        """What of the flag is asked, if it is not its value: whether it is there, or what comes with it."""
        match self.node:
            case cst.Comparison():
                return "presence"
            case cst.Call(func=func) if (last_name(func) or "").endswith("payload"):
                return "payload"
        return ""

    @cached_property
    def _key(self) -> tuple[cst.BaseExpression, ...]:
        return (self._draft.key,) if self._draft.key is not None else ()

    @cached_property
    def _context(self) -> tuple[cst.BaseExpression, ...]:
        """The arguments that say for whom the flag is asked."""
        if not isinstance(self.node, cst.Call):
            return ()
        left_out = (self._draft.key, self._draft.default)
        return tuple(each.value for each in self.node.args if each.value not in left_out)

    def depends_on(self, target: str) -> bool:
        """Whether giving something another value may change the answer; `target` is a dotted name."""
        names = self.operands if self._receiver is None else {*self.operands, self._receiver}
        return any(each == target or each.startswith(f"{target}.") or target.startswith(f"{each}.") for each in names)


def code(node: cst.CSTNode) -> str:
    """The source of a node, whatever its layout."""
    return "".join(cst.Module([]).code_for_node(node).split())


def below(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A node and what is in it, but for the bodies of functions and classes, which run at another time."""
    stack = [node]
    while stack:
        each = stack.pop()
        yield each
        if isinstance(each, cst.Lambda | cst.FunctionDef | cst.ClassDef) and each is not node:
            continue
        stack += reversed([*children(each)])


def operands(node: cst.CSTNode) -> Iterator[str]:
    """The longest dotted names in an expression; of a call, what is called does not count."""
    stack = [node]
    while stack:
        each = stack.pop()
        match each:
            case cst.Call(func=cst.Name()):
                stack += each.args
            case cst.Call(func=cst.Attribute(value=owner)):
                stack += [owner, *each.args]
            case cst.Name() | cst.Attribute() if (name := dotted_text(each)) and "()" not in name:
                yield name
            case cst.Attribute(value=owner):
                stack.append(owner)
            case cst.Arg(value=value):
                stack.append(value)
            case _:
                stack += children(each)


def given(nodes: Iterable[cst.CSTNode]) -> Iterator[str]:
    """The dotted names of all that some code gives another value or changes in place, as far as one can see."""
    for node in nodes:
        for each in below(node):
            yield from _given_here(each)


_REPORTS = re.compile(
    r"_?(?:capture|count|debug|emit|error|exception|flush|incr|info|log|record|report|track|warning)(?:_|$)"
)
"""Methods that tell others what happens and change nothing here."""


def _given_here(node: cst.CSTNode) -> Iterator[str]:
    match node:
        case cst.AssignTarget(target=target) | cst.AnnAssign(target=target) | cst.AugAssign(target=target):
            yield from _targets(target)
        case (
            cst.NamedExpr(target=target) | cst.For(target=target) | cst.CompFor(target=target) | cst.Del(target=target)
        ):
            yield from _targets(target)
        case cst.AsName(name=target):
            yield from _targets(target)
        case cst.ImportAlias(name=name, asname=None):
            yield (dotted_text(name) or "").partition(".")[0]
        case (
            cst.FunctionDef(name=name)
            | cst.ClassDef(name=name)
            | cst.MatchAs(name=cst.Name() as name)
            | cst.MatchStar(name=cst.Name() as name)
            | cst.MatchMapping(rest=cst.Name() as name)
        ):
            yield name.value
        case cst.Expr(value=cst.Call(func=cst.Attribute(value=owner, attr=method))):
            changed = dotted_text(owner)
            if changed not in (None, "self", "cls") and not _REPORTS.match(method.value):
                yield str(changed)


def _targets(target: cst.BaseExpression | cst.CSTNode) -> Iterator[str]:
    match target:
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            for each in elements:
                yield from _targets(each.value)
        case cst.StarredElement(value=value) | cst.Subscript(value=value):
            yield from _targets(value)
        case _:
            if name := dotted_text(target):  # type: ignore[arg-type]
                yield name
