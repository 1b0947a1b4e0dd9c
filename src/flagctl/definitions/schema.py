"""The JSON Schemas of definitions and of the metric tree: where they are, and what a document has against them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flagctl.definitions.source import Fault, Span, quoted
from flagctl.definitions.values import FieldPath, Reading
from flagctl.spelling import closest

if TYPE_CHECKING:
    from jsonschema import ValidationError

MAX_LISTED = 8

date_like = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?![0-9])")


def schema_text(name: str) -> str:
    """The text of a published schema: from the installed package, or from the checkout it runs in."""
    packaged = files("flagctl") / "schemas" / name
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    return (Path(__file__).parents[3] / "schemas" / name).read_text(encoding="utf-8")


def flag_schema() -> dict[str, Any]:
    """The schema of one definition."""
    return _schema("flag.v1.schema.json")


def metrics_schema() -> dict[str, Any]:
    """The schema of a metric tree."""
    return _schema("metrics.v1.schema.json")


@cache
def _schema(name: str) -> dict[str, Any]:
    """A published schema, with every `$ref` replaced by what it names."""
    schema: dict[str, Any] = json.loads(schema_text(name))
    inlined: dict[str, Any] = _inline(schema, schema.pop("$defs"))
    return inlined


def schema_faults(reading: Reading, schema: dict[str, Any], is_whole: bool) -> list[Fault]:
    """What is wrong with the shape of a document: one fault for each cause, in no particular order.

    Of a document that a syntax error broke off, nobody knows what is missing.
    """
    from jsonschema import Draft202012Validator, FormatChecker  # slow to import; what is known to be valid does without

    validator = Draft202012Validator(schema, format_checker=FormatChecker(formats=["date"]))
    found: dict[FieldPath, Fault] = {}
    for error in validator.iter_errors(reading.data):
        is_noise = error.validator == "required" and not is_whole
        if not is_noise and not reading.is_reported(tuple(error.absolute_path)):
            # Blank, against the pattern and not a date: several errors about one value have one cause.
            for path, fault in _explain(error, reading, schema):
                found.setdefault(path, fault)
    return list(found.values())


def _inline(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_inline(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    named = definitions[node["$ref"].removeprefix("#/$defs/")] if "$ref" in node else {}
    return {key: _inline(value, definitions) for key, value in (named | node).items() if key != "$ref"}


def _explain(error: ValidationError, reading: Reading, root: dict[str, Any]) -> Iterator[tuple[FieldPath, Fault]]:
    """The faults that one error of the validator stands for, each with the path of the value that caused it."""
    path: FieldPath = tuple(error.absolute_path)
    instance: Any = error.instance
    schema: Any = error.schema
    if "propertyNames" in error.absolute_schema_path:
        span = reading.places[(*path, instance)].key
        message = f"each name in {_field(path)} must be {schema['title']}, not {quoted(instance)}"
        yield (*path, instance), Fault(span, message)
    elif error.validator == "additionalProperties":
        for name in instance.keys() - schema["properties"].keys():
            span = reading.places[(*path, name)].key
            message = f"unknown field {_field((*path, name))}"
            yield (*path, name), Fault(span, message, _suggestion(name, schema["properties"]))
    elif error.validator == "required":
        yield from _missing(path, instance, schema, reading.first(path))
    elif error.validator == "uniqueItems":
        for index, item in enumerate(instance):
            if item in instance[:index]:
                message = f"{_field(path)} names {quoted(str(item))} twice"
                yield (*path, index), Fault(reading.places[(*path, index)].value, message)
    else:
        yield path, _value_fault(path, instance, schema, reading, _is_required(path, root))


def _missing(
    path: FieldPath, instance: dict[str, Any], schema: dict[str, Any], first: Span
) -> Iterator[tuple[FieldPath, Fault]]:
    fields = schema["properties"]
    # A misspelt name is reported with the right one, which is then not missing as well.
    misspelt = {_closest(name, fields) for name in instance.keys() - fields.keys()}
    for name in schema["required"]:
        if name not in instance and name not in misspelt:
            message = f"{_field((*path, name))} is missing: write {fields[name]['title']}"
            yield (*path, name), Fault(first, message)


def _is_required(path: FieldPath, schema: dict[str, Any]) -> bool:
    """Whether the document needs the value at a path."""
    for step in path[:-1]:
        fields = schema.get("properties", {})
        schema = schema["items"] if isinstance(step, int) else fields.get(step) or schema["additionalProperties"]
    return path[-1] in schema.get("required", ())


def _value_fault(path: FieldPath, value: Any, schema: dict[str, Any], reading: Reading, is_required: bool) -> Fault:
    span = reading.places[path].value
    expected = f"one of {', '.join(schema['enum'])}" if "enum" in schema else schema["title"]
    if value is None or (isinstance(value, str) and not value.strip()):
        remedy = ", or delete the line" if isinstance(path[-1], str) else ", or delete it"
        remedy = "" if is_required else remedy
        return Fault(span, f"{_field(path)} is empty: write {expected}{remedy}")
    message = f"{_field(path)} must be {expected}, not {reading.shown(path)}"
    return Fault(span, message, _value_hint(value, schema))


def _value_hint(value: object, schema: dict[str, Any]) -> str | None:
    if isinstance(value, str) and "enum" in schema:
        close = _closest(value, schema["enum"])
        return f'did you mean "{close}"?' if close else None
    if isinstance(value, str) and schema.get("format") == "date":
        return _date_hint(value)
    if isinstance(value, str) and schema["type"] == "array":
        return f"write it as a list: [{quoted(value)}]"
    return None


def _date_hint(text: str) -> str | None:
    """A better spelling of what looks like a day, or the remark that there is no such day."""
    match = date_like.match(text.strip())
    if match is None:
        return None
    try:
        return f"did you mean {date(*map(int, match.groups()))}?"
    except ValueError:
        return "the calendar has no such day"


def _closest(word: str, known: Iterable[str]) -> str | None:
    # Cut, because to compare takes time that grows with the square of the length.
    return closest(word[:100].lower(), known)


def _suggestion(name: str, known: Collection[str]) -> str | None:
    if close := _closest(name, known):
        return f'did you mean "{close}"?'
    return f"known here: {', '.join(known)}" if len(known) <= MAX_LISTED else None


def _field(path: FieldPath) -> str:
    return quoted(".".join(map(str, path)))
