"""JSON documents that have one line for each of many things, so that they can be searched and compared by line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from flagctl.report.inert import is_inert

_BEYOND_ASCII = re.compile(r"[^\n -~]")
"""Only strings hold such characters, so they can be escaped wherever they stand in a document."""


def encoded(value: Any) -> str:
    """A value on one line; a data class is an object of its fields."""
    return _ENCODER.encode(value)


def array(values: Iterable[str], margin: str = "") -> str:
    """Encoded values as an array, each on a line of its own."""
    lines = ",\n".join(f"{margin}  {each}" for each in values)
    return f"[\n{lines}\n{margin}]" if lines else "[]"


def members(values: Mapping[str, str], margin: str = "") -> str:
    """Encoded values as an object, each on a line of its own."""
    lines = ",\n".join(f"{margin}  {encoded(name)}: {value}" for name, value in values.items())
    return f"{{\n{lines}\n{margin}}}"


def document(text: str) -> str:
    """Encoded text as it can be written: what acts on whoever shows it is escaped."""
    return _BEYOND_ASCII.sub(_safe, text) + "\n"


def _members(row: Any) -> dict[str, Any]:
    return {each.name: getattr(row, each.name) for each in fields(row)}


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_members)


def _safe(match: re.Match[str]) -> str:
    """A JSON escape for what acts; half a surrogate pair is spelled out, as parsers refuse what UTF-8 cannot hold."""
    char = match.group()
    if is_inert(char):
        return char
    escape = json.dumps(char)[1:-1]
    return rf"\{escape}" if "\ud800" <= char <= "\udfff" else escape
