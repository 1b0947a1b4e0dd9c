"""The statements of a file, so that only those that matter need to be parsed.

LibCST parses less than a megabyte a second. Python's own parser is a dozen times as fast and tells where every
statement stands, which is all that is asked of it: what the statements mean is read from LibCST's trees.
"""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

_STAR_IMPORT = re.compile(r"import\s*\(?\s*\*")
_JOINED_LINE = re.compile(r"\\\r?\n?\Z")


@dataclass(slots=True, eq=False)
class Part:
    """Some whole lines of a module or class body: a statement with the comments before it.

    `binds` is the name that a definition binds; other statements may bind any name that stands in them. A class has
    `members`; what is before the first of them is its header.
    """

    text: str
    start: int
    binds: str | None = None
    is_function: bool = False
    is_first: bool = False
    members: tuple[Part, ...] = ()
    read: Callable[[], None] | None = field(default=None, repr=False)
    """Parses it and binds what it binds; `None` once that is done."""

    def may_bind(self, name: str) -> bool:
        """Whether reading this may bind a name in the scope that it stands in."""
        if self.binds is None:
            return name in self.text
        return name == self.binds or ("global" in self.text and name in self.text)

    def may_set(self, name: str) -> bool:
        """Whether this may assign to an attribute of that name."""
        if f".{name}" not in self.text:
            return False
        return re.search(rf"\.{name}\b(?=\s*(?:[,)\]]|:[^=\n]*=|=(?!=)|in\b))", self.text) is not None

    @property
    def is_star_import(self) -> bool:
        return self.binds is None and _STAR_IMPORT.search(self.text) is not None


def part_at(parts: Sequence[Part], offset: int) -> Part:
    """The part that has an offset in it."""
    return parts[max(0, bisect_right(parts, offset, key=lambda part: part.start) - 1)]


def outline(text: str, starts: Sequence[int]) -> tuple[Part, ...] | None:
    """The parts of a module, which together are all of its text; `None` where Python itself cannot read it.

    `starts` are the offsets of the lines. What this interpreter cannot read may still be valid in a newer one.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tuple(_parts(body, text, starts, 0, len(text)))


def _parts(body: list[ast.stmt], text: str, starts: Sequence[int], start: int, end: int) -> Iterator[Part]:
    """Cuts a body at the ends of its statements; `start` and `end` are those of its text."""
    groups = list(_groups(body, text, starts))
    ends = [_end(group[-1], text, starts) for group in groups]
    if not groups:
        yield Part(text[start:end], start)
        return
    ends[-1] = max(end, ends[-1])
    for index, (group, (first, last)) in enumerate(zip(groups, pairwise([start, *ends]), strict=True)):
        yield _part(group, text, starts, first, last, is_first=index == 0)


def _groups(body: list[ast.stmt], text: str, starts: Sequence[int]) -> Iterator[list[ast.stmt]]:
    """Statements that share lines go together."""
    group: list[ast.stmt] = []
    for statement in body:
        if group and starts[_first_line(statement) - 1] >= _end(group[-1], text, starts):
            yield group
            group = []
        group.append(statement)
    if group:
        yield group


def _part(group: list[ast.stmt], text: str, starts: Sequence[int], start: int, end: int, *, is_first: bool) -> Part:
    part = Part(text[start:end], start, is_first=is_first)
    if len(group) == 1:
        statement = group[0]
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                part.binds, part.is_function = name, True
            case ast.ClassDef(name=name, body=[first, *_]) if statement.lineno < _first_line(first):
                inner = starts[_first_line(first) - 1]
                if _begins_line(first, text[inner:end]):
                    part.binds = name
                    part.members = tuple(_parts(statement.body, text, starts, inner, end))
    return part


def _begins_line(statement: ast.stmt, text: str) -> bool:
    """Whether nothing but white space is before a statement, in the text from its first line on.

    Of a decorator in parentheses Python does not tell where these open.
    """
    if getattr(statement, "decorator_list", None):
        return text.lstrip().startswith("@")
    return text[: statement.col_offset].isspace()


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(each.lineno for each in decorators)])


def _end(statement: ast.stmt, text: str, starts: Sequence[int]) -> int:
    """Where the line after a statement begins."""
    line = statement.end_lineno or statement.lineno
    end = starts[line] if line < len(starts) else len(text)
    while end < len(text) and _JOINED_LINE.search(text, max(0, end - 3), end):
        line += 1
        end = starts[line] if line < len(starts) else len(text)
    return end
