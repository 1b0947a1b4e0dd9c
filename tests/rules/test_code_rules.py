"""FLG3xx: fallbacks, and FLG203 and FLG207: calls that do not fit the definition."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from rule_cases import check, place, reference, verdicts, whole

from flagctl.model import Reference, Role


def call(default: str | None, line: int = 1, **more: Any) -> Reference:
    path = str(more.pop("path", "shop/page.py"))
    return replace(reference("a-b", path=path, line=line), default=default, **more)


@pytest.mark.parametrize(
    ("defaults", "places"),
    [
        (["True", "True"], []),
        (["False", None], []),
        (["False", "CONSTANT"], []),
        (["False", "get()"], []),
        (["1", "1.0"], [2]),
        (["True", "1"], [2]),
        (["False", "True"], [2]),
        (["False", "True", "True"], [1]),
        (["'a'", '"a"'], []),
        (["'a'", "'b'", "'c'"], [2, 3]),
        (["None", "False"], []),
    ],
)
def test_inconsistent(defaults: list[str | None], places: list[int]) -> None:
    calls = [call(each, line) for line, each in enumerate(defaults, 1)]
    assert [each.location.line for each in check("FLG301", whole("key: a-b\n", references=calls))] == places


def test_tests_and_overrides_may_fall_back_on_anything() -> None:
    others = [call("True", 2, in_tests=True), replace(call("True", 3), role=Role.OVERRIDE)]
    assert not check("FLG301", whole("key: a-b\n", references=[call("False"), *others]))


def test_the_other_place_is_named() -> None:
    found = verdicts("FLG301", whole("key: a-b\n", references=[call("False"), call("True", 7, path="shop/cart.py")]))
    assert found == [("a-b", "falls back on True here, and on False at shop/page.py:1")]


@pytest.mark.parametrize(
    ("policy", "default", "fires"),
    [
        ("fail-closed", "False", False),
        ("fail-closed", "'off'", False),
        ("fail-closed", "0", False),
        ("fail-closed", "True", True),
        ("fail-closed", "None", False),
        ("fail-closed", None, False),
        ("fail-closed", "DEFAULT", False),
        ("fail-open", "True", False),
        ("fail-open", "False", True),
        ("last-known-good", "True", False),
    ],
)
def test_policy(policy: str, default: str | None, fires: bool) -> None:
    made = whole(f"key: a-b\non_failure: {policy}\n", references=[call(default)])
    assert bool(check("FLG302", made)) is fires


@pytest.mark.parametrize(
    ("kills_when", "default", "fires"), [("on", "True", False), ("on", "False", True), ("off", "True", True)]
)
def test_a_switch_that_kills_when_it_is_on(kills_when: str, default: str, fires: bool) -> None:
    text = f"key: a-b\non_failure: fail-closed\nkill_switch: {{kills_when: {kills_when}}}\n"
    assert bool(check("FLG302", whole(text, references=[call(default)]))) is fires


def test_without_on_and_off_there_is_no_policy() -> None:
    text = "key: a-b\non_failure: fail-closed\nvariants: {one: one, two: two}\n"
    assert not check("FLG302", whole(text, references=[call("'one'")]))


ON_OFF = "key: a-b\n"
VARIANTS = "key: a-b\nvariants: {one: one, two: two}\n"


@pytest.mark.parametrize(
    ("text", "returns", "default", "fires"),
    [
        (ON_OFF, "bool", None, False),
        (ON_OFF, "str", None, True),
        (ON_OFF, "int", None, True),
        (ON_OFF, "variant", None, False),
        (ON_OFF, "details", None, False),
        (ON_OFF, None, None, False),
        (VARIANTS, "bool", None, True),
        (VARIANTS, "bool", "False", True),
        (VARIANTS, "bool", "'one'", False),
        (VARIANTS, "str", None, False),
        (VARIANTS, "variant", None, False),
        ("key: a-b\nvariants: {on: true, off: false, beta: beta}\n", "bool", None, False),
        ("key: a-b\nvariants: {on: true, off: false, beta: beta}\n", "str", None, False),
    ],
)
def test_value_type(text: str, returns: str | None, default: str | None, fires: bool) -> None:
    assert bool(check("FLG207", whole(text, references=[call(default, returns=returns)]))) is fires
    assert not check("FLG207", whole(text, references=[call(default, returns=returns, in_tests=True)]))


ARCHIVED = {"a-b": "flags/archive/a-b.yaml"}


def test_a_call_of_a_flag_that_is_gone() -> None:
    made = whole("key: c-d\n", references=[call(None, 4)], archived=ARCHIVED)
    assert [(each.message, place(each)) for each in check("FLG203", made)] == [
        ("is evaluated here and was removed: see flags/archive/a-b.yaml", "shop/page.py:4:1")
    ]
    assert not check("FLG201", made)


def test_what_is_no_call_of_a_flag_that_is_gone() -> None:
    assert not check("FLG203", whole("key: c-d\n", references=[call(None, in_tests=True)], archived=ARCHIVED))
    assert not check("FLG203", whole("key: a-b\n", references=[call(None)], archived=ARCHIVED))
    assert not check("FLG203", whole("key: c-d\n", references=[reference(None)], archived=ARCHIVED))
    override = replace(call(None), role=Role.OVERRIDE)
    assert not check("FLG203", whole("key: c-d\n", references=[override], archived=ARCHIVED))
