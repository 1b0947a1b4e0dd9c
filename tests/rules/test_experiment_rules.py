"""FLG5xx: experiments as people write them down."""

from __future__ import annotations

import pytest
from rule_cases import check, codes_that_fire, metric_tree, place, verdicts, whole

from flagctl.model import MetricTree, Thresholds

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
FAMILY = ("FLG501", "FLG502", "FLG503", "FLG504", "FLG506", "FLG507", "FLG508", "FLG509")
TREE = metric_tree(orders="account", errors="account", revenue="account", clicks="session")


def without(*lines: str) -> str:
    return "\n".join(each for each in WHOLE.splitlines() if not each.strip().startswith(lines))


@pytest.mark.parametrize("text", [WHOLE, "key: a-b\ntype: release\n", "key: a-b\n"])
@pytest.mark.parametrize("metrics", [None, TREE])
def test_nothing_to_say(text: str, metrics: MetricTree | None) -> None:
    assert not codes_that_fire(whole(text, metrics=metrics), FAMILY)


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


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ("experiment: {kpi: orders, kpis: [revenue, clicks], guardrails: [errors]}", []),
        ("rollout: {gates: [orders, errors]}", []),
        ("rollout: {plan: [0, 100]}", []),
        ("experiment: {hypothesis: It sells more}", []),
        ("description: orderz", []),
        ("experiment: {kpi: order}", ["2:19 has a KPI that is not in the metric tree: order (did you mean orders?)"]),
        (
            "experiment: {kpis: [orders, income]}",
            ["2:29 has a KPI that is not in the metric tree: income (describe it there, or name one that is there)"],
        ),
        (
            "experiment: {guardrails: [errors, eror]}",
            ["2:35 has a guardrail that is not in the metric tree: eror (did you mean errors?)"],
        ),
        (
            "rollout:\n  gates:\n  - errors\n  - Errors",
            ["5:5 has a gate that is not in the metric tree: Errors (did you mean errors?)"],
        ),
        (
            "experiment: {kpi: x1, kpis: [x1]}\nrollout: {gates: [x1]}",
            [
                "2:19 has a KPI that is not in the metric tree: x1 (describe it there, or name one that is there)",
                "2:30 has a KPI that is not in the metric tree: x1 (describe it there, or name one that is there)",
                "3:19 has a gate that is not in the metric tree: x1 (describe it there, or name one that is there)",
            ],
        ),
    ],
)
def test_unknown_metric(fields: str, found: list[str]) -> None:
    text = f"key: a-b\n{fields}\n"
    made = check("FLG502", whole(text, metrics=TREE))
    assert [f"{place(each).partition(':')[2]} {each.message} ({each.hint})" for each in made] == found
    assert not check("FLG502", whole(text, metrics=None))


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ("{unit: account, kpi: orders, kpis: [revenue], guardrails: [errors]}", []),
        ("{unit: session, kpi: clicks}", []),
        ("{kpi: orders, guardrails: [clicks]}", []),
        ("{unit: user, kpi: profit}", []),
        ("{unit: user, hypothesis: It sells more}", []),
        ("{unit: user, kpi: orders}", ["2:31 assigns variants by user, and orders is keyed by account"]),
        (
            "{unit: account, kpis: [orders, clicks]}",
            ["2:44 assigns variants by account, and clicks is keyed by session"],
        ),
        ("{unit: account, guardrails: [clicks]}", ["2:42 assigns variants by account, and clicks is keyed by session"]),
        (
            "{unit: session, kpi: orders, guardrails: [clicks, errors]}",
            [
                "2:34 assigns variants by session, and orders is keyed by account",
                "2:63 assigns variants by session, and errors is keyed by account",
            ],
        ),
    ],
)
def test_unit_mismatch(fields: str, found: list[str]) -> None:
    text = f"key: a-b\nexperiment: {fields}\n"
    made = check("FLG507", whole(text, metrics=TREE))
    assert [f"{place(each).partition(':')[2]} {each.message}" for each in made] == found
    assert not check("FLG507", whole(text, metrics=None))


def test_a_unit_says_where_it_is_written() -> None:
    [found] = check("FLG507", whole("key: a-b\nexperiment: {unit: session, kpi: revenue}\n", metrics=TREE))
    assert found.hint == "assign by account, or name a metric by session; see flags/metrics.yaml:5"


def test_a_gate_is_no_part_of_an_experiment() -> None:
    text = "key: a-b\nexperiment: {unit: account, kpi: orders}\nrollout: {gates: [clicks]}\n"
    assert not verdicts("FLG507", whole(text, metrics=TREE))
