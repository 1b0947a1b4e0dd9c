"""FLG105 to FLG107, FLG601 and FLG602: what the past of a rollout says, the day before and the day itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest
from rule_cases import check, place, verdicts, whole

from flagctl.model import Snapshot
from flagctl.past import Change, ChangeKind, Commit, FieldChange, FlagHistory, History, Person, State, Value

ANN, BOB, EVE, LEA = (Person(name, f"{name.lower()}@example.com") for name in ("Ann", "Bob", "Eve", "Lea"))
PERCENT, SERVE = (f"rollout.environments.production.{name}" for name in ("percent", "serve"))
PLAN = ("0", "2", "10", "50", "100")


@dataclass(frozen=True)
class Was:
    """How a flag was left by a commit."""

    day: str
    percent: str | None
    author: Person = ANN
    reason: str | None = "because"
    approvers: tuple[Person, ...] = ()
    serve: str = "on"
    more: Mapping[str, Value] = field(default_factory=dict)
    kind: ChangeKind = ChangeKind.CHANGED
    is_cut: bool = False


def past(*steps: Was) -> History:
    """The history of `new-checkout`; the first step is its birth."""
    changes = []
    before: State = {}
    for number, step in enumerate(steps):
        day = date.fromisoformat(step.day)
        commit = Commit(f"{number:040x}", step.author, day, day, "Change", step.reason, (), step.approvers)
        after: dict[str, Value] = {"key": "new-checkout", "rollout.plan": PLAN, **step.more}
        after |= {} if step.percent is None else {PERCENT: step.percent, SERVE: step.serve}
        names = dict.fromkeys((*before, *after))
        fields = tuple(
            FieldChange(name, before.get(name), after.get(name))
            for name in names
            if before.get(name) != after.get(name)
        )
        kind = ChangeKind.ADDED if number == 0 and step.kind is ChangeKind.CHANGED else step.kind
        changes.append(Change("new-checkout", kind, commit, "flags/1.yaml", fields, None, step.is_cut))
        before = after
    history = FlagHistory(tuple(changes))
    return History({"new-checkout": history}, history.changes, "f" * 40)


def now(percent: float | None, history: History | None, more: str = "", **context: Any) -> Snapshot:
    served = "" if percent is None else f", environments: {{production: {{percent: {percent:g}, serve: on}}}}"
    text = f"key: new-checkout\nrollout: {{plan: [0, 2, 10, 50, 100]{served}}}\n{more}"
    return whole(text, history=history, **context)


# --- FLG105 and FLG106 ------------------------------------------------------------------------------------------------

DECIDED = "decision: {outcome: ship, date: %s}\n"
WINDOW = "experiment: {arms: {off: 1, on: 1}, window: {start: 2026-03-01, end: %s}}\n"


@pytest.mark.parametrize(
    ("percent", "since", "more", "expected"),
    [
        (100, "2026-05-16", "", "is ready to be removed: at 100% of production since 2026-05-16"),
        (100, "2026-05-17", "", None),
        (0, "2026-05-16", "", "is ready to be removed: at 0% of production since 2026-05-16"),
        (0, "2026-05-17", "", None),
        (50, "2026-01-01", "", None),
        (100, "2026-01-01", "expected_end_state: keep\n", None),
        (100, "2026-01-01", WINDOW % "2026-06-15", None),
        (100, "2026-01-01", WINDOW % "2026-06-14", "is ready to be removed: at 100% of production since 2026-01-01"),
        (100, "2026-01-01", DECIDED % "2026-06-14", "is ready to be removed: it is decided since 2026-06-14"),
        (100, "2026-01-01", DECIDED % "2026-01-01", None),
    ],
)  # fmt: skip
def test_ready_for_removal(percent: float, since: str, more: str, expected: str | None) -> None:
    made = now(percent, past(Was("2026-01-01", "2"), Was(since, f"{percent:g}")), more)
    assert verdicts("FLG105", made) == ([("new-checkout", expected)] if expected else [])


@pytest.mark.parametrize(
    ("percent", "fields", "kept"),
    [
        (100, "serve: on", "on"),
        (0, "serve: on", "off"),
        (0, "serve: off", "on"),
        (100, "serve: off", "off"),
    ],
)
def test_what_a_flag_that_is_ready_leaves(percent: float, fields: str, kept: str) -> None:
    serve = fields.split()[1]
    text = f"key: new-checkout\nrollout: {{environments: {{production: {{percent: {percent:g}, {fields}}}}}}}\n"
    made = whole(text, history=past(Was("2026-01-01", "2"), Was("2026-02-01", f"{percent:g}", serve=serve)))
    [found] = check("FLG105", made)
    assert found.hint == f"flagctl remove new-checkout --keep {kept}"
    assert place(found) == "flags/1.yaml:2:48"


def test_of_many_variants_nobody_knows_which_stays_at_0() -> None:
    text = (
        "key: new-checkout\nvariants: {a: 1, b: 2, c: 3}\n"
        "rollout: {environments: {production: {percent: 0, serve: a}}}\n"
    )
    [found] = check("FLG105", whole(text, history=past(Was("2026-01-01", "0", serve="a"))))
    assert found.hint == "flagctl remove new-checkout --keep a|b|c"


@pytest.mark.parametrize(
    ("percent", "since", "more", "expected"),
    [
        (50, "2026-05-16", "", "has stood at 50% of production for 30 days, since 2026-05-16"),
        (50, "2026-05-17", "", None),
        (0, "2026-01-01", "", None),
        (100, "2026-01-01", "", None),
        (50, "2026-01-01", "expected_end_state: keep\n", None),
        (50, "2026-01-01", "decision: {outcome: ship}\n", None),
        (50, "2026-01-01", WINDOW % "2026-06-15", None),
        (50, "2026-01-01", WINDOW % "2026-06-14", "has stood at 50% of production for 165 days, since 2026-01-01"),
    ],
)
def test_stalled(percent: float, since: str, more: str, expected: str | None) -> None:
    made = now(percent, past(Was("2025-12-01", "2"), Was(since, f"{percent:g}")), more)
    assert verdicts("FLG106", made) == ([("new-checkout", expected)] if expected else [])


def test_what_the_next_stage_is() -> None:
    [found] = check("FLG106", now(10, past(Was("2026-01-01", "10"))))
    assert found.hint == "go on to 50%, go back to 0%, or write down a `decision`"


@pytest.mark.parametrize("code", ["FLG105", "FLG106"])
@pytest.mark.parametrize("percent", [100, 50])
def test_what_is_not_known_is_not_judged(code: str, percent: float) -> None:
    """No history, a flag that is not committed yet, and one that was changed since."""
    assert not check(code, now(percent, None))
    assert not check(code, now(percent, History({})))
    assert not check(code, now(percent, past(Was("2026-01-01", "2"))))
    assert not check(code, now(percent, past(Was("2026-01-01", f"{percent:g}", serve="off"))))
    assert not check(code, now(None, past(Was("2026-01-01", f"{percent:g}"))))


def test_other_changes_do_not_count() -> None:
    history = past(Was("2026-01-01", "50"), Was("2026-06-01", "50", more={"owner": "ann"}))
    assert "since 2026-01-01" in check("FLG106", now(50, history))[0].message


@pytest.mark.parametrize(("since", "fires"), [("2026-05-16", True), ("2026-05-17", False)])
def test_where_a_shallow_clone_begins(since: str, fires: bool) -> None:
    """It has been so for at least as long."""
    stalled = check("FLG106", now(50, past(Was(since, "50", kind=ChangeKind.KNOWN))))
    ready = check("FLG105", now(100, past(Was(since, "100", kind=ChangeKind.KNOWN))))
    assert bool(stalled) is bool(ready) is fires
    if fires:
        assert stalled[0].message == "has stood at 50% of production for at least 30 days"
        assert ready[0].message.endswith("since 2026-05-16 or longer")


# --- FLG107 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "skipped"),
    [
        ("0", "2", None),
        ("2", "10", None),
        ("0", "1", None),
        ("2", "5", None),
        ("50", "100", None),
        ("2", "50", "10%"),
        ("2", "20", "10%"),
        ("0", "100", "2%, 10% and 50%"),
        ("100", "0", None),
        ("50", "2", None),
        (None, "50", None),
    ],
)
def test_jumped(before: str | None, after: str, skipped: str | None) -> None:
    made = now(float(after), past(Was("2026-01-01", before), Was("2026-01-05", after, BOB)))
    who = "Bob <bob@example.com> on 2026-01-05 (0000000)"
    expected = f"went from {before}% to {after}% of production, past {skipped}: {who}"
    assert verdicts("FLG107", made) == ([("new-checkout", expected)] if skipped else [])


def test_only_the_latest_change_is_judged() -> None:
    steps = Was("2026-01-01", "2"), Was("2026-01-05", "50"), Was("2026-01-09", "100")
    assert not check("FLG107", now(100, past(*steps)))
    assert check("FLG107", now(50, past(*steps[:2])))
    assert not check("FLG107", now(50, past(Was("2026-01-05", "50")))), "at its birth nobody knows where it was before"


def test_the_plan_of_that_time_counts() -> None:
    planned = Was("2026-01-01", "2"), Was("2026-01-05", "50", more={"rollout.plan": ("0", "2", "50")})
    assert not check("FLG107", now(50, past(*planned)))


def test_what_is_not_committed_yet_is_judged() -> None:
    history = past(Was("2026-01-01", "0"), Was("2026-01-05", "2"))
    assert verdicts("FLG107", now(50, history)) == [
        ("new-checkout", "went from 2% to 50% of production, past 10%: not committed yet")
    ]
    assert not check("FLG107", now(10, history))


def test_every_change_of_a_branch_is_judged() -> None:
    history = past(Was("2026-01-01", "2"), Was("2026-01-05", "50"), Was("2026-01-09", "2"), Was("2026-01-10", "100"))
    names = [each.commit.id for each in history.changes]
    for chosen, count in ((names[1:], 2), (names[1:2], 1), (names[2:3], 0), ([], 0)):
        assert len(check("FLG107", now(100, history, judged_commits=frozenset(chosen)))) == count


# --- FLG601 and FLG602 ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([Was("2026-01-01", "0", reason=None)], None),
        ([Was("2026-01-01", "0"), Was("2026-01-05", "2", BOB, reason=None)], "from 0% to 2%"),
        ([Was("2026-01-01", None), Was("2026-01-05", "2", BOB, reason=None)], "from nothing to 2%"),
        ([Was("2026-01-01", "2"), Was("2026-01-05", "2", BOB, reason=None, serve="off")], "from on to off"),
        ([Was("2026-01-01", "0"), Was("2026-01-05", "2", BOB, reason="why not")], None),
        ([Was("2026-01-01", "0"), Was("2026-01-05", "2", BOB, reason=None), Was("2026-01-06", "10")], None),
        ([Was("2026-01-01", "2"), Was("2026-01-05", "2", BOB, reason=None, more={"owner": "bob"})], None),
        ([Was("2026-01-01", "0", reason=None, kind=ChangeKind.KNOWN)], None),
        ([Was("2026-01-01", "0"), Was("2026-01-05", "2", reason=None, is_cut=True)], None),
    ],
)
def test_reason(steps: list[Was], expected: str | None) -> None:
    found = verdicts("FLG601", now(2, past(*steps)))
    who = "Bob <bob@example.com> on 2026-01-05 (0000000)"
    message = f"was changed in production {expected} without a reason: {who}"
    assert found == ([("new-checkout", message)] if expected else [])


def test_hint_is_about_what_can_still_be_done() -> None:
    history = past(Was("2026-01-01", "0"), Was("2026-01-05", "2", BOB, reason=None))
    assert "next change" in (check("FLG601", now(2, history))[0].hint or "")
    branch = frozenset([history.changes[1].commit.id])
    assert "amend" in (check("FLG601", now(2, history, judged_commits=branch))[0].hint or "")
    assert not check("FLG601", now(2, history, judged_commits=frozenset()))


TEAMS = {
    "@acme/oncall": ("ann@example.com", "@bob"),
    "@acme/leads": ("lea@example.com",),
    "@acme/all": ("@Acme/Oncall", "@acme/everybody"),
    "@acme/everybody": ("@acme/all", "lea@example.com"),
    "@acme/some": ("@acme/oncall", "@acme/unknown"),
}
TOGGLE: Mapping[str, Value] = {"access.toggle": ("@acme/oncall",)}
APPROVE: Mapping[str, Value] = {"access.approve": ("@acme/leads",)}


@pytest.mark.parametrize(
    ("author", "allowed", "fires"),
    [
        (ANN, ("@acme/oncall",), False),
        (replace(ANN, email="ANN@Example.com"), ("@Acme/Oncall",), False),
        (Person("Robert", "123+bob@users.noreply.github.com"), ("@acme/oncall",), False),
        (Person("bob", "robert@example.com"), ("@acme/oncall",), False),
        (EVE, ("@acme/oncall",), True),
        (Person("Ann", "eve@example.com"), ("@acme/oncall",), True),
        (EVE, ("@acme/oncall", "eve@example.com"), False),
        (EVE, ("ann@example.com",), True),
        (EVE, ("@acme/oncall", "@acme/unknown"), False),
        (EVE, ("@acme/unknown",), False),
        (EVE, ("@ann",), False),
        (ANN, ("@acme/all",), False),
        (LEA, ("@acme/all",), False),
        (EVE, ("@acme/all",), True),
        (EVE, ("@acme/some",), False),
        (EVE, (), False),
    ],
)
def test_toggle(author: Person, allowed: tuple[str, ...], fires: bool) -> None:
    more: Mapping[str, Value] = {"access.toggle": allowed}
    history = past(Was("2026-01-01", "0", more=more), Was("2026-01-05", "2", author, more=more))
    found = verdicts("FLG602", now(2, history, people=TEAMS))
    who = f"{author} on 2026-01-05 (0000000)"
    what = "was changed in production from 0% to 2% by somebody who is not in `access.toggle`"
    assert found == ([("new-checkout", f"{what} ({', '.join(allowed)}): {who}")] if fires else [])


@pytest.mark.parametrize(
    ("author", "approvers", "by"),
    [
        (ANN, (LEA,), None),
        (ANN, (EVE, LEA), None),
        (ANN, (), "by nobody"),
        (ANN, (EVE,), "only by Eve <eve@example.com>"),
        (LEA, (LEA,), "by nobody"),
        (LEA, (), "by nobody"),
    ],
)
def test_approval(author: Person, approvers: tuple[Person, ...], by: str | None) -> None:
    steps = Was("2026-01-01", "0", more=APPROVE), Was("2026-01-05", "2", author, approvers=approvers, more=APPROVE)
    found = verdicts("FLG602", now(2, past(*steps), people=TEAMS))
    what = f"was changed in production from 0% to 2% and approved {by}, not by `access.approve` (@acme/leads)"
    assert found == ([("new-checkout", f"{what}: {author} on 2026-01-05 (0000000)")] if by else [])
    assert not check("FLG602", now(2, past(*steps))), "without people nobody can tell"


def test_nobody_lets_himself_in() -> None:
    """It is the policy before the change that counts."""
    opened: Mapping[str, Value] = {"access.toggle": ("@acme/oncall", "eve@example.com")}
    steps = Was("2026-01-01", "0", more=TOGGLE), Was("2026-01-05", "2", EVE, more=opened)
    assert check("FLG602", now(2, past(*steps), people=TEAMS))
    assert not check("FLG602", now(2, past(Was("2026-01-01", "0"), steps[1]), people=TEAMS))


def test_who_switches_a_flag_on_that_was_not_there() -> None:
    assert check("FLG602", now(2, past(Was("2026-01-01", "2", EVE, more=TOGGLE)), people=TEAMS))
    assert not check("FLG602", now(2, past(Was("2026-01-01", "2", ANN, more=TOGGLE)), people=TEAMS))
    cut = past(Was("2026-01-01", "0", more=TOGGLE), Was("2026-01-05", "2", EVE, more=TOGGLE, is_cut=True))
    assert not check("FLG602", now(2, cut, people=TEAMS))
