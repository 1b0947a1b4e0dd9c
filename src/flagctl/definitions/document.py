"""A document of another tool, JSON or YAML, as plain data."""

from __future__ import annotations

import json
import math
from typing import Any

from flagctl.definitions.source import Fault, Source, decode, quoted
from flagctl.definitions.values import MAX_DIGITS, read_values
from flagctl.definitions.yaml import compose


class DocumentError(Exception):
    """A document that cannot be read; the message is one line that says what and where."""


def read_document(path: str, data: bytes) -> Any:
    """What a file holds: YAML if its name says so, else JSON in any Unicode encoding.

    Raises:
        DocumentError: it is neither, has a field twice or is nested too deeply.
    """
    if path.endswith((".yaml", ".yml")):
        return _yaml(path, data)
    try:
        text = data.decode(json.detect_encoding(data)).removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise DocumentError(f"{path}: is no text in UTF-8, as JSON has to be") from None
    try:
        return json.loads(
            text,
            object_pairs_hook=_each_once,
            parse_int=_whole,
            parse_float=_finite,
            parse_constant=_refuse,
        )
    except json.JSONDecodeError as error:
        what = error.msg[:1].lower() + error.msg[1:]
        raise DocumentError(f"{path}:{error.lineno}:{error.colno}: is not valid JSON: {what}") from None
    except RecursionError:
        raise DocumentError(f"{path}: is nested too deeply") from None
    except _DoubledError as error:
        raise DocumentError(f"{path}{_place_of_double(path, text)}: {error}") from None
    except ValueError as error:
        raise DocumentError(f"{path}: {error}") from None


class _DoubledError(Exception):
    """A field that is there twice in one object: which of the two counts is anybody's guess."""


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for index, name in enumerate(names) if name in names[:index])
        raise _DoubledError(f"the field {quoted(double)} is there twice in one object")
    return found


def _place_of_double(path: str, text: str) -> str:
    """The line and column of the second of two equal fields, which only the reader of YAML knows."""
    source, fault = decode(path, text.encode(errors="replace"))
    faults = [] if fault else [each for one in compose(source).documents for each in one.faults]
    place = next((source.location(each.span) for each in faults if "is there twice" in each.message), None)
    return f":{place.line}:{place.column}" if place else ""


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number of more than {MAX_DIGITS} digits cannot be used")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"the number {quoted(digits)[1:-1]} is too large")
    return number


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number that JSON knows")


def _yaml(path: str, data: bytes) -> Any:
    source, fault = decode(path, data)
    if fault:
        raise _error(source, fault)
    documents = [each for each in compose(source).documents if not each.is_empty]
    for each in documents:
        if each.faults:
            raise _error(source, each.faults[0])
    if len(documents) != 1 or documents[0].root is None:
        raise DocumentError(f"{path}: has {len(documents) or 'no'} YAML documents; one is expected")
    reading = read_values(documents[0].root, {})
    if reading.faults:
        raise _error(source, reading.faults[0])
    return reading.data


def _error(source: Source, fault: Fault) -> DocumentError:
    place = source.location(fault.span)
    return DocumentError(f"{place.path}:{place.line}:{place.column}: {fault.message}")
