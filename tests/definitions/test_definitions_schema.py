"""What is wrong with the shape of a definition, word for word."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from flagctl.definitions import read_definitions
from flagctl.definitions.schema import flag_schema, metrics_schema
from flagctl.model import Flag

KEY = "key: a\n"
SCHEMA = Path(__file__).parents[2] / "schemas" / "flag.v1.schema.json"


def problems(text: str | bytes) -> list[str]:
    """Each problem as `line:column message (hint)`."""
    data = text if isinstance(text, bytes) else text.encode()
    return [
        f"{problem.location.line}:{problem.location.column} {problem.message}"
        + (f" ({problem.hint})" if problem.hint else "")
        for problem in read_definitions("flags/a.yaml", data).problems
    ]


MALFORMED: list[tuple[str, str, list[str]]] = [
    ("unknown field", KEY + "onwer: x\n", ['2:1 unknown field "onwer" (did you mean "owner"?)']),
    ("unknown far", KEY + "zzzzzz: x\n", ['2:1 unknown field "zzzzzz"']),
    (
        "two unknown",
        "key: a\nowmer: x\nexpirs: 2026-01-01\n",
        ['2:1 unknown field "owmer" (did you mean "owner"?)', '3:1 unknown field "expirs" (did you mean "expires"?)'],
    ),
    (
        "unknown nested",
        KEY + "kill_switch: {kils_when: off, foo: 1}\n",
        [
            '2:15 unknown field "kill_switch.kils_when" (did you mean "kills_when"?)',
            '2:31 unknown field "kill_switch.foo" (known here: kills_when, runbook, exercised)',
        ],
    ),
    ("missing key", "owner: x\n", ['1:1 "key" is missing: write a name without spaces, of at most 200 characters']),
    ("misspelt key", "kye: a\nowner: x\n", ['1:1 unknown field "kye" (did you mean "key"?)']),
    ("empty mapping", "{}\n", ['1:1 "key" is missing: write a name without spaces, of at most 200 characters']),
    (
        "merge before missing key",
        "<<: {owner: x}\ntype: ops\n",
        ['1:1 "key" is missing: write a name without spaces, of at most 200 characters'],
    ),
    (
        "bad enum",
        KEY + "type: relese\n",
        ['2:7 "type" must be one of release, experiment, ops, permission, not "relese" (did you mean "release"?)'],
    ),
    ("enum far", KEY + "type: zzz\n", ['2:7 "type" must be one of release, experiment, ops, permission, not "zzz"']),
    (
        "enum caps",
        KEY + "type: Release\n",
        ['2:7 "type" must be one of release, experiment, ops, permission, not "Release" (did you mean "release"?)'],
    ),
    ("enum number", KEY + "layer: 7\n", ['2:8 "layer" must be one of application, infrastructure, not "7"']),
    ("empty value", KEY + "owner:\n", ['2:7 "owner" is empty: write a team or a person, or delete the line']),
    ("blank", KEY + "owner: '  '\n", ['2:8 "owner" is empty: write a team or a person, or delete the line']),
    ("tilde", KEY + "expires: ~\n", ['2:10 "expires" is empty: write a date like 2026-05-01, or delete the line']),
    ("empty key", "key:\n", ['1:5 "key" is empty: write a name without spaces, of at most 200 characters']),
    (
        "null kill_switch",
        KEY + "kill_switch:\n",
        ['2:13 "kill_switch" is empty: write a mapping with kills_when, runbook and exercised, or delete the line'],
    ),
    (
        "key blanks",
        "key: new checkout\n",
        ['1:6 "key" must be a name without spaces, of at most 200 characters, not "new checkout"'],
    ),
    (
        "key newline",
        "key: |\n  a\n  b\n",
        ['1:6 "key" must be a name without spaces, of at most 200 characters, not "a\\nb\\n"'],
    ),
    ("key list", "key: [a]\n", ['1:6 "key" must be a name without spaces, of at most 200 characters, not a list']),
    (
        "key long",
        "key: " + "k" * 201 + "\n",
        ['1:6 "key" must be a name without spaces, of at most 200 characters, not "' + "k" * 59 + '…"'],
    ),
    ("date words", KEY + "expires: next week\n", ['2:10 "expires" must be a date like 2026-05-01, not "next week"']),
    (
        "date impossible",
        KEY + "expires: 2026-13-45\n",
        ['2:10 "expires" must be a date like 2026-05-01, not "2026-13-45" (the calendar has no such day)'],
    ),
    (
        "date feb",
        KEY + "expires: 2026-02-30\n",
        ['2:10 "expires" must be a date like 2026-05-01, not "2026-02-30" (the calendar has no such day)'],
    ),
    (
        "date short",
        KEY + "expires: 2026-5-1\n",
        ['2:10 "expires" must be a date like 2026-05-01, not "2026-5-1" (did you mean 2026-05-01?)'],
    ),
    (
        "timestamp",
        KEY + "expires: 2026-05-01T10:00:00Z\n",
        ['2:10 "expires" must be a date like 2026-05-01, not "2026-05-01T10:00:00Z" (did you mean 2026-05-01?)'],
    ),
    (
        "date slash",
        KEY + "expires: 2026/05/01\n",
        ['2:10 "expires" must be a date like 2026-05-01, not "2026/05/01" (did you mean 2026-05-01?)'],
    ),
    ("date int", KEY + "created: 20260501\n", ['2:10 "created" must be a date like 2026-05-01, not "20260501"']),
    ("date week", KEY + "created: 2026-W01-1\n", ['2:10 "created" must be a date like 2026-05-01, not "2026-W01-1"']),
    (
        "date arabic digits",
        KEY + "created: ٢٠٢٦-٠٥-٠١\n",
        ['2:10 "created" must be a date like 2026-05-01, not "٢٠٢٦-٠٥-٠١"'],
    ),
    (
        "aliases word",
        KEY + "aliases: newCheckout\n",
        ['2:10 "aliases" must be a list of names, not "newCheckout" (write it as a list: ["newCheckout"])'],
    ),
    ("aliases twice", KEY + "aliases: [b, c, b]\n", ['2:17 "aliases" names "b" twice']),
    (
        "aliases null",
        KEY + "aliases: [~]\n",
        ['2:11 "aliases.0" is empty: write a name without spaces, of at most 200 characters, or delete it'],
    ),
    ("aliases map", KEY + "aliases: {b: 1}\n", ['2:10 "aliases" must be a list of names, not a mapping']),
    (
        "percent over",
        KEY + "rollout: {environments: {production: {percent: 150}}}\n",
        ['2:48 "rollout.environments.production.percent" must be a number from 0 to 100, not 150'],
    ),
    (
        "percent text",
        KEY + "rollout: {environments: {production: {percent: 50%}}}\n",
        ['2:48 "rollout.environments.production.percent" must be a number from 0 to 100, not "50%"'],
    ),
    (
        "percent nan",
        KEY + "rollout: {environments: {production: {percent: .nan}}}\n",
        ['2:48 ".nan" is not a finite number'],
    ),
    ("percent huge", KEY + "rollout: {plan: [1e999]}\n", ['2:18 "1e999" is not a finite number']),
    (
        "percent bool",
        KEY + "rollout: {plan: [true, on, -1]}\n",
        [
            '2:18 "rollout.plan.0" must be a number from 0 to 100, not true',
            '2:24 "rollout.plan.1" must be a number from 0 to 100, not "on"',
            '2:28 "rollout.plan.2" must be a number from 0 to 100, not -1',
        ],
    ),
    (
        "huge int",
        KEY + "experiment: {arms: {on: " + "9" * 5000 + "}}\n",
        ["2:25 a number of more than 255 digits cannot be used"],
    ),
    (
        "environments list",
        KEY + "rollout: {environments: [production]}\n",
        ['2:25 "rollout.environments" must be a mapping of environment to percent and serve, not a list'],
    ),
    (
        "blank environment",
        KEY + "rollout: {environments: {'': {percent: 1}}}\n",
        ['2:26 each name in "rollout.environments" must be the name of an environment, not ""'],
    ),
    (
        "variants empty",
        KEY + "variants: {}\n",
        ['2:11 "variants" must be a mapping of variant to value, not an empty mapping'],
    ),
    (
        "variants list",
        KEY + "variants: [on, off]\n",
        ['2:11 "variants" must be a mapping of variant to value, not a list'],
    ),
    (
        "true and on",
        KEY + "variants: {true: 1, on: 2}\n",
        ['2:21 the variant "on" is there twice: true and false stand for on and off'],
    ),
    (
        "variant number type",
        KEY + "decision: {keep: [on]}\n",
        ['2:18 "decision.keep" must be a variant such as on or off, not a list'],
    ),
    (
        "mde",
        KEY + "experiment: {minimum_detectable_effect: two}\n",
        ['2:41 "experiment.minimum_detectable_effect" must be a percentage like 2% or a share like 0.02, not "two"'],
    ),
    (
        "mde zero",
        KEY + "experiment: {minimum_detectable_effect: 0%, alpha: 1, power: 0}\n",
        [
            '2:41 "experiment.minimum_detectable_effect" must be a percentage like 2% or a share like 0.02, not "0%"',
            '2:52 "experiment.alpha" must be a number between 0 and 1, not 1',
            '2:62 "experiment.power" must be a number between 0 and 1, not 0',
        ],
    ),
    (
        "targeting",
        KEY + "targeting:\n  - {question: q}\n  - enterprise\n",
        [
            '3:6 "targeting.0.segment" is missing: write the name of a group of users',
            '4:5 "targeting.1" must be a mapping with segment, question and review_by, not "enterprise"',
        ],
    ),
    (
        "nasty quoted",
        KEY + 'type: "a\\nb\\u202e' + "x" * 100 + '"\n',
        ['2:7 "type" must be one of release, experiment, ops, permission, not "a\\nb\\u202e' + "x" * 49 + '…"'],
    ),
    (
        "required and empty",
        KEY + "targeting:\n  - segment:\n",
        ['3:13 "targeting.0.segment" is empty: write the name of a group of users'],
    ),
    ("nasty field", KEY + '"bad\\nfield": 1\n', ['2:1 unknown field "bad\\nfield"']),
    (
        "alias bad value",
        "key: a\nvariants: {on: &x 7}\nowner: ok\nrollout: {plan: *x}\n",
        ['2:16 "rollout.plan" must be a list of numbers from 0 to 100, not 7'],
    ),
    ("empty tag null", KEY + "owner: !!null\n", ['2:8 "owner" is empty: write a team or a person, or delete the line']),
    ("plain str null", KEY + "owner: null\n", ['2:8 "owner" is empty: write a team or a person, or delete the line']),
]


@pytest.mark.parametrize(("text", "expected"), [pytest.param(*case[1:], id=case[0]) for case in MALFORMED])
def test_every_problem_is_named_where_it_stands(text: str, expected: list[str]) -> None:
    assert problems(text) == expected


def in_words(schema: object, path: str = "") -> list[str]:
    """The fields of a schema, at any depth, that have no description."""
    if isinstance(schema, list):
        return [found for item in schema for found in in_words(item, path)]
    if not isinstance(schema, dict):
        return []
    missing = [
        f"{path}.{name}"
        for name, field in schema.get("properties", {}).items()
        if not field.get("description") or not field.get("title")
    ]
    return missing + [found for name, part in schema.items() for found in in_words(part, f"{path}.{name}")]


def test_every_field_tells_an_editor_what_it_is() -> None:
    assert in_words(flag_schema()) == in_words(metrics_schema()) == []
    assert flag_schema()["required"] == ["key"]


def test_the_schema_has_every_field_of_a_flag_and_no_other() -> None:
    derived = {"first", "places"}
    assert set(flag_schema()["properties"]) == {field.name for field in fields(Flag)} - derived


EXAMPLE = Path(__file__).parent / "complete.yaml"

FOR_OTHER_TOOLS: list[tuple[str, str, bool]] = [
    ("least", "key: a\n", True),
    ("unquoted days", "key: a\nexpires: 2026-05-01\n", True),
    ("true for on", "key: a\non_removal: true\nvariants: {true: 1, false: 2}\n", True),
    ("no key", "owner: x\n", False),
    ("unknown field", "key: a\nonwer: x\n", False),
    ("no such day", "key: a\nexpires: 2026-13-45\n", False),
    ("a time", "key: a\ncreated: 2026-05-01T10:00:00Z\n", False),
    ("blank", "key: a\nowner: '  '\n", False),
    ("enum", "key: a\ntype: relese\n", False),
    ("range", "key: a\nrollout: {environments: {production: {percent: 150}}}\n", False),
]


@pytest.mark.parametrize(("text", "is_valid"), [pytest.param(*case[1:], id=case[0]) for case in FOR_OTHER_TOOLS])
def test_other_tools_judge_alike(text: str, is_valid: bool, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text, encoding="utf-8")
    assert check_jsonschema(file) is is_valid
    assert (problems(text) == []) is is_valid


def test_the_complete_example_is_valid_everywhere() -> None:
    assert check_jsonschema(EXAMPLE)
    assert problems(EXAMPLE.read_bytes()) == []


def check_jsonschema(file: Path) -> bool:
    """What the published validator says, with the schema as it is published."""
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(SCHEMA), str(file)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
