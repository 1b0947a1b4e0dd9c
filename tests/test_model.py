"""The few questions that the model answers itself."""

from __future__ import annotations

from datetime import date

import pytest

from flagctl.model import Flag, Kind, Location, Reference, Role, Severity, Snapshot

HERE = Location("flags/a.yaml", 2, 1, 2, 4)


def test_place_of_a_field_or_of_the_document() -> None:
    value = Location("flags/a.yaml", 5, 8, 5, 9)
    flag = Flag("a-b", HERE, {"owner": value})
    assert flag.at("owner") == value
    assert flag.at("expires") == HERE
    assert flag.at("") == HERE


def test_names_begin_with_the_key() -> None:
    assert Flag("a-b", HERE).names == ("a-b",)
    assert Flag("a-b", HERE, aliases=("aB", "A_B")).names == ("a-b", "aB", "A_B")


@pytest.mark.parametrize(("end", "stays"), [("keep", True), ("remove", False), ("configuration", False), (None, False)])
def test_standing(end: str | None, stays: bool) -> None:
    assert Flag("a-b", HERE, expected_end_state=end).is_standing is stays


def test_variants_are_on_and_off_unless_said_otherwise() -> None:
    assert Flag("a-b", HERE).variants == {"on": True, "off": False}
    assert Flag("a-b", HERE).variants is not Flag("a-b", HERE).variants


@pytest.mark.parametrize(
    ("role", "kind", "in_tests", "is_use"),
    [
        (Role.EVALUATION, Kind.CALL, False, True),
        (Role.EVALUATION, Kind.ATTRIBUTE, False, True),
        (Role.EVALUATION, Kind.TEMPLATE, False, True),
        (Role.EVALUATION, Kind.CALL, True, False),
        (Role.MENTION, Kind.CODE, False, True),
        (Role.MENTION, Kind.CODE, True, False),
        (Role.MENTION, Kind.LITERAL, False, False),
        (Role.MENTION, Kind.TEXT, False, False),
        (Role.DECLARATION, Kind.CONSTANT, False, False),
        (Role.OVERRIDE, Kind.CALL, False, False),
    ],
)
def test_what_keeps_a_flag_alive(role: Role, kind: Kind, in_tests: bool, is_use: bool) -> None:
    assert Reference("a-b", role, kind, HERE, in_tests=in_tests).is_use is is_use


def test_severities_compare_and_read_as_words() -> None:
    assert Severity.INFO < Severity.WARNING < Severity.ERROR
    assert [str(severity) for severity in Severity] == ["info", "warning", "error"]


def test_references_by_flag_leave_dynamic_keys_out() -> None:
    one, two = (Reference("a-b", Role.EVALUATION, Kind.CALL, Location("a.py", line)) for line in (1, 2))
    dynamic = Reference(None, Role.EVALUATION, Kind.CALL, HERE)
    other = Reference("c-d", Role.MENTION, Kind.TEXT, HERE)
    made = Snapshot(date(2026, 6, 15), references=(one, dynamic, other, two))
    assert made.references_by_flag == {"a-b": (one, two), "c-d": (other,)}


def test_locations_sort_by_file_then_line_then_column() -> None:
    places = [Location("b.py", 1), Location("a.py", 10), Location("a.py", 9, 5), Location("a.py", 9, 1)]
    assert [(each.path, each.line, each.column) for each in sorted(places)] == [
        ("a.py", 9, 1),
        ("a.py", 9, 5),
        ("a.py", 10, 1),
        ("b.py", 1, 1),
    ]
