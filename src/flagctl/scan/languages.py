"""What kind of mention a file that is not Python can hold: code of another language, or text."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from flagctl.scan.text import Spans

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


def comments(path: str, text: str) -> Spans:
    """Where the comments of such a file stand."""
    pattern = _CODE[_suffix(path)]
    strings = "" if pattern == _MARKUP else f"{_STRING}|"
    tokens = re.finditer(f"{strings}(?P<comment>{pattern})", text, re.S)
    return Spans(match.span() for match in tokens if match["comment"])


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix[1:].lower()
