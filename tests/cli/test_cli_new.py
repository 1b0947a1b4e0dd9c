"""`flagctl new`: what it writes is complete, or nothing is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from command import CLEAN, HELPER, TODAY, Ran, run, run_in_terminal

from flagctl.cli.experiment_block import Unit
from flagctl.cli.new import EndState, FlagType

Write = Callable[[Mapping[str, str | bytes]], Path]

OPTIONS = {
    "--type": "release",
    "--description": "One-page checkout",
    "--owner": "@acme/payments",
    "--reason": "Cut the drop-off",
    "--removal-criterion": "100% for 14 days",
}


def options(**changes: str | None) -> list[str]:
    """All that is needed for a release flag, with some options changed or left out."""
    given = {**OPTIONS, **{f"--{name.replace('_', '-')}": value for name, value in changes.items()}}
    return [word for name, value in given.items() if value is not None for word in (name, value)]


def refused(root: Path, ran: Ran, *words: str) -> None:
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1
    for word in words:
        assert word in ran.err
    assert not list(root.glob("flags/*new-flag*"))


def test_writes_a_complete_definition(write: Write) -> None:
    root = write({"README.md": "-"})
    ran = run(root, "new", "new-flag", *options(), *TODAY)
    assert (ran.code, ran.out, ran.err) == (0, "", "flagctl: wrote flags/new-flag.yaml\n")
    assert (root / "flags/new-flag.yaml").read_text() == (
        "key: new-flag\n"
        "description: One-page checkout\n"
        "type: release\n"
        "owner: '@acme/payments'\n"
        "reason: Cut the drop-off\n"
        "created: 2026-06-15\n"
        "expires: 2026-07-25\n"
        "expected_end_state: remove\n"
        "removal_criterion: 100% for 14 days\n"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"type": "ops", "removal_criterion": None, "justification": "Operators need it"},
        {"type": "permission", "removal_criterion": None, "justification": "Sold apart", "review_by": "2026-12-01"},
        {"type": "permission", "justification": "Sold apart"},
        {"type": "ops", "end_state": "remove"},
        {"type": "release", "end_state": "configuration", "expires": "2026-07-01"},
        {"type": "release", "end_state": "keep", "removal_criterion": None, "justification": "It is a setting"},
        {"description": "on", "reason": "1.10", "owner": "null", "removal_criterion": "2026-07-01"},
        {"description": 'a: "b" # {c} [d]', "reason": "- x", "owner": "ann@example.com", "removal_criterion": "100%"},
        {"description": "größer 🚀", "reason": "l\u2019été", "owner": "*", "removal_criterion": "word " * 60 + "end"},
        {"description": "two\nlines", "reason": " spaces around ", "owner": "'quoted'", "removal_criterion": "a\ttab"},
    ],
)
def test_what_it_writes_is_valid(write: Write, changes: dict[str, str | None]) -> None:
    root = write({"README.md": "-"})
    ran = run(root, "new", "new-flag", *options(**changes), *TODAY)
    assert (ran.code, ran.err) == (0, "flagctl: wrote flags/new-flag.yaml\n")
    checked = run(root, "validate", "--select", "FLG0,FLG1", "--fail-on", "info", "--ignore", "FLG102", *TODAY)
    assert (checked.code, checked.out.split(",")[0].strip()) == (0, "No findings: 1 flag")
    shown = run(root, "show", "new-flag", "--output-format", "json").json["flag"]
    for name, value in changes.items():
        assert value is None or shown[{"end_state": "expected_end_state"}.get(name, name)] == value


EXPERIMENT = {
    "--hypothesis": "One page raises completed checkouts",
    "--kpi": "orders",
    "--guardrail": "error_rate",
    "--unit": "account",
    "--minimum-detectable-effect": "2%",
    "--stop-rule": "Stop when a guardrail is breached",
}
TREE = """
    north_star: orders
    metrics:
      orders: {role: north_star, event: e, aggregate: count, unit: account, goal: increase}
      tickets: {role: supporting, event: e, aggregate: count, unit: account, goal: decrease, drives: orders}
      visits: {role: supporting, event: e, aggregate: count, unit: session, goal: increase, drives: orders}
      error_rate: {role: guardrail, event: e, aggregate: count, unit: account, goal: decrease, margin: 5%}
"""
OWNED = {"CODEOWNERS": "* @acme/everybody @acme/all\n/flags/ @acme/payments\n"}


def experiment(**changes: str | None) -> list[str]:
    """All that is needed for an experiment, with some options changed or left out."""
    given = {**EXPERIMENT, **{f"--{name.replace('_', '-')}": value for name, value in changes.items()}}
    more = [word for name, value in given.items() if value is not None for word in (name, value)]
    return [*options(type="experiment"), *more]


@pytest.mark.parametrize("kind", ["release", "experiment", "ops", "permission"])
def test_no_rule_has_anything_against_it(write: Write, kind: str) -> None:
    """But that no code asks for the flag yet."""
    root = write({**OWNED, "flags/metrics.yaml": TREE, "shop/page.py": "x = 1\n"})
    standing = {"removal_criterion": None, "justification": "Sold apart"} if kind in ("ops", "permission") else {}
    given = experiment() if kind == "experiment" else options(type=kind, **standing)
    ran = run(root, "new", "new-flag", *given, *TODAY)
    assert (ran.code, ran.err) == (0, "flagctl: wrote flags/new-flag.yaml\n")
    audited = run(root, "audit", "--select", "ALL", "--output-format", "json", *TODAY).json["findings"]
    assert [each["code"] for each in audited] == ["FLG202"]


def test_experiment(write: Write) -> None:
    root = write({"README.md": "-"})
    assert run(root, "new", "new-flag", *experiment(guardrail="error_rate, tickets"), *TODAY).code == 0
    assert (root / "flags/new-flag.yaml").read_text().partition("experiment:\n")[2] == (
        "  hypothesis: One page raises completed checkouts\n"
        "  kpi: orders\n"
        "  guardrails:\n"
        "  - error_rate\n"
        "  - tickets\n"
        "  unit: account\n"
        "  arms:\n"
        "    off: 50\n"
        "    on: 50\n"
        "  control: off\n"
        "  minimum_detectable_effect: 2%\n"
        "  window:\n"
        "    start: 2026-06-15\n"
        "    end: 2026-07-11\n"
        "  stop_rule: Stop when a guardrail is breached\n"
    )


def test_experiment_of_several_arms(write: Write) -> None:
    root = write({"README.md": "-"})
    arms = "old = 50, one-page=25.5, two-pages=24.5"
    given = experiment(arms=arms, control="old", window_start="2026-06-20", window_end="2026-07-01")
    assert run(root, "new", "new-flag", *given, *TODAY).code == 0
    shown = run(root, "show", "new-flag", "--output-format", "json").json["flag"]
    assert shown["variants"] == {"old": "old", "one-page": "one-page", "two-pages": "two-pages"}
    assert shown["experiment"]["arms"] == {"old": 50, "one-page": 25.5, "two-pages": 24.5}
    assert shown["experiment"]["window"] == {"start": "2026-06-20", "end": "2026-07-01"}


def test_unit_is_that_of_the_metric(write: Write) -> None:
    root = write({"flags/metrics.yaml": TREE})
    assert run(root, "new", "new-flag", *experiment(unit=None), *TODAY).code == 0
    assert "  unit: account\n" in (root / "flags/new-flag.yaml").read_text()


def test_options_of_an_experiment_belong_to_one(write: Write) -> None:
    root = write({"README.md": "-"})
    ran = run(root, "new", "new-flag", *options(), "--guardrail", "x", "--stop-rule", "y")
    refused(root, ran, "--guardrail is about an experiment, and the type is release; see --type")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"expires": "2026-06-15"}, "finding, FLG101 error: new-flag expired on 2026-06-15 (today); take it out"),
        (
            {"type": "ops", "removal_criterion": None, "justification": "x", "review_by": "2026-06-01"},
            "FLG103 error: new-flag was to be reviewed by 2026-06-01 (14 days ago)",
        ),
    ],
)
def test_what_a_rule_calls_an_error_is_not_written(write: Write, changes: dict[str, str | None], words: str) -> None:
    root = write({"README.md": "-"})
    refused(root, run(root, "new", "new-flag", *options(**changes), *TODAY), words, "; nothing was written")
    assert not (root / "flags").exists()


@pytest.mark.parametrize(
    ("key", "changes", "said"),
    [
        ("gift-cards", {}, "FLG011 warning: gift-cards is one edit away from gift-card (flags/old.yaml:1); rename one"),
        ("a-gift-card", {}, None),
        (
            "disable-mail",
            {},
            'FLG009 warning: disable-mail has a negative name: it begins with "disable"; name the flag',
        ),
        ("disable-mail", {"type": "ops", "removal_criterion": None, "justification": "x"}, None),
        ("new-flag", {"expires": "2026-06-25"}, "FLG102 info: new-flag expires on 2026-06-25 (in 10 days)"),
        ("new-flag", {"expires": "2026-12-01"}, "FLG104 warning: new-flag is given 169 days, from 2026-06-15 to"),
    ],
)
def test_what_a_rule_warns_of_is_said(write: Write, key: str, changes: dict[str, str | None], said: str | None) -> None:
    """And not what it says of flags that were there before."""
    root = write({"flags/old.yaml": "key: gift-card\ncreated: 2026-01-01\n"})
    ran = run(root, "new", key, *options(**changes), *TODAY)
    first, *others = ran.err.splitlines()
    assert (ran.code, first) == (0, f"flagctl: wrote flags/{key}.yaml")
    assert len(others) == (said is not None)
    assert said is None or others[0].startswith(f"flagctl: {said}")


def test_what_the_configuration_ignores_is_not_said(write: Write) -> None:
    root = write({"flagctl.toml": '[rules]\nignore = ["FLG009"]\n[rules.severity]\nFLG104 = "error"\n'})
    assert run(root, "new", "disable-mail", *options(), *TODAY).err == "flagctl: wrote flags/disable-mail.yaml\n"
    refused(
        root, run(root, "new", "new-flag", *options(expires="2026-12-01"), *TODAY), "FLG104 error: new-flag is given"
    )


def test_key_of_a_flag_that_is_gone(write: Write) -> None:
    root = write({"flags/archive/new-flag.yaml": "key: new-flag\n"})
    ran = run(root, "new", "new-flag", *options())
    assert (ran.code, ran.err) == (
        2,
        'flagctl: "new-flag" is the key of a flag that is gone: see flags/archive/new-flag.yaml; '
        "choose another: old clients may still ask for it\n",
    )


def test_key_as_all_others_are_written(write: Write) -> None:
    root = write({f"flags/{number}.yaml": f"key: FLAG_{letter}\n" for number, letter in enumerate("ABCDEFG")})
    assert run(root, "new", "FLAG_NEW_ONE", *options(), *TODAY).code == 0


def test_key_that_would_be_the_file_of_the_metric_tree(write: Write) -> None:
    root = write({"README.md": "-"})
    assert run(root, "new", "metrics", *options(), *TODAY).err == "flagctl: wrote flags/flag-metrics.yaml\n"
    assert "1 flag" in run(root, "validate", *TODAY).out


# --- the owner --------------------------------------------------------------------------------------------------------


def test_owner_by_codeowners(write: Write) -> None:
    root = write(OWNED)
    ran = run(root, "new", "new-flag", *options(owner=None), *TODAY)
    assert ran.err == (
        "flagctl: @acme/payments owns flags/new-flag.yaml by CODEOWNERS\nflagctl: wrote flags/new-flag.yaml\n"
    )
    assert "owner: '@acme/payments'\n" in (root / "flags/new-flag.yaml").read_text()


def test_owner_by_codeowners_only_where_it_is_one(write: Write) -> None:
    root = write({"CODEOWNERS": "* @acme/one @acme/two\n"})
    refused(root, run(root, "new", "new-flag", *options(owner=None)), "--owner is missing")


def test_owner_whom_nobody_knows(write: Write) -> None:
    teams = {"owners.yaml": "'@acme/oncall': [ann@example.com]\n", "flagctl.toml": 'owners = "owners.yaml"\n'}
    root = write({**OWNED, **teams})
    ran = run(root, "new", "new-flag", *options(owner="@acme/paiments"), *TODAY)
    words = '--owner is nobody whom CODEOWNERS or the owners file names: "@acme/paiments"'
    refused(root, ran, f'{words}; did you mean "@acme/payments"?')
    refused(root, run(root, "new", "new-flag", *options(owner="zz"), *TODAY), "; there are @acme/all, @acme/every")
    assert run(root, "new", "new-flag", *options(owner="Ann@example.com"), *TODAY).code == 0


def test_asks_again_for_an_owner_whom_nobody_knows(write: Write) -> None:
    ran = run_in_terminal(write(OWNED), "new", "new-flag", *options(owner=None), *TODAY, answers="nobody\n\n")
    assert ran.code == 0, ran
    assert 'owner (one team or person, such as "@acme/payments") [@acme/payments]: ' in ran.err
    assert 'flagctl: owner is nobody whom CODEOWNERS or the owners file names: "nobody"; there are ' in ran.err
    assert ran.err.endswith("flagctl: wrote flags/new-flag.yaml\n")


def test_asks_about_an_experiment_on_a_terminal(write: Write) -> None:
    root = write({"flags/metrics.yaml": TREE})
    answers = "One page helps\norder\norders\nerror_rate\n\n\n\n2\n2%\n\n\nWhen it hurts\n"
    ran = run_in_terminal(root, "new", "new-flag", *options(type="experiment"), *TODAY, answers=answers)
    assert ran.code == 0, ran
    assert "kpi (which metric decides? there are orders, tickets, visits): " in ran.err
    assert 'flagctl: kpi names no metric of the tree: "order"; did you mean "orders"?' in ran.err
    assert "guardrail (which metrics must not get worse? there are error_rate, tickets): " in ran.err
    assert "window-end (its last day) [2026-07-11]: " in ran.err
    assert run(root, "validate", "--select", "FLG0,FLG1,FLG5", *TODAY).code == 0


@pytest.mark.parametrize(
    ("kind", "field", "day"),
    [
        ("release", "expires", "2026-06-25"),
        ("experiment", "expires", "2026-06-20"),
        ("ops", "review_by", "2026-07-15"),
        ("permission", "review_by", "2026-07-25"),
    ],
)
def test_time_is_the_configured_lifetime(write: Write, kind: str, field: str, day: str) -> None:
    root = write({"flagctl.toml": "[lifetime]\nrelease = 10\nexperiment = 5\nops = 30\npermission = 40\n"})
    reasons = {"removal_criterion": None, "justification": "x"} if field == "review_by" else {}
    given = experiment() if kind == "experiment" else options(type=kind, **reasons)
    assert run(root, "new", "new-flag", *given, *TODAY).code == 0
    assert f"\n{field}: {day}\n" in (root / "flags/new-flag.yaml").read_text()


@pytest.mark.parametrize("option", ["type", "description", "owner", "reason", "removal-criterion"])
def test_missing_option_is_named(write: Write, option: str) -> None:
    root = write({"README.md": "-"})
    refused(root, run(root, "new", "new-flag", *options(**{option: None})), f"--{option} is missing: ")


@pytest.mark.parametrize("option", ["description", "owner", "reason", "removal-criterion"])
def test_empty_option(write: Write, option: str) -> None:
    root = write({"README.md": "-"})
    refused(root, run(root, "new", "new-flag", *options(**{option: " "})), f"--{option} is empty")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"type": "ops", "removal_criterion": None}, "--justification is missing: why can it not go?"),
        ({"expires": "soon"}, '--expires must be a date like 2026-05-01, not "soon"'),
        ({"type": "ops", "justification": "x", "review_by": "2026-02-30"}, "--review-by must be a date"),
        (
            {"type": "ops", "justification": "x", "expires": "2026-07-01"},
            "--expires does not go with the end state keep",
        ),
        ({"review_by": "2026-07-01"}, "--review-by does not go with the end state remove; see --end-state"),
        ({"justification": "x"}, "--justification does not go with the end state remove"),
        (
            {"description": "a\x1b[31mb"},
            r"the definition would not be valid: holds the control character \x1b; delete it",
        ),
        ({"today": "9999-12-30"}, "40 days from 9999-12-30 on are more than the calendar has; see [lifetime]"),
        ({"today": "soon"}, "--today must be a date"),
    ],
)
def test_bad_option(write: Write, changes: dict[str, str | None], message: str) -> None:
    root = write({"README.md": "-"})
    refused(root, run(root, "new", "new-flag", *options(**changes)), message)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("New_Flag", '"New_Flag" does not match the key pattern ^[a-z][a-z0-9.-]*$'),
        ("new-flag/../x", "does not match the key pattern"),
        ("../new-flag", "does not match the key pattern"),
        ("", '"key" is empty'),
        ("new flag", '"key" must be a name without spaces'),
        ("a" * 201, "of at most 200 characters"),
        ("new-flag\x1b[31m", r"\x1b"),
        ("new-checkout", '"new-checkout" is taken: see flags/new-checkout.yaml:1'),
        ("newCheckout", "is taken: see flags/aliased.yaml:1"),
        ("bad-one", '"bad-one" is taken by a definition that is not valid; see `flagctl validate`'),
    ],
)
def test_bad_key(write: Write, key: str, message: str) -> None:
    aliased = "key: one-page\naliases: [newCheckout]\n"
    pattern = "" if key != "newCheckout" else 'key_pattern = "."\n'
    files = {"flags/aliased.yaml": aliased, "flags/bad.yaml": "key: bad-one\nx: 1\n", "flagctl.toml": pattern + HELPER}
    root = write({**CLEAN, **files})
    before = sorted(root.rglob("*"))
    refused(root, run(root, "new", key, *options()), message)
    assert sorted(root.rglob("*")) == before


def test_existing_file_is_not_overwritten(write: Write) -> None:
    root = write({"flags/x.yaml": "key: other-flag\n"})
    ran = run(root, "new", "x", *options())
    assert (ran.code, ran.err) == (2, "flagctl: flags/x.yaml: is there already; flagctl overwrites nothing\n")
    assert (root / "flags/x.yaml").read_text() == "key: other-flag\n"


@pytest.mark.parametrize(
    ("definitions", "path"),
    [
        ('["toggles"]', "toggles/new-flag.yaml"),
        ('["./toggles/"]', "toggles/new-flag.yaml"),
        ('["services/*/flags", "more/toggles"]', "more/toggles/new-flag.yaml"),
        ('["services/*/flags"]', "flags/new-flag.yaml"),
    ],
)
def test_where_it_is_written(write: Write, definitions: str, path: str) -> None:
    root = write({"flagctl.toml": f"definitions = {definitions}\n", "shop/a.py": "x = 1\n"})
    ran = run(root / "shop", "new", "new-flag", *options())
    assert (ran.code, ran.err) == (0, f"flagctl: wrote {path}\n")
    assert (root / path).is_file()


def test_folder_that_is_a_file(write: Write) -> None:
    root = write({"flagctl.toml": 'definitions = ["flags.yaml"]\n', "flags.yaml": "key: a-b\n"})
    refused(root, run(root, "new", "new-flag", *options()), "flags.yaml/new-flag.yaml: cannot be written: ")


def test_asks_on_a_terminal_for_what_is_missing(write: Write) -> None:
    root = write({"README.md": "-"})
    answers = "nonsense\nrelease\nOne-page checkout\n\n@acme/payments\nCut the drop-off\n100% for 14 days\n"
    ran = run_in_terminal(root, "new", "new-flag", *TODAY, answers=answers)
    assert ran.code == 0, ran
    assert "flagctl: type must be one of release, experiment, ops, permission\n" in ran.err
    assert ran.err.count("owner (one team or person") == 2, "an empty answer is asked for again"
    assert ran.err.endswith("flagctl: wrote flags/new-flag.yaml\n")
    run(root, "new", "other-one", *options(), *TODAY)
    asked, given = ((root / f"flags/{name}.yaml").read_text() for name in ("new-flag", "other-one"))
    assert asked == given.replace("other-one", "new-flag")


def test_asks_only_for_what_is_missing(write: Write) -> None:
    root = write({"README.md": "-"})
    ran = run_in_terminal(root, "new", "new-flag", *options(owner=None), *TODAY, answers="@acme/payments\n")
    assert ran.code == 0, ran
    assert [word for word in ("type (", "description (", "owner (", "reason (") if word in ran.err] == ["owner ("]


def test_an_end_to_the_questions_writes_nothing(write: Write) -> None:
    root = write({"README.md": "-"})
    ran = run_in_terminal(root, "new", "new-flag", *options(owner=None), answers="\x04")
    assert ran.code != 0
    assert "Traceback" not in ran.err
    assert not (root / "flags").exists()


def test_choices_are_those_of_the_schema() -> None:
    schema = json.loads((Path(__file__).parents[2] / "schemas" / "flag.v1.schema.json").read_text(encoding="utf-8"))
    fields = schema["properties"]
    assert [*FlagType] == fields["type"]["enum"]
    assert [*EndState] == fields["expected_end_state"]["enum"]
    assert [*Unit] == fields["experiment"]["properties"]["unit"]["enum"]
