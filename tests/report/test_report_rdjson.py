"""reviewdog's diagnostics: places in bytes, and suggestions that it can offer."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from report_samples import MENDABLE, finding, span

from flagctl.model import Edit, Finding, Location
from flagctl.report import FORMATS, Report


def diagnostic(found: Finding, line: str | None = None) -> Any:
    document = json.loads(FORMATS["rdjson"](Report((found,), lines=lambda _path, _line: line)))
    assert document["source"] == {"name": "flagctl"}
    return document["diagnostics"][0]


def test_a_diagnostic() -> None:
    assert diagnostic(finding(hint="remove it")) == {
        "message": "new-checkout expired on 2026-05-01 (174 days ago)\nremove it",
        "location": {
            "path": "flags/new-checkout.yaml",
            "range": {"start": {"line": 8, "column": 10}, "end": {"line": 8, "column": 20}},
        },
        "severity": "ERROR",
        "code": {"value": "FLG101 expired"},
    }


@pytest.mark.parametrize(
    ("line", "start", "end"),
    [
        (None, 3, 5),
        ("abcdefgh", 3, 5),
        ("añcdefgh", 4, 6),
        ("a𐐀cdefgh", 6, 8),
        ("abcñefgh", 3, 6),
        ("abcdefñ", 3, 5),
    ],
)
def test_columns_count_bytes(line: str | None, start: int, end: int) -> None:
    found = diagnostic(finding(location=span(column=3, length=2)), line)["location"]["range"]
    assert (found["start"]["column"], found["end"]["column"]) == (start, end)


def test_a_suggestion() -> None:
    found = diagnostic(MENDABLE, 'owner: "ñ@acme/paymets"')
    assert found["suggestions"] == [
        {
            "range": {"start": {"line": 5, "column": 11}, "end": {"line": 5, "column": 24}},
            "text": "@acme/payments",
        }
    ]


def test_an_insertion_is_an_empty_range() -> None:
    place = Location("flags/a.yaml", 3, 1, 3, 1)
    [found] = diagnostic(finding(location=place, fix=Edit(place, "owner: x\n")), "key: a")["suggestions"]
    assert found["range"]["start"] == found["range"]["end"] == {"line": 3, "column": 1}


def test_an_edit_of_another_file_is_no_suggestion() -> None:
    elsewhere = Edit(span("flags/other.yaml"), "x")
    assert diagnostic(replace(MENDABLE, fix=elsewhere))["suggestions"] == []


@pytest.mark.parametrize(
    ("hint", "shown"),
    [
        ('owner: "@acme/payments"', 'owner: "`@acme/payments`"'),
        ("run `flagctl new --owner @acme/x`", "run `flagctl new --owner @acme/x`"),
        ("add `expires`", "add `expires`"),
    ],
)
def test_nobody_is_called(hint: str, shown: str) -> None:
    assert diagnostic(finding(hint=hint))["message"].endswith(f"\n{shown}")
