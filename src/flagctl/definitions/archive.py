"""The tombstone of a flag: its definition, set aside once the flag is gone, so that its key is never used again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from flagctl.definitions.files import archive
from flagctl.definitions.source import Source, decode
from flagctl.model import Flag

_SEPARATOR = re.compile(r"^---(?=[ \t\r\n]|\Z)[^\n]*\n?", re.M)


@dataclass(frozen=True, slots=True)
class Archived:
    """A definition that was set aside: where, as what, what is left of its file (`None`: nothing)."""

    path: str
    tombstone: bytes
    rest: bytes | None


def archived(flag: Flag, data: bytes, kept: str, day: date, base: str | None) -> Archived:
    """Sets the definition of a flag aside; `data` is the file that it is in, `base` the commit that knew it last."""
    path = PurePosixPath(flag.first.path)
    source, _ = decode(flag.first.path, data)
    own, rest = _cut(source, flag)
    newline = "\r\n" if "\r\n" in source.text else "\n"
    commit = f', base: "{base}"' if base else ""
    line = f'removed: {{on: {day}{commit}, kept: "{kept}"}}'
    text = f"{own.rstrip()}{newline}{line}{newline}"
    where = path.parent / archive / tombstone_name(flag.key)
    return Archived(where.as_posix(), text.encode(), rest.encode() if rest is not None else None)


def _cut(source: Source, flag: Flag) -> tuple[str, str | None]:
    """The document that defines a flag, and the others of its file."""
    text = source.text
    starts = [0, *(match.start() for match in _SEPARATOR.finditer(text) if match.start())]
    at = source.line_starts[flag.first.line - 1]
    number = max(index for index, start in enumerate(starts) if start <= at)
    ends = [*starts[1:], len(text)]
    own, others = text[starts[number] : ends[number]], text[: starts[number]] + text[ends[number] :]
    rest = _SEPARATOR.sub("", others, count=1) if others.startswith("---") else others
    is_empty = not any(
        line.strip() and not line.lstrip().startswith("#") for line in rest.replace("---", "").split("\n")
    )
    return _SEPARATOR.sub("", own, count=1), None if is_empty else rest


def tombstone_name(key: str) -> str:
    """The file that a tombstone is."""
    return re.sub(r"[^\w.-]+", "-", key) + ".yaml"
