"""Exports of Unleash, of all ages: what is taken over, and what is said not to be."""

from __future__ import annotations

from typing import Any

import pytest
from exchange import Write, flags, imported, one, plain

from flagctl.model import InputError

BATCH: dict[str, Any] = {
    "features": [
        {
            "name": "new-checkout",
            "description": "One page\r\nfor all",
            "type": "release",
            "project": "shop",
            "stale": True,
            "impressionData": True,
            "archived": False,
        },
        {"name": "mail", "description": None, "type": "kill-switch", "project": "default", "archived": False},
        {"name": "gone", "type": "release", "archived": True},
    ],
    "featureStrategies": [
        {
            "name": "flexibleRollout",
            "id": "1",
            "featureName": "new-checkout",
            "parameters": {"groupId": "new-checkout", "rollout": "50", "stickiness": "default"},
            "constraints": [],
            "segments": [],
            "variants": [],
            "disabled": False,
        },
        {"name": "default", "id": "2", "featureName": "mail", "parameters": {}, "constraints": [], "segments": []},
    ],
    "featureEnvironments": [
        {"enabled": True, "environment": "live", "featureName": "new-checkout", "name": "new-checkout", "variants": []},
        {"enabled": True, "environment": "live", "featureName": "mail", "name": "mail", "variants": []},
    ],
    "contextFields": [],
    "featureTags": [{"featureName": "new-checkout", "tagType": "simple", "tagValue": "q3"}],
    "segments": [],
    "tagTypes": [],
    "dependencies": [
        {
            "feature": "new-checkout",
            "dependencies": [
                {"feature": "mail", "enabled": True, "variants": []},
                {"feature": "old", "enabled": False},
                {"feature": "look", "variants": ["blue"]},
            ],
        }
    ],
    "links": [{"feature": "new-checkout", "links": [{"id": "x", "url": "https://example.com/PAY-1", "title": None}]}],
}


def test_export_of_one_environment(write: Write) -> None:
    root = write({"README.md": "-"})
    found = imported(root, "unleash", BATCH)
    assert {key: plain(flag) for key, flag in flags(root).items()} == {
        "new-checkout": {
            "description": "One page\nfor all",
            "type": "release",
            "adopted": "2026-06-15",
            "expires": "2026-07-25",
            "expected_end_state": "remove",
            "tracking": "https://example.com/PAY-1",
            "depends_on": ["mail"],
            "rollout": {"environments": {"live": {"percent": 50, "serve": "on"}}},
        },
        "mail": {
            "type": "ops",
            "adopted": "2026-06-15",
            "review_by": "2026-12-12",
            "expected_end_state": "keep",
            "rollout": {"environments": {"live": {"percent": 100, "serve": "on"}}},
        },
    }
    assert found.written["flags/new-checkout.yaml"] == [
        "type release, and is to go: its type in Unleash is release",
        "that it needs old where that is off is not carried over",
        "that it needs look where that has a certain variant is not carried over",
        "tags are not carried over: simple:q3",
        "is marked stale",
        "its project is not carried over: shop",
        "that impressions are recorded is not carried over",
    ]
    assert found.left_alone == [("gone", "is archived")]
    assert found.notes == ["owners and dates are not in the export"]
    assert not found.refused


def state(enabled: bool = True, **changes: object) -> dict[str, Any]:
    """An export of the older kind, of one flag in two environments, with one strategy in production."""
    strategy = {
        "id": "s",
        "featureName": "x",
        "environment": "production",
        "strategyName": "flexibleRollout",
        "parameters": {"groupId": "x", "rollout": 20, "stickiness": "default"},
        "constraints": [],
        **changes,
    }
    return {
        "version": 4,
        "features": [{"name": "x", "createdAt": "2022-08-19T11:12:02.559Z", "variants": []}],
        "featureStrategies": [strategy],
        "featureEnvironments": [
            {"enabled": enabled, "featureName": "x", "environment": "production"},
            {"enabled": False, "featureName": "x", "environment": "development"},
        ],
    }


def test_state_of_all_environments(write: Write) -> None:
    fields, notes = one(write({"README.md": "-"}), "unleash", state())
    assert fields == {
        "created": "2022-08-19",
        "adopted": "2026-06-15",
        "rollout": {
            "environments": {
                "production": {"percent": 20, "serve": "on"},
                "development": {"percent": 0, "serve": "on"},
            }
        },
    }
    assert notes == []


IN_COUNTRY = [{"contextName": "country", "operator": "IN", "values": ["CH"]}]


@pytest.mark.parametrize(
    ("changes", "percent"),
    [
        ({"strategyName": "default", "parameters": {}}, 100),
        ({"strategyName": "gradualRolloutUserId", "parameters": {"percentage": "30"}}, 30),
        ({"strategyName": "gradualRolloutRandom", "parameters": {"percentage": 0}}, 0),
        ({"parameters": {"rollout": "33.3"}}, 33.3),
        ({"constraints": IN_COUNTRY}, None),
        ({"segments": [1]}, None),
        ({"disabled": True}, None),
        ({"strategyName": "userWithId", "parameters": {"userIds": "1,2"}}, None),
        ({"strategyName": "theirOwn", "parameters": {"rollout": "50"}}, None),
        ({"parameters": {"rollout": "500"}}, None),
        ({"parameters": {}}, None),
    ],
)
def test_percent_is_taken_over_where_it_is_the_whole_truth(
    write: Write, changes: dict[str, Any], percent: float | None
) -> None:
    fields, notes = one(write({"README.md": "-"}), "unleash", state(**changes))
    served = fields["rollout"]["environments"].get("production")
    assert served == (None if percent is None else {"percent": percent, "serve": "on"})
    assert any("production is not one percentage" in note for note in notes) is (percent is None)


def test_several_strategies(write: Write) -> None:
    document = state()
    document["featureStrategies"].append({**document["featureStrategies"][0], "id": "t", "constraints": IN_COUNTRY})
    fields, notes = one(write({"README.md": "-"}), "unleash", document)
    assert "production" not in fields["rollout"]["environments"]
    assert notes == [
        "production is not one percentage, and is not carried over: "
        "strategy flexibleRollout; strategy flexibleRollout with 1 constraint"
    ]


def test_one_strategy_for_everybody_beats_all_others(write: Write) -> None:
    document = state(constraints=IN_COUNTRY)
    document["featureStrategies"].append({"featureName": "x", "environment": "production", "strategyName": "default"})
    fields, _ = one(write({"README.md": "-"}), "unleash", document)
    assert fields["rollout"]["environments"]["production"] == {"percent": 100, "serve": "on"}


def test_segments_of_older_exports(write: Write) -> None:
    document = {**state(), "featureStrategySegments": [{"featureStrategyId": "s", "segmentId": 1}]}
    fields, _ = one(write({"README.md": "-"}), "unleash", document)
    assert "production" not in fields["rollout"]["environments"]


def test_bucketing_is_said(write: Write) -> None:
    document = state(parameters={"rollout": 20, "stickiness": "random", "groupId": "other"})
    _, notes = one(write({"README.md": "-"}), "unleash", document)
    assert notes == ["who gets it is not carried over: by random", "who gets it is not carried over: group other"]


@pytest.mark.parametrize(
    ("environments", "strategies"),
    [
        ({"enabled": True, "strategies": [{"name": "gradualRolloutRandom", "parameters": {"percentage": "29"}}]}, []),
        (
            {},
            [
                {
                    "featureName": "x",
                    "environment": ":global:",
                    "strategyName": "gradualRolloutRandom",
                    "parameters": {"percentage": "29"},
                }
            ],
        ),
    ],
)
def test_export_without_environments(write: Write, environments: dict[str, Any], strategies: list[Any]) -> None:
    document = {
        "version": 1,
        "features": [{"name": "x", **environments}],
        "featureStrategies": strategies,
        "featureEnvironments": [{"featureName": "x", "environment": ":global:", "enabled": True}] if strategies else [],
    }
    root = write({"flagctl.toml": 'environment = "live"\n'})
    fields, notes = one(root, "unleash", document)
    assert fields["rollout"]["environments"] == {"live": {"percent": 29, "serve": "on"}}
    assert notes == ["the export knows no environments: what it says is taken for live"]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("release", {"type": "release", "expected_end_state": "remove", "expires": "2026-07-25"}),
        ("experiment", {"type": "experiment", "expected_end_state": "remove", "expires": "2026-07-25"}),
        ("operational", {"type": "ops", "expected_end_state": "remove", "expires": "2026-12-12"}),
        ("kill-switch", {"type": "ops", "expected_end_state": "keep", "review_by": "2026-12-12"}),
        ("permission", {"type": "permission", "expected_end_state": "keep", "review_by": "2027-06-15"}),
        ("sunset", {}),
    ],
)
def test_type(write: Write, kind: str, fields: dict[str, str]) -> None:
    found, notes = one(write({"README.md": "-"}), "unleash", {"features": [{"name": "x", "type": kind}]})
    assert found == {"adopted": "2026-06-15", **fields}
    assert len(notes) == 1
    assert kind in notes[0]


def test_variants_have_the_values_that_code_gets(write: Write) -> None:
    payloads: dict[str, Any] = {
        "plain": None,
        "text": {"type": "string", "value": "1e3"},
        "number": {"type": "number", "value": "1.50"},
        "tree": {"type": "json", "value": '{"a": [1]}'},
        "broken": {"type": "json", "value": "{"},
        "deep": {"type": "json", "value": "[" * 100_000},
        "nan": {"type": "number", "value": "NaN"},
        "csv": {"type": "csv", "value": "a,b"},
    }
    variants = [{"name": name, "weight": 125, "payload": payload} for name, payload in payloads.items()]
    fields, notes = one(write({"README.md": "-"}), "unleash", {"features": [{"name": "x", "variants": variants}]})
    assert fields["variants"] == {
        "plain": "plain",
        "text": "1e3",
        "number": 1.5,
        "tree": {"a": [1]},
        "broken": "{",
        "deep": "[" * 100_000,
        "nan": "NaN",
        "csv": "a,b",
    }
    assert notes[0].startswith("how variants are shared out is not carried over (plain 12.5%, ")


def test_variants_of_strategies_and_environments(write: Write) -> None:
    blue = {"name": "blue", "weight": 1000, "payload": {"type": "string", "value": "#00f"}}
    red = {"name": "red", "weight": 0, "payload": {"type": "string", "value": "#f00"}}
    document = state(variants=[{**blue, "overrides": [{"contextName": "userId", "values": ["1"]}]}])
    document["featureEnvironments"][1]["variants"] = [{**blue, "payload": {"type": "string", "value": "#00e"}}, red]
    fields, notes = one(write({"README.md": "-"}), "unleash", document)
    assert fields["variants"] == {"blue": "#00f", "red": "#f00"}
    assert fields["rollout"]["environments"]["production"] == {"percent": 20}
    assert "variant blue has several values, of which the first is taken" in notes
    assert "users who always get variant blue are not carried over" in notes


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, r'given\.json: "features" is missing: this is no export of Unleash'),
        ({"features": {}}, '"features" is missing'),
        ([], r"given\.json: the document must be an object, not an array"),
        ({"features": [3]}, r'"features\[0\]" must be an object, not a number'),
        ({"features": [{"name": ""}]}, r'"features\[0\].name" must be the name of a flag, not ""'),
        ({"features": [{"name": "x", "type": 1}]}, r'"features\[0\].type" must be a string, not a number'),
        ({"features": [{"name": "x", "archived": "no"}]}, 'archived" must be true or false, not "no"'),
        (
            state(parameters={"rollout": "half"}),
            r'"featureStrategies\[0\].parameters.rollout" must be a number, not "half"',
        ),
    ],
)
def test_wrong_shape(write: Write, document: object, message: str) -> None:
    root = write({"README.md": "-"})
    with pytest.raises(InputError, match=message):
        imported(root, "unleash", document)
    assert not (root / "flags").exists()
