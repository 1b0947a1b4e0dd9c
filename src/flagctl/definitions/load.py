"""Definition files to flags, and to all that is wrong with the files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from flagctl.cache import Cache
from flagctl.config import Config
from flagctl.definitions.comments import suppressions
from flagctl.definitions.files import UnreadableError, definition_files, metric_trees, read_bytes
from flagctl.definitions.flag import build_flag
from flagctl.definitions.known import Known
from flagctl.definitions.nodes import Document, Mapping
from flagctl.definitions.schema import flag_schema, schema_faults
from flagctl.definitions.source import Fault, Source, decode
from flagctl.definitions.values import Reading, read_values
from flagctl.definitions.yaml import compose
from flagctl.model import Flag, Location, Problem, Suppression

MAX_NAME = 200


@dataclass(frozen=True)
class Definitions:
    """What the definition files say, in the order of the files and of the lines in them."""

    flags: tuple[Flag, ...] = ()
    problems: tuple[Problem, ...] = ()
    invalid_names: frozenset[str] = frozenset()
    """Keys and aliases of the documents that were passed over, as far as they could be read."""
    passed_over: int = 0
    """Documents with a problem, and files that could not be read: there is no flag for them."""
    files: tuple[str, ...] = ()
    suppressions: tuple[Suppression, ...] = ()


def load_definitions(config: Config, cache: Cache | None = None) -> Definitions:
    """Reads all definition files of a project. What is wrong in them is in `problems`, never raised.

    A file that the `cache` knows to be valid is not checked against the schema again.

    Raises:
        InputError: the configuration names definitions by something that is not a glob.
    """
    known = Known(cache, flag_schema())
    definitions = _joined(_read_file(config.root, path, known) for path in definition_files(config))
    known.keep()
    return definitions


def read_more(config: Config, definitions: Definitions, paths: Iterable[str]) -> Definitions:
    """Adds files to what was read, as definitions that the configuration does not name.

    A file that lies in a definitions folder and was left out there, a tombstone, stays out, and so does a metric tree.
    """
    read = {*definitions.files}
    folders = [PurePosixPath(entry) for each in config.everywhere for entry in each.definitions]
    more = [
        path
        for path in paths
        if path not in read
        and PurePosixPath(path).name not in metric_trees
        and not any(PurePosixPath(path).is_relative_to(folder) for folder in folders)
    ]
    known = Known(None, flag_schema())
    return _joined([definitions, *(_read_file(config.root, config.root / path, known) for path in more)])


@lru_cache(maxsize=100_000)
def read_definitions(path: str, data: bytes, *, is_valid: bool = False) -> Definitions:
    """Reads one file's content; `path`, POSIX and relative to the root, is for locations only.

    What is known to be valid is not checked against the schema. The same file is read once, though two trees have it.
    """
    source, fault = decode(path, data)
    if fault:
        return Definitions(problems=(_problem(source, fault),), passed_over=1, files=(path,))
    documents, opaque = compose(source)
    documents = [document for document in documents if not document.is_empty]
    if not documents:
        return _unreadable(path, 'the file holds no definition; begin one with "key: name-of-the-flag"', passed_over=0)
    found = _joined(_read_document(source, document, is_valid) for document in documents)
    return Definitions(
        flags=found.flags,
        problems=tuple(sorted(found.problems, key=lambda problem: problem.location)),
        invalid_names=found.invalid_names,
        passed_over=found.passed_over,
        files=(path,),
        suppressions=suppressions(source, opaque),
    )


def _joined(parts: Iterable[Definitions]) -> Definitions:
    parts = list(parts)
    return Definitions(
        flags=tuple(flag for part in parts for flag in part.flags),
        problems=tuple(problem for part in parts for problem in part.problems),
        invalid_names=frozenset().union(*(part.invalid_names for part in parts)),
        passed_over=sum(part.passed_over for part in parts),
        files=tuple(file for part in parts for file in part.files),
        suppressions=tuple(each for part in parts for each in part.suppressions),
    )


def _read_file(root: Path, path: Path, known: Known) -> Definitions:
    name = path.relative_to(root).as_posix()
    try:
        data = read_bytes(path)
    except UnreadableError as error:
        return _unreadable(name, str(error))
    found = read_definitions(name, data, is_valid=known.is_valid(name, data))
    if not found.problems:
        known.add(name, data)
    return found


def _unreadable(path: str, message: str, passed_over: int = 1) -> Definitions:
    return Definitions(problems=(Problem(Location(path), message),), passed_over=passed_over, files=(path,))


def _problem(source: Source, fault: Fault, flag: str | None = None) -> Problem:
    return Problem(source.location(fault.span), fault.message, fault.hint, flag)


def _read_document(source: Source, document: Document, is_valid: bool) -> Definitions:
    root, faults = document.root, document.faults
    data: dict[str, Any] = {}
    if isinstance(root, Mapping):
        reading = read_values(root, flag_schema())
        data = reading.data
        shape = [] if is_valid else schema_faults(reading, flag_schema(), document.is_whole)
        faults = [*faults, *reading.faults, *shape]
        if not faults:
            return Definitions(flags=(_flag(source, reading),))
    else:
        expected = 'a definition must be fields with values, such as "key: name-of-the-flag"'
        faults = [*faults, *document.root_faults(expected)]
    key = data.get("key")
    flag = key if _is_name(key) else None
    names = [key, *_list(data.get("aliases"))]
    return Definitions(
        problems=tuple(_problem(source, fault, flag) for fault in faults),
        invalid_names=frozenset(name for name in names if _is_name(name)),
        passed_over=1,
    )


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_name(value: object) -> bool:
    """Could be asked for by code, and can be printed."""
    return isinstance(value, str) and 0 < len(value) <= MAX_NAME and value.isprintable()


def _flag(source: Source, reading: Reading) -> Flag:
    places: dict[str, Location] = {"": source.location(reading.root)}
    for path, place in reading.places.items():
        dotted = ".".join(map(str, path))
        places[dotted] = source.location(place.value)
        if isinstance(path[-1], str):
            places["@" + dotted] = source.location(place.key)
    return build_flag(reading.data, source.location(reading.first(())), places)
