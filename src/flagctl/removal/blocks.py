"""Suites of statements of which some go and others move up: what is left, where its comments go, and where it ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

import libcst as cst

Statement = cst.BaseStatement | cst.BaseSmallStatement


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
    return Spliced([with_lines_before(first, lines), *rest], block.footer)


def with_lines_before(statement: cst.BaseStatement, lines: Iterable[cst.EmptyLine]) -> cst.BaseStatement:
    """A statement with more lines before it; a paragraph that begins twice begins once."""
    lines = list(lines)
    own = statement.leading_lines  # type: ignore[attr-defined]
    if own and own[0].comment is None:
        while lines and lines[-1].comment is None:
            del lines[-1]
    return statement.with_changes(leading_lines=[*lines, *own]) if lines else statement


def blank_lines_before(statement: cst.BaseStatement) -> list[cst.EmptyLine]:
    """The empty lines that make a statement begin a paragraph."""
    return list(takewhile(lambda line: line.comment is None, statement.leading_lines))  # type: ignore[attr-defined]


def is_pass(statement: cst.BaseStatement) -> bool:
    """Whether a statement is `pass`, with nothing said beside it."""
    match statement:
        case cst.SimpleStatementLine(body=[cst.Pass()], leading_lines=lines, trailing_whitespace=end):
            return end.comment is None and all(line.comment is None for line in lines)
    return False


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
    return False


def without_first_blank_lines(statement: cst.BaseStatement) -> cst.BaseStatement:
    """A statement that came to begin its suite, with no empty line before it."""
    lines = list(statement.leading_lines)  # type: ignore[attr-defined]
    while lines and lines[0].comment is None:
        del lines[0]
    return statement.with_changes(leading_lines=lines)
