"""Our own format: every field of every definition, by the names that it has there."""

from __future__ import annotations

from collections.abc import Sequence

from flagctl.interchange.exchanged import Foreign, Given, Read, Written
from flagctl.interchange.node import Node, ShapeError

VERSION = 1


def write(flags: Sequence[Given]) -> Written:
    """The flags whole."""
    return Written({"version": VERSION, "flags": [dict(each.definition) for each in flags]})


def read(document: Node, environment: str) -> Read:
    """The flags as they were written."""
    version = document["version"].value
    if version != VERSION or isinstance(version, bool):
        raise ShapeError(f'"version" must be {VERSION}: this is not what `flagctl export json` writes')
    if not isinstance(document["flags"].value, list):
        raise document["flags"].error("an array")
    found = Read()
    for item in document["flags"].items():
        fields = {name: value for name, value in item.mapping().items() if name != "key"}
        if fields.get("variants") == {"on": True, "off": False}:
            del fields["variants"]  # the default
        found.flags.append(Foreign(item["key"].key(), fields, is_whole=True))
    return found
