"""Whatever stands in a document in place of what should, it is read or named, and nothing else happens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import test_interchange_launchdarkly as launchdarkly
import test_interchange_unleash as unleash
from exchange import official

from flagctl.interchange import READERS, Node, ShapeError

ODD: list[Any] = [None, True, 3, -1.5, 1e300, "", "x", "-1", [], {}, [[]], [None], {"a": {}}, [{"key": "k"}]]

SPLIT = {
    "key": "x",
    "state": "ENABLED",
    "variants": {"on": True, "off": False},
    "defaultVariant": "on",
    "metadata": {"aliases": "a b"},
    "targeting": {"fractional": [{"var": "x"}, ["on", 1], ["off", 9]]},
}
JSON_VARIANT = {"name": "a", "weight": 1, "payload": {"type": "json", "value": "1"}}
ENVIRONMENT = launchdarkly.environment(
    rules=[launchdarkly.RULE],
    targets=launchdarkly.PEOPLE,
    prerequisites=[{"key": "other", "variation": 0}],
    **launchdarkly.rollout(40_000, 60_000, bucketBy="country"),
)
SUMMARY = {
    "on": True,
    "_summary": {
        "variations": {"0": {"rules": 1, "targets": 1, "isFallthrough": True, "rollout": 5}, "1": {"isOff": True}}
    },
}
OF_AN_SDK = {
    "flags": {"a": {"on": True, "variations": [1, 2], "fallthrough": {"variation": 1}}},
    "flagValues": {"b": 1},
}
DOCUMENTS: list[tuple[str, Any]] = [
    ("openfeature", official("sample-manifest.json")),
    ("flagd", official("flagd-example.json")),
    ("flagd", {"metadata": {"owner": "me"}, "flags": [SPLIT]}),
    ("json", {"version": 1, "flags": [{"key": "x", "variants": {"on": True, "off": False}}]}),
    ("unleash", unleash.BATCH),
    ("unleash", unleash.state(constraints=unleash.IN_COUNTRY, variants=[JSON_VARIANT])),
    ("launchdarkly", launchdarkly.listed(launchdarkly.flag(environments={"production": ENVIRONMENT}))),
    ("launchdarkly", launchdarkly.listed(launchdarkly.flag(environments={"production": SUMMARY}))),
    ("launchdarkly", OF_AN_SDK),
]


def places(value: Any) -> Iterator[tuple[str | int, ...]]:
    yield ()
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, member in members:
        yield from ((step, *rest) for rest in places(member))


def with_odd(document: Any, place: tuple[str | int, ...], odd: Any) -> Any:
    changed = json.loads(json.dumps(document))
    if not place:
        return odd
    inner = changed
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = odd
    return changed


@pytest.mark.parametrize(("name", "document"), DOCUMENTS)
def test_every_place_may_hold_anything(name: str, document: Any) -> None:
    READERS[name](Node(document), "production")
    for place in places(document):
        for odd in ODD:
            with suppress(ShapeError):
                found = READERS[name](Node(with_odd(document, place, odd)), "production")
                assert all(flag.key and isinstance(flag.fields, dict) for flag in found.flags)
