"""Every format is what its readers say it is: their own schemas are in `official/`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from jsonschema.validators import validator_for
from report_samples import NASTY, RULES, WHOLE, many, poisoned

from flagctl.report import FORMATS, Report

OFFICIAL = Path(__file__).with_name("official")
REPORTS = [WHOLE, Report(rules=RULES), many(100), *map(poisoned, NASTY.values()), poisoned("a](x) ]]> & <b> \"'")]

GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^[^/.]"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}, "end": {"type": "integer"}},
                        "additionalProperties": False,
                    },
                },
                "additionalProperties": False,
            },
        },
        "additionalProperties": False,
    },
}
"""From https://docs.gitlab.com/ci/testing/code_quality/, which has a table but no schema."""


def official(name: str) -> Any:
    return json.loads((OFFICIAL / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("sarif", official("sarif-schema-2.1.0.json")),
        ("rdjson", official("rdf-DiagnosticResult.json")),
        ("gitlab", GITLAB),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_json_formats(name: str, schema: Any, report: Report) -> None:
    validator = validator_for(schema)
    validator(schema, format_checker=validator.FORMAT_CHECKER).validate(json.loads(FORMATS[name](report)))


def test_junit() -> None:
    schema = xmlschema.XMLSchema10(OFFICIAL / "junit-10.xsd")
    for report in REPORTS:
        schema.validate(FORMATS["junit"](report))
