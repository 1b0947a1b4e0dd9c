"""Suites of statements of which some go and others move up: what is left, where its comments go, and where it ends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TypeVar

import libcst as cst

from flagctl.removal.fold.matching import is_irrefutable
from flagctl.scan.python.nodes import children

Statement = cst.BaseStatement | cst.BaseSmallStatement

_D = TypeVar("_D", cst.Module, cst.FunctionDef, cst.ClassDef)


@dataclass(slots=True)
class Spliced:
    """What stands in place of a statement: statements that move up, with the comments that ended their suite."""

    statements: list[cst.BaseStatement] = field(default_factory=list)
    footer: Sequence[cst.EmptyLine] = ()


def splice(lines: Sequence[cst.EmptyLine], suite: cst.BaseSuite) -> Spliced:
    """The statements of a suite whose header goes, behind the lines that stood before that."""
    if isinstance(suite, cst.SimpleStatementSuite):
        line = cst.SimpleStatementLine(suite.body, trailing_whitespace=suite.trailing_whitespace)
        return Spliced([with_lines_before(line, lines)])
    block = cst.ensure_type(suite, cst.IndentedBlock)
    first, *rest = block.body
    own = first.leading_lines  # type: ignore[attr-defined]
    first = first.with_changes(leading_lines=[line for line in own if not is_reminder(line)])
    return Spliced([with_lines_before(first, lines), *rest], block.footer)


def with_lines_before(statement: cst.BaseStatement, lines: Iterable[cst.EmptyLine]) -> cst.BaseStatement:
    """A statement with more lines before it; a paragraph that begins twice begins once."""
    lines = list(lines)
    own = statement.leading_lines  # type: ignore[attr-defined]
    if own and own[0].comment is None:
        while lines and lines[-1].comment is None:
            del lines[-1]
    return statement.with_changes(leading_lines=[*lines, *own]) if lines else statement


_TALK = re.compile(
    r"\b(?:flag(?:s|ged)?|toggle[sd]?|waffle|roll-?out|switched|gate[sd]?)\b|\b(?:feature[- ]|this )(?:switch|sample)",
    re.I,
)
"""What is said of a condition on a flag."""


_TALK_OF_IT = re.compile(
    r"\bwaffle\b|\broll-?out\b|\b(?:this|the)(?: feature)? (?:flag|toggle|switch)\b|\bfeature[- ](?:flag|switch)\b",
    re.I,
)
"""What is said of a statement that a flag has a say in."""


_REMINDER = re.compile(r"\b(?:TODO|FIXME|XXX)\b.*\b(?:flag|toggle|waffle|switch|roll-?out)\b", re.I)


def is_reminder(line: cst.EmptyLine) -> bool:
    """Whether a line says what is to be done once the flag is gone."""
    return line.comment is not None and _REMINDER.search(line.comment.value) is not None


def without_talk(lines: Sequence[cst.EmptyLine], *, stays: bool = False) -> list[cst.EmptyLine]:
    """The lines before a condition that goes, without the comment right above it if that speaks of the flag.

    Where a statement `stays` that the flag no longer has a say in, the comment may speak of other things as well.
    """
    talk = _TALK_OF_IT if stays else _TALK
    above = list(takewhile(lambda line: line.comment is not None, reversed(lines)))
    is_talk = any(line.comment is not None and talk.search(line.comment.value) for line in above)
    return [*lines[: len(lines) - len(above)]] if is_talk else [*lines]


def is_blank(line: cst.EmptyLine) -> bool:
    """Whether a line has no comment in it."""
    return line.comment is None


def heading(statement: cst.BaseStatement, following: cst.BaseStatement | None) -> Sequence[cst.EmptyLine]:
    """The lines before a statement that goes which stay: empty ones, and the comment on it and what follows.

    Such stands above a variable with something right behind it, and does not speak of the flag.
    """
    lines: Sequence[cst.EmptyLine] = statement.leading_lines  # type: ignore[attr-defined]
    is_set = isinstance(statement, cst.SimpleStatementLine) and isinstance(statement.body[0], cst.Assign)
    if is_set and following is not None and not following.leading_lines:  # type: ignore[attr-defined]
        return without_talk(lines)
    return list(takewhile(is_blank, lines))


def is_pass(statement: cst.BaseStatement) -> bool:
    """Whether a statement is `pass`, with nothing said beside it."""
    match statement:
        case cst.SimpleStatementLine(body=[cst.Pass()], leading_lines=lines, trailing_whitespace=end):
            return end.comment is None and all(line.comment is None for line in lines)
    return False


def is_nothing(suite: cst.BaseSuite) -> bool:
    """Whether a suite is only `pass`, with nothing said beside it."""
    if isinstance(suite, cst.SimpleStatementSuite):
        return suite.trailing_whitespace.comment is None and all(isinstance(each, cst.Pass) for each in suite.body)
    block = cst.ensure_type(suite, cst.IndentedBlock)
    has_comment = block.header.comment is not None or any(line.comment is not None for line in block.footer)
    return not has_comment and all(is_pass(each) for each in block.body)


def ends(statements: Sequence[Statement]) -> bool:
    """Whether nothing runs after these statements in their suite."""
    return bool(statements) and _ends(statements[-1])


def _ends(statement: cst.CSTNode) -> bool:
    match statement:
        case cst.SimpleStatementLine(body=[*_, last]):
            return _ends(last)
        case cst.Return() | cst.Raise() | cst.Break() | cst.Continue():
            return True
        case cst.If(body=body, orelse=orelse) if orelse is not None:
            return ends(body.body) and (_ends(orelse) if isinstance(orelse, cst.If) else ends(orelse.body.body))
        case cst.While(test=cst.Name(value="True"), body=body):
            return not _breaks(body)
        case cst.Try() | cst.TryStar():
            return _try_ends(statement)
        case cst.Match(cases=[*_, cst.MatchCase(pattern=pattern, guard=None)] as cases) if is_irrefutable(pattern):
            return all(ends(each.body.body) for each in cases)
    # A `with` may swallow what was raised before the end of its suite.
    return False


def _try_ends(statement: cst.Try | cst.TryStar) -> bool:
    body, orelse, final = statement.body, statement.orelse, statement.finalbody
    if final is not None and ends(final.body.body):
        return True
    goes_through = not ends(body.body) and (orelse is None or not ends(orelse.body.body))
    return not goes_through and all(ends(each.body.body) for each in statement.handlers)


def _breaks(suite: cst.CSTNode) -> bool:
    """Whether a `break` in the suite of a loop is that loop's."""
    stack = [suite]
    while stack:
        node = stack.pop()
        match node:
            case cst.Break():
                return True
            case cst.While(orelse=orelse) | cst.For(orelse=orelse):
                stack += [orelse] if orelse is not None else []
            case cst.FunctionDef() | cst.ClassDef() | cst.BaseExpression():
                pass
            case _:
                stack += children(node)
    return False


def without_first_blank_lines(statement: cst.BaseStatement) -> cst.BaseStatement:
    """A statement that came to begin its suite, with no empty line before it."""
    lines = list(statement.leading_lines)  # type: ignore[attr-defined]
    while lines and lines[0].comment is None:
        del lines[0]
    return statement.with_changes(leading_lines=lines)


def without_new_docstring(before: _D, now: _D) -> _D:
    """A definition or module without the texts that came to begin it, and nobody asked for as its documentation."""
    while before.get_docstring(clean=False) is None and now.get_docstring(clean=False) is not None:
        if isinstance(now, cst.Module):
            now = now.with_changes(body=_without_first(now.body))
        elif isinstance(now.body, cst.SimpleStatementSuite):
            now = now.with_changes(body=now.body.with_changes(body=now.body.body[1:] or [cst.Pass()]))
        else:
            block = cst.ensure_type(now.body, cst.IndentedBlock)
            body = _without_first(block.body) or [cst.SimpleStatementLine([cst.Pass()])]
            now = now.with_changes(body=now.body.with_changes(body=body))
    return now


def _without_first(statements: Sequence[cst.BaseStatement]) -> list[cst.BaseStatement]:
    """Statements without the first small one."""
    first, *rest = statements
    others = cst.ensure_type(first, cst.SimpleStatementLine).body[1:]
    return [first.with_changes(body=others), *rest] if others else rest
