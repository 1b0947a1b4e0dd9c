"""FLG0xx on definitions as people write them."""

from __future__ import annotations

import pytest
from rule_cases import check, place, snapshot, verdicts, whole

from flagctl.model import Edit, Location

COMPLETE = """
    key: new-checkout
    type: release
    owner: "@acme/payments"
    reason: Cut the drop-off
    expires: 2026-08-01
    expected_end_state: remove
    removal_criterion: 100% for 14 days
    """
STANDING = """
    key: read-only
    type: ops
    owner: "@acme/payments"
    reason: Survive a failover
    review_by: 2026-08-01
    expected_end_state: keep
    justification: Operators need it
    """
FAMILY = [f"FLG{number:03}" for number in (1, 2, 3, 5, 6, 7, 8, 9, 11, 12)]


@pytest.mark.parametrize("code", FAMILY)
@pytest.mark.parametrize("definition", [COMPLETE, STANDING])
def test_complete_definition_has_no_findings(code: str, definition: str) -> None:
    assert not check(code, whole(definition))


@pytest.mark.parametrize("code", FAMILY)
def test_no_definitions_no_findings(code: str) -> None:
    assert not check(code, whole())


# --- FLG001 -----------------------------------------------------------------------------------------------------------


def test_invalid_definition_every_problem_of_a_file() -> None:
    made = snapshot("key: new-checkout\nexpries: 2026-08-01\nrefresh: pull\n")
    first, second = check("FLG001", made)
    assert (first.flag, place(first)) == ("new-checkout", "flags/1.yaml:2:1")
    assert first.message == 'is not valid: unknown field "expries"'
    assert first.hint == 'did you mean "expires"?'
    assert (second.flag, place(second)) == ("new-checkout", "flags/1.yaml:3:10")


def test_invalid_definition_without_a_key_is_about_the_file() -> None:
    [found] = check("FLG001", snapshot("owner: me\n"))
    assert (found.flag, place(found)) == (None, "flags/1.yaml:1:1")
    assert not found.message.startswith("is ")


def test_invalid_definition_hides_its_other_findings_only() -> None:
    made = snapshot("key: broken\nowner: [1]\n", "key: fine\n")
    assert {found.flag for found in check("FLG003", made)} == {"fine"}
    assert {found.flag for found in check("FLG001", made)} == {"broken"}


def test_invalid_document_leaves_its_neighbours_judged() -> None:
    made = snapshot("key: one\n---\nkey: two\nexpires: soon\n---\nkey: three\n")
    assert [found.flag for found in check("FLG003", made)] == ["one", "three"]


# --- FLG002 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            ["key: a-b\n", "key: a-b\n"],
            [("flags/2.yaml:1:6", "has a key that is taken: see flags/1.yaml:1")],
            id="two keys",
        ),
        pytest.param(
            ["key: a-b\n", "key: a-b\n", "key: a-b\n"],
            [
                ("flags/2.yaml:1:6", "has a key that is taken: see flags/1.yaml:1"),
                ("flags/3.yaml:1:6", "has a key that is taken: see flags/1.yaml:1"),
            ],
            id="three keys",
        ),
        pytest.param(
            ["key: a-b\n---\n\nkey: a-b\n"],
            [("flags/1.yaml:4:6", "has a key that is taken: see flags/1.yaml:1")],
            id="one file",
        ),
        pytest.param(
            ["key: a-b\n", "key: c-d\naliases: [x-y, a-b]\n"],
            [("flags/2.yaml:2:16", 'has an alias "a-b" that is taken: see flags/1.yaml:1')],
            id="alias of a key",
        ),
        pytest.param(
            ["key: a-b\naliases: [c-d]\n", "owner: me\nkey: c-d\n"],
            [("flags/2.yaml:2:6", "has a key that is taken: see flags/1.yaml:1")],
            id="key of an alias",
        ),
        pytest.param(
            ["key: a-b\naliases: [aB]\n", "key: c-d\naliases: [aB]\n"],
            [("flags/2.yaml:2:11", 'has an alias "aB" that is taken: see flags/1.yaml:1')],
            id="two aliases",
        ),
        pytest.param(["key: a-b\n", "key: c-d\n"], [], id="different"),
        pytest.param(["key: a-b\naliases: [a-b]\n"], [], id="alias of itself"),
        pytest.param(["key: a-b\naliases: [aB, a_b]\n", "key: c-d\naliases: [cD]\n"], [], id="different aliases"),
        pytest.param(["key: a-b\n", "key: a-B\n"], [], id="case tells them apart"),
        pytest.param(["key: a-b\n", "key: ''\n"], [], id="one of them invalid"),
    ],
)
def test_duplicate_key(files: list[str], expected: list[tuple[str, str]]) -> None:
    assert [(place(found), found.message) for found in check("FLG002", snapshot(*files))] == expected


# --- what is missing --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "lines", "message"),
    [
        ("FLG003", "", "has no owner"),
        ("FLG003", 'owner: "@acme/payments"', None),
        ("FLG003", "owner: ann@example.com", None),
        ("FLG005", "", "has no expiry"),
        ("FLG005", "expires: 2020-01-01", None),
        ("FLG005", "expected_end_state: remove\nreview_by: 2026-08-01", "has no expiry"),
        ("FLG005", "expected_end_state: configuration", "has no expiry"),
        ("FLG005", "expected_end_state: configuration\nexpires: 2026-08-01", None),
        ("FLG005", "expected_end_state: keep", "is meant to stay and has no review date"),
        ("FLG005", "expected_end_state: keep\nexpires: 2026-08-01", "is meant to stay and has no review date"),
        ("FLG005", "expected_end_state: keep\nreview_by: 2026-08-01", None),
        ("FLG005", "type: ops", "has no expiry"),
        ("FLG006", "", "has no reason: what decision does it support?"),
        ("FLG006", "description: A checkout", "has no reason: what decision does it support?"),
        ("FLG006", "reason: Cut the drop-off", None),
        ("FLG007", "", "has no type"),
        ("FLG007", "type: release", None),
        ("FLG007", "type: experiment", None),
        ("FLG007", "type: ops", None),
        ("FLG007", "type: permission", None),
        ("FLG008", "", "has no expected end state"),
        ("FLG008", "justification: It has to be", "has no expected end state"),
        ("FLG008", "expected_end_state: remove", None),
        ("FLG008", "expected_end_state: configuration", None),
        ("FLG008", "expected_end_state: keep", "is to stay without justification"),
        ("FLG008", "expected_end_state: keep\njustification: Operators need it", None),
        ("FLG012", "", "does not say when it may go"),
        ("FLG012", "expected_end_state: remove", "does not say when it may go"),
        ("FLG012", "expected_end_state: configuration", "does not say when it may go"),
        ("FLG012", "removal_criterion: 100% for 14 days", None),
        ("FLG012", "expected_end_state: keep", None),
    ],
)
def test_missing_field(code: str, lines: str, message: str | None) -> None:
    found = verdicts(code, whole(f"key: new-checkout\n{lines}\n"))
    assert found == ([] if message is None else [("new-checkout", message)])


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("FLG003", 'owner: "@your-org/your-team"'),
        ("FLG005", "expires: YYYY-MM-DD"),
        ("FLG006", "reason: the decision that this flag supports"),
        ("FLG007", "type: release, experiment, ops or permission"),
        ("FLG008", "expected_end_state: remove, keep or configuration"),
        ("FLG012", "removal_criterion: what has to be true"),
    ],
)
def test_missing_field_stands_at_the_first_key_and_says_what_to_add(code: str, hint: str) -> None:
    made = whole("key: a-b\n", "# a comment\n\ndescription: One-page checkout\nkey: new-checkout\n")
    found = check(code, made)[1]
    assert (found.flag, place(found)) == ("new-checkout", "flags/2.yaml:3:1")
    assert found.hint == f"add to flags/2.yaml: {hint}"


@pytest.mark.parametrize("code", ["FLG003", "FLG005", "FLG006", "FLG007", "FLG008", "FLG012"])
def test_missing_field_of_every_document(code: str) -> None:
    found = check(code, whole("key: one\n---\nkey: two\n", "key: three\n"))
    assert [(each.flag, place(each)) for each in found] == [
        ("one", "flags/1.yaml:1:1"),
        ("two", "flags/1.yaml:3:1"),
        ("three", "flags/2.yaml:1:1"),
    ]


def test_missing_justification_stands_at_the_end_state() -> None:
    [found] = check("FLG008", whole("key: read-only\nexpected_end_state: keep\n"))
    assert place(found) == "flags/1.yaml:2:21"
    assert found.hint == "add to flags/1.yaml: justification: why it cannot go"


@pytest.mark.parametrize(
    ("code", "field"), [("FLG003", "owner"), ("FLG006", "reason"), ("FLG008", "justification"), ("FLG005", "expires")]
)
@pytest.mark.parametrize("value", ["", "''", "'  '", "null", "~"])
def test_empty_value_is_no_way_around_a_rule(code: str, field: str, value: str) -> None:
    """The definition is not valid, which is an error, too."""
    assert check("FLG001", snapshot(f"key: new-checkout\nexpected_end_state: keep\n{field}: {value}\n"))


# --- FLG009 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "more", "begins_with"),
    [
        ("disable-guest-checkout", "type: release", "disable"),
        ("disable-guest-checkout", "", "disable"),
        ("disable-guest-checkout", "type: permission", "disable"),
        ("no-ads", "type: experiment", "no"),
        ("not.logged.in", "", "not"),
        ("hide-banner", "", "hide"),
        ("without-tax", "", "without"),
        ("disabled", "", "disabled"),
        ("disable-mail", "type: ops", None),
        ("no-ads", "type: ops", None),
        ("notifications", "type: release", None),
        ("notify-user", "", None),
        ("node-18", "", None),
        ("nowadays", "", None),
        ("hideout-map", "", None),
        ("allow-disable", "", None),
        ("checkout-no-tax", "", None),
        ("enable-guests", "", None),
        ("prevention", "", None),
    ],
)
def test_negative_name(key: str, more: str, begins_with: str | None) -> None:
    expected = [] if begins_with is None else [(key, f'has a negative name: it begins with "{begins_with}"')]
    assert verdicts("FLG009", whole(f"key: {key}\n{more}\n")) == expected


@pytest.mark.parametrize(
    ("key", "pattern", "fires"),
    [
        ("new-checkout", None, False),
        ("new.checkout-2", None, False),
        ("NewCheckout", None, True),
        ("new_checkout", None, True),
        ("2fast", None, True),
        ("new/checkout", None, True),
        ("größe", None, True),
        ("NEW_CHECKOUT", "^[A-Z_]+$", False),
        ("new-checkout", "^[A-Z_]+$", True),
        ("FEATURE_X", "^FEATURE_", False),
        ("MY_FEATURE_X", "^FEATURE_", True),
        ("Anything/At_all", "", False),
    ],
)
def test_key_pattern(key: str, pattern: str | None, fires: bool) -> None:
    found = check("FLG009", whole(f"owner: me\nkey: {key}\n", key_pattern=pattern))
    assert [place(each) for each in found] == ["flags/1.yaml:2:6"] * fires
    assert all("does not match the key pattern" in each.message for each in found)


@pytest.mark.parametrize(
    ("keys", "pattern", "found"),
    [
        (["a_b", "c_d", "e_f", "g_h"], None, ["a_b", "c_d", "e_f", "g_h"]),  # too few to have a habit
        (["a_b", "c_d", "e_f", "g_h", "i_j"], None, []),
        (["A_B", "c_d", "EF", "g_h", "i_j", "k-l"], None, []),
        (["a_b", "c_d", "e_f", "g_h", "i_j", "k-l", "m-n"], None, ["a_b", "c_d", "e_f", "g_h", "i_j"]),
        (["a_b", "c_d", "e_f", "g_h", "i_j"], "^[a-z-]+$", ["a_b", "c_d", "e_f", "g_h", "i_j"]),
    ],
)
def test_default_pattern_yields_to_another_habit(keys: list[str], pattern: str | None, found: list[str]) -> None:
    made = whole(*(f"key: {key}\n" for key in keys), key_pattern=pattern)
    assert [flag for flag, _ in verdicts("FLG009", made)] == found


def test_key_can_be_bad_in_two_ways() -> None:
    found = verdicts("FLG009", whole("key: NO_ADS\n"))
    assert len(found) == 2


def test_aliases_may_be_spelt_in_any_way() -> None:
    assert not check("FLG009", whole("key: new-checkout\naliases: [newCheckout, NEW_CHECKOUT, disable_x]\n"))


# --- FLG011 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "is_similar"),
    [
        pytest.param("gift-card", "gift-cards", True, id="letter added"),
        pytest.param("gift-cards", "gift-card", True, id="letter left out"),
        pytest.param("gift-card", "gift-cart", True, id="letter replaced"),
        pytest.param("gift-card", "gfit-card", True, id="letters swapped"),
        pytest.param("gift-card", "giftcard", True, id="hyphen left out"),
        pytest.param("gift-card", "gift.card", True, id="hyphen replaced"),
        pytest.param("gift-card", "Gift-card", True, id="capital"),
        pytest.param("xgift-card", "gift-card", True, id="at the start"),
        pytest.param("aab", "ab", True, id="letter doubled"),
        pytest.param("gift-card", "gift-cadr", True, id="swapped at the end"),
        pytest.param("checkout-v1", "checkout-v2", False, id="other digit"),
        pytest.param("checkout-v1", "checkout-v12", False, id="digit added"),
        pytest.param("checkout", "checkout2", False, id="digit for nothing"),
        pytest.param("checkout-v1", "checkout-vx", False, id="digit for a letter"),
        pytest.param("v12-checkout", "v21-checkout", False, id="digits swapped"),
        pytest.param("checkout-v1", "chekout-v1", True, id="letter in a numbered key"),
        pytest.param("gift-card", "gift-cardss", False, id="two letters added"),
        pytest.param("gift-card", "gifd-cart", False, id="two letters replaced"),
        pytest.param("gift-card", "card-gift", False, id="words swapped"),
        pytest.param("gift-card", "igtf-card", False, id="far swap"),
        pytest.param("abc", "cba", False, id="swapped around the middle"),
        pytest.param("gift-card", "voucher", False, id="different"),
        pytest.param("gift-card", "gift-card", False, id="the same, which is FLG002"),
    ],
)
def test_similar_key(one: str, other: str, is_similar: bool) -> None:
    expected = [(other, f"is one edit away from {one} (flags/1.yaml:1)")] if is_similar else []
    assert verdicts("FLG011", whole(f"key: {one}\n", f"key: {other}\n")) == expected


def test_similar_keys_one_finding_a_pair_at_the_later_one() -> None:
    made = whole("key: gift-cards\n", "key: gift-card\n", "key: gift-cart\n")
    assert sorted((found.flag, place(found), found.message) for found in check("FLG011", made)) == [
        ("gift-card", "flags/2.yaml:1:6", "is one edit away from gift-cards (flags/1.yaml:1)"),
        ("gift-cart", "flags/3.yaml:1:6", "is one edit away from gift-card (flags/2.yaml:1)"),
    ]


def test_similar_keys_all_three_alike() -> None:
    made = whole("key: plan-a\n", "key: plan-b\n", "key: plan-c\n")
    assert sorted((found.flag, place(found)) for found in check("FLG011", made)) == [
        ("plan-b", "flags/2.yaml:1:6"),
        ("plan-c", "flags/3.yaml:1:6"),
        ("plan-c", "flags/3.yaml:1:6"),
    ]


def test_similar_keys_in_one_file_by_their_lines() -> None:
    made = whole("key: gift-cards\n---\nkey: gift-card\n")
    [found] = check("FLG011", made)
    assert (found.flag, place(found)) == ("gift-card", "flags/1.yaml:3:6")


def test_similar_keys_beside_a_duplicate() -> None:
    made = whole("key: gift-card\n", "key: gift-card\n", "key: gift-cards\n")
    assert verdicts("FLG011", made) == [("gift-cards", "is one edit away from gift-card (flags/1.yaml:1)")]


def test_aliases_may_be_similar() -> None:
    assert not check("FLG011", whole("key: gift-card\naliases: [giftCard, gift-cards]\n", "key: voucher\n"))
    assert not check("FLG011", whole("key: gift-card\n", "key: voucher\naliases: [gift-cards]\n"))


# --- FLG003: what mends it --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "owners", "line", "hint"),
    [
        ("key: a-b\n", ("@acme/payments",), 2, '"@acme/payments", as CODEOWNERS has it (`flagctl audit --fix`)'),
        ("key: a-b\ntype: ops\nreason: x\n", ("ann@example.com",), 3, '"ann@example.com", as CODEOWNERS has it'),
        ("{key: a-b}\n", ("@acme/payments",), None, '"@acme/payments", as CODEOWNERS has it'),
        ("key: a-b\n", (), None, '"@your-org/your-team"'),
        ("key: a-b\n", ("@@maintainer",), None, '"@your-org/your-team"'),
        ("key: a-b\n", ("payments",), None, '"@your-org/your-team"'),
        ("key: a-b\n", ('@acme"',), None, '"@your-org/your-team"'),
        ("key: a-b\n", ("@acme/\\x",), None, '"@your-org/your-team"'),
        ("key: a-b\n", ("@a", "@b"), None, '"@a" or "@b"'),
    ],
)
def test_an_owner_by_code_owners(text: str, owners: tuple[str, ...], line: int | None, hint: str) -> None:
    [found] = check("FLG003", whole(text, protected={"flags/1.yaml": owners}, code_owners="CODEOWNERS"))
    assert (found.hint or "").startswith(f"add to flags/1.yaml: owner: {hint}")
    if line is None:
        assert found.fix is None
    else:
        at = Location("flags/1.yaml", line, 1, line, 1)
        assert found.fix == Edit(at, f'owner: "{owners[0]}"\n')
