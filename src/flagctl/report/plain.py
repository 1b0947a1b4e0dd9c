"""A definition as plain data, the way its author would have written it down."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from flagctl.model import Flag


def definition(flag: Flag) -> dict[str, Any]:
    """The fields that are set, dates in ISO form, by the names they have in YAML."""
    return {name: value for name, value in _plain(flag).items() if name not in {"first", "places"}}


def rows(flag: Flag) -> list[tuple[str, str]]:
    """The fields that are set, each with its dotted path: `rollout.environments.production.percent`, `50`."""
    return list(_flat(definition(flag)))


def number(value: float) -> float | int | str:
    """`50` rather than `50.0`; JSON knows neither infinity nor NaN."""
    if not math.isfinite(value):
        return str(value)
    return int(value) if value.is_integer() else value


def _plain(value: Any) -> Any:
    """What JSON can hold: a variant's value may be anything that YAML has a notation for."""
    if is_dataclass(value):
        members = {each.name.rstrip("_"): getattr(value, each.name) for each in fields(value)}
        return {name: _plain(member) for name, member in members.items() if member not in (None, (), {})}
    if isinstance(value, Mapping):
        return {str(key): _plain(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(member) for member in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return number(value)
    return value if value is None or isinstance(value, (str, int)) else str(value)


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _flat(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and any(isinstance(member, (dict, list)) for member in value):
        for index, member in enumerate(value):
            yield from _flat(member, f"{path}.{index}")
    else:
        yield path, ", ".join(map(_word, value)) if isinstance(value, list) else _word(value)


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) or value is None else str(value)
