"""Edits of definition files that keep every other byte, made only where the file then says nothing else than before."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import fields

from flagctl.definitions.load import Definitions, read_definitions
from flagctl.definitions.source import Source, decode, line_break
from flagctl.model import Edit, Flag, Location

_names_schema = re.compile(r"^[ \t]*#.*\$schema\b", re.M)
_LINE_BREAKS = ("\r\n", "\n", "\r")


class LeftAloneError(Exception):
    """A file that is not edited; the message says why."""


def first_line(path: str, line: str) -> Edit:
    """The edit that puts a line before everything else."""
    return Edit(Location(path), f"{line}\n")


def names_schema(data: bytes) -> bool:
    """Whether a comment in a file tells editors of a schema."""
    return _names_schema.search(data.decode("utf-8-sig", "replace")) is not None


def edited(path: str, data: bytes, edits: Sequence[Edit]) -> bytes:
    """A definition file with some edits, each of which adds a comment or one field of one flag.

    Raises:
        LeftAloneError: the file has a problem, or would say something else, too.
    """
    source, _ = decode(path, data)
    before = read_definitions(path, data)
    if before.problems:
        raise LeftAloneError("it is not valid (FLG001)")
    text = source.text
    for edit in sorted(edits, key=lambda edit: edit.location, reverse=True):
        start, end = _offset(source, edit.location.line, edit.location.column), _offset(source, *_end(edit))
        text = text[:start] + _in_the_style_of(source.text, start, edit.text) + text[end:]
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    result = mark + text.encode()
    added = sum(not edit.text.startswith("#") for edit in edits)
    if not _only_adds(before, read_definitions(path, result), added):
        raise LeftAloneError("it is written in a way in which nothing can be added safely")
    return result


def _end(edit: Edit) -> tuple[int, int]:
    return edit.location.end_line, edit.location.end_column


def _offset(source: Source, line: int, column: int) -> int:
    """The offset of a place; the line after the last begins at the end of the text."""
    starts = source.line_starts
    return starts[line - 1] + column - 1 if line <= len(starts) else len(source.text)


def _in_the_style_of(text: str, at: int, new: str) -> str:
    """New lines with the line breaks of a text; behind a last line that has none, they end without one, too."""
    before = next((each for each in _LINE_BREAKS if text.endswith(each, 0, at)), None)
    anywhere = line_break.search(text)
    newline = before or (anywhere[0] if anywhere else "\n")
    if at and at == len(text) and before is None:
        return newline + new.removesuffix("\n").replace("\n", newline)
    return new.replace("\n", newline)


def _only_adds(before: Definitions, after: Definitions, count: int) -> bool:
    """Whether the flags are the same but for so many fields that were not there, and so are the ignore comments."""
    if after.problems or len(before.flags) != len(after.flags):
        return False
    old, new = ([(each.codes, each.reason) for each in read.suppressions] for read in (before, after))
    pairs = zip(before.flags, after.flags, strict=True)
    changes = [
        getattr(one, name) for one, other in pairs for name in _FIELDS if getattr(one, name) != getattr(other, name)
    ]
    return old == new and changes == [None] * count


_FIELDS = [each.name for each in fields(Flag) if each.name not in ("first", "places")]
