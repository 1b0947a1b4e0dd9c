"""SARIF as GitHub takes it: the most important results, within its limits, and never a silent cut."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from report_samples import MENDABLE, RULES, WHOLE, finding, many, span

from flagctl.model import Finding, Location
from flagctl.report import FITTED, FORMATS, Report
from flagctl.report.sarif import MOST_BYTES, MOST_RESULTS
from flagctl.rules import CATALOGUE, rule_help


def run_of(report: Report) -> Any:
    return json.loads(FORMATS["sarif"](report))["runs"][0]


def result(**changes: object) -> Any:
    found: Finding = finding(**changes)  # type: ignore[arg-type]
    return run_of(Report((found,)))["results"][0]


def notices(report: Report) -> list[str]:
    [invocation] = run_of(report)["invocations"]
    return [each["message"]["text"] for each in invocation.get("toolExecutionNotifications", ())]


def test_worst_first() -> None:
    assert [each["level"] for each in run_of(WHOLE)["results"]] == ["error", "error", "warning", "warning", "note"]


def test_rules_that_ran_are_described_whether_they_found_anything_or_not() -> None:
    run = run_of(WHOLE)
    rules = run["tool"]["driver"]["rules"]
    assert [each["id"] for each in rules] == ["FLG003", "FLG101", "FLG204", "FLG901"]
    assert [rules[each["ruleIndex"]]["id"] for each in run["results"] if "ruleIndex" in each] == [
        *("FLG101", "FLG003", "FLG204")
    ]
    assert rules[2]["properties"] == {
        "tags": ["feature-flags", "maintainability"],
        "precision": "medium",
        "problem.severity": "recommendation",
    }


@pytest.mark.parametrize("rule", CATALOGUE.values(), ids=lambda rule: rule.code)
def test_help_fits_and_links_nowhere(rule: Any) -> None:
    found = rule_help(rule)
    assert found.summary.endswith(".")
    assert len(found.text) <= 1024  # GitHub cuts descriptions there
    assert found.text.startswith(found.summary)
    assert "\n\nWhat to do: " in found.text
    assert "](#" not in found.text + found.page


def test_paths_are_relative_uris() -> None:
    for path, uri in (
        ("a b/100%/ñ#[x](y).py", "a%20b/100%25/%C3%B1%23%5Bx%5D%28y%29.py"),
        ("a:b.py", "a%3Ab.py"),
        ("caf\udce9.py", "caf%E9.py"),
    ):
        [place] = result(location=span(path))["locations"]
        assert place["physicalLocation"]["artifactLocation"] == {"uri": uri, "uriBaseId": "%SRCROOT%"}


def test_regions_count_characters_from_one() -> None:
    [place] = result(location=Location("a.py", 3, 7, 5, 2))["locations"]
    assert place["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 7, "endLine": 5, "endColumn": 2}
    assert run_of(Report())["columnKind"] == "unicodeCodePoints"


def test_messages_are_sentences_without_links() -> None:
    assert result(message="has no owner", hint="add one")["message"]["text"] == "new-checkout has no owner.\nadd one"
    assert result(message="why?", flag=None)["message"]["text"] == "why?"
    assert result(message="[log in](https://a.example)", hint="[x](0)")["message"]["text"] == (
        "new-checkout [log in] (https://a.example).\n[x] (0)"
    )


def test_fingerprints_are_ours_and_leave_githubs_own_alone() -> None:
    [found] = WHOLE.findings[:1]
    prints = [each["partialFingerprints"] for each in run_of(WHOLE)["results"]]
    assert {"flagctl/v1": WHOLE.fingerprints[found]} in prints
    assert all(list(each) == ["flagctl/v1"] for each in prints)


def test_a_fix() -> None:
    [fix] = run_of(Report((MENDABLE,)))["results"][0]["fixes"]
    assert fix == {
        "artifactChanges": [
            {
                "artifactLocation": {"uri": "flags/%C3%B1%20%281%29.yaml", "uriBaseId": "%SRCROOT%"},
                "replacements": [
                    {
                        "deletedRegion": {"startLine": 5, "startColumn": 10, "endLine": 5, "endColumn": 23},
                        "insertedContent": {"text": "@acme/payments"},
                    }
                ],
            }
        ]
    }


def test_what_was_missed_is_in_the_file() -> None:
    assert notices(WHOLE) == [
        "the cache cannot be written",
        "src/z.py: does not parse",
        "src/a.py: is not UTF-8",
        "1 definition was passed over (FLG001)",
    ]
    assert notices(Report()) == []


def test_too_many_results() -> None:
    report = many(30_000)
    run = run_of(report)
    assert len(run["results"]) == MOST_RESULTS
    assert [each["level"] for each in run["results"]].count("note") == 5_000
    said = [
        "25000 of 30000 findings are in the SARIF file, as GitHub takes no more: "
        "the most important ones, of which it shows 5000"
    ]
    assert notices(report) == said
    assert FITTED["sarif"](report).notices == tuple(said)
    # What is left out still counts for the fingerprints of the others.
    assert {each["partialFingerprints"]["flagctl/v1"] for each in run["results"]} <= set(report.fingerprints.values())


def test_as_many_as_can_be_taken_are_left_alone() -> None:
    report = many(MOST_RESULTS)
    assert FITTED["sarif"](report) is report


def test_too_many_bytes() -> None:
    """Random text cannot be compressed to less than its entropy."""
    noise = Random(1)
    report = many(400)
    found = tuple(replace(each, message=noise.randbytes(25_000).hex()) for each in report.findings)
    written = FORMATS["sarif"](replace(report, findings=found))
    assert 0.5 * MOST_BYTES < len(gzip.compress(written.encode())) <= MOST_BYTES
    results = json.loads(written)["runs"][0]["results"]
    assert 200 < len(results) < 400
    assert results[0]["level"] == "error"
    assert notices(replace(report, findings=found))[0].startswith(f"{len(results)} of 400 findings are in")


def test_few_rules_many_findings_compress_well() -> None:
    assert len(gzip.compress(FORMATS["sarif"](many(2_000)).encode())) < 2_000 * 100
    assert RULES
