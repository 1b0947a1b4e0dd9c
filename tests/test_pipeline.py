"""Definitions, code and configuration in a folder; findings out."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from flagctl import pipeline
from flagctl.config import find_config
from flagctl.model import InputError, Severity
from flagctl.report import Report
from flagctl.rules import CATALOGUE, EXAMPLE_TODAY

Write = Callable[[Mapping[str, str | bytes]], Path]

COMPLETE = """\
key: new-checkout
type: release
owner: "@acme/payments"
reason: Cut the drop-off
created: 2026-06-01
expires: 2026-07-10
expected_end_state: remove
removal_criterion: 100% for 14 days
"""
HELPER = """
    [[evaluation]]
    call = "*request.feature"
    key = 0
    """
CODE = """
    def page(request):
        return request.feature("new-checkout")
    """
METRICS = """\
north_star: orders
metrics:
  orders: {role: north_star, event: order_completed, aggregate: count, unit: user, goal: increase}
"""
PROJECT = {"flags/new-checkout.yaml": COMPLETE, "flagctl.toml": HELPER, "shop.py": CODE}


def audit(
    root: Path,
    *select: str,
    ignore: tuple[str, ...] = (),
    paths: tuple[str, ...] = (),
    today: date = EXAMPLE_TODAY,
) -> Report:
    request = pipeline.Request(today, select, ignore, paths)
    return pipeline.audit(find_config(root), request, lambda done, total: None)


def validate(root: Path, *select: str, paths: tuple[str, ...] = (), more: tuple[str, ...] = ()) -> Report:
    return pipeline.validate(find_config(root), pipeline.Request(EXAMPLE_TODAY, select, (), paths), more)


def found(report: Report) -> list[str]:
    """`FLG101 flags/a.yaml:2`, sorted."""
    return sorted(f"{each.code} {each.location.path}:{each.location.line}" for each in report.findings)


def codes(report: Report) -> list[str]:
    return sorted({each.code for each in report.findings})


def test_whole_and_in_use_has_no_findings(write: Write) -> None:
    report = audit(write(PROJECT), "ALL")
    assert report.findings == ()
    assert (report.searched, report.parsed, report.suppressed, report.passed_over) == (1, 1, 0, 0)
    assert [flag.key for flag in report.flags] == ["new-checkout"]
    assert [reference.flag for reference in report.references] == ["new-checkout"]


def test_order_of_files_does_not_matter(write: Write) -> None:
    files = {f"flags/{name}.yaml": f"key: {name}-x\n" for name in "cab"} | {"z.md": "-", "a.py": "x = 1\n"}
    root = write(files)
    assert audit(root).findings == audit(root).findings
    assert [each.location.path for each in audit(root, "FLG003").findings] == [f"flags/{name}.yaml" for name in "abc"]


# --- ignore comments --------------------------------------------------------------------------------------------------

EXPIRED = "expires: 2026-06-01"
WHY = "waits for the tax rules"


@pytest.mark.parametrize(
    ("definition", "left"),
    [
        pytest.param(f"key: a-b\n{EXPIRED}\n", ["FLG101 flags/a.yaml:2"], id="no comment"),
        pytest.param(f"key: a-b\n{EXPIRED}  # flagctl: ignore[FLG101] {WHY}\n", [], id="same line"),
        pytest.param(f"key: a-b\n# flagctl: ignore[FLG101] {WHY}\n{EXPIRED}\n", [], id="line above"),
        pytest.param(f"key: a-b\n# flagctl: ignore[FLG101] {WHY}\n\n# note\n{EXPIRED}\n", [], id="above a comment"),
        pytest.param(f"key: a-b\n{EXPIRED}  # flagctl: ignore[expired] {WHY}\n", [], id="by name"),
        pytest.param(f"key: a-b\n{EXPIRED}  # flagctl: ignore[FLG1] {WHY}\n", [], id="by prefix"),
        pytest.param(f"key: a-b\n{EXPIRED}  # flagctl: ignore[ALL] {WHY}\n", [], id="all"),
        pytest.param(f"key: a-b\n{EXPIRED}  # flagctl: ignore[DEFAULT] {WHY}\n", [], id="default"),
        pytest.param(f"key: a-b\n{EXPIRED}  # note # flagctl: ignore[FLG101] {WHY}\n", [], id="behind a comment"),
        pytest.param(
            f"# flagctl: ignore[FLG101] {WHY}\nkey: a-b\n{EXPIRED}\n",
            ["FLG101 flags/a.yaml:3", "FLG901 flags/a.yaml:1"],
            id="two lines above",
        ),
        pytest.param(
            f"key: a-b\n{EXPIRED}\n# flagctl: ignore[FLG101] {WHY}\n",
            ["FLG101 flags/a.yaml:2", "FLG901 flags/a.yaml:3"],
            id="line below",
        ),
        pytest.param(
            f"key: a-b\n{EXPIRED}  # flagctl: ignore[FLG102] {WHY}\n",
            ["FLG101 flags/a.yaml:2", "FLG901 flags/a.yaml:2"],
            id="another rule",
        ),
        pytest.param(
            f"key: a-b\n{EXPIRED}  # flagctl: ignore[FLG101]\n",
            ["FLG101 flags/a.yaml:2", "FLG901 flags/a.yaml:2"],
            id="no reason",
        ),
        pytest.param(
            f"key: a-b\n{EXPIRED}  # flagctl: ignore {WHY}\n",
            ["FLG101 flags/a.yaml:2", "FLG901 flags/a.yaml:2"],
            id="no codes",
        ),
        pytest.param(
            f"key: a-b\n{EXPIRED}  # flagctl: ignore[] {WHY}\n",
            ["FLG101 flags/a.yaml:2", "FLG901 flags/a.yaml:2"],
            id="empty brackets",
        ),
        pytest.param(
            f"key: a-b\n{EXPIRED}  # flagctl: ignore[FLG999] {WHY}\n",
            ["FLG101 flags/a.yaml:2", "FLG901 flags/a.yaml:2"],
            id="unknown code",
        ),
        pytest.param(
            f"key: a-b\n{EXPIRED}  # flagctl: ignore[FLG101, FLG999] {WHY}\n",
            ["FLG101 flags/a.yaml:2", "FLG901 flags/a.yaml:2"],
            id="one of two unknown",
        ),
        pytest.param(
            f"key: a-b\ndescription: 'x # flagctl: ignore[FLG101] {WHY}'\n{EXPIRED}\n",
            ["FLG101 flags/a.yaml:3"],
            id="in a string",
        ),
        pytest.param(f"key: a-b\n{EXPIRED}\n# flagctl: ignored\n", ["FLG101 flags/a.yaml:2"], id="another word"),
    ],
)
def test_ignore_comment_in_a_definition(write: Write, definition: str, left: list[str]) -> None:
    report = audit(write({"flags/a.yaml": definition, "a.md": "-"}), "FLG1", "FLG901")
    if "ignored" in definition:
        assert [each for each in found(report) if "FLG901" not in each] == left
    else:
        assert found(report) == left
    assert report.suppressed == (not left)


@pytest.mark.parametrize(
    ("complaint", "comment"),
    [
        ("this comment hides nothing: FLG102 does not fire here", f"ignore[FLG102] {WHY}"),
        ('this comment hides nothing: unknown rule "FLG1O1"; did you mean FLG101?', f"ignore[FLG1O1] {WHY}"),
        ("this comment names no rule: write ignore[FLG101] reason", f"ignore {WHY}"),
        ("this comment gives no reason: write it behind the bracket", "ignore[FLG101]"),
    ],
)
def test_idle_comment_says_what_is_wrong(write: Write, complaint: str, comment: str) -> None:
    report = audit(
        write({"flags/a.yaml": f"key: a-b\n{EXPIRED} # flagctl: {comment}\n", "a.md": "-"}), "FLG1", "FLG901"
    )
    [idle] = [each for each in report.findings if each.code == "FLG901"]
    assert idle.message == complaint
    assert (idle.flag, idle.location.line, idle.location.column) == (None, 2, 21)


def test_several_codes_each_must_hide_something(write: Write) -> None:
    root = write({"a.md": "-", "flags/a.yaml": "key: a-b  # flagctl: ignore[FLG003, FLG006 FLG007,FLG002] adopting\n"})
    report = audit(root, "FLG002", "FLG003", "FLG006", "FLG007", "FLG901")
    [idle] = report.findings
    assert idle.message == "this comment hides nothing: FLG002 does not fire here"
    assert report.suppressed == 3


def test_comment_hides_all_findings_of_a_rule_on_its_line(write: Write) -> None:
    root = write(
        {
            "flags/a.yaml": "key: a-b\n",
            "flagctl.toml": HELPER,
            "shop.py": """
                def page(request):
                    # flagctl: ignore[undeclared-flag] the other team's
                    return request.feature("one") or request.feature("two")
                """,
        }
    )
    report = audit(root, "FLG201", "FLG901")
    assert (report.findings, report.suppressed) == ((), 2)


@pytest.mark.parametrize(
    "code",
    [
        'def page(request):\n    return request.feature("nope")  # flagctl: ignore[FLG201] not ours\n',
        'def page(request):\n    # flagctl: ignore[FLG201] not ours\n    return request.feature("nope")\n',
        'def page(request):\n    return request.feature(  # flagctl: ignore[FLG201] not ours\n        "nope",\n    )\n',
        'def page(request):\n    return request.feature(\n        "nope",  # flagctl: ignore[FLG201] not ours\n    )\n',
        'def page(request):\n    return request.feature(\n        "nope",\n    )  # flagctl: ignore[FLG201] not ours\n',
    ],
)
def test_ignore_comment_in_code(write: Write, code: str) -> None:
    report = audit(write({**PROJECT, "shop.py": CODE, "other.py": code}), "FLG201", "FLG901")
    assert (report.findings, report.suppressed) == ((), 1)


@pytest.mark.parametrize(
    ("code", "left"),
    [
        (
            'def page(request):\n    return request.feature("nope")\n    # flagctl: ignore[FLG201] not ours\n',
            ["FLG201 other.py:2", "FLG901 other.py:3"],
        ),
        (
            'def page(request):\n    """# flagctl: ignore[FLG201] not ours"""\n    return request.feature("nope")\n',
            ["FLG201 other.py:3"],
        ),
        ("# flagctl: ignore[FLG201] not ours\nx = 1\n", ["FLG901 other.py:1"]),
    ],
)
def test_ignore_comment_in_code_that_hides_nothing(write: Write, code: str, left: list[str]) -> None:
    assert found(audit(write({**PROJECT, "other.py": code}), "FLG201", "FLG901")) == left


def test_comment_is_not_judged_when_its_rule_did_not_run(write: Write) -> None:
    root = write({"flags/a.yaml": f"key: a-b\nowner: me  # flagctl: ignore[FLG101] {WHY}\n", "a.md": "-"})
    assert found(audit(root, "FLG102", "FLG901")) == []
    assert found(audit(root, "FLG101", "FLG901")) == ["FLG901 flags/a.yaml:2"]
    assert found(audit(root, "FLG1", "FLG901", ignore=("FLG101",))) == []


def test_comment_for_a_family_is_idle_if_any_of_it_ran(write: Write) -> None:
    root = write({"flags/a.yaml": f"key: a-b\nowner: me  # flagctl: ignore[FLG1] {WHY}\n", "a.md": "-"})
    assert found(audit(root, "FLG102", "FLG901")) == ["FLG901 flags/a.yaml:2"]
    assert found(audit(root, "FLG003", "FLG901")) == []


def test_broken_comment_is_judged_whatever_ran(write: Write) -> None:
    root = write({"flags/a.yaml": "key: a-b  # flagctl: ignore[FLG101]\n", "a.md": "-"})
    assert found(audit(root, "FLG901")) == ["FLG901 flags/a.yaml:1"]


def test_idle_comments_can_be_left_alone(write: Write) -> None:
    root = write({"flags/a.yaml": f"key: a-b\nowner: me  # flagctl: ignore[FLG101] {WHY}\n", "a.md": "-"})
    assert "FLG901" not in codes(audit(root, ignore=("FLG901",)))
    assert "FLG901" in codes(audit(root))


def test_idle_comment_cannot_be_hidden_by_another(write: Write) -> None:
    comment = f"owner: me  # flagctl: ignore[FLG901] {WHY}"
    root = write({"flags/a.yaml": f"key: a-b\n{comment}\n", "a.md": "-"})
    assert found(audit(root, "FLG901")) == ["FLG901 flags/a.yaml:2"]


def test_ignore_comment_for_a_definition_that_is_not_valid(write: Write) -> None:
    definition = "key: a-b\nexpries: 2026-01-01  # flagctl: ignore[FLG001] our own field\n"
    report = audit(write({"flags/a.yaml": definition, "a.md": "-"}), "FLG001", "FLG901")
    assert (report.findings, report.suppressed, report.passed_over) == ((), 1, 1)


def test_ignore_comment_in_a_metric_tree(write: Write) -> None:
    comment = "  # flagctl: ignore[FLG001] our own field"
    for field, left, suppressed in ((", team: x", [], 1), ("", ["FLG901 flags/metrics.yaml:3"], 0)):
        tree = METRICS.replace("}", f"{field}}}{comment}")
        root = write({"flags/a.yaml": "key: a-b\n", "flags/metrics.yaml": tree, "a.md": "-"})
        report = audit(root, "FLG001", "FLG901")
        assert (found(report), report.suppressed) == (left, suppressed)


@pytest.mark.parametrize(
    ("tree", "expected", "notices"),
    [
        (METRICS, ["FLG502 flags/a.yaml:2"], ()),
        ("", [], ()),
        (METRICS + "  visits: {}\n", [], ("the metric tree was passed over (FLG001)",)),
    ],
)
def test_a_metric_tree_with_a_problem_judges_nothing(
    write: Write, tree: str, expected: list[str], notices: tuple[str, ...]
) -> None:
    files = {"flags/a.yaml": "key: a-b\nrollout: {gates: [order]}\n", "flags/metrics.yaml": tree, "a.md": "-"}
    report = audit(write(files), "FLG502")
    assert (found(report), report.notices) == (expected, notices)


def test_ignore_comment_in_tests_is_judged_too(write: Write) -> None:
    """Findings are not made about tests, so a comment there hides nothing."""
    code = 'def test_page(request):\n    request.feature("nope")  # flagctl: ignore[FLG201] a fake\n'
    assert found(audit(write({**PROJECT, "tests/test_a.py": code}), "FLG201", "FLG901")) == ["FLG901 tests/test_a.py:2"]


# --- configuration of the rules ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "left"),
    [
        (
            '"flags/old/**" = ["FLG003"]',
            ["FLG003 flags/new/b.yaml:1", "FLG006 flags/new/b.yaml:1", "FLG006 flags/old/a.yaml:1"],
        ),
        ('"flags/old/**" = "FLG0"', ["FLG003 flags/new/b.yaml:1", "FLG006 flags/new/b.yaml:1"]),
        ('"flags/old/" = ["ALL"]', ["FLG003 flags/new/b.yaml:1", "FLG006 flags/new/b.yaml:1"]),
        (
            '"b.yaml" = ["missing-owner"]',
            ["FLG003 flags/old/a.yaml:1", "FLG006 flags/new/b.yaml:1", "FLG006 flags/old/a.yaml:1"],
        ),
        ('"**/*.yaml" = ["FLG003", "FLG006"]', []),
        (
            '"nowhere/**" = ["ALL"]',
            [
                "FLG003 flags/new/b.yaml:1",
                "FLG003 flags/old/a.yaml:1",
                "FLG006 flags/new/b.yaml:1",
                "FLG006 flags/old/a.yaml:1",
            ],
        ),
    ],
)
def test_per_path_ignores(write: Write, entry: str, left: list[str]) -> None:
    files = {"flags/old/a.yaml": "key: aa-b\n", "flags/new/b.yaml": "key: cc-d\n", "a.md": "-"}
    root = write({**files, "flagctl.toml": f"[rules.per_path_ignores]\n{entry}\n"})
    report = audit(root, "FLG003", "FLG006")
    assert found(report) == left
    assert report.suppressed == 0


def test_per_path_ignores_silence_idle_comments_too(write: Write) -> None:
    files = {"flags/a.yaml": f"key: a-b  # flagctl: ignore[FLG101] {WHY}\n", "a.md": "-"}
    root = write({**files, "flagctl.toml": '[rules.per_path_ignores]\n"flags/**" = ["FLG901"]\n'})
    assert found(audit(root, "FLG101", "FLG901")) == []


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ('FLG101 = "info"', Severity.INFO),
        ('expired = "warning"', Severity.WARNING),
        ('FLG1 = "info"', Severity.INFO),
        ('ALL = "warning"', Severity.WARNING),
        ('FLG102 = "info"', Severity.ERROR),
    ],
)
def test_severity_is_configured(write: Write, table: str, expected: Severity) -> None:
    root = write(
        {"flags/a.yaml": f"key: a-b\n{EXPIRED}\n", "a.md": "-", "flagctl.toml": f"[rules.severity]\n{table}\n"}
    )
    assert [each.severity for each in audit(root, "FLG101").findings] == [expected]


def test_severity_of_idle_comments_is_configured(write: Write) -> None:
    files = {"flags/a.yaml": f"key: a-b  # flagctl: ignore[FLG101] {WHY}\n", "a.md": "-"}
    root = write({**files, "flagctl.toml": '[rules.severity]\nFLG901 = "error"\n'})
    assert [each.severity for each in audit(root, "FLG101", "FLG901").findings] == [Severity.ERROR]


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        ((), (), ["FLG003", "FLG005", "FLG006", "FLG007", "FLG008", "FLG012", "FLG202"]),
        (("DEFAULT",), (), ["FLG003", "FLG005", "FLG006", "FLG007", "FLG008", "FLG012", "FLG202"]),
        (("ALL",), (), ["FLG003", "FLG005", "FLG006", "FLG007", "FLG008", "FLG012", "FLG202"]),
        (("FLG00",), (), ["FLG003", "FLG005", "FLG006", "FLG007", "FLG008"]),
        (("FLG2",), (), ["FLG202"]),
        (("FLG003", "missing-type"), (), ["FLG003", "FLG007"]),
        (("ALL",), ("FLG0",), ["FLG202"]),
        ((), ("FLG00", "FLG2"), ["FLG012"]),
        (("FLG003",), ("FLG005",), ["FLG003"]),
    ],
)
def test_select_and_ignore(write: Write, select: tuple[str, ...], ignore: tuple[str, ...], expected: list[str]) -> None:
    assert codes(audit(write({"flags/a.yaml": "key: a-b\n", "a.md": "-"}), *select, ignore=ignore)) == expected


@pytest.mark.parametrize(("select", "ignore"), [(("FLG003",), ("FLG0",)), ((), ("ALL",)), (("FLG003",), ("ALL",))])
def test_a_run_of_no_rules_is_no_silent_pass(write: Write, select: tuple[str, ...], ignore: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="no rule is left to run: all that are selected are ignored"):
        audit(write({"flags/a.yaml": "key: a-b\n", "a.md": "-"}), *select, ignore=ignore)


RULES = '[rules]\nselect = ["FLG003", "FLG005"]\nignore = ["FLG005"]\n'


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        ((), (), ["FLG003"]),
        (("FLG006",), (), ["FLG006"]),
        (("FLG005", "FLG006"), (), ["FLG006"]),  # `ignore` is still the configuration's: an option replaces its own
        ((), ("FLG003",), ["FLG005"]),
        (("FLG003", "FLG005"), ("FLG012",), ["FLG003", "FLG005"]),
    ],
)
def test_command_line_replaces_configuration(
    write: Write, select: tuple[str, ...], ignore: tuple[str, ...], expected: list[str]
) -> None:
    root = write({"flags/a.yaml": "key: a-b\n", "a.md": "-", "flagctl.toml": RULES})
    assert codes(audit(root, *select, ignore=ignore)) == expected


@pytest.mark.parametrize(
    ("select", "ignore", "message"),
    [
        (("FLG999",), (), 'unknown rule "FLG999"; did you mean FLG'),
        (("expird",), (), 'unknown rule "expird"; did you mean expired?'),
        (("FLG003", "DEFALT"), (), 'unknown rule "DEFALT"; did you mean DEFAULT?'),
        ((), ("missing-ownr",), 'unknown rule "missing-ownr"; did you mean missing-owner?'),
        (("ALL",), ("zzz",), 'unknown rule "zzz"; see `flagctl rule`'),
    ],
)
def test_unknown_rule_asked_for(write: Write, select: tuple[str, ...], ignore: tuple[str, ...], message: str) -> None:
    root = write({"flags/a.yaml": "key: a-b\n", "a.md": "-"})
    with pytest.raises(InputError) as caught:
        audit(root, *select, ignore=ignore)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    "line",
    [
        'select = ["expird"]',
        'ignore = ["expird"]',
        'severity.expird = "error"',
        'per_path_ignores."a/**" = ["expird"]',
    ],
)
def test_unknown_rule_in_the_configuration(write: Write, line: str) -> None:
    root = write({"flags/a.yaml": "key: a-b\n", "a.md": "-", "flagctl.toml": f"# ours\n\n[rules]\n{line}\n"})
    with pytest.raises(InputError) as caught:
        audit(root)
    assert str(caught.value) == f'{root / "flagctl.toml"}:3: unknown rule "expird"; did you mean expired?'


# --- what is reported -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paths", "left"),
    [
        ((), ["FLG003 flags/a.yaml:1", "FLG003 flags/ab.yaml:1", "FLG201 shop/page.py:2"]),
        ((".",), ["FLG003 flags/a.yaml:1", "FLG003 flags/ab.yaml:1", "FLG201 shop/page.py:2"]),
        (("flags/a.yaml",), ["FLG003 flags/a.yaml:1"]),
        (("flags",), ["FLG003 flags/a.yaml:1", "FLG003 flags/ab.yaml:1"]),
        (("shop",), ["FLG201 shop/page.py:2"]),
        (("shop/page.py", "flags/ab.yaml"), ["FLG003 flags/ab.yaml:1", "FLG201 shop/page.py:2"]),
        (("flags/a",), []),
        (("sho",), []),
        (("docs",), []),
    ],
)
def test_paths_limit_what_is_reported(write: Write, paths: tuple[str, ...], left: list[str]) -> None:
    code = 'def page(ask):\n    return ask("nope") or ask("one-a") or ask("two-b")\n'
    files = {"flags/a.yaml": "key: one-a\n", "flags/ab.yaml": "key: two-b\n", "shop/page.py": code}
    root = write({**files, "flagctl.toml": '[[evaluation]]\ncall = "ask"\nkey = 0\n', "docs/a.md": "-"})
    report = audit(root, "FLG003", "FLG2", paths=paths)
    assert found(report) == left
    assert report.searched == 2
    assert len(report.references) == 3


def test_paths_do_not_make_flags_unused(write: Write) -> None:
    """Everything is scanned, so a flag that is used elsewhere stays used."""
    assert found(audit(write(PROJECT), "ALL", paths=("flags",))) == []


# --- what is a definition, what is a source ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("configuration", "folder"),
    [
        ("", "flags"),
        ('definitions = ["flags/"]', "flags"),
        ('definitions = ["./flags"]', "flags"),
        ('definitions = ["services/*/flags"]', "services/shop/flags"),
        ('definitions = ["services/*/flags/*.yaml"]', "services/shop/flags"),
        ('definitions = ["**/flags"]', "services/shop/flags"),
        ('definitions = ["flags/new-checkout.yaml"]', "flags"),
    ],
)
def test_archive_and_metrics_are_neither_definitions_nor_mentions(
    write: Write, configuration: str, folder: str
) -> None:
    root = write(
        {
            "flagctl.toml": configuration + "\n",
            f"{folder}/new-checkout.yaml": COMPLETE,
            f"{folder}/archive/old-search.yaml": "key: old-search\nreason: new-checkout took its place\n",
            f"{folder}/metrics.yaml": METRICS.replace("user", "user, description: by new-checkout"),
            "README.md": "A shop.\n",
        }
    )
    report = audit(root, "ALL")
    assert [flag.key for flag in report.flags] == ["new-checkout"]
    assert report.references == ()
    assert codes(report) == ["FLG202"]


@pytest.mark.parametrize("name", ["flagctl.toml", "pyproject.toml"])
def test_configuration_is_no_mention(write: Write, name: str) -> None:
    prefix = "tool.flagctl." if name == "pyproject.toml" else ""
    helper = f'[[{prefix}evaluation]]\ncall = "*is_new_checkout"\nflag = "new-checkout"\n'
    root = write({"flags/a.yaml": COMPLETE, name: helper, "README.md": "A shop.\n"})
    assert codes(audit(root, "ALL")) == ["FLG202"]


def test_definitions_do_not_mention_each_other(write: Write) -> None:
    other = "key: other-flag\ndepends_on: [new-checkout]\n"
    root = write({"flags/a.yaml": COMPLETE, "flags/b.yaml": other, "README.md": "A shop.\n"})
    assert audit(root).references == ()


def test_no_definitions(write: Write) -> None:
    root = write({"shop.py": CODE, "flagctl.toml": '# ours\ndefinitions = ["toggles", "more/*.yaml"]\n'})
    for run in (audit, validate):
        with pytest.raises(InputError) as caught:
            run(root)
        message = f"{root / 'flagctl.toml'}:2: no definitions: toggles, more/*.yaml under {root} holds no YAML file; "
        assert str(caught.value).startswith(message)


@pytest.mark.parametrize("content", ["", "# nothing yet\n", "---\n", "owner: me\n", "{"])
def test_definitions_that_are_all_wrong_are_found(write: Write, content: str) -> None:
    report = audit(write({"flags/a.yaml": content, "a.md": "-"}))
    assert codes(report) == ["FLG001"]


def test_no_sources(write: Write) -> None:
    root = write({"flags/a.yaml": COMPLETE, "flagctl.toml": 'sources = ["src"]\n'})
    with pytest.raises(InputError, match=r"flagctl\.toml:1: no source to read: src under .* holds no file"):
        audit(root)


def test_alias_is_an_evaluation_of_its_flag(write: Write) -> None:
    code = 'def page(request):\n    return request.feature("newCheckout")\n'
    root = write({**PROJECT, "flags/new-checkout.yaml": COMPLETE + "aliases: [newCheckout]\n", "shop.py": code})
    report = audit(root, "ALL")
    assert report.findings == ()
    assert [reference.flag for reference in report.references] == ["new-checkout"]


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_flag_is_used_by_its_key_though_another_claims_it_as_alias(write: Write, names: tuple[str, str]) -> None:
    other = COMPLETE.replace("new-checkout", "one-page") + "aliases: [new-checkout]\n"
    files = {f"flags/{names[0]}.yaml": COMPLETE, f"flags/{names[1]}.yaml": other, "flagctl.toml": HELPER}
    report = audit(write({**files, "shop.py": CODE}), "ALL")
    assert [(each.code, each.flag) for each in report.findings if each.code == "FLG202"] == [("FLG202", "one-page")]


def test_invalid_definition_is_declared_and_searched_for(write: Write) -> None:
    root = write({**PROJECT, "flags/new-checkout.yaml": "key: new-checkout\nexpries: 2026-07-01\n"})
    report = audit(root, "ALL")
    assert codes(report) == ["FLG001"]
    assert report.passed_over == 1
    assert [reference.flag for reference in report.references] == ["new-checkout"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("web/page.ts", None),
        ("web/page.html", None),
        ("web/page.test.md", "FLG206"),
        ("tests/page.ts", "FLG205"),
    ],
)
def test_flag_of_the_front_end(write: Write, path: str, code: str | None) -> None:
    root = write({"flags/a.yaml": COMPLETE, path: 'if (flags.isOn("new-checkout")) {}\n'})
    assert codes(audit(root, "FLG2")) == ([] if code is None else [code])


def test_helper_that_is_not_configured_is_named(write: Write) -> None:
    code = 'def page(user):\n    return enabled(user, key="new-checkout")\n'
    [finding] = audit(write({"flags/a.yaml": COMPLETE, "shop.py": code}), "FLG2").findings
    assert finding.code == "FLG206"
    assert finding.hint == 'if enabled() asks for the flag, configure it: [[evaluation]] call = "*enabled", key = "key"'


# --- validate ---------------------------------------------------------------------------------------------------------


def test_validate_runs_the_rules_about_definitions(write: Write) -> None:
    root = write({"flags/a.yaml": f"key: a-b\n{EXPIRED}\n"})
    assert codes(validate(root)) == ["FLG003", "FLG006", "FLG007", "FLG008", "FLG012"]


def test_validate_never_fails_because_a_date_passed(write: Write) -> None:
    root = write({"flags/a.yaml": COMPLETE})
    request = pipeline.Request(date(2030, 1, 1))
    assert pipeline.validate(find_config(root), request).findings == ()


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        (("FLG1",), ["FLG101"]),
        (("FLG003",), ["FLG003"]),
        (("FLG003", "FLG202"), ["FLG003"]),
        (("ALL",), ["FLG003", "FLG006", "FLG007", "FLG008", "FLG012", "FLG101"]),
    ],
)
def test_validate_runs_others_where_they_are_selected(
    write: Write, select: tuple[str, ...], expected: list[str]
) -> None:
    assert codes(validate(write({"flags/a.yaml": f"key: a-b\n{EXPIRED}\n"}), *select)) == expected


@pytest.mark.parametrize("select", [("FLG2",), ("FLG202", "undeclared-flag")])
def test_validate_refuses_rules_that_read_code(write: Write, select: tuple[str, ...]) -> None:
    root = write({"flags/a.yaml": COMPLETE})
    with pytest.raises(InputError, match="cannot run here: these rules read the code; use `flagctl audit`"):
        validate(root, *select)


def test_validate_follows_the_configuration(write: Write) -> None:
    configuration = '[rules]\nignore = ["FLG006"]\nselect = ["FLG00"]\n[rules.severity]\nFLG003 = "info"\n'
    report = validate(write({"flags/a.yaml": "key: a-b\n", "flagctl.toml": configuration}))
    assert codes(report) == ["FLG003", "FLG005", "FLG007", "FLG008"]
    assert report.findings[0].severity is Severity.INFO


def test_validate_reads_all_and_reports_on_some(write: Write) -> None:
    root = write({"flags/a.yaml": "key: a-b\n", "flags/b.yaml": "key: a-b\n"})
    assert found(validate(root, "FLG002", paths=("flags/b.yaml",))) == ["FLG002 flags/b.yaml:1"]
    assert found(validate(root, "FLG002", paths=("flags/a.yaml",))) == []


def test_validate_reads_a_file_that_is_not_among_the_definitions(write: Write) -> None:
    root = write({"flags/a.yaml": "key: a-b\n", "draft.yaml": "key: a-b\n"})
    assert found(validate(root, "FLG002", paths=("draft.yaml",), more=("draft.yaml",))) == ["FLG002 draft.yaml:1"]


def test_validate_needs_no_sources(write: Write) -> None:
    report = validate(write({"flags/a.yaml": COMPLETE, "flagctl.toml": 'sources = ["nowhere"]\n'}))
    assert (report.findings, report.searched) == ((), 0)


def test_validate_ignore_comments(write: Write) -> None:
    hidden = "key: a-b  # flagctl: ignore[FLG003] adopting\n"
    report = validate(write({"flags/a.yaml": hidden}), "FLG003", "FLG901")
    assert (report.findings, report.suppressed) == ((), 1)
    idle = f"key: a-b  # flagctl: ignore[FLG202] {WHY}\n"
    assert found(validate(write({"flags/a.yaml": idle}), "FLG0", "FLG901", paths=("elsewhere",))) == []
    assert "FLG901" not in codes(validate(write({"flags/a.yaml": idle}), "ALL"))


def test_validate_never_reads_code(write: Write) -> None:
    """In a process of its own, as the modules of this one are loaded already; the source would not parse, either."""
    root = write({"flags/a.yaml": COMPLETE, "shop.py": "def (:\n"})
    script = (
        "import sys\n"
        "from datetime import date\n"
        "from pathlib import Path\n"
        "from flagctl import pipeline\n"
        "from flagctl.config import find_config\n"
        "report = pipeline.validate(find_config(Path('.')), pipeline.Request(date(2026, 6, 15)))\n"
        "print(len(report.flags), report.unread, 'flagctl.scan' in sys.modules, 'libcst' in sys.modules)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert ran.stdout == "1 () False False\n"


# --- references -------------------------------------------------------------------------------------------------------


def test_references_to_flags_that_nobody_defined(write: Write) -> None:
    root = write({**PROJECT, "docs/a.md": "See old-search.\n"})
    config = find_config(root)
    keys = [each.flag for each in pipeline.references(config, lambda done, total: None).references]
    assert keys == ["new-checkout"]
    report = pipeline.references(config, lambda done, total: None, ["old-search"])
    assert [each.flag for each in report.references] == ["old-search", "new-checkout"]
    assert report.findings == ()


def test_progress_ends_at_the_total(write: Write) -> None:
    steps: list[tuple[int, int]] = []
    pipeline.references(find_config(write(PROJECT)), lambda done, total: steps.append((done, total)))
    assert steps
    assert all(0 <= done <= total for done, total in steps)


def test_every_rule_that_reads_no_code_can_be_validated() -> None:
    about_code = ("FLG2", "FLG3", "FLG110", "FLG410")
    assert {code for code, rule in CATALOGUE.items() if rule.reads_code} == {
        code for code in CATALOGUE if code.startswith(about_code)
    }
