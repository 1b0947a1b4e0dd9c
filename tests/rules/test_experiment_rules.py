"""FLG5xx: experiments as people write them down."""

from __future__ import annotations

import pytest
from rule_cases import check, codes_that_fire, place, whole

from flagctl.model import Thresholds

WHOLE = """
    key: a-b
    type: experiment
    experiment:
      hypothesis: It sells more
      kpi: orders
      guardrails: [errors]
      unit: account
      minimum_detectable_effect: 2%
      window: {start: 2026-06-01, end: 2026-06-15}
      stop_rule: A guardrail is breached
    """
FAMILY = ("FLG501", "FLG503", "FLG504", "FLG506", "FLG508", "FLG509")


def without(*lines: str) -> str:
    return "\n".join(each for each in WHOLE.splitlines() if not each.strip().startswith(lines))


@pytest.mark.parametrize("text", [WHOLE, "key: a-b\ntype: release\n", "key: a-b\n"])
def test_nothing_to_say(text: str) -> None:
    assert not codes_that_fire(whole(text), FAMILY)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (without("hypothesis"), ["FLG501"]),
        (without("guardrails"), ["FLG503"]),
        (without("window"), ["FLG504"]),
        (without("stop_rule"), ["FLG504"]),
        (WHOLE.replace(", end: 2026-06-15", ""), ["FLG504"]),
        (without("kpi"), ["FLG508"]),
        (without("unit"), ["FLG508"]),
        (without("minimum"), ["FLG508"]),
        (WHOLE.replace("kpi: orders", "kpis: [orders, revenue]"), []),
        ("key: a-b\ntype: experiment\n", ["FLG501"]),
        ("key: a-b\nexperiment: {kpi: orders}\n", ["FLG501", "FLG503", "FLG504", "FLG508"]),
    ],
)
def test_what_is_missing(text: str, codes: list[str]) -> None:
    assert codes_that_fire(whole(text), FAMILY) == codes


def test_a_missing_field_is_shown_in_the_experiment() -> None:
    text = "owner: me\nkey: a-b\nexperiment:\n  kpi: orders\n"
    found = check("FLG501", whole(text))
    assert [place(each) for each in found] == ["flags/1.yaml:4:3"]
    assert [each.message for each in check("FLG508", whole(text))] == [
        "is an experiment without unit, minimum_detectable_effect"
    ]


@pytest.mark.parametrize(
    ("today", "decision", "fires"),
    [
        ("2026-06-15", "", False),
        ("2026-06-16", "", True),
        ("2026-06-16", "{outcome: ship, keep: on}", False),
        ("2026-06-16", "{outcome: rollback, date: 2026-06-10}", False),
        ("2026-06-16", "{rationale: Let us see}", True),
        ("2026-06-16", "{outcome: extend, date: 2026-06-16}", False),
        ("2026-06-16", "{outcome: extend, date: 2026-06-10}", True),
        ("2026-06-16", "{outcome: extend}", False),
    ],
)
def test_decision_overdue(today: str, decision: str, fires: bool) -> None:
    more = f"    decision: {decision}\n" if decision else ""
    found = check("FLG506", whole(f"{WHOLE.rstrip()}\n{more}", today=today))
    assert bool(found) is fires
    assert all("ended on 2026-06-15 (1 day ago)" in each.message for each in found)


def test_without_an_end_nothing_is_overdue() -> None:
    assert not check("FLG506", whole(without("window"), today="2030-01-01"))


@pytest.mark.parametrize(
    ("guardrails", "segments", "found"),
    [
        ("b, c", 2, []),
        ("b, c, orders", 2, []),
        ("b, c, d", 2, ["is an experiment with 4 metrics; 3 are allowed"]),
        ("b, c", 3, ["is an experiment with 3 segments; 2 are allowed"]),
    ],
)
def test_too_much(guardrails: str, segments: int, found: list[str]) -> None:
    targeting = "".join(f"\n      - {{segment: s{number}, question: Why?}}" for number in range(segments))
    text = f"{WHOLE.rstrip().replace('[errors]', f'[{guardrails}]')}\n    targeting:{targeting}\n"
    made = whole(text, thresholds=Thresholds(max_metrics=3, max_segments=2))
    assert [each.message for each in check("FLG509", made)] == found
