"""Exports a project and imports documents, in this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from flagctl.config import find_config
from flagctl.definitions import read_definitions
from flagctl.model import Flag
from flagctl.pipeline.interchange import Import, Terms, export, take_over
from flagctl.report.plain import definition

Write = Callable[[Mapping[str, str | bytes]], Path]

TODAY = date(2026, 6, 15)
OFFICIAL = Path(__file__).with_name("official")


def official(name: str) -> Any:
    return json.loads((OFFICIAL / name).read_text(encoding="utf-8"))


def exported(root: Path, name: str, environment: str | None = None) -> tuple[Any, tuple[str, ...]]:
    """The document, and what is said beside it."""
    result = export(find_config(root), name, environment)
    return json.loads(result.text), result.lost


def imported(root: Path, name: str, document: object, **terms: str) -> Import:
    """Imports a document, whose text or bytes may be given instead."""
    file = root / "given.json"
    text = document if isinstance(document, str | bytes) else json.dumps(document)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return take_over(find_config(root), name, file, Terms(terms.get("into"), terms.get("environment"), TODAY))


def flags(root: Path) -> dict[str, Flag]:
    """The flags that are defined, by key; every file has to be valid."""
    found: dict[str, Flag] = {}
    for path in sorted((root / "flags").glob("*.yaml")):
        read = read_definitions(f"flags/{path.name}", path.read_bytes())
        assert (read.problems, read.suppressions) == ((), ())
        found |= {flag.key: flag for flag in read.flags}
    return found


def plain(flag: Flag) -> dict[str, Any]:
    """A definition's fields, less the key and the default variants."""
    fields = definition(flag)
    del fields["key"]
    if fields["variants"] == {"on": True, "off": False}:
        del fields["variants"]
    return fields


def one(root: Path, name: str, document: object, **terms: str) -> tuple[dict[str, Any], list[str]]:
    """The only definition that a document makes, and its notes."""
    [notes] = imported(root, name, document, **terms).written.values()
    [flag] = flags(root).values()
    return plain(flag), notes
