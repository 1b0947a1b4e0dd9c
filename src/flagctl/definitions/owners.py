"""The owners file: teams and their people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flagctl.config import Config
from flagctl.definitions.nodes import Document
from flagctl.definitions.source import Fault, Source, decode
from flagctl.definitions.values import read_values
from flagctl.definitions.yaml import compose
from flagctl.model import InputError

_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": {"type": "array", "items": {"type": "string"}},
}


def read_owners(config: Config) -> Mapping[str, tuple[str, ...]] | None:
    """The people of every team, by commit email or handle; `None` where no owners file is configured.

    Raises:
        InputError: a file cannot be read, or is no mapping of teams to lists of people.
    """
    named = {each.owners: each for each in config.everywhere if each.owners}
    if not named:
        return None
    teams: dict[str, tuple[str, ...]] = {}
    for path, part in named.items():
        try:
            data = (config.root / path).read_bytes()
        except OSError as error:
            raise part.error("owners", f"{path} cannot be read: {error.strerror or error}") from None
        teams |= _teams(path, data)
    return teams


def _teams(path: str, data: bytes) -> Mapping[str, tuple[str, ...]]:
    source, fault = decode(path, data)
    documents: list[Document] = compose(source).documents if fault is None else []
    whole = [each for each in documents if not each.is_empty]
    faults = [fault] if fault else [each for document in whole for each in document.faults]
    if faults:
        raise _error(source, faults[0])
    if len(whole) > 1:
        raise InputError(f"{path}: an owners file is one document; join them")
    root = whole[0].root if whole else None
    if root is None:
        return {}
    reading = read_values(root, _SCHEMA)
    if reading.faults:
        raise _error(source, reading.faults[0])
    if not isinstance(reading.data, dict):
        raise _error(source, Fault(root.span, _EXPECTED))
    for team, people in reading.data.items():
        if not isinstance(people, list) or not all(isinstance(each, str) and each for each in people):
            raise _error(source, Fault(reading.places[(team,)].value, _EXPECTED))
    return {team: tuple(people) for team, people in reading.data.items()}


_EXPECTED = 'a team and its people are written as "@acme/oncall": [ann@example.com, "@bob"]'


def _error(source: Source, fault: Fault) -> InputError:
    place = source.location(fault.span)
    hint = f"; {fault.hint}" if fault.hint else ""
    return InputError(f"{place.path}:{place.line}:{place.column}: {fault.message}{hint}")
