"""What a template is given by a name of its own, and came to be always the same: `{"is_new": True}`."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from flagctl.model import Location
from flagctl.removal.files import Files
from flagctl.removal.repository import places_of
from flagctl.scan.languages import is_template


@dataclass(frozen=True, slots=True)
class Handed:
    """Where a template asks for something that is always the same now."""

    location: Location
    name: str
    value: bool | str


def handed_to_templates(files: Files) -> Iterator[Handed]:
    """Where templates ask by its name for what the code hands on since its flag is gone: nothing of that is folded."""
    given: dict[str, bool | str] = {}
    for before, now in files.changed:
        if not files.repository.is_test(now.path):
            was = Counter(_entries(before.code))
            for name, value in Counter(_entries(now.code)) - was:
                given[name] = value
    counts = files.repository.count(given) if given else {}
    for name, value in given.items():
        for path in filter(is_template, counts[name]):
            text = files.repository.now(path).decode(errors="replace")
            yield from (Handed(place, name, value) for place in places_of([name], path, text))


def _entries(code: str) -> Iterator[tuple[str, bool | str]]:
    """The names that are given a truth or text that is written out: in dictionaries, as items, by keyword."""
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    match key, value:
                        case ast.Constant(value=str() as name), ast.Constant(value=bool() | str() as known):
                            yield name, known
            case ast.Assign(
                targets=[ast.Subscript(slice=ast.Constant(value=str() as name))],
                value=ast.Constant(value=bool() | str() as known),
            ):
                yield name, known
            case ast.Call(keywords=keywords):
                for each in keywords:
                    match each:
                        case ast.keyword(arg=str() as name, value=ast.Constant(value=bool() | str() as known)):
                            yield name, known
