"""Definitions as they once were: read in passing, thousands at a time, whatever schema they were written for."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

import yaml

from flagctl.definitions.load import MAX_NAME
from flagctl.definitions.source import MAX_BYTES
from flagctl.definitions.yaml import MAX_NODES, Parser, document_marker
from flagctl.past import State, Value

__all__ = ["MAX_BYTES", "past_definitions"]

_OF_VARIANTS = {"control", "keep", "kills_when", "on_removal", "serve"}
"""Fields in which `true` and `false` are other words for `on` and `off`."""
_NUMBERS = {"percent", "plan"}
_VARIANTS = {"true": "on", "false": "off"}
_NULL = {"", "~", "null", "Null", "NULL"}


def past_definitions(data: bytes) -> Mapping[str, State] | None:
    """The definitions in a file's content, by key; `None` where it is no YAML, as with a conflict left in it."""
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode()
    except ValueError:
        return None
    starts = [0, *(found.start() for found in document_marker.finditer(text)), len(text)]
    documents = [_read(text[start:end]) for start, end in pairwise(starts)]
    if any(each is None for each in documents):
        return _read(text)  # a document may rest on what is said before its marker
    return {key: state for each in documents for key, state in (each or {}).items()}


@lru_cache(maxsize=10_000)
def _read(text: str) -> Mapping[str, State] | None:
    """The definitions in some documents of a file, most of which are as they were in its version before."""
    try:
        documents = list(yaml.load_all(text, Parser))
        return {key: dict(_fields(each)) for each in documents if (key := _key(each)) is not None}
    except (yaml.YAMLError, ValueError, RecursionError, TypeError):  # a mapping may be its own key
        return None


def _key(document: Any) -> str | None:
    key = document.get("key") if isinstance(document, dict) else None
    return key if isinstance(key, str) and 0 < len(key) <= MAX_NAME and key.isprintable() else None


def _fields(document: Mapping[str, Any]) -> Iterator[tuple[str, Value]]:
    """The fields that are set, by their dotted paths.

    Raises:
        ValueError: there are too many, as aliases can make them.
    """
    waiting: list[tuple[tuple[str, ...], Any]] = [((), document)]
    for _ in range(MAX_NODES):
        if not waiting:
            return
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(((*path, str(name)), each) for name, each in reversed(_merged(value).items()))
        elif isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
            waiting.extend(((*path, str(index)), each) for index, each in reversed([*enumerate(value)]))
        elif isinstance(value, list):
            yield ".".join(path), tuple(_text(path[-1], each) for each in value)
        elif value not in _NULL:
            yield ".".join(path), _text(path[-1], value)
    raise ValueError("too many fields")


def _merged(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields with those that a merge key (`<<`) adds."""
    if "<<" not in fields:
        return dict(fields)
    given = fields["<<"]
    others = [each for each in (given if isinstance(given, list) else [given]) if isinstance(each, dict)]
    added = {name: value for each in reversed(others) for name, value in each.items() if name != "<<"}
    return added | {name: value for name, value in fields.items() if name != "<<"}


def _text(field: str, value: str) -> str:
    """A scalar in the one way in which it is compared: `50` for `50.0`, `on` for `true`."""
    if field in _OF_VARIANTS:
        return _VARIANTS.get(value.lower(), value)
    if field in _NUMBERS:
        try:
            return f"{float(value):g}"
        except ValueError:
            return value
    return value
