"""The tombstone of a flag: its definition, set aside once the flag is gone, so that its key is never used again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from flagctl.config import Config
from flagctl.definitions.files import archive, definition_files
from flagctl.definitions.load import read_definitions
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


def tombstones(config: Config) -> dict[str, str]:
    """The keys and aliases of the flags that are gone, with the files that say so.

    A tombstone that cannot be read as a definition still says which key it is of, by its name.
    """
    found: dict[str, str] = {}
    folders = {path.parent for path in definition_files(config)}
    folders |= {config.root / entry for each in config.everywhere for entry in each.definitions}
    for folder in sorted(folders):
        for path in sorted((folder / archive).glob("*.y*ml")):
            name = path.relative_to(config.root).as_posix()
            try:
                read = read_definitions(name, path.read_bytes())
            except OSError:
                continue
            keys = {each for flag in read.flags for each in flag.names} | read.invalid_names
            found |= dict.fromkeys(sorted(keys or {path.stem}), name)
    return found


def tombstone_name(key: str) -> str:
    """The file that a tombstone is."""
    return re.sub(r"[^\w.-]+", "-", key) + ".yaml"
