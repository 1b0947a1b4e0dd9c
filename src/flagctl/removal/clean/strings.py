"""What is left that may still ask for a flag: its key, handed to a function, and its setting, read by its name."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import PurePosixPath

from flagctl.model import Kind, Location, Reference, Role
from flagctl.removal.file import PYTHON
from flagctl.removal.overrides.subject import each_word
from flagctl.removal.repository import Repository, places_of


def settings_left(
    repository: Repository, references: Iterable[Reference], names: Mapping[str, str]
) -> Iterator[tuple[str, Location]]:
    """Where variables are set or read that are called like a flag which is a setting: an attribute, or in capitals."""
    asked = {each.flag for each in references if each.kind is Kind.ATTRIBUTE and each.role is Role.EVALUATION}
    settings = {name: key for name, key in names.items() if name.isidentifier() and (key in asked or name.isupper())}
    for name, paths in repository.count(settings.keys()).items() if settings else ():
        for path in paths:
            if path.endswith(PYTHON) and not repository.is_test(path) and _is_code(path):
                data = repository.now(path)
                lines = {node.lineno for node in _nodes(data) if isinstance(node, ast.Name) and node.id == name}
                places = places_of([name], path, data.decode(errors="replace"))
                yield from ((settings[name], place) for place in places if place.line in lines)


def strings_left(
    repository: Repository, references: Iterable[Reference], names: Mapping[str, str]
) -> Iterator[tuple[str, Location]]:
    """The arguments in changed files and others that are one of some `names`, with the keys that these belong to.

    A name of one word may be there for anything. Tests are no use, old migrations stay as they are, and what declares
    the flag is known.
    """
    references = list(references)
    declared = _lines(repository, (each.location for each in references if each.role is Role.DECLARATION))
    telling = {name: key for name, key in names.items() if len([*each_word(name)]) > 1}
    for path in dict.fromkeys(each.location.path for each in references if _may_ask(each)):
        yield from _arguments(path, repository.now(path), telling, declared)


def _lines(repository: Repository, places: Iterable[Location]) -> set[str]:
    """The lines in which something stands."""
    found: set[str] = set()
    for path, group in groupby(sorted(places), key=lambda each: each.path):
        lines = repository.read(path).decode(errors="replace").splitlines()
        found |= {lines[each.line - 1].strip() for each in group}
    return found


def _may_ask(reference: Reference) -> bool:
    is_mention = reference.role is Role.MENTION and reference.kind is Kind.LITERAL
    return is_mention and not reference.in_tests and _is_code(reference.location.path)


def _is_code(path: str) -> bool:
    return path.endswith(PYTHON) and "migrations" not in PurePosixPath(path).parts


def _nodes(data: bytes) -> Iterator[ast.AST]:
    """The nodes of a file; none of one that is no Python, which is said to be unread."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield from ast.walk(ast.parse(data))
    except (SyntaxError, ValueError, RecursionError):
        return


def _arguments(
    path: str, data: bytes, names: Mapping[str, str], declared: Collection[str]
) -> Iterator[tuple[str, Location]]:
    calls = (node for node in _nodes(data) if isinstance(node, ast.Call) and not _TALKS.fullmatch(_last_name(node)))
    given = [each for call in calls for each in (*call.args, *(keyword.value for keyword in call.keywords))]
    found = {(each.value, each.lineno) for each in given if isinstance(each, ast.Constant)}
    text = data.decode(errors="replace")
    lines = text.splitlines()
    for name, key in names.items():
        for place in places_of([name], path, text) if name in text else ():
            if (name, place.line) in found and lines[place.line - 1].strip() not in declared:
                yield key, place


def _last_name(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


_TALKS = re.compile(r"print|log|debug|info|warn(?:ing)?|error|exception|critical|n?gettext(?:_lazy)?|_")
"""Functions that only say something."""
