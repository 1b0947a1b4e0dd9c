"""One source line as it can be shown: tabs drawn, dangers spelled out, cut to the width around what matters."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate

from flagctl.model import Location
from flagctl.report.cells import cell_width
from flagctl.report.inert import inert_characters

_TAB = 4
_CONTEXT = 12


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What to draw of a line, and the cells under it that the marker fills."""

    text: str
    indent: int
    width: int

    @property
    def marker(self) -> str:
        """The line below the text, which points at the span."""
        return " " * self.indent + "^" * self.width


def excerpt(line: str, location: Location, width: int, ellipsis: str) -> Excerpt:
    """Draws `line` in at most `width` cells so that the start of the location is always in sight."""
    pieces = _drawn(line.rstrip())
    offsets = list(accumulate(map(cell_width, pieces), initial=0))
    first = min(location.column - 1, len(pieces))
    last = location.end_column - 1 if location.end_line == location.line else len(pieces)
    last = max(first, min(last, len(pieces)))
    left, right = _window(offsets, first, last, width, len(ellipsis))
    before = ellipsis if left else ""
    after = ellipsis if right < len(pieces) else ""
    return Excerpt(
        text=before + "".join(pieces[left:right]) + after,
        indent=len(before) + offsets[first] - offsets[left],
        width=max(1, offsets[min(last, right)] - offsets[first]),
    )


def _drawn(line: str) -> list[str]:
    """For every character what is drawn for it."""
    pieces: list[str] = []
    cells = 0
    for char, safe in zip(line, inert_characters(line), strict=True):
        piece = " " * (_TAB - cells % _TAB) if char == "\t" else safe
        pieces.append(piece)
        cells += cell_width(piece)
    return pieces


def _window(offsets: list[int], first: int, last: int, width: int, ellipsis: int) -> tuple[int, int]:
    """Which pieces fit: the end of a long line is cut first, and its start only where the span would not be seen."""
    pieces = len(offsets) - 1
    if offsets[-1] <= width:
        return 0, pieces
    context = min(_CONTEXT, width // 4)
    is_in_sight = offsets[last] + ellipsis <= width
    hidden = 0 if is_in_sight else max(0, min(offsets[first] - context, offsets[last] + context - width))
    left = bisect_left(offsets, hidden)
    room = width - ellipsis * (2 if left else 1)
    right = min(pieces, bisect_right(offsets, offsets[left] + room) - 1)
    return left, right
