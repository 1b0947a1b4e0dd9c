"""A tree of nodes to plain data, typed as the schema has it.

YAML cannot say whether `1.10` is a version or a number, or `2026-03-02` a day or a word. The schema can: where it wants
a string, a plain scalar is its text; where it has no opinion, YAML 1.2's core schema decides.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flagctl.definitions.nodes import Mapping, Node, Scalar, Sequence, Unknown
from flagctl.definitions.source import Fault, Span, quoted

MAX_DIGITS = 255
"""Of a whole number; more could not be compared with a float, or printed."""

FieldPath = tuple[str | int, ...]

# In the order in which the core schema tries them.
core_types = {
    "null": re.compile(r"null|Null|NULL|~|"),
    "bool": re.compile(r"true|True|TRUE|false|False|FALSE"),
    "int": re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"),
    "float": re.compile(
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?(\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN"
    ),
}

variant = ["string", "boolean"]
"""The type by which the schema marks the name of a variant."""


class Place(NamedTuple):
    """Where a value stands, and its key; a list item's key is the item."""

    value: Span
    key: Span


@dataclass
class Reading:
    """What a document says: its data, and where each value of it stands."""

    root: Span
    data: Any = None
    places: dict[FieldPath, Place] = field(default_factory=dict)
    firsts: dict[FieldPath, Span] = field(default_factory=dict)
    """The first key of every mapping."""
    faults: list[Fault] = field(default_factory=list)
    reported: set[FieldPath] = field(default_factory=set)
    """Values that already have a fault, which makes any other about them noise."""

    def first(self, path: FieldPath) -> Span:
        """Where a field that is missing from a mapping is reported."""
        return self.firsts.get(path, self.root)

    def is_reported(self, path: FieldPath) -> bool:
        return any(path[:length] in self.reported for length in range(len(path) + 1))

    def shown(self, path: FieldPath) -> str:
        """A value as a message quotes it."""
        value = self.data
        for step in path:
            value = value[step]
        if isinstance(value, list | dict):
            kind = "list" if isinstance(value, list) else "mapping"
            return f"a {kind}" if value else f"an empty {kind}"
        if isinstance(value, bool):
            return str(value).lower()
        return quoted(value) if isinstance(value, str) else quoted(str(value))[1:-1]


def read_values(root: Node, schema: dict[str, Any]) -> Reading:
    """Reads a document along its schema, whose references are inlined."""
    reading = Reading(root.span)
    reading.data = _Reader(reading).value(root, schema, ())
    return reading


class _Reader:
    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def value(self, node: Node, schema: dict[str, Any], path: FieldPath) -> Any:
        if isinstance(node, Mapping):
            return self._mapping(node, schema, path)
        if isinstance(node, Sequence):
            return self._sequence(node, schema.get("items", {}), path)
        if isinstance(node, Unknown):
            self.reading.reported.add(path)
            return None
        return self._scalar(node, schema.get("type"), path)

    def _mapping(self, node: Mapping, schema: dict[str, Any], path: FieldPath) -> dict[str, Any]:
        properties, others = schema.get("properties", {}), schema.get("additionalProperties") or {}
        names_variants = schema.get("propertyNames", {}).get("type") == variant
        data: dict[str, Any] = {}
        self.reading.firsts[path] = node.first
        for written, entry in node.entries.items():
            name = _variant(written) if names_variants else written
            if name in data:
                self._fault(entry.key, f'the variant "{name}" is there twice: true and false stand for on and off')
                continue
            inner = (*path, name)
            self.reading.places[inner] = Place(entry.value.span, entry.key)
            data[name] = self.value(entry.value, properties.get(name, others), inner)
        return data

    def _sequence(self, node: Sequence, items: dict[str, Any], path: FieldPath) -> list[Any]:
        data = []
        for index, item in enumerate(node.items):
            inner = (*path, index)
            self.reading.places[inner] = Place(item.span, item.span)
            data.append(self.value(item, items, inner))
        return data

    def _scalar(self, node: Scalar, wanted: str | list[str] | None, path: FieldPath) -> Any:
        text = node.text
        if node.tag == "str" or (node.tag is None and wanted in ("string", variant) and not _is(text, "null")):
            return _variant(text) if wanted == variant else text
        kind = node.tag or next((kind for kind in core_types if _is(text, kind)), "str")
        try:
            return _typed(text, kind)
        except ValueError as error:
            self._fault(node.span, str(error))
            self.reading.reported.add(path)
            return None

    def _fault(self, span: Span, message: str) -> None:
        self.reading.faults.append(Fault(span, message))


def _variant(text: str) -> str:
    if _is(text, "bool"):
        return "on" if text.lower() == "true" else "off"
    return text


def _is(text: str, kind: str) -> bool:
    return core_types[kind].fullmatch(text) is not None


def _typed(text: str, kind: str) -> Any:
    """The value of a plain scalar of a core type.

    Raises:
        ValueError: it is not of this type, or no usable number.
    """
    if kind == "str":
        return text
    if not _is(text, kind) and not (kind == "float" and _is(text, "int")):
        raise ValueError(f"{quoted(text)} is not what its tag !!{kind} says")
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number of more than {MAX_DIGITS} digits cannot be used")
    if kind == "int":
        return _int(text)
    number = float(text.replace(".", "", 1)) if text.lower().endswith(("inf", "nan")) else float(text)
    if not math.isfinite(number):
        raise ValueError(f"{quoted(text)} is not a finite number")
    return number


def _int(text: str) -> int:
    # `int(text, 0)` would refuse the leading zeros that YAML allows.
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
