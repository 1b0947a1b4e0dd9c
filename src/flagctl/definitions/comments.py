"""The ignore comments of a definition file."""

from __future__ import annotations

import re
from bisect import bisect_left

from flagctl.definitions.source import Source, Span
from flagctl.model import Location, Suppression
from flagctl.suppression import MARKER, suppression

marked_comment = re.compile(rf"(?:(?<=\s)|\A)#[ \t]*{MARKER}[^\r\n]*")
no_content = re.compile(r"[ \t]*(#.*|---[ \t]*(#.*)?)?[\r\n]*\Z")
"""A blank line, a comment, or the mark between two documents."""


def suppressions(source: Source, opaque: list[Span]) -> tuple[Suppression, ...]:
    """The ignore comments of a file. `opaque` are the quoted and block scalars, in which a `#` is text."""
    opaque = sorted(opaque)
    comments = [match for match in marked_comment.finditer(source.text) if not _inside(opaque, match.start())]
    if not comments:
        return ()
    covered = _lines_covered(source)
    found = [
        suppression(comment[0], source.location(comment.span()), lambda location: _covered(covered, location))
        for comment in comments
    ]
    return tuple(each for each in found if each is not None)


def _inside(spans: list[Span], offset: int) -> bool:
    index = bisect_left(spans, (offset + 1, 0)) - 1
    return index >= 0 and spans[index][0] <= offset < spans[index][1]


def _covered(covered: list[int], location: Location) -> range:
    line = covered[location.line - 1]
    return range(line, line + 1)


def _lines_covered(source: Source) -> list[int]:
    """For every line, the one that a comment on it speaks for: the next with content, itself included, if there is one.

    Unlike in code, a `---` is passed by: the definition begins below it.
    """
    ends = [*source.line_starts[1:], len(source.text)]
    covered: list[int] = []
    next_content: int | None = None
    for number in range(len(ends), 0, -1):
        if not no_content.match(source.text[source.line_starts[number - 1] : ends[number - 1]]):
            next_content = number
        covered.append(next_content or number)
    return covered[::-1]
