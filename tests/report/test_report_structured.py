"""The JSON that others build on: its shape is the published schema, to the letter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from report_samples import FLAG, NASTY, REPORT, STANDING, poisoned

from flagctl.report import BY_OWNER, FORMATS, LIST_FORMATS, REFS_FORMATS, SHOW_FORMATS, Report

SCHEMAS = Path(__file__).parents[2] / "schemas"
REPORTS = [REPORT, Report(), *map(poisoned, NASTY.values())]


def closed(schema: Any) -> Any:
    """The schema without room for additions: the published one has some, our output of today must not need it."""
    if isinstance(schema, list):
        return [closed(member) for member in schema]
    if not isinstance(schema, dict):
        return schema
    members = {name: closed(member) for name, member in schema.items()}
    return {**members, "additionalProperties": False} if schema.get("type") == "object" else members


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize(("name", "formats"), [("report", FORMATS), ("report", BY_OWNER), ("refs", REFS_FORMATS)])
def test_output_is_what_the_schema_says(name: str, formats: Any, report: Report) -> None:
    schema = json.loads((SCHEMAS / f"{name}.v1.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(closed(schema)).validate(json.loads(formats["json"](report)))


def test_an_audit() -> None:
    output = FORMATS["json"](REPORT)
    assert output.startswith('{\n  "version": 1,\n  "findings": [\n    {"code": "FLG101", "name": "expired", ')
    document = json.loads(output)
    assert [each["path"] for each in document["findings"]] == [
        *("flags/new-checkout.yaml", "flags/z.yaml", "src/a.py", "src/b.py"),
    ]
    assert document["findings"][2]["flag"] is None
    assert document["summary"] == {
        "errors": 2,
        "warnings": 1,
        "infos": 1,
        "flags": 2,
        "references": 4,
        "files": {
            "searched": 12,
            "parsed": 4,
            "unread": [
                {"path": "src/a.py", "reason": "is not UTF-8"},
                {"path": "src/z.py", "reason": "does not parse"},
            ],
        },
        "suppressed": 2,
        "passed_over": 1,
        "baselined": 0,
        "at_base": 0,
    }


def test_references() -> None:
    dynamic, evaluation = json.loads(REFS_FORMATS["json"](REPORT))["references"][1:3]
    assert dynamic["flag"] is None
    assert evaluation == {
        "flag": "new-checkout",
        "role": "evaluation",
        "kind": "call",
        "path": "src/shop/pricing.py",
        "line": 7,
        "column": 15,
        "end_line": 7,
        "end_column": 55,
        "sdk": "openfeature",
        "default": "False",
        "resolved_by": "constant",
        "in_tests": False,
        "returns": "bool",
        "negated": False,
        "function": "price",
        "import_time": True,
        "value": None,
        "key_glob": None,
        "chain": [],
    }


def test_a_list() -> None:
    standing, ours = json.loads(LIST_FORMATS["json"](REPORT))["flags"]
    assert (standing["expires"], standing["review_by"], standing["rollout"]) == (None, "2027-01-01", None)
    assert ours == {
        "key": "new-checkout",
        "type": "experiment",
        "owner": "@acme/payments",
        "created": "2026-03-02",
        "expires": "2026-05-01",
        "review_by": None,
        "expected_end_state": "remove",
        "rollout": 50,
        "references": {"evaluation": 1, "override": 1, "declaration": 0, "mention": 1},
        "path": "flags/new-checkout.yaml",
        "line": 1,
    }


def test_a_page() -> None:
    document = json.loads(SHOW_FORMATS["json"](REPORT, FLAG))
    assert document["flag"]["rollout"] == {
        "plan": [0, 50, 100],
        "environments": {"production": {"percent": 50, "serve": "on"}, "staging": {"percent": 12.5}},
    }
    assert document["flag"]["extensions"] == [
        {"from": "2026-04-11", "to": "2026-05-01", "by": "@acme/payments", "reason": "Tax rules"}
    ]
    assert "places" not in document["flag"]
    assert [each["role"] for each in document["references"]] == ["mention", "evaluation", "override"]
    assert [each["code"] for each in document["findings"]] == ["FLG101", "FLG301"]


def test_json_has_no_infinity() -> None:
    assert json.loads(SHOW_FORMATS["json"](REPORT, STANDING))["flag"]["variants"] == {"small": 1, "endless": "inf"}
