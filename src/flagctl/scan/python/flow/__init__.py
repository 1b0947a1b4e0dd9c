"""What happens to a flag's answer in the function that asks for it: asked twice, in a loop, under another flag."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace

import libcst as cst

from flagctl.model import Branch, Kind, Role, Site
from flagctl.scan.python.flow.paths import follow
from flagctl.scan.python.flow.questions import Question
from flagctl.scan.python.flow.state import Facts
from flagctl.scan.python.resolver import Draft
from flagctl.scan.python.scopes import ScopeKind

Flow = dict[cst.CSTNode, Facts]
"""The facts of evaluations, by their nodes."""


def flow_of(drafts: Collection[Draft]) -> Flow:
    """Follows every function that asks for a flag; an evaluation of which nothing is known is left out."""
    found: Flow = {}
    required = _required(drafts)
    for function, asked in _by_function(drafts).items():
        by_node: dict[cst.CSTNode, list[Draft]] = {}
        for draft in asked:
            by_node.setdefault(draft.node, []).append(draft)
        answers = {node: Question.of(each) for node, each in by_node.items()}
        try:
            found |= follow(function, answers, _decorating(function, required))
        except RecursionError:  # thousands of operators in one expression
            continue
    return found


def _by_function(drafts: Iterable[Draft]) -> dict[cst.FunctionDef, list[Draft]]:
    found: dict[cst.FunctionDef, list[Draft]] = {}
    for draft in drafts:
        if draft.reference.role is Role.EVALUATION and draft.reference.flag is not None and draft.scope is not None:
            scopes = (each for each in draft.scope.ancestry() if each.kind is ScopeKind.FUNCTION and each.name)
            scope = next(scopes, None)
            if scope is not None and isinstance(scope.node, cst.FunctionDef):
                found.setdefault(scope.node, []).append(draft)
    return found


def _required(drafts: Iterable[Draft]) -> dict[cst.CSTNode, list[str]]:
    """The flags without which a function does not run, by the decorators that say so."""
    found: dict[cst.CSTNode, list[str]] = {}
    for draft in drafts:
        if draft.reference.kind is Kind.DECORATOR and draft.reference.flag is not None:
            found.setdefault(draft.node, []).append(draft.reference.flag)
    return found


def _decorating(function: cst.FunctionDef, required: Mapping[cst.CSTNode, list[str]]) -> tuple[str, ...]:
    """The flags without which this function does not run."""
    return tuple(flag for each in function.decorators for flag in required.get(each.decorator, ()))


def nodes_of(flow: Flow) -> Iterator[cst.CSTNode]:
    """The nodes whose lines `site_with` needs."""
    for facts in flow.values():
        yield from (each.test for each in facts.decisions)
        if facts.earlier is not None:
            yield facts.earlier


def site_with(site: Site, facts: Facts, line: Callable[[cst.CSTNode], int]) -> Site:
    """A site with what the flow tells of it; `line` gives the line that a node begins on."""
    return replace(
        site,
        in_loop=facts.in_loop,
        under=facts.under,
        repeats=None if facts.earlier is None else line(facts.earlier),
        branches=tuple(
            Branch(
                line(each.test),
                each.is_same,
                on_calls=each.on.all,
                off_calls=each.off.all,
                on_always=each.on.always,
                off_always=each.off.always,
                is_sure_on=each.is_sure_on,
                is_sure_off=each.is_sure_off,
            )
            for each in facts.decisions
        ),
    )
