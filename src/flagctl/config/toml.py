"""Typed reading of TOML tables, with an error that names file, line and the nearest valid key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from flagctl.model import InputError
from flagctl.spelling import did_you_mean

type_names = {bool: "true or false", int: "a whole number", str: "a string", list: "a list", dict: "a table"}

TablePath = tuple[str | int, ...]

T = TypeVar("T")


@dataclass(frozen=True)
class Document:
    """A parsed TOML file that can say on which line a value stands."""

    path: Path
    data: dict[str, Any]
    lines: Mapping[TablePath, int]

    @classmethod
    def read(cls, path: Path, text: str | None = None) -> Document:
        """Parses a file (or `text` in its place).

        Raises:
            InputError: the file cannot be read, is not UTF-8 or is not TOML.
        """
        try:
            text = path.read_text(encoding="utf-8-sig") if text is None else text
            data = tomllib.loads(text)
        except OSError as error:
            raise InputError(f"{path}: cannot be read: {error.strerror}") from None
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: is not UTF-8 (byte {error.start}); save it as UTF-8") from None
        except (ValueError, RecursionError) as error:  # not only TOMLDecodeError: a number may have too many digits
            raise InputError(
                f"{path}:{_syntax_error_line(error, text or '')}: is not valid TOML: {_one_line(error)}"
            ) from None
        return cls(path, data, _line_of_every_key(text))

    def error(self, where: TablePath, message: str) -> InputError:
        """An error at the line of a value, or of the closest table around it."""
        while where and where not in self.lines:
            where = where[:-1]
        return InputError(f"{self.path}:{self.lines.get(where, 1)}: {message}")


@dataclass
class Table:
    """A TOML table from which values are taken one by one; `finish` refuses what nobody took."""

    document: Document
    data: dict[str, Any]
    where: TablePath = ()
    taken: set[str] = field(default_factory=set)

    def error(self, message: str, key: str | None = None) -> InputError:
        """An error at this table, or at one of its keys."""
        return self.document.error(self.where if key is None else (*self.where, key), message)

    def has(self, key: str) -> bool:
        return key in self.data

    def take(self, key: str, kind: type[T], default: T) -> T:
        """The value of `key`, which must be of this type."""
        self.taken.add(key)
        value = self.data.get(key, default)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.error(f'"{key}" must be {type_names[kind]}, not {_describe(value)}', key)
        return value

    def text(self, key: str) -> str | None:
        """The string at `key`, `None` where it is absent; an empty one is refused."""
        if not self.has(key):
            self.taken.add(key)
            return None
        value = self.take(key, str, "")
        if not value.strip():
            raise self.error(f'"{key}" is empty', key)
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        value = self.take(key, str, default)
        if value not in choices:
            hint = did_you_mean(value, choices)
            raise self.error(f'"{key}" must be one of {", ".join(choices)}, not "{value}"{hint}', key)
        return value

    def days(self, key: str, default: int) -> int:
        value = self.take(key, int, default)
        if value < 0:
            raise self.error(f'"{key}" must not be negative', key)
        return value

    def strings(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The list of strings at `key`; a single string stands for a list of one."""
        if isinstance(self.data.get(key), str):
            return (self.take(key, str, ""),)
        values = self.take(key, list, list(default))
        for value in values:
            if not isinstance(value, str):
                raise self.error(f'"{key}" must be a list of strings, not {_describe(value)}', key)
        return tuple(values)

    def table(self, key: str) -> Table:
        return Table(self.document, self.take(key, dict, {}), (*self.where, key))

    def tables(self, key: str) -> list[Table]:
        """The tables of an array of tables, `[[key]]`."""
        values = self.data.get(key, [])
        self.taken.add(key)
        if not isinstance(values, list):
            raise self.error(f'"{key}" must be an array of tables: write [[{key}]]', key)
        for value in values:
            if not isinstance(value, dict):
                raise self.error(f'"{key}" must be an array of tables: write [[{key}]]', key)
        return [Table(self.document, value, (*self.where, key, index)) for index, value in enumerate(values)]

    def finish(self) -> None:
        """Refuses the first key that nobody asked for."""
        for key in self.data:
            if key not in self.taken:
                known = sorted(self.taken)
                hint = did_you_mean(key, known) or f"; known here: {', '.join(known)}"
                raise self.error(f'unknown key "{key}"{hint}', key)


def _describe(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    return f"{type_names[type(value)]}" if isinstance(value, list | dict) else f"{value}"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _syntax_error_line(error: Exception, text: str) -> str:
    if match := re.search(r"at line (\d+), column (\d+)", str(error)):
        return f"{match[1]}:{match[2]}"
    return str(text.rstrip().count("\n") + 1) if "end of document" in str(error) else "1"


_KEY = r"""(?:[\w-]+|"[^"]*"|'[^']*')"""
_PAIR = re.compile(rf"\s*({_KEY}(?:\s*\.\s*{_KEY})*)\s*=")


def _line_of_every_key(text: str) -> dict[TablePath, int]:
    """Where each table header and each key of a table stands.

    tomllib keeps no positions. A look at the lines is exact except inside multi-line strings, where the worst that
    can happen is an error message with a line too early.
    """
    lines: dict[TablePath, int] = {}
    table: TablePath = ()
    counts: dict[TablePath, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if header := re.match(r"\s*(\[\[?)(.+?)\]\]?\s*(#.*)?$", line):
            table = _with_indexes(_parse_key(header[2]), counts, header[1] == "[[")
            lines.setdefault(table, number)
        elif pair := _PAIR.match(line):
            path = (*table, *_parse_key(pair[1]))
            lines.setdefault(path, number)
    for path, number in list(lines.items()):  # a table without a header of its own stands where its first part does
        for depth in range(1, len(path)):
            lines.setdefault(path[:depth], number)
    return lines


def _parse_key(text: str) -> TablePath:
    try:
        data = tomllib.loads(f"{text} = 0")
    except tomllib.TOMLDecodeError:
        return (text.strip(),)
    path: list[str] = []
    while isinstance(data, dict):
        [(key, data)] = data.items()
        path.append(key)
    return tuple(path)


def _with_indexes(path: TablePath, counts: dict[TablePath, int], is_array: bool) -> TablePath:
    """Adds to a header's path the index of every array of tables that it goes through."""
    full: TablePath = ()
    for depth, key in enumerate(path):
        full = (*full, key)
        if is_array and depth == len(path) - 1:
            counts[full] = counts.get(full, -1) + 1
        if full in counts:
            full = (*full, counts[full])
    return full
