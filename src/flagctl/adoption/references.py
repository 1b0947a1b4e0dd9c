"""What the scanner's references say of flags, before anything is decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from flagctl.adoption.definition import Seen
from flagctl.adoption.proposals import Place
from flagctl.model import Kind, Reference, Role


def place_of(reference: Reference) -> Place:
    """Where a reference stands; of what is no Python only the line counts, as the survey reads that by line."""
    at = reference.location
    return (at.path, at.line, at.column if at.path.endswith((".py", ".pyi", ".pyw")) else 0)


def keys_found(references: Iterable[Reference]) -> dict[Place, set[str]]:
    """The keys that are asked for, forced or declared by an object, by their places."""
    found: dict[Place, set[str]] = {}
    for each in references:
        if each.role in (Role.EVALUATION, Role.OVERRIDE) or each.kind is Kind.FLAG_OBJECT:
            found.setdefault(place_of(each), set()).update(filter(None, [each.flag]))
    return found


def keys_asked(references: Iterable[Reference]) -> set[str]:
    """The keys that are asked for outside of tests."""
    return {each.flag for each in references if each.flag and each.role is Role.EVALUATION and not each.in_tests}


def joined(seen: Sequence[Seen]) -> list[Seen]:
    """Flags of which one is another with a prefix: `settings.FEATURE_X` is what `features.X` asks for."""
    keys = {each.key for each in seen}
    prefixed = {key for key in keys if key.startswith(_PREFIX) and key.removeprefix(_PREFIX) in keys}
    return [
        replace(each, aliases=(f"{_PREFIX}{each.key}",)) if f"{_PREFIX}{each.key}" in prefixed else each
        for each in seen
        if each.key not in prefixed
    ]


_PREFIX = "FEATURE_"
