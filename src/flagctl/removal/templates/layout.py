"""How a tag goes so that what is left looks as if it had never been there: its line, blank lines, indentation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from flagctl.removal.refusal import Refused
from flagctl.scan.text import Span


class Edit(NamedTuple):
    """A part of a text, and what comes in its place."""

    start: int
    end: int
    new: str = ""


_WHITE = " \t\r\n"
_NEWLINE = re.compile(r"\r\n?|\n")
_END_OF_LINE = re.compile(r"[ \t]*(?:\r\n?|\n)")
_INDENTED = re.compile(r"^[ \t]*(?=[^\s])", re.M)
_ENDS_MARKUP = re.compile(r"(?:>|\{%[-+]?\s*endblock\b[^%]*%\})\Z")
_BEGINS_MARKUP = re.compile(r"<|\{%[-+]?\s*block\b")
"""Between these, white space is as good as none."""
_STRIPS_RIGHT, _STRIPS_LEFT = ("-%}", "-}}", "-#}"), ("{%-", "{{-", "{#-")
_SHOWN_AS_IT_STANDS = re.compile(r"<(?P<end>/?)(?:pre|textarea)\b", re.I)
_TAKEN_AS_IT_STANDS = re.compile(
    r"""
    \{%[-+]?\s*(?P<name>blocktrans(?:late)?|trans|filter|markdown)\b(?![^%]*\btrimmed\b)[^%]*%\}
    (?:(?!\{%[-+]?\s*(?P=name)\b).)*?
    \{%[-+]?\s*end(?P=name)\b
    """,
    re.X | re.S,
)
"""A text that is looked up as a whole, or handed to something, with its white space."""


def applied(text: str, edits: Sequence[Edit]) -> str:
    """The text after these edits, of which none touches another."""
    kept, last = [], 0
    for edit in sorted(edits):
        kept += [text[last : edit.start], edit.new]
        last = max(last, edit.end)
    return "".join([*kept, text[last:]])


def moved(span: Span, edits: Sequence[Edit]) -> Span | None:
    """Where a part of the text stands after these edits; nowhere, if it went."""
    shift = 0
    for edit in edits:
        if edit.start <= span[0] and span[1] <= edit.end:
            return None
        if edit.end <= span[0]:
            shift += len(edit.new) - (edit.end - edit.start)
    return span[0] + shift, span[1] + shift


def without(text: str, start: int, end: int, *, is_page: bool) -> Edit:
    """What goes with tags that go: their line if they are alone on it, and the white space that they stripped.

    In a page, where one blank is as good as two, so does one beside them.

    Raises:
        Refused: white space that is shown would go as well.
    """
    before, after = text[:start].rstrip(" \t"), text[end:].lstrip(" \t")
    begins_line = not before or before[-1] in "\r\n"
    ends_line = not after or after[0] in "\r\n"
    stripped = _stripped(text, start, end, is_alone=begins_line and ends_line)
    if stripped is not None:
        return stripped
    if begins_line and ends_line:
        return _lines(text, len(before), len(text) - len(after))
    if not is_page:
        return Edit(start, end)
    if after.startswith(">") and before.rfind("<") > before.rfind(">"):  # <input {% if a %}checked{% endif %}>
        return Edit(len(before), end)
    if begins_line or (not ends_line and start > len(before)):
        return Edit(start, len(text) - len(after))
    return Edit(len(before) if ends_line else start, end)


def _stripped(text: str, start: int, end: int, *, is_alone: bool) -> Edit | None:
    """What goes with tags whose marks (`{%-`) strip white space that matters.

    Raises:
        Refused: the marks of the tags beside them would strip some that is shown.
    """
    before, after = text[:start].rstrip(_WHITE), text[end:].lstrip(_WHITE)
    left, right = text[start + 2] == "-", text[end - 3] == "-"
    is_between_markup = _ENDS_MARKUP.search(before) and _BEGINS_MARKUP.match(after)
    if not is_between_markup and (before.endswith(_STRIPS_RIGHT) or after.startswith(_STRIPS_LEFT)):
        is_shown_left = len(before) < start and not left and not before.endswith(_STRIPS_RIGHT)
        is_shown_right = len(after) < len(text) - end and not right and not after.startswith(_STRIPS_LEFT)
        if is_shown_left or is_shown_right:
            raise Refused("the tag beside it would strip white space that is shown")
        return None
    if is_alone and not (left and right):
        return None
    left = left and not (is_between_markup and _NEWLINE.search(text, len(before), start))
    right = right and not (is_between_markup and _NEWLINE.search(text, end, len(text) - len(after)))
    if not left and not right:
        return None
    return Edit(len(before) if left else start, len(text) - len(after) if right else end)


def _lines(text: str, start: int, end: int) -> Edit:
    """Whole lines, and the blank ones beside them that nothing separates any more."""
    before, after = text[:start].rstrip(_WHITE), text[end:].lstrip(_WHITE)
    newline = _NEWLINE.match(text, end)
    if newline is None:  # a file without a last newline stays one
        return Edit(len(before), end)
    first = _NEWLINE.match(text, len(before))
    above = first.end() if before and first else start
    below = _start_of_line(text, len(text) - len(after)) if after else newline.end()
    has_above, has_below = above < start, newline.end() < below
    indentation = _width(text, start)
    if has_above and has_below and before and after:
        kept = _NEWLINE.search(text, above)
        return Edit(kept.end() if kept else above, below)
    if has_below and (not before or _width(text, _start_of_line(text, len(before))) < indentation):
        return Edit(start, below)
    if has_above and (not after or _width(text, below) < indentation):
        return Edit(above, newline.end())
    return Edit(start, newline.end())


def _start_of_line(text: str, offset: int) -> int:
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def _width(text: str, start: int) -> int:
    """How far the line that starts here is indented."""
    line = text[start:]
    return len(line) - len(line.lstrip(" \t"))


def dedented(text: str, tag: int, start: int, end: int) -> Iterator[Edit]:
    """The indentation that lines between two tags had because of these, where each tag is the first of its line.

    `tag` is where the first one stands.
    """
    line, last = _start_of_line(text, tag), _start_of_line(text, end)
    newline = _END_OF_LINE.match(text, start)
    own = min(text[line:tag], text[last:end], key=len)
    if (
        newline is None
        or text[line:tag].strip()
        or text[last:end].strip()
        or _is_taken_as_it_stands(text, newline.end(), last)
    ):
        return
    lines = list(_INDENTED.finditer(text, newline.end(), last))
    common = min((each[0] for each in lines), key=len, default="")
    if common.startswith(own) and all(each[0].startswith(common) for each in lines):
        yield from (Edit(each.start() + len(own), each.start() + len(common)) for each in lines)


def _is_taken_as_it_stands(text: str, start: int, end: int) -> bool:
    """Whether the white space of a part of the text is shown, or else matters."""
    body = text[start:end]
    if _SHOWN_AS_IT_STANDS.search(body) or any(line.count("`") % 2 for line in body.split("\n")):
        return True
    before = [each["end"] for each in _SHOWN_AS_IT_STANDS.finditer(text, 0, start)]
    if before.count("") > before.count("/"):
        return True
    return any(_NEWLINE.search(each[0]) for each in _TAKEN_AS_IT_STANDS.finditer(body))
