"""The manifest of OpenFeature's command line: which flags there are, of which type, and what code falls back to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flagctl.interchange.exchanged import Foreign, Given, Read, Written
from flagctl.interchange.node import Node, ShapeError
from flagctl.interchange.serving import off_of
from flagctl.model import Flag

_SCHEMA = "https://raw.githubusercontent.com/open-feature/cli/refs/heads/main/schema/v0/flag-manifest.json"
_CARRIED = {"key", "description", "variants", "on_failure"}
_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "string": (str,),
    "integer": (int,),
    "float": (int, float),
    "object": (dict, list),
}


def write(flags: Sequence[Given]) -> Written:
    """A manifest: `defaultValue` is what code gets while the flag cannot be evaluated."""
    entries: dict[str, Any] = {}
    lost: list[tuple[str, str]] = []
    left_out: list[tuple[str, str]] = []
    for given in flags:
        flag, variants = given.flag, given.flag.variants
        flag_type = next((name for name in _PYTHON_TYPES if _are(variants.values(), name)), None)
        if flag_type is None:
            left_out.append((flag.key, "the values of its variants have several types"))
            continue
        variant, doubt = _fallback(flag)
        entry = {"flagType": flag_type, "description": flag.description, "defaultValue": variants[variant]}
        entries[flag.key] = {name: value for name, value in entry.items() if name != "description" or value}
        lost += [(flag.key, doubt)] if doubt else []
        lost += [(flag.key, line) for line in _lost(given, flag_type, variant)]
    return Written({"$schema": _SCHEMA, "flags": entries}, tuple(lost), tuple(left_out))


def _are(values: Any, flag_type: str) -> bool:
    allowed = _PYTHON_TYPES[flag_type]
    return all(isinstance(each, allowed) and (flag_type == "boolean" or not isinstance(each, bool)) for each in values)


def _fallback(flag: Flag) -> tuple[str, str | None]:
    """The variant that code gets while the flag cannot be evaluated, and what is not sure about that."""
    off = off_of(flag)
    if flag.on_failure == "fail-open" and "on" in flag.variants:
        return "on", None
    if off is not None:
        doubts = {"fail-open": "fails open", "last-known-good": "keeps the last value it knew"}
        doubt = doubts.get(flag.on_failure or "")
        return off, f"{doubt}, which defaultValue cannot say: it is that of {off}" if doubt else None
    first = next(iter(flag.variants))
    return first, f"nothing says which variant code falls back to: defaultValue is that of {first}, the first"


def _lost(given: Given, flag_type: str, variant: str) -> Iterator[str]:
    others = [name for name in given.flag.variants if name != variant]
    if flag_type != "boolean" or set(given.flag.variants) != {"on", "off"}:
        names = ", ".join(given.flag.variants if flag_type == "boolean" else others)
        yield f"not carried over: variants ({names})" if names else "not carried over: the name of its variant"
    if fields := sorted(given.definition.keys() - _CARRIED):
        yield f"not carried over: {', '.join(fields)}"


def read(document: Node, environment: str) -> Read:
    """The flags of a manifest; the list in which services send them is read, too."""
    flags = document["flags"]
    if flags.value is None:
        raise ShapeError('"flags" is missing: this is no OpenFeature manifest')
    found = Read()
    if isinstance(flags.value, list):
        found.flags += [_flag(item["key"].key(), item) for item in flags.items()]
    else:
        found.flags += [_flag(key, item) for key, item in flags.members().items()]
    if found.flags:
        found.notes.append("type, owner, dates and what is served are not in a manifest")
    return found


def _flag(key: str, item: Node) -> Foreign:
    flag = Foreign(key)
    kind = item["flagType"] if "flagType" in item else item["type"]
    if kind.text() not in _PYTHON_TYPES:
        raise kind.error(f"one of {', '.join(_PYTHON_TYPES)}")
    default = item["defaultValue"]
    flag_type = str(kind.text())
    if not _are([default.value], flag_type):
        raise default.error(f"a value of type {flag_type}")
    flag.set("description", item["description"].text())
    if flag_type == "boolean":
        flag.set("on_failure", "fail-open" if default.value else "fail-closed")
    else:
        flag.fields["variants"] = {"default": default.value}
        flag.notes.append("only the default is known of its variants")
    return flag
