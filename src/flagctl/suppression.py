"""Ignore comments: `# flagctl: ignore[FLG101] reason`, in code and in definitions alike."""

from __future__ import annotations

import re
from collections.abc import Callable

from flagctl.model import Location, Suppression

MARKER = "flagctl: ignore"
"""What a text must contain to hold an ignore comment at all."""

_COMMENT = re.compile(r"#\s*flagctl: ignore(?![\w-])\s*(?:\[(?P<codes>[^\]]*)\])?\s*(?P<reason>.*)", re.S)


def suppression(comment: str, location: Location, covered: Callable[[Location], range]) -> Suppression | None:
    """The ignore comment that a comment is, if it is one.

    `covered` tells which lines a comment at that place speaks for: its own line where it follows something, and
    otherwise the next one that is neither empty nor a comment. A comment without codes or without a reason hides
    nothing; it comes back with what it lacks left empty, so that it can be reported.
    """
    match = _COMMENT.search(comment)
    if match is None:
        return None
    codes = tuple(code for code in re.split(r"[\s,]+", match["codes"] or "") if code)
    return Suppression(location, codes, match["reason"].strip(), covered(location))


def covered_lines(lines: list[str], location: Location) -> range:
    """The line that a comment speaks for, as a range of one; `lines` are the file's, without their ends."""
    if lines[location.line - 1][: location.column - 1].strip():
        return range(location.line, location.line + 1)
    for number in range(location.line, len(lines)):
        text = lines[number].strip()
        if text and not text.startswith("#"):
            return range(number + 1, number + 2)
    return range(location.line, location.line + 1)
