"""The facts of all files put together: each place is one reference to a flag, however many ways lead to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from flagctl.model import Kind, Location, Reference, ResolvedBy, Role
from flagctl.scan.facts import Analysis


def assembled(
    of_text: Iterable[Reference], analysed: Iterable[Analysis], is_test: Callable[[str], bool]
) -> tuple[Reference, ...]:
    """Every reference once, sorted, and marked where it stands in tests.

    `of_text` are those in files that are not Python; `is_test` tells of a file whether it belongs to the tests.
    """
    found = {*of_text, *_outermost(analysed)}
    ordered = sorted(found, key=lambda each: (each.location, each.role, each.flag or "", each.kind))
    return tuple(
        replace(each, in_tests=True) if in_tests else each
        for path, group in groupby(ordered, key=lambda each: each.location.path)
        for in_tests in [is_test(path)]
        for each in group
    )


def _outermost(facts: Iterable[Analysis]) -> Iterator[Reference]:
    """The references of all layers without those that stand inside one of an earlier layer to the same flag."""
    facts = list(facts)
    spelled = [reference for each in facts for reference in each.spelled]
    layers = (
        _once(reference for each in facts for reference in each.references),
        _once([*(reference for each in facts for reference in each.constants), *spelled]),
        [reference for each in facts for reference in each.strings],
        [reference for each in facts for reference in each.texts],
    )
    asked = {each.flag for layer in layers for each in layer if each.kind is Kind.NAME or _is_through_helper(each)}
    taken: dict[tuple[str, str | None], list[Location]] = {}
    for layer in layers:
        outer = [each for each in layer if not _is_inside(each.location, taken.get(_place(each), ()))]
        # What does nothing but ask for one flag is a helper once somebody calls it; else it is any function.
        outer = [each for each in outer if each.kind is not Kind.HELPER or each.flag in asked]
        yield from outer
        for each in outer:
            taken.setdefault(_place(each), []).append(each.location)


def _is_through_helper(reference: Reference) -> bool:
    return reference.resolved_by is ResolvedBy.HELPER


def _place(reference: Reference) -> tuple[str, str | None]:
    return reference.location.path, reference.flag


def _once(references: Iterable[Reference]) -> list[Reference]:
    """One reference for each place, flag and role: a method may be an SDK's and a helper's, too."""
    found: dict[tuple[Location, str | None, Role], Reference] = {}
    for each in references:
        found.setdefault((each.location, each.flag, each.role), each)
    return list(found.values())


def _is_inside(inner: Location, outer: Iterable[Location]) -> bool:
    start, end = (inner.line, inner.column), (inner.end_line, inner.end_column)
    return any((each.line, each.column) <= start and end <= (each.end_line, each.end_column) for each in outer)
