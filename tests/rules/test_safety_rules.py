"""FLG4xx: what stands between a flag and harm."""

from __future__ import annotations

import pytest
from rule_cases import check, mention, place, reference, verdicts, whole

from flagctl.model import Kind, Thresholds

PROTECTED = "key: a-b\nimpact: revenue\nconsistency: strong\nrefresh: push\non_failure: fail-closed\n"

# --- FLG401, FLG408 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        (PROTECTED, None),
        (PROTECTED.replace("revenue", "trust"), None),
        (PROTECTED.replace("fail-closed", "last-known-good"), None),
        (PROTECTED.replace("strong", "eventual"), "consistency"),
        (PROTECTED.replace("push", "poll"), "refresh"),
        (PROTECTED.replace("push", "event"), "refresh"),
        (PROTECTED.replace("on_failure: fail-closed\n", ""), "on_failure"),
        ("key: a-b\nimpact: trust\n", "consistency and refresh and on_failure"),
        ("key: a-b\nimpact: internal\n", None),
        ("key: a-b\nimpact: cosmetic\nconsistency: eventual\n", None),
        ("key: a-b\n", None),
    ],
)
def test_unprotected(text: str, lacking: str | None) -> None:
    found = check("FLG401", whole(text))
    assert [each.message.partition("protected: ")[2] for each in found] == ([lacking] if lacking else [])
    assert all(place(each) == "flags/1.yaml:2:9" for each in found)


@pytest.mark.parametrize(
    ("text", "fires"),
    [
        (PROTECTED, True),
        (f"{PROTECTED}kill_switch: {{kills_when: off}}\n", False),
        ("key: a-b\nimpact: internal\n", False),
        ("key: a-b\n", False),
    ],
)
def test_no_kill_switch(text: str, fires: bool) -> None:
    assert bool(check("FLG408", whole(text))) is fires


# --- FLG402, FLG403 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("switch", "expected"),
    [
        ("kills_when: off", ("is a kill switch without a runbook", "2:14")),
        ("runbook: docs/a.md", ("has a runbook that is not there: docs/a.md", "2:24")),
        ("runbook: docs/b.md", None),
        ("runbook: https://wiki.example.com/a", None),
    ],
)
def test_runbook(switch: str, expected: tuple[str, str] | None) -> None:
    made = whole(f"key: a-b\nkill_switch: {{{switch}}}\n", missing_files=frozenset({"docs/a.md"}))
    found = [(each.message, place(each).partition(":")[2]) for each in check("FLG402", made)]
    assert found == ([expected] if expected else [])


def test_without_a_kill_switch_there_is_no_drill() -> None:
    assert not check("FLG402", whole("key: a-b\n"))
    assert not check("FLG403", whole("key: a-b\n"))


@pytest.mark.parametrize(
    ("exercised", "drill", "expected"),
    [
        (None, 180, "is a kill switch that was never exercised"),
        ("2026-06-15", 180, None),
        ("2025-12-17", 180, None),
        ("2025-12-16", 180, "was last exercised 181 days ago; a kill switch is to be every 180 days"),
        ("2026-06-13", 1, "was last exercised 2 days ago; a kill switch is to be every 1 day"),
        ("2027-01-01", 180, None),
    ],
)
def test_drill(exercised: str | None, drill: int, expected: str | None) -> None:
    switch = f"exercised: {exercised}" if exercised else "kills_when: off"
    made = whole(f"key: a-b\nkill_switch: {{{switch}}}\n", thresholds=Thresholds(drill=drill))
    assert [each.message for each in check("FLG403", made)] == ([expected] if expected else [])


# --- FLG404, FLG406 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ("key: pay\n", None),
        ("key: other\naliases: [pay]\n", None),
        ("key: pay\nexpires: 2026-06-16\n", None),
        ("key: pay\nexpires: 2026-06-15\n", "depends on pay, which expired on 2026-06-15"),
        ("key: other\n", "depends on pay, which has no definition"),
        ("key: payy\n", "depends on pay, which has no definition"),
    ],
)
def test_dependency(other: str, expected: str | None) -> None:
    found = check("FLG404", whole("key: a-b\ndepends_on: [pay]\n", other))
    assert [each.message for each in found] == ([expected] if expected else [])
    assert all(place(each) == "flags/1.yaml:2:14" for each in found)
    assert all((each.hint == "did you mean payy?") is (other == "key: payy\n") for each in found)


def test_dependency_on_what_is_gone_or_cannot_be_read() -> None:
    text = "key: a-b\ndepends_on: [pay]\n"
    gone = whole(text, archived={"pay": "flags/archive/pay.yaml"})
    assert verdicts("FLG404", gone) == [("a-b", "depends on pay, which is archived")]
    made = whole(text)
    unread = type(made)(**{**vars(made), "invalid_names": frozenset({"pay"})})
    assert not check("FLG404", unread)


@pytest.mark.parametrize(
    ("needs", "circles"),
    [
        ({"a": "b", "b": ""}, []),
        ({"a": "b", "b": "c", "c": ""}, []),
        ({"a": "b, c", "b": "d", "c": "d", "d": ""}, []),
        ({"a": "x"}, []),
        ({"a": "a"}, ["a -> a"]),
        ({"a": "b", "b": "a"}, ["a -> b -> a"]),
        ({"a": "b", "b": "c", "c": "a"}, ["a -> b -> c -> a"]),
        ({"x": "a", "a": "b", "b": "a"}, ["a -> b -> a"]),
        ({"a": "b, c", "b": "a", "c": "a"}, ["a -> b -> a", "a -> c -> a"]),
    ],
)
def test_cycles(needs: dict[str, str], circles: list[str]) -> None:
    made = whole(*(f"key: {key}\ndepends_on: [{others}]\n" for key, others in needs.items()))
    assert [each.message.removeprefix("depends on itself: ") for each in check("FLG406", made)] == circles


def test_a_long_chain_is_followed() -> None:
    count = 3000
    texts = [f"key: k{number}\ndepends_on: [k{(number + 1) % count}]\n" for number in range(count)]
    assert len(check("FLG406", whole(*texts))) == 1


def test_a_cycle_through_an_alias_is_shown_where_it_closes() -> None:
    found = check(
        "FLG406", whole("key: a\naliases: [x]\ndepends_on: [b]\n", "key: b\ndepends_on: [c, x]\n", "key: c\n")
    )
    assert [(place(each), each.flag) for each in found] == [("flags/2.yaml:2:17", "b")]


# --- FLG405, FLG407, FLG409 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rollout", "fires"),
    [
        ("plan: [0, 10, 100]", True),
        ("plan: [0.5, 100]", True),
        ("plan: [0, 100]", False),
        ("plan: [100]", False),
        ("plan: [0, 10, 100], gates: [error_rate]", False),
        ("environments: {production: {percent: 50}}", False),
    ],
)
def test_gates(rollout: str, fires: bool) -> None:
    assert bool(check("FLG405", whole(f"key: a-b\nrollout: {{{rollout}}}\n"))) is fires


def rollout(key: str, more: str = "", **percent: str) -> str:
    environments = ", ".join(f"{name}: {{percent: {each}}}" for name, each in percent.items())
    return f"key: {key}\n{more}rollout: {{environments: {{{environments}}}}}\n"


@pytest.mark.parametrize(
    ("own", "other", "fires"),
    [
        ("50", "10", True),
        ("10", "10", False),
        ("10", "50", False),
        ("0", "0", False),
        ("100", "0", True),
        ("50, serve: off", "10", False),
        ("50", "100, serve: off", True),
    ],
)
def test_more_than_its_dependency(own: str, other: str, fires: bool) -> None:
    made = whole(rollout("a-b", "depends_on: [pay]\n", production=own), rollout("pay", production=other))
    assert bool(check("FLG407", made)) is fires


def test_other_environments_do_not_count() -> None:
    text = rollout("a-b", "depends_on: [pay]\n", staging="50")
    assert not check("FLG407", whole(text, rollout("pay", staging="10")))
    assert check("FLG407", whole(text, rollout("pay", staging="10"), environment="staging"))
    assert not check("FLG407", whole(text, "key: pay\n", environment="staging"))


def test_infrastructure_has_to_lead() -> None:
    own = rollout("a-b", "layer: application\ndepends_on: [pay]\n", production="50")
    found = check("FLG407", whole(own, rollout("pay", "layer: infrastructure\n", production="10")))
    message = "serves 50% in production, and pay, which it depends on, 10%; infrastructure has to lead"
    assert [each.message for each in found] == [message]


@pytest.mark.parametrize(
    ("percent", "expected"),
    [
        ({"staging": "100", "production": "50"}, []),
        ({"staging": "50", "production": "50"}, []),
        ({"staging": "10", "production": "50"}, ["serves 50% in production and only 10% in staging"]),
        ({"dev": "0", "staging": "10", "production": "50"}, ["dev", "staging"]),
        ({"production": "50"}, []),
        ({"staging": "10"}, []),
        ({"staging": "10", "production": "100, serve: off"}, []),
    ],
)
def test_production_ahead(percent: dict[str, str], expected: list[str]) -> None:
    found = [each.message for each in check("FLG409", whole(rollout("a-b", **percent)))]
    assert len(found) == len(expected)
    assert all(each in message for each, message in zip(expected, found, strict=True))


# --- FLG410 -----------------------------------------------------------------------------------------------------------

FRONT = mention("a-b", Kind.CODE, "web/page.ts")


@pytest.mark.parametrize(
    ("text", "references", "fires"),
    [
        ("key: a-b\ntype: permission\n", [FRONT], True),
        (PROTECTED, [FRONT], True),
        (PROTECTED, [mention("a-b", Kind.CODE, "app/Page.swift")], True),
        (PROTECTED, [FRONT, reference("a-b")], False),
        (PROTECTED, [FRONT, reference("a-b", path="tests/test_a.py", in_tests=True)], True),
        (PROTECTED, [FRONT, mention("a-b", Kind.CODE, "api/main.go")], False),
        (PROTECTED, [reference("a-b", kind=Kind.TEMPLATE, path="shop/templates/a.html")], False),
        (PROTECTED, [reference("a-b")], False),
        (PROTECTED, [], False),
        ("key: a-b\ntype: release\n", [FRONT], False),
        ("key: a-b\nimpact: internal\n", [FRONT], False),
    ],
)
def test_client_only(text: str, references: list[object], fires: bool) -> None:
    assert bool(check("FLG410", whole(text, references=references))) is fires
