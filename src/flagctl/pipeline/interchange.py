"""Definitions to and from other tools: what goes out is valid there, what comes in takes the place of nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from flagctl.config import Config
from flagctl.definitions import Definitions, definition_files, load_definitions, read_definitions
from flagctl.definitions.archive import tombstones
from flagctl.definitions.document import DocumentError, read_document
from flagctl.definitions.new import definition_path, definition_text, file_name, schema_line
from flagctl.interchange import READERS, WRITERS, Foreign, Given, Node, Read, ShapeError
from flagctl.model import Flag, InputError
from flagctl.removal.patch import write
from flagctl.report.document import document
from flagctl.report.inert import inert
from flagctl.report.plain import definition

_MAX_BYTES = 64 * 1024 * 1024


# --- out --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Export:
    """A document for another tool, and what it does not say."""

    text: str
    lost: tuple[str, ...]


def export(config: Config, name: str, environment: str | None) -> Export:
    """The flags of a project in another tool's format, by key; without an `environment`, it is the configured one.

    Raises:
        InputError: there are none.
    """
    definitions = load_definitions(config)
    if not definitions.flags:
        raise InputError(f"no definitions to export under {config.root}; try `flagctl new`")
    first: dict[str, Flag] = {}
    for flag in definitions.flags:
        first.setdefault(flag.key, flag)
    given = [
        Given(flag, definition(flag), environment or config.at(flag.first.path).environment)
        for flag in sorted(first.values(), key=lambda flag: flag.key)
    ]
    written = WRITERS[name](given)
    text = document(json.dumps(written.document, indent=2, ensure_ascii=False, allow_nan=False))
    lost = (*_lines(written.left_out, "left out: "), *_lines(written.lost))
    return Export(text, (*_passed_over(definitions, first), *lost))


def _passed_over(definitions: Definitions, first: Mapping[str, Flag]) -> Iterator[str]:
    if definitions.passed_over:
        noun = "definition was" if definitions.passed_over == 1 else "definitions were"
        yield f"{definitions.passed_over} {noun} passed over (FLG001)"
    for flag in definitions.flags:
        if first[flag.key] is not flag:
            where, place = flag.first, first[flag.key].first
            yield f"{flag.key}: defined twice: {place.path}:{place.line} is taken, {where.path}:{where.line} left out"


def _lines(notes: Iterable[tuple[str, str]], joint: str = "") -> Iterator[str]:
    for key, note in notes:
        yield f"{key}: {joint}{note}"


# --- in ---------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Import:
    """What became of another tool's flags."""

    written: dict[str, list[str]] = field(default_factory=dict)
    """The new definition files, with what is to be known about each."""
    left_alone: list[tuple[str, str]] = field(default_factory=list)
    """Keys of flags that are here already, or are gone there, each with the reason."""
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Keys of flags that cannot be definitions, each with the reason."""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Terms:
    """How flags are taken over: where to, whose rollout it is where a format knows one only, and on which day."""

    folder: str | None
    environment: str | None
    today: date


def take_over(config: Config, name: str, file: Path, terms: Terms) -> Import:
    """Writes a definition for every flag of another tool's document that has none; all of them or none.

    Raises:
        InputError: the document cannot be read as what it should be, or a file cannot be written; nothing is.
    """
    part = config.at(config.here)
    read = _read(name, file, terms.environment or part.environment)
    result = Import(notes=list(read.notes), left_alone=list(read.left_out))
    definitions, gone = load_definitions(config), tombstones(config)
    taken = {each: f"{flag.first.path}:{flag.first.line}" for flag in definitions.flags for each in flag.names}
    texts: dict[str, str] = {}
    names = _Names(config, part, terms.folder)
    for flag in read.flags:
        if why := _reason_to_leave(flag.key, taken, definitions, gone):
            result.left_alone.append((flag.key, why))
            continue
        path = names.free(flag.key)
        try:
            text, problem = _composed(flag, path, config, terms.today)
        except RecursionError:
            text, problem = "", "a value is nested too deeply"
        if problem:
            result.refused.append((flag.key, problem))
            continue
        names.take(path)
        taken[flag.key] = f"{path}, from this file"
        texts[path], result.written[path] = text, flag.notes
    if texts:
        write(config.root, {path: (None, text.encode()) for path, text in texts.items()})
    result.notes += _out_of_sight(config, texts)
    return result


def _read(name: str, file: Path, environment: str) -> Read:
    try:
        with file.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror or error}") from None
    if len(data) > _MAX_BYTES:
        raise InputError(f"{file}: is larger than {_MAX_BYTES // 1024 // 1024} MiB; split it")
    try:
        return READERS[name](Node(read_document(str(file), data)), environment)
    except DocumentError as error:
        raise InputError(str(error)) from None
    except ShapeError as error:
        raise InputError(f"{file}: {error}") from None


def _reason_to_leave(
    key: str, taken: Mapping[str, str], definitions: Definitions, gone: Mapping[str, str]
) -> str | None:
    if key in taken:
        return f"is defined already: see {taken[key]}"
    if key in definitions.invalid_names:
        return "is defined already, by a definition that is not valid; see `flagctl validate`"
    return f"is the key of a flag that is gone: see {gone[key]}" if key in gone else None


def _composed(flag: Foreign, path: str, config: Config, today: date) -> tuple[str, str | None]:
    """The definition of a flag as text, and why there can be none; what does not fit is dropped and noted."""
    values = dict(flag.fields)
    if not flag.is_whole and not values.keys() & {"adopted", "expires", "review_by"}:
        values["adopted"] = today.isoformat()
        _set_end(values, config.at(path), today)
    if problem := _problem({"key": flag.key}):
        return "", problem
    for name in [name for name in values if name not in _FIELDS] if flag.is_whole else ():
        return "", f'has an unknown field "{name}"'
    text = _text(flag, values, path, config)
    if read_definitions(path, text.encode()).problems:
        for name, value in flag.fields.items():
            if problem := _problem({"key": flag.key, name: value}):
                if flag.is_whole or name == "variants":
                    return "", problem
                del values[name]
                flag.notes.append(f"{name} is not carried over: {problem}")
        text = _text(flag, values, path, config)
    found = read_definitions(path, text.encode())
    if found.problems:
        return "", found.problems[0].message
    return text, None


_FIELDS = [each.name for each in fields(Flag) if each.name not in ("first", "places")]


def _problem(values: Mapping[str, Any]) -> str | None:
    """What is wrong with a definition of these fields."""
    problems = read_definitions("", definition_text(values).encode()).problems
    return problems[0].message if problems else None


def _set_end(values: dict[str, Any], part: Config, today: date) -> None:
    """When a flag that was taken over has to be looked at: after the longest life of its type."""
    end, days = values.get("expected_end_state"), getattr(part.lifetime, str(values.get("type")), None)
    name = {"keep": "review_by", None: ""}.get(end, "expires")
    if days is None or not name:
        return
    try:
        values[name] = (today + timedelta(days)).isoformat()
    except OverflowError:
        raise part.error("lifetime", f"{days} days from {today} on are more than the calendar has") from None


def _text(flag: Foreign, values: Mapping[str, Any], path: str, config: Config) -> str:
    """A definition file, whose first lines have what could not be carried over."""
    ordered = {"key": flag.key, **{name: _dated(values[name], name) for name in _FIELDS if name in values}}
    body = definition_text(ordered)
    line = schema_line(config.root, path)
    head = [line] if line else []
    # No note may become an ignore comment.
    head += [f"# {inert(note).replace('#', '')}" for note in flag.notes]
    return "".join(f"{each}\n" for each in head) + body


_DAYS = {"created", "adopted", "expires", "review_by", "exercised", "date", "from", "to", "start", "end"}
"""Fields that hold a day, which is written without quotes."""


def _dated(value: Any, name: str) -> Any:
    """A field's value with days in place of their texts."""
    if isinstance(value, dict) and name != "variants":
        return {inner: _dated(each, inner) for inner, each in value.items()}
    if isinstance(value, list):
        return [_dated(each, name) for each in value]
    try:
        return date.fromisoformat(value) if name in _DAYS and isinstance(value, str) else value
    except ValueError:
        return value


class _Names:
    """The files that new definitions get: none that is there, and no two that some file system takes for one."""

    def __init__(self, config: Config, part: Config, folder: str | None) -> None:
        self._config, self._part, self._folder = config, part, folder
        self._taken: set[str] = set()
        self._listed: set[str] = set()

    def free(self, key: str) -> str:
        path = definition_path(self._part, key) if self._folder is None else str(self._below(key))
        self._list(PurePosixPath(path).parent)
        stem = path.removesuffix(".yaml")
        number = 1
        while path.casefold() in self._taken:
            number += 1
            path = f"{stem}-{number}.yaml"
        return path

    def take(self, path: str) -> None:
        self._taken.add(path.casefold())

    def _below(self, key: str) -> PurePosixPath:
        return PurePosixPath(self._folder or "") / file_name(key)

    def _list(self, folder: PurePosixPath) -> None:
        """Looks once at what is in a folder.

        Raises:
            InputError: it leads out of the project.
        """
        if str(folder) in self._listed:
            return
        self._listed.add(str(folder))
        there = self._config.root / folder
        if not there.resolve().is_relative_to(self._config.root.resolve()):
            raise InputError(f"{folder}: leads out of the project; nothing was written")
        if there.is_dir():
            self._taken |= {str(folder / each.name).casefold() for each in there.iterdir()}


def _out_of_sight(config: Config, paths: Iterable[str]) -> Iterator[str]:
    """The folders of new definitions that no configuration names."""
    seen = {path.relative_to(config.root).as_posix() for path in definition_files(config)}
    for folder in sorted({str(PurePosixPath(path).parent) for path in paths if path not in seen}):
        yield f'{folder} is not among the definitions: add it to "definitions" in the configuration'
