"""What is exported is valid by the other tool's own schema, says what it lacks, and comes back as it was."""

from __future__ import annotations

import json
from typing import Any

import pytest
from exchange import Write, exported, flags, imported, official, plain
from jsonschema import Draft7Validator, Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7, DRAFT202012

from flagctl.definitions.schema import schema_text
from flagctl.model import InputError

FLAGD = Draft7Validator(
    official("flagd-flags.json"),
    registry=Registry().with_resource(
        "./targeting.json",  # beside a $ref, draft 7 has no $id that it could be relative to
        Resource.from_contents(official("flagd-targeting.json"), default_specification=DRAFT7),
    ),
)
MANIFEST = Draft7Validator(official("flag-manifest.json"))
OWN = Draft202012Validator(
    json.loads(schema_text("flags.v1.schema.json")),
    registry=Registry().with_resource(
        "urn:flagctl:schema:flag:v1",
        Resource.from_contents(json.loads(schema_text("flag.v1.schema.json")), default_specification=DRAFT202012),
    ),
)
VALIDATORS = {"flagd": FLAGD, "openfeature": MANIFEST, "json": OWN}

WHOLE = """\
key: new-checkout
description: "One-page checkout \\u202e"
type: experiment
owner: "@acme/payments"
reason: Cut the drop-off
created: 2026-03-02
adopted: 2026-03-03
expires: 2026-05-01
expected_end_state: remove
removal_criterion: 100% for 14 days
tracking: https://issues.example.com/PAY-812
on_removal: on
aliases: [newCheckout, new_checkout]
layer: application
depends_on: [payments-v2, routing]
impact: revenue
consistency: strong
refresh: push
on_failure: fail-closed
kill_switch: {kills_when: off, runbook: docs/checkout.md, exercised: 2026-04-01}
access: {toggle: ["@acme/oncall"], approve: ["@acme/leads"]}
rollout:
  plan: [0, 2.5, 100]
  gates: [error_rate]
  environments: {production: {percent: 12.5, serve: on}, staging: {percent: 100, serve: on}}
targeting:
  - {segment: enterprise, question: Do they?, review_by: 2026-05-01}
experiment:
  hypothesis: One page helps
  kpi: orders
  guardrails: [error_rate]
  unit: account
  arms: {off: 50, on: 50}
  control: off
  minimum_detectable_effect: 2%
  window: {start: 2026-03-10, end: 2026-04-10}
  stop_rule: Stop when it hurts
decision: {outcome: ship, keep: on, date: 2026-04-12, by: me, rationale: More, evidence: docs/x.md}
extensions:
  - {from: 2026-04-11, to: 2026-05-01, by: me, reason: Slipped}
"""
SCALARS = """\
key: scalars
variants: {a: "1e3", b: "0o17", c: "2026-01-01", d: "on", e: "null", f: "~", g: "", h: "1.10", i: "true", j: "x: y # z"}
"""
PROJECT = {
    "flags/whole.yaml": WHOLE,
    "flags/scalars.yaml": SCALARS,
    "flags/numbers.yaml": "key: numbers\nvariants: {one: 1, half: 0.5, huge: 100000000000000000000}\n",
    "flags/objects.yaml": "key: objects\nvariants: {one: {a: [1, null]}, two: {}}\n",
    "flags/standing.yaml": "key: Standing/One\nexpected_end_state: keep\nreview_by: 2026-12-01\njustification: Sold\n",
    "flags/off.yaml": "key: is-off\nrollout: {environments: {production: {percent: 0, serve: on}}}\n",
    "flags/full.yaml": "key: is-on\nrollout: {environments: {production: {percent: 100}}}\n",
    "flags/two.yaml": """\
key: two
variants: {old: stripe, new: adyen}
rollout: {environments: {production: {percent: 33.3, serve: new}}}
""",
    "flags/three.yaml": """\
key: three
variants: {off: none, red: "#f00", blue: "#00f"}
rollout: {environments: {production: {percent: 5, serve: blue}}}
""",
}


@pytest.mark.parametrize("name", VALIDATORS)
def test_what_is_exported_is_valid_sorted_and_always_the_same(write: Write, name: str) -> None:
    root = write(PROJECT)
    document, lost = exported(root, name)
    VALIDATORS[name].validate(document)
    keys = [each["key"] for each in document["flags"]] if name == "json" else list(document["flags"])
    assert keys == sorted(keys)
    assert len(keys) == len(PROJECT)
    assert exported(root, name) == (document, lost)


def test_the_schemas_are_real() -> None:
    """A schema that accepts everything would prove nothing."""
    broken: dict[str, Any] = {"flags": {"x": {"state": "ENABLED", "variants": {"on": True, "off": "no"}}}}
    assert not FLAGD.is_valid(broken)
    broken["flags"]["x"] = {"state": "ENABLED", "variants": {"on": True}, "targeting": {"fractional": [["on", 12.5]]}}
    assert not FLAGD.is_valid(broken)
    assert not MANIFEST.is_valid({"flags": {"x": {"flagType": "boolean", "defaultValue": "no"}}})
    assert not OWN.is_valid({"version": 1, "flags": [{"key": "x", "expries": "2026-01-01"}]})


def test_our_own_format_comes_back_whole(write: Write) -> None:
    root = write(PROJECT)
    before = flags(root)
    document, lost = exported(root, "json")
    assert lost == ()
    for path in (root / "flags").iterdir():
        path.unlink()
    imported(root, "json", document)
    after = flags(root)
    assert {key: plain(flag) for key, flag in after.items()} == {key: plain(flag) for key, flag in before.items()}
    assert [type(value) for value in after["scalars"].variants.values()] == [str] * 10
    assert (root / "flags/Standing-One.yaml").is_file()


def test_flagd_comes_back_as_far_as_it_can_say(write: Write) -> None:
    root = write(PROJECT)
    before = flags(root)
    document, lost = exported(root, "flagd")
    for path in (root / "flags").iterdir():
        path.unlink()
    imported(root, "flagd", document)
    after = flags(root)
    for key, flag in before.items():
        assert list(after[key].variants.items()) == list(flag.variants.items())
        for name in ("description", "type", "owner", "created", "expires", "review_by", "aliases", "depends_on"):
            assert getattr(after[key], name) == getattr(flag, name)
    served = {key: flag.rollout.environments["production"] for key, flag in after.items() if flag.rollout}
    assert {key: (each.percent, each.serve) for key, each in served.items()} == {
        "new-checkout": (12.5, "on"),
        "is-off": (0, "on"),
        "is-on": (100, "on"),
        "two": (33.3, "new"),
        "three": (5, "blue"),
    }
    assert [line for line in lost if line.startswith("new-checkout")] == [
        "new-checkout: not carried over: access, decision, experiment, extensions, kill_switch, targeting, "
        "rollout.plan, rollout.gates, rollout in staging"
    ]


@pytest.mark.parametrize(
    ("yaml", "entry"),
    [
        ("", {"state": "DISABLED"}),
        ("rollout: {environments: {staging: {percent: 50, serve: on}}}", {"state": "DISABLED"}),
        ("rollout: {environments: {production: {serve: on}}}", {"state": "DISABLED"}),
        ("rollout: {environments: {production: {percent: 0, serve: off}}}", {"state": "DISABLED"}),
        ("rollout: {environments: {production: {percent: 50, serve: blue}}}", {"state": "DISABLED"}),
        (
            "rollout: {environments: {production: {percent: 100, serve: off}}}",
            {"state": "ENABLED", "defaultVariant": "off"},
        ),
        (
            "rollout: {environments: {production: {percent: 0.1}}}",
            {
                "state": "ENABLED",
                "defaultVariant": "off",
                "targeting": {"fractional": [["on", 1], ["off", 999]]},
            },
        ),
        (
            "rollout: {environments: {production: {percent: 30, serve: off}}}",
            {"state": "ENABLED", "defaultVariant": "on", "targeting": {"fractional": [["off", 30], ["on", 70]]}},
        ),
    ],
)
def test_flagd_serves_what_the_definition_says(write: Write, yaml: str, entry: dict[str, Any]) -> None:
    document, lost = exported(write({"flags/x.yaml": f"key: x\n{yaml}\n"}), "flagd")
    FLAGD.validate(document)
    assert document["flags"]["x"] == {**entry, "variants": {"on": True, "off": False}}
    assert any("it is DISABLED" in line for line in lost) is (entry["state"] == "DISABLED")


def test_flagd_of_another_environment(write: Write) -> None:
    root = write({"flags/x.yaml": WHOLE})
    assert exported(root, "flagd", "staging")[0]["flags"]["new-checkout"]["defaultVariant"] == "on"
    assert exported(root, "flagd", "nowhere")[0]["flags"]["new-checkout"]["state"] == "DISABLED"


@pytest.mark.parametrize(
    ("yaml", "kind", "default"),
    [
        ("", "boolean", False),
        ("on_failure: fail-closed", "boolean", False),
        ("on_failure: fail-open", "boolean", True),
        ("on_failure: last-known-good", "boolean", False),
        ("variants: {yes: true, no: false}", "boolean", False),
        ("variants: {a: x, off: y}", "string", "y"),
        ("variants: {a: x, b: y}", "string", "x"),
        ("variants: {a: x, b: y}\nexperiment: {control: b}", "string", "y"),
        ("variants: {a: 1, b: 2}", "integer", 1),
        ("variants: {a: 1.0, b: 2}", "float", 1.0),
        ("variants: {a: {x: 1}, b: [2]}", "object", {"x": 1}),
    ],
)
def test_manifest_has_what_code_falls_back_to(write: Write, yaml: str, kind: str, default: object) -> None:
    document, lost = exported(write({"flags/x.yaml": f"key: x\n{yaml}\n"}), "openfeature")
    MANIFEST.validate(document)
    assert document["flags"]["x"] == {"flagType": kind, "defaultValue": default}
    is_sure = kind == "boolean" or "off" in yaml or "control" in yaml
    assert any("nothing says which" in line for line in lost) is not is_sure
    assert any("defaultValue cannot say" in line for line in lost) is ("last-known-good" in yaml)


def test_manifest_says_what_it_lacks(write: Write) -> None:
    yaml = "key: x\nowner: me\ncreated: 2026-01-01\nvariants: {a: x, off: y}\n"
    _, lost = exported(write({"flags/x.yaml": yaml}), "openfeature")
    assert lost == ("x: not carried over: variants (a)", "x: not carried over: created, owner")


@pytest.mark.parametrize("name", ["flagd", "openfeature"])
@pytest.mark.parametrize("variants", ["{a: 1, b: x}", "{a: true, b: 1}", "{a: null}", "{a: true, b: null}"])
def test_variants_of_several_types_are_left_out_and_said(write: Write, name: str, variants: str) -> None:
    root = write({"flags/x.yaml": f"key: x\nvariants: {variants}\n", "flags/y.yaml": "key: y\n"})
    document, lost = exported(root, name)
    assert list(document["flags"]) == ["y"]
    assert lost[0].startswith("x: left out: the values of its variants ")


def test_what_cannot_be_read_or_is_there_twice_is_said(write: Write) -> None:
    files = {"flags/a.yaml": "key: x\nowner: one\n", "flags/b.yaml": "key: x\nowner: two\n", "flags/c.yaml": "ky: z\n"}
    document, lost = exported(write(files), "json")
    assert [each["owner"] for each in document["flags"]] == ["one"]
    assert lost == (
        "1 definition was passed over (FLG001)",
        "x: defined twice: flags/a.yaml:1 is taken, flags/b.yaml:1 left out",
    )


def test_nothing_to_export(write: Write) -> None:
    with pytest.raises(InputError, match="no definitions to export"):
        exported(write({"README.md": "-"}), "json")
