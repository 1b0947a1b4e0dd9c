"""What is known of single files: plain data that crosses processes and is kept between runs.

A file's facts depend on its content and on what the run looks for, never on the other files' facts; only what its
names were followed to is in them, and that is written down beside them (see `cache`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from flagctl.config.conventions import Evaluation, KeyForm, Override
from flagctl.model import Branch, Kind, Location, Reference, ResolvedBy, Role, Site, Suppression


@dataclass(frozen=True, slots=True)
class Sifted:
    """What one look at a file's bytes tells.

    Of a Python file that may be parsed the `words` that stand in it, of those that the run looks for, and the SDKs
    that it `imports`; of any other file its `references`. `unread` says why it could not be read as what it claims to
    be.
    """

    is_python: bool = False
    words: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    unread: str | None = None


@dataclass(frozen=True, slots=True)
class Helper:
    """A function of the project's own that was seen to ask for a flag, in the terms of a configuration."""

    convention: Evaluation | Override
    sdk: str | None


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a parsed file holds, in layers: of places that name the same flag, one inside the other, the first counts.

    `spelled` are the keys behind its evaluations where these are written elsewhere, in this file or another; `names`
    are what it calls the constants, functions and objects that stand for one flag.
    """

    references: tuple[Reference, ...] = ()
    constants: tuple[Reference, ...] = ()
    spelled: tuple[Reference, ...] = ()
    strings: tuple[Reference, ...] = ()
    texts: tuple[Reference, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    helpers: tuple[Helper, ...] = ()
    names: tuple[str, ...] = ()
    unread: str | None = None

    def __or__(self, later: Analysis) -> Analysis:
        """These facts, and what was found in the same file by conventions that were learned later."""
        both = {
            each.name: (*getattr(self, each.name), *getattr(later, each.name))
            for each in fields(self)
            if each.name != "unread"
        }
        return Analysis(**both, unread=self.unread or later.unread)


Question = tuple[str, int]
"""A dotted name that a module asked for, and the level of a relative import."""


def dump(facts: Sifted | Analysis) -> str:
    """Facts as text; the empty text if there are none but the kind of file."""
    row = [_encoded(getattr(facts, each.name)) for each in fields(facts)]
    while row and not row[-1]:
        row.pop()
    return json.dumps(row, separators=(",", ":")) if row else ""


_NOTHING, _PYTHON = Sifted(), Sifted(is_python=True)
_NO_WORD_IN_PYTHON = "[true]"
"""What most files have to say."""


def load_sifted(text: str) -> Sifted:
    """The reverse of `dump`."""
    if text == _NO_WORD_IN_PYTHON:
        return _PYTHON
    if not text:
        return _NOTHING
    row = [*json.loads(text), *[None] * len(fields(Sifted))]
    return Sifted(bool(row[0]), tuple(row[1] or ()), tuple(row[2] or ()), _references(row[3]), row[4] or None)


def load_analysis(text: str) -> Analysis:
    """The reverse of `dump`."""
    if not text:
        return Analysis()
    row = [*json.loads(text), *[None] * len(fields(Analysis))]
    references, constants, spelled, strings, texts = (_references(each) for each in row[:5])
    suppressions = (
        Suppression(Location(*at), tuple(codes), reason, range(*lines)) for at, codes, reason, lines in row[5] or ()
    )
    helpers = (Helper(_convention(kind, values), sdk) for kind, values, sdk in row[6] or ())
    return Analysis(
        references,
        constants,
        spelled,
        strings,
        texts,
        tuple(suppressions),
        tuple(helpers),
        tuple(row[7] or ()),
        row[8] or None,
    )


def _encoded(value: Any) -> Any:
    match value:
        case Reference():
            return [_encoded(getattr(value, name)) for name in _REFERENCE]
        case Helper(convention=convention, sdk=sdk):
            values = {each.name: getattr(convention, each.name) for each in fields(convention)}
            return [type(convention).__name__, values, sdk]
        case Suppression():
            return [_encoded(value.location), value.codes, value.reason, [value.lines.start, value.lines.stop]]
        case Site():
            return None if value == _PLAIN else [_encoded(getattr(value, each.name)) for each in fields(value)]
        case Branch():
            return [getattr(value, each.name) for each in fields(value)]
        case Location():
            return [value.path, value.line, value.column, value.end_line, value.end_column]
        case tuple():
            return [_encoded(each) for each in value]
    return value


def _references(rows: Iterable[list[Any]] | None) -> tuple[Reference, ...]:
    return tuple(map(_reference, rows or ()))


def _reference(row: list[Any]) -> Reference:
    values = dict(zip(_REFERENCE, row, strict=True))
    by = values["resolved_by"]
    values["role"] = _ROLES[values["role"]]
    values["kind"] = _KINDS[values["kind"]]
    values["location"] = Location(*values["location"])
    values["resolved_by"] = _WAYS[by] if by else None
    values["site"] = _site(values["site"]) if values["site"] else _PLAIN
    values["chain"] = tuple(Location(*each) for each in values["chain"])
    return Reference(**values)


def _site(row: list[Any]) -> Site:
    values = dict(zip(_SITE, row, strict=True))
    values["under"] = tuple(values["under"])
    values["branches"] = tuple(
        Branch(line, is_same, tuple(on), tuple(off), tuple(on_always), tuple(off_always), *sure)
        for line, is_same, on, off, on_always, off_always, *sure in values["branches"]
    )
    return Site(**values)


def _convention(kind: str, values: dict[str, Any]) -> Evaluation | Override:
    known: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    known["form"] = KeyForm(known["form"])
    return Evaluation(**known) if kind == Evaluation.__name__ else Override(**known)


_ROLES, _KINDS, _WAYS = ({each.value: each for each in kind} for kind in (Role, Kind, ResolvedBy))

_PLAIN = Site()

_REFERENCE = tuple(each.name for each in fields(Reference))
_SITE = tuple(each.name for each in fields(Site))
