"""What LaunchDarkly's API lists and its SDKs read: what is taken over, and what is said not to be."""

from __future__ import annotations

from typing import Any

import pytest
from exchange import Write, flags, imported, one, plain

from flagctl.model import InputError

BOOLEAN: list[dict[str, Any]] = [{"_id": "a", "value": True, "name": "Shown"}, {"_id": "b", "value": False}]


def flag(**changes: Any) -> dict[str, Any]:
    return {
        "key": "new-checkout",
        "name": "New checkout",
        "kind": "boolean",
        "description": "One page",
        "_version": 3,
        "creationDate": 1646179200000,
        "includeInSnippet": False,
        "clientSideAvailability": {"usingMobileKey": False, "usingEnvironmentId": False},
        "variations": BOOLEAN,
        "temporary": True,
        "tags": [],
        "_links": {},
        "maintainerId": "569f183514f4432160000007",
        "_maintainer": {"_id": "569f183514f4432160000007", "role": "admin", "email": "ariel@example.com"},
        "goalIds": [],
        "experiments": {"baselineIdx": 0, "items": []},
        "customProperties": {},
        "archived": False,
        "defaults": {"onVariation": 0, "offVariation": 1},
        **changes,
    }


def environment(**changes: Any) -> dict[str, Any]:
    return {
        "on": True,
        "archived": False,
        "salt": "s",
        "targets": [],
        "contextTargets": [],
        "rules": [],
        "fallthrough": {"variation": 0},
        "offVariation": 1,
        "prerequisites": [],
        "_environmentName": "Production",
        **changes,
    }


def rollout(*weights: int, **more: Any) -> dict[str, Any]:
    variations = [{"variation": index, "weight": weight} for index, weight in enumerate(weights)]
    return {"fallthrough": {"rollout": {"variations": variations, **more}}}


def listed(*items: dict[str, Any]) -> dict[str, Any]:
    return {"items": list(items), "_links": {}, "totalCount": len(items)}


def test_a_flag_whole(write: Write) -> None:
    environments = {"production": environment(**rollout(25_500, 74_500)), "test": environment(on=False)}
    more = {"deprecated": True, "tags": ["q3"], "customProperties": {"jira.issues": {"name": "J", "value": ["PAY-1"]}}}
    sides = {"clientSideAvailability": {"usingMobileKey": False, "usingEnvironmentId": True}}
    document = listed(flag(environments=environments, **more, **sides), flag(key="gone", archived=True))
    root = write({"README.md": "-"})
    found = imported(root, "launchdarkly", document)
    [notes] = found.written.values()
    assert plain(flags(root)["new-checkout"]) == {
        "description": "One page",
        "type": "release",
        "owner": "ariel@example.com",
        "created": "2022-03-02",
        "adopted": "2026-06-15",
        "expires": "2026-07-25",
        "expected_end_state": "remove",
        "rollout": {
            "environments": {
                "production": {"percent": 25.5, "serve": "on"},
                "test": {"percent": 0, "serve": "on"},
            }
        },
    }
    assert notes == [
        "type release, and is to go: it is temporary",
        "tags are not carried over: q3",
        "is marked deprecated",
        "custom properties are not carried over: jira.issues",
        "that clients may read it is not carried over",
    ]
    assert found.left_alone == [("gone", "is archived")]


RULE = {"clauses": [{"attribute": "country", "op": "in", "values": ["ch"]}], "variation": 0}
PEOPLE = [{"values": ["ann", "bob"], "variation": 0}]


@pytest.mark.parametrize(
    ("changes", "served"),
    [
        ({}, {"percent": 100, "serve": "on"}),
        ({"fallthrough": {"variation": 1}}, {"percent": 0, "serve": "on"}),
        (rollout(33_333, 66_667), {"percent": 33.333, "serve": "on"}),
        (rollout(0, 100_000), {"percent": 0, "serve": "on"}),
        ({"on": False}, {"percent": 0, "serve": "on"}),
        ({"on": False, "offVariation": 0}, {"percent": 100, "serve": "on"}),
        ({"on": False, "rules": [RULE]}, {"percent": 0, "serve": "on"}),
        ({"rules": [{**RULE, "disabled": True}]}, {"percent": 100, "serve": "on"}),
        ({"targets": [{"values": [], "variation": 0}]}, {"percent": 100, "serve": "on"}),
        ({"rules": [RULE]}, "1 rule; all others get on 100%"),
        ({"rules": [RULE], "targets": PEOPLE}, "1 rule and 2 individual targets; all others get on 100%"),
        ({"contextTargets": PEOPLE, **rollout(1, 3)}, "2 individual targets; all others get on 25%, off 75%"),
        (rollout(50_000, 50_000, kind="experiment"), "an experiment; all others get on 50%, off 50%"),
        (rollout(50_000, 50_000, experimentAllocation={"type": "x"}), "an experiment; all others get on 50%, off 50%"),
        ({"fallthrough": {}}, "nothing is served"),
        (rollout(0, 0), "nothing is served"),
    ],
)
def test_percent_is_taken_over_where_it_is_the_whole_truth(write: Write, changes: dict[str, Any], served: Any) -> None:
    document = listed(flag(environments={"production": environment(**changes)}))
    fields, notes = one(write({"README.md": "-"}), "launchdarkly", document)
    if isinstance(served, str):
        assert "rollout" not in fields
        assert notes[-1] == f"production: is not one percentage, and is not carried over: {served}"
    else:
        assert fields["rollout"]["environments"] == {"production": served}
        assert len(notes) == 1


def test_off_without_a_variation(write: Write) -> None:
    document = listed(flag(environments={"production": environment(on=False, offVariation=None)}))
    fields, notes = one(write({"README.md": "-"}), "launchdarkly", document)
    assert "rollout" not in fields
    assert notes[-1] == "production: is off without a variation for that: code gets its own default"


def test_bucketing_is_said(write: Write) -> None:
    document = listed(flag(environments={"production": environment(**rollout(50_000, 50_000, bucketBy="country"))}))
    _, notes = one(write({"README.md": "-"}), "launchdarkly", document)
    assert notes[-1] == "production: who gets it is not carried over: by country"


@pytest.mark.parametrize(
    ("values", "variants"),
    [
        ([True, False], None),
        ([False, True], None),
        (["control", "one-page"], {"control": "control", "one-page": "one-page"}),
        ([10, 20.5], {"Name 0": 10, "Name 1": 20.5}),
        ([{"a": 1}, {"a": 2}], {"Name 0": {"a": 1}, "Name 1": {"a": 2}}),
        (["true", "on", "x" * 61, "", " y", "a\nb"], ["on", "Name 1", "Name 2", "Name 3", "Name 4", "Name 5"]),
        ([[], None], {"Name 0": [], "Name 1": None}),
        (["same", "same"], {"same": "same", "Name 1": "same"}),
    ],
)
def test_variants(write: Write, values: list[Any], variants: Any) -> None:
    variations = [{"value": value, "name": f"Name {index}"} for index, value in enumerate(values)]
    fields, _ = one(write({"README.md": "-"}), "launchdarkly", listed(flag(variations=variations)))
    expected = dict(zip(variants, values, strict=True)) if isinstance(variants, list) else variants
    assert fields.get("variants") == expected


def test_variants_without_names(write: Write) -> None:
    variations = [{"value": {"a": 1}}, {"value": "variation-3"}, {"value": 1.5}, {"value": {"a": 2}}]
    fields, _ = one(write({"README.md": "-"}), "launchdarkly", listed(flag(variations=variations)))
    assert list(fields["variants"]) == ["variation-0", "variation-3", "1.5", "variation-3-1"]


def test_percent_of_two_variants_needs_one_that_is_off(write: Write) -> None:
    variations = [{"value": "old"}, {"value": "new"}, {"value": "newest"}]
    environments = {
        "a": environment(offVariation=0, **rollout(90_000, 10_000)),
        "b": environment(offVariation=2, **rollout(90_000, 10_000)),
        "c": environment(offVariation=0, **rollout(80_000, 10_000, 10_000)),
    }
    document = listed(flag(variations=variations, environments=environments))
    fields, notes = one(write({"README.md": "-"}), "launchdarkly", document)
    assert fields["rollout"]["environments"] == {"a": {"percent": 10, "serve": "new"}}
    assert notes[-2:] == [
        "b: is not one percentage, and is not carried over: old 90%, new 10%",
        "c: is not one percentage, and is not carried over: old 80%, new 10%, newest 10%",
    ]


@pytest.mark.parametrize(
    ("changes", "kind", "end"),
    [
        ({"temporary": True}, "release", "remove"),
        ({"temporary": False}, "ops", "keep"),
        ({"temporary": False, "tags": ["x", "Entitlement"]}, "permission", "keep"),
        ({"temporary": True, "tags": ["experiment"]}, "experiment", "remove"),
        ({"temporary": True, "tags": ["ops", "experiment"]}, "release", "remove"),
        ({"temporary": None}, None, None),
    ],
)
def test_type(write: Write, changes: dict[str, Any], kind: str | None, end: str | None) -> None:
    fields, notes = one(write({"README.md": "-"}), "launchdarkly", listed(flag(**changes)))
    assert (fields.get("type"), fields.get("expected_end_state")) == (kind, end)
    assert ("expires" in fields, "review_by" in fields) == (end == "remove", end == "keep")
    assert any(note.startswith("type ") for note in notes) is (kind is not None)
    assert "justification" not in fields


TEAM = "the team that maintains it is not carried over: payments"


@pytest.mark.parametrize(
    ("changes", "owner", "note"),
    [
        ({}, "ariel@example.com", None),
        ({"_maintainer": None}, None, "of its maintainer only the id is known: 569f183514f4432160000007"),
        ({"_maintainer": None, "maintainerId": None}, None, None),
        ({"_maintainer": None, "maintainerTeamKey": "payments"}, "payments", None),
        ({"_maintainerTeam": {"key": "payments"}}, "ariel@example.com", TEAM),
    ],
)
def test_owner(write: Write, changes: dict[str, Any], owner: str | None, note: str | None) -> None:
    fields, notes = one(write({"README.md": "-"}), "launchdarkly", listed(flag(**changes)))
    assert fields.get("owner") == owner
    assert notes[1:] == ([note] if note else [])


def test_prerequisites(write: Write) -> None:
    needs = [{"key": "base", "variation": 0}, {"key": "other", "variation": 0}, {"key": "base-2", "variation": 1}]
    document = listed(
        flag(environments={"production": environment(prerequisites=needs)}), flag(key="base"), flag(key="base-2")
    )
    root = write({"README.md": "-"})
    found = imported(root, "launchdarkly", document)
    fields = plain(flags(root)["new-checkout"])
    assert fields["depends_on"] == ["base"]
    assert fields["rollout"]["environments"]["production"] == {"percent": 100, "serve": "on"}
    assert found.written["flags/new-checkout.yaml"][1:] == [
        "production: that it needs a certain value of other is not carried over",
        "production: that it needs a certain value of base-2 is not carried over",
    ]


@pytest.mark.parametrize(
    ("variations", "served"),
    [
        ({"0": {"rules": 0, "nullRules": 0, "targets": 0, "isFallthrough": True}, "1": {"isOff": True}}, 100),
        ({"0": {"isFallthrough": True, "rollout": 20_000}, "1": {"isFallthrough": True, "rollout": 80_000}}, 20),
        ({"0": {"rules": 2, "isFallthrough": True}, "1": {"isOff": True}}, None),
        ({"0": {"isFallthrough": True}, "1": {"isOff": True, "contextTargets": 1}}, None),
    ],
)
def test_summary_in_place_of_rules(write: Write, variations: dict[str, Any], served: float | None) -> None:
    """A list has no more than this unless it is asked for with `summary=0`."""
    state = {"on": True, "_environmentName": "P", "_summary": {"variations": variations, "prerequisites": 1}}
    document = listed(flag(environments={"production": state}))
    fields, notes = one(write({"README.md": "-"}), "launchdarkly", document)
    expected = None if served is None else {"environments": {"production": {"percent": served, "serve": "on"}}}
    assert fields.get("rollout") == expected
    assert notes[1] == "production: which flags it needs is not in the list (1); ask for it with summary=0"


def test_single_flag_and_a_name_that_says_more_than_the_key(write: Write) -> None:
    fields, _ = one(write({"README.md": "-"}), "launchdarkly", flag(description=""))
    assert fields["description"] == "New checkout"


def test_file_of_an_sdk(write: Write) -> None:
    document = {
        "flags": {
            "a": {"key": "a", "on": True, "fallthrough": {"variation": 2}, "variations": ["fall", "off", "on"]},
            "b": {"key": "b", "on": True, "variations": [False, True], **rollout(40_000, 60_000)},
            "c": {"key": "c", "on": True},
            "d": {"key": "d", "on": False, "offVariation": 1, "variations": ["x", "y"]},
        },
        "flagValues": {"e": "value", "f": True, "g": False},
        "segments": {"s": {"key": "s", "included": ["u"]}},
    }
    root = write({"README.md": "-"})
    found = imported(root, "launchdarkly", document)
    served = {key: plain(each).get("rollout", {}).get("environments") for key, each in flags(root).items()}
    assert served == {
        "a": {"production": {"percent": 100, "serve": "on"}},
        "b": {"production": {"percent": 60, "serve": "on"}},
        "c": None,
        "d": {"production": {"percent": 100, "serve": "y"}},
        "e": {"production": {"percent": 100, "serve": "value"}},
        "f": {"production": {"percent": 100, "serve": "on"}},
        "g": {"production": {"percent": 0, "serve": "on"}},
    }
    assert found.notes == ["segments are not carried over", "type, owner and dates are not in such a file"]


@pytest.mark.parametrize("date", [10**20, -(10**18), 0])
def test_days_that_are_none(write: Write, date: int) -> None:
    fields, _ = one(write({"README.md": "-"}), "launchdarkly", listed(flag(creationDate=date)))
    assert "created" not in fields


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, r'given\.json: neither "items" nor "flags" is there: this is no list of flags of LaunchDarkly'),
        ({"items": 3}, '"items" must be an array, not a number'),
        ({"items": [{}]}, r'"items\[0\].key" must be the name of a flag, not null'),
        ({"items": [{"key": "x", "variations": ["a"]}]}, r'"items\[0\].variations\[0\]" must be an object, not "a"'),
        (
            listed(flag(environments={"p": environment(fallthrough={"variation": -1})})),
            r'"items\[0\].environments.p.fallthrough.variation" must be the number of a variation',
        ),
        (
            listed(flag(environments={"p": {"on": True, "_summary": {"variations": {"x": {}}}}})),
            r'"items\[0\].environments.p._summary.variations.x" must be the number of a variation',
        ),
    ],
)
def test_wrong_shape(write: Write, document: object, message: str) -> None:
    root = write({"README.md": "-"})
    with pytest.raises(InputError, match=message):
        imported(root, "launchdarkly", document)
    assert not (root / "flags").exists()
