"""What kind of mention a file that is not Python can hold: code of another language, or text."""

from __future__ import annotations

import re
from bisect import bisect_right
from pathlib import PurePosixPath

_C_STYLE = r"//[^\r\n]*|/\*.*?\*/"
_HASH = r"#[^\r\n]*"
_MARKUP = r"<!--.*?-->|\{#.*?#\}|\{%-?\s*comment\b.*?endcomment\s*-?%\}"
_STRING = r"\"(?:\\.|[^\"\\\r\n])*\"|'(?:\\.|[^'\\\r\n])*'"

_COMMENTS_BY_SUFFIX = {
    _C_STYLE: "c cc cjs cpp cs dart go graphql groovy h java js jsx kt kts m mjs mts proto rs scala swift ts tsx",
    f"{_HASH}|{_C_STYLE}": "hcl php tf",
    _HASH: "ex exs pl rb sh",
    f"{_MARKUP}|{_C_STYLE}": "astro svelte vue",
    _MARKUP: "django djhtml ejs erb haml hbs htm html j2 jinja jinja2 liquid mako mustache twig",
}
_CODE = {suffix: pattern for pattern, suffixes in _COMMENTS_BY_SUFFIX.items() for suffix in suffixes.split()}


def is_code(path: str) -> bool:
    """Whether a file is source of another language or a template, by its name."""
    return _suffix(path) in _CODE


def comment_spans(path: str, text: str) -> list[tuple[int, int]]:
    """Where the comments of such a file stand, as offsets, in order."""
    pattern = _CODE[_suffix(path)]
    strings = "" if pattern == _MARKUP else f"{_STRING}|"
    tokens = re.finditer(f"{strings}(?P<comment>{pattern})", text, re.S)
    return [match.span() for match in tokens if match["comment"]]


def is_inside(spans: list[tuple[int, int]], offset: int) -> bool:
    """Whether an offset lies in one of some spans, which are in order and do not overlap."""
    index = bisect_right(spans, (offset, 1 << 62)) - 1
    return index >= 0 and spans[index][0] <= offset < spans[index][1]


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix[1:].lower()
