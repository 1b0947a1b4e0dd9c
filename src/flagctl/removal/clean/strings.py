"""Keys of flags that are still handed to a function: something may ask for the flag in a way that was not described."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import PurePosixPath

from flagctl.model import Kind, Location, Reference, Role
from flagctl.removal.file import PYTHON
from flagctl.removal.repository import Repository, places_of

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def strings_left(
    repository: Repository, references: Iterable[Reference], names: Mapping[str, str]
) -> Iterator[tuple[str, Location]]:
    """The arguments in changed files and others that are one of some `names`, with the keys that these belong to.

    A name of one word may be there for anything. Tests are no use, old migrations stay as they are, and what declares
    the flag is known.
    """
    references = list(references)
    declared = _lines(repository, (each.location for each in references if each.role is Role.DECLARATION))
    telling = {name: key for name, key in names.items() if len(_WORD.findall(name)) > 1}
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
    path = PurePosixPath(reference.location.path)
    is_code = path.suffix in PYTHON and "migrations" not in path.parts and not reference.in_tests
    return is_code and reference.role is Role.MENTION and reference.kind is Kind.LITERAL


def _arguments(
    path: str, data: bytes, names: Mapping[str, str], declared: Collection[str]
) -> Iterator[tuple[str, Location]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError):
        return  # such a file is said to be unread
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and not _TALKS.fullmatch(_last_name(node)))
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
