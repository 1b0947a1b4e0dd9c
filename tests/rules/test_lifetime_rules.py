"""FLG101 to FLG104: the day itself, the day before and the day after."""

from __future__ import annotations

import pytest
from rule_cases import check, codes_that_fire, mention, place, reference, verdicts, whole

from flagctl.model import Kind, Lifetime, Reference, Severity, Thresholds

E, W = Severity.ERROR, Severity.WARNING


@pytest.mark.parametrize("code", ["FLG101", "FLG102", "FLG103", "FLG104"])
@pytest.mark.parametrize(
    "text",
    [
        "key: new-checkout\n",
        "key: new-checkout\ntype: release\ncreated: 2020-01-01\n",
        "key: new-checkout\ntype: release\ncreated: 2026-06-01\nexpires: 2026-07-11\n",
        "key: read-only\ntype: ops\ncreated: 2020-01-01\nexpected_end_state: keep\nreview_by: 2026-09-01\n",
    ],
)
def test_within_its_time(code: str, text: str) -> None:
    assert not check(code, whole(text))


# --- FLG101 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2026-04-30", None),
        ("2026-05-01", "expired on 2026-05-01 (today)"),
        ("2026-05-02", "expired on 2026-05-01 (1 day ago)"),
        ("2026-05-03", "expired on 2026-05-01 (2 days ago)"),
        ("2027-05-01", "expired on 2026-05-01 (365 days ago)"),
    ],
)
def test_expired(today: str, expected: str | None) -> None:
    found = check("FLG101", whole("owner: me\nkey: a-b\nexpires: 2026-05-01\n", today=today))
    assert [each.message for each in found] == ([] if expected is None else [expected])
    assert all(place(each) == "flags/1.yaml:3:10" and each.severity is E for each in found)


@pytest.mark.parametrize(
    ("more", "command"),
    [
        ("", "flagctl remove a-b --keep on|off"),
        ("on_removal: on\n", "flagctl remove a-b"),
        ("decision: {outcome: extend, keep: off}\n", "flagctl remove a-b"),
    ],
)
def test_the_hint_has_the_command(more: str, command: str) -> None:
    (found,) = check("FLG101", whole(f"key: a-b\nexpires: 2026-05-01\n{more}"))
    assert f"(`{command}`), or move" in (found.hint or "")


@pytest.mark.parametrize(
    ("today", "grace", "severity"),
    [
        ("2026-04-30", 7, None),
        ("2026-05-01", 7, W),
        ("2026-05-07", 7, W),
        ("2026-05-08", 7, E),
        ("2026-05-01", 1, W),
        ("2026-05-02", 1, E),
        ("2026-05-01", 0, E),
        ("2026-05-01", 10**15, W),
    ],
)
def test_expired_in_grace_is_a_warning(today: str, grace: int, severity: Severity | None) -> None:
    made = whole("key: a-b\nexpires: 2026-05-01\n", today=today, thresholds=Thresholds(grace=grace))
    assert [found.severity for found in check("FLG101", made)] == ([] if severity is None else [severity])


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_expired_at_the_ends_of_the_calendar(day: str) -> None:
    made = whole(f"key: a-b\nexpires: {day}\n", thresholds=Thresholds(grace=5, expires_soon=5))
    assert bool(check("FLG101", made)) is (day < "2026")
    assert not check("FLG102", made)


def test_expired_whatever_else_it_says() -> None:
    """An extension moves `expires`; until it does, it has not happened. A standing flag that expires does expire."""
    extended = "key: a-b\nexpires: 2026-05-01\nextensions:\n  - {from: 2026-05-01, to: 2026-09-01, reason: Slipped}\n"
    assert check("FLG101", whole(extended))
    assert check("FLG101", whole("key: a-b\nexpected_end_state: keep\nexpires: 2026-05-01\n"))
    assert not check("FLG101", whole("key: a-b\nexpected_end_state: keep\nreview_by: 2026-05-01\n"))


# --- FLG102 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "soon", "expected"),
    [
        ("2026-04-16", 14, None),
        ("2026-04-17", 14, "expires on 2026-05-01 (in 14 days)"),
        ("2026-04-29", 14, "expires on 2026-05-01 (in 2 days)"),
        ("2026-04-30", 14, "expires on 2026-05-01 (in 1 day)"),
        ("2026-05-01", 14, None),
        ("2026-05-02", 14, None),
        ("2026-04-30", 0, None),
        ("2026-04-29", 1, None),
        ("2026-04-30", 1, "expires on 2026-05-01 (in 1 day)"),
    ],
)
def test_expires_soon(today: str, soon: int, expected: str | None) -> None:
    made = whole("key: a-b\nexpires: 2026-05-01\n", today=today, thresholds=Thresholds(expires_soon=soon))
    assert verdicts("FLG102", made) == ([] if expected is None else [("a-b", expected)])


@pytest.mark.parametrize("today", ["2026-04-17", "2026-04-30", "2026-05-01", "2026-05-02"])
def test_either_expired_or_expires_soon(today: str) -> None:
    made = whole("key: a-b\nexpires: 2026-05-01\n", today=today, thresholds=Thresholds(grace=7))
    assert len(check("FLG101", made)) + len(check("FLG102", made)) == 1


# --- FLG103 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2026-04-30", None),
        ("2026-05-01", "was to be reviewed by 2026-05-01 (today)"),
        ("2026-05-02", "was to be reviewed by 2026-05-01 (1 day ago)"),
        ("2026-06-15", "was to be reviewed by 2026-05-01 (45 days ago)"),
    ],
)
@pytest.mark.parametrize("end", ["expected_end_state: keep", "expected_end_state: remove", "owner: me"])
def test_review_overdue(today: str, end: str, expected: str | None) -> None:
    found = check("FLG103", whole(f"key: a-b\n{end}\nreview_by: 2026-05-01\n", today=today))
    assert [each.message for each in found] == ([] if expected is None else [expected])
    assert all(place(each) == "flags/1.yaml:3:12" for each in found)


def test_grace_is_for_expiry_only() -> None:
    made = whole("key: a-b\nexpected_end_state: keep\nreview_by: 2026-06-15\n", thresholds=Thresholds(grace=30))
    assert [found.severity for found in check("FLG103", made)] == [E]


def test_review_of_a_segment_is_another_matter() -> None:
    made = whole("key: a-b\ntargeting:\n  - {segment: austria, question: Why, review_by: 2026-05-01}\n")
    assert not check("FLG103", made)


# --- FLG104 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "span"),
    [
        # created to expires
        ("type: release\ncreated: 2026-05-01\nexpires: 2026-06-10", None),  # 40 days
        ("type: release\ncreated: 2026-05-01\nexpires: 2026-06-11", "41 days, from 2026-05-01 to 2026-06-11"),
        ("type: experiment\ncreated: 2026-05-01\nexpires: 2026-06-10", None),
        ("type: experiment\ncreated: 2026-05-01\nexpires: 2026-06-11", "41 days, from 2026-05-01 to 2026-06-11"),
        ("type: ops\ncreated: 2026-01-01\nexpires: 2026-06-30", None),  # 180 days
        ("type: ops\ncreated: 2026-01-01\nexpires: 2026-07-01", "181 days, from 2026-01-01 to 2026-07-01"),
        ("type: permission\ncreated: 2026-01-01\nexpires: 2027-01-01", None),  # 365 days
        ("type: permission\ncreated: 2026-01-01\nexpires: 2027-01-02", "366 days, from 2026-01-01 to 2027-01-02"),
        # what is missing is another rule's matter
        ("created: 2026-05-01\nexpires: 2028-01-01", None),
        ("type: release\nexpires: 2028-01-01", None),
        ("type: release\ncreated: 2020-01-01", None),
        # the wrong way round
        ("type: release\ncreated: 2026-05-01\nexpires: 2026-04-01", None),
        # adopted: an old flag's life counts from there
        ("type: release\ncreated: 2024-01-01\nadopted: 2026-05-01\nexpires: 2026-06-10", None),
        (
            "type: release\ncreated: 2024-01-01\nadopted: 2026-05-01\nexpires: 2026-06-11",
            "41 days, from 2026-05-01 to 2026-06-11",
        ),
        ("type: release\nadopted: 2026-05-01\nexpires: 2026-06-11", "41 days, from 2026-05-01 to 2026-06-11"),
        # extensions are judged by their own rule: the first promise counts
        (
            "type: release\ncreated: 2026-05-01\nexpires: 2026-12-01\n"
            "extensions: [{from: 2026-06-10, to: 2026-12-01, reason: Slipped}]",
            None,
        ),
        (
            "type: release\ncreated: 2026-05-01\nexpires: 2026-12-01\n"
            "extensions: [{from: 2026-06-11, to: 2026-12-01, reason: Slipped}]",
            "41 days, from 2026-05-01 to 2026-06-11",
        ),
        (
            "type: release\ncreated: 2026-05-01\nexpires: 2026-12-01\n"
            "extensions: [{from: 2026-08-01, to: 2026-12-01}, {from: 2026-06-01, to: 2026-08-01}]",
            None,
        ),
        (
            "type: release\ncreated: 2026-05-01\nexpires: 2026-12-01\nextensions: [{to: 2026-12-01, reason: Slipped}]",
            "214 days, from 2026-05-01 to 2026-12-01",
        ),
    ],
)
def test_lifetime_too_long(lines: str, span: str | None) -> None:
    expected = f"is given {span}; flags of type {lines.split()[1]} may have " if span else None
    found = check("FLG104", whole(f"key: a-b\n{lines}\n"))
    assert len(found) == (expected is not None)
    assert all(each.message.startswith(str(expected)) for each in found)


@pytest.mark.parametrize(
    ("lines", "span"),
    [
        # from today to the next review, whatever the age of the flag
        ("type: ops\ncreated: 2020-01-01\nreview_by: 2026-12-12", None),  # 180 days after the examples' today
        ("type: ops\ncreated: 2020-01-01\nreview_by: 2026-12-13", "181 days, from 2026-06-15 to 2026-12-13"),
        ("type: permission\ncreated: 2020-01-01\nreview_by: 2027-06-15", None),
        ("type: permission\ncreated: 2020-01-01\nreview_by: 2027-06-16", "366 days, from 2026-06-15 to 2027-06-16"),
        # a flag that begins later has its time from then
        ("type: ops\ncreated: 2026-07-01\nreview_by: 2026-12-28", None),
        ("type: ops\ncreated: 2026-07-01\nreview_by: 2026-12-29", "181 days, from 2026-07-01 to 2026-12-29"),
        ("type: ops\ncreated: 2020-01-01", None),
        ("type: ops\ncreated: 2020-01-01\nexpires: 2030-01-01", None),
        ("created: 2020-01-01\nreview_by: 2030-01-01", None),
    ],
)
def test_next_review_too_far_away(lines: str, span: str | None) -> None:
    found = check("FLG104", whole(f"key: a-b\nexpected_end_state: keep\n{lines}\n"))
    assert [each.message.split(";")[0] for each in found] == ([] if span is None else [f"is given {span}"])


def test_lifetime_stands_at_the_promise() -> None:
    [found] = check("FLG104", whole("key: a-b\ntype: release\ncreated: 2026-05-01\nexpires: 2027-05-01\n"))
    assert place(found) == "flags/1.yaml:4:10"
    standing = "key: a-b\ntype: ops\nexpected_end_state: keep\ncreated: 2026-05-01\nreview_by: 2028-05-01\n"
    [found] = check("FLG104", whole(standing))
    assert place(found) == "flags/1.yaml:5:12"


def test_limits_are_configured() -> None:
    text = "key: a-b\ntype: release\ncreated: 2026-05-01\nexpires: 2026-05-11\n"
    assert not check("FLG104", whole(text, lifetime=Lifetime(release=10)))
    [found] = check("FLG104", whole(text, lifetime=Lifetime(release=9)))
    assert found.message.endswith("flags of type release may have 9")
    assert not check("FLG104", whole(text, lifetime=Lifetime(experiment=1, ops=1, permission=1)))


def test_lifetime_does_not_depend_on_the_day_for_a_flag_that_goes() -> None:
    text = "key: a-b\ntype: release\ncreated: 2026-05-01\nexpires: 2026-12-01\n"
    messages = {check("FLG104", whole(text, today=today))[0].message for today in ("2026-05-01", "2030-01-01")}
    assert len(messages) == 1


# --- FLG105, FLG110 ---------------------------------------------------------------------------------------------------

CALL = reference("a-b")


@pytest.mark.parametrize(
    ("decision", "references", "codes"),
    [
        ("{outcome: ship, keep: on, date: 2026-06-15}", [CALL], ["FLG105"]),
        ("{outcome: rollback, keep: off, date: 2026-06-01}", [CALL], ["FLG105"]),
        ("{outcome: keep-control, date: 2026-05-31}", [CALL], ["FLG110"]),
        ("{outcome: ship, keep: on, date: 2026-05-31}", [], []),
        ("{outcome: ship, keep: on, date: 2026-05-31}", [reference("a-b", in_tests=True)], []),
        ("{outcome: ship, keep: on, date: 2026-05-31}", [mention("a-b", Kind.CODE, "web/a.ts")], ["FLG110"]),
        ("{outcome: ship, keep: on}", [CALL], ["FLG105"]),
        ("{outcome: extend, date: 2026-05-31}", [CALL], []),
        ("{rationale: Not yet}", [CALL], []),
    ],
)
def test_decided(decision: str, references: list[Reference], codes: list[str]) -> None:
    made = whole(f"owner: me\nkey: a-b\ndecision: {decision}\n", references=references)
    assert codes_that_fire(made, ["FLG105", "FLG110"]) == codes
    assert all(place(each) == "flags/1.yaml:3:1" for code in codes for each in check(code, made))


def test_what_is_to_stay_is_not_removed() -> None:
    text = "key: a-b\nexpected_end_state: keep\ndecision: {outcome: ship, keep: on, date: 2026-05-01}\n"
    assert not codes_that_fire(whole(text, references=[CALL]), ["FLG105", "FLG110"])


@pytest.mark.parametrize(
    ("keep", "hint"), [(", keep: on", "flagctl remove a-b"), ("", "flagctl remove a-b --keep on|off")]
)
def test_the_hint_is_the_command(keep: str, hint: str) -> None:
    found = check("FLG105", whole(f"key: a-b\ndecision: {{outcome: ship{keep}}}\n"))
    assert [each.hint for each in found] == [hint]


# --- FLG108, FLG109 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        ("{segment: big, question: Why?}", None),
        ("{segment: big, question: Why?, review_by: 2026-06-16}", None),
        ("{segment: big, question: Why?, review_by: 2026-06-15}", "was to be reviewed for big by 2026-06-15 (today)"),
        ("{segment: big}", "treats big apart without a question"),
        ("{segment: big, review_by: 2026-01-01}", "treats big apart without a question"),
    ],
)
def test_targeting(segment: str, expected: str | None) -> None:
    found = verdicts("FLG108", whole(f"key: a-b\ntargeting:\n  - {segment}\n"))
    assert found == ([("a-b", expected)] if expected else [])


@pytest.mark.parametrize(
    ("extensions", "expected"),
    [
        ([], []),
        (["reason: a", "reason: b"], []),
        (["reason: a", "reason: b", "reason: c"], [("was extended 3 times; 2 are allowed", "5:5")]),
        (["to: 2026-09-01"], [("was extended to 2026-09-01 without a reason", "3:5")]),
        (["by: me", "reason: b"], [("was extended without a reason", "3:5")]),
    ],
)
def test_extensions(extensions: list[str], expected: list[tuple[str, str]]) -> None:
    lines = "".join(f"  - {{{each}}}\n" for each in extensions)
    found = check("FLG109", whole(f"key: a-b\n{'extensions:' if lines else ''}\n{lines}"))
    assert [(each.message, place(each).partition(":")[2]) for each in found] == expected
