"""`flagctl refs`, `list`, `show` and `rule`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from command import CLEAN, COMPLETE, TODAY, run

from flagctl.rules import CATALOGUE, rule_page, rules_page

Write = Callable[[Mapping[str, str | bytes]], Path]

PROJECT = {
    **CLEAN,
    "flags/new-checkout.yaml": COMPLETE + "aliases: [newCheckout]\n"
    "rollout: {environments: {production: {percent: 50, serve: on}, staging: {percent: 100}}}\n",
    "flags/other.yaml": "key: other-flag\nexpected_end_state: keep\nreview_by: 2026-09-01\n",
    "shop/more.py": """
        def more(request, name):
            if request.feature("newCheckout"):
                return request.feature(f"page-{name}", default=True)
            return request.feature("undeclared-one")
        """,
    "web/page.ts": 'if (flags.isOn("new-checkout")) {}\n',
    "docs/a.md": "Switch `new-checkout` off, and old-search.\n",
    "tests/test_page.py": 'def test_page(request):\n    assert request.feature("new-checkout")\n',
}
EVERY = [
    "docs/a.md:1:9: mention new-checkout (text)",
    "shop/more.py:2:8: evaluation new-checkout (call, via literal)",
    "shop/more.py:3:16: evaluation (dynamic key page-*) (call, default True)",
    "shop/more.py:4:12: evaluation undeclared-one (call, via literal)",
    "shop/page.py:2:12: evaluation new-checkout (call, default False, via literal)",
    "tests/test_page.py:2:12: evaluation new-checkout (call, via literal, in tests)",
    "web/page.ts:1:17: mention new-checkout (code)",
]
FROZEN = [
    "flag", "role", "kind", "path", "line", "column", "end_line", "end_column", "sdk", "default", "resolved_by",
    "in_tests",
]  # fmt: skip
"""A later version may only add to these."""


def test_refs(write: Write) -> None:
    ran = run(write(PROJECT), "refs")
    assert (ran.code, ran.lines, ran.err) == (0, EVERY, "")


@pytest.mark.parametrize("key", ["new-checkout", "newCheckout"])
def test_refs_of_one_flag_by_any_of_its_names(write: Write, key: str) -> None:
    assert run(write(PROJECT), "refs", key).lines == [line for line in EVERY if " new-checkout " in line]


def test_refs_of_a_flag_that_nobody_declared(write: Write) -> None:
    root = write(PROJECT)
    assert run(root, "refs", "undeclared-one").lines == [EVERY[3]]
    assert run(root, "refs", "old-search").lines == ["docs/a.md:1:32: mention old-search (text)"]


def test_refs_of_a_flag_without_any(write: Write) -> None:
    ran = run(write(PROJECT), "refs", "other-flag")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.startswith("flagctl: no references to other-flag in ")


def test_refs_without_any(write: Write) -> None:
    ran = run(write({"flags/a.yaml": COMPLETE, "a.md": "-"}), "refs", "--output-format", "json")
    assert ran.code == 0
    assert ran.json == {"version": 1, "references": [], "files": {"searched": 1, "parsed": 0, "unread": []}}
    assert ran.err == "flagctl: no references in 1 files\n"


def test_refs_need_no_definitions(write: Write) -> None:
    """Before there are any, the references show what there is to define."""
    root = write({name: text for name, text in PROJECT.items() if not name.startswith("flags/")})
    assert "shop/page.py:2:12: evaluation new-checkout (call, default False, via literal)" in run(root, "refs").lines


def test_refs_in_json_has_the_frozen_keys(write: Write) -> None:
    ran = run(write({**PROJECT, "shop/broken.py": "def new-checkout(:\n"}), "refs", "--output-format", "json")
    assert list(ran.json) == ["version", "references", "files"]
    assert ran.json["version"] == 1
    assert list(ran.json["files"]) == ["searched", "parsed", "unread"]
    assert [each["path"] for each in ran.json["files"]["unread"]] == ["shop/broken.py"]
    assert all(list(reference)[: len(FROZEN)] == FROZEN for reference in ran.json["references"])
    assert len(ran.json["references"]) == len(EVERY) + 1
    [dynamic] = [reference for reference in ran.json["references"] if reference["flag"] is None]
    assert (
        dynamic.items()
        >= {
            "flag": None,
            "role": "evaluation",
            "kind": "call",
            "path": "shop/more.py",
            "line": 3,
            "column": 16,
            "end_line": 3,
            "end_column": 61,
            "sdk": None,
            "default": "True",
            "resolved_by": None,
            "in_tests": False,
            "returns": "bool",
            "negated": False,
            "function": "more",
            "import_time": False,
        }.items()
    )


def test_audit_in_json_has_the_frozen_keys(write: Write) -> None:
    ran = run(write(PROJECT), "audit", *TODAY, "--output-format", "json")
    assert list(ran.json) == ["version", "findings", "summary"]
    frozen = ["code", "name", "severity", "flag", "message", "hint", "path", "line", "column", "end_line", "end_column"]
    assert ran.json["findings"]
    assert all(list(finding)[: len(frozen)] == frozen for finding in ran.json["findings"])  # more may be added
    severities = [finding["severity"] for finding in ran.json["findings"]]
    for severity in ("error", "warning", "info"):
        assert ran.json["summary"][f"{severity}s"] == severities.count(severity)


def test_list(write: Write) -> None:
    ran = run(write(PROJECT), "list")
    assert (ran.code, ran.err) == (0, "")
    heading, one, other = (line.split() for line in ran.lines)
    assert heading[:4] == ["KEY", "TYPE", "OWNER", "CREATED"]
    assert one == [
        "new-checkout", "release", "@acme/payments", "2026-06-01", "2026-07-10", "remove", "50%", "3", "0", "0", "2",
        "flags/new-checkout.yaml:1:1",
    ]  # fmt: skip
    assert other == ["other-flag", *"---", "review", "2026-09-01", "keep", "-", *"0000", "flags/other.yaml:1:1"]


def test_list_in_json(write: Write) -> None:
    listed = run(write(PROJECT), "list", "--output-format", "json").json
    assert listed["version"] == 1
    assert listed["flags"][0] == {
        "key": "new-checkout",
        "type": "release",
        "owner": "@acme/payments",
        "created": "2026-06-01",
        "expires": "2026-07-10",
        "review_by": None,
        "expected_end_state": "remove",
        "rollout": 50,
        "references": {"evaluation": 3, "override": 0, "declaration": 0, "mention": 2},
        "path": "flags/new-checkout.yaml",
        "line": 1,
    }


@pytest.mark.parametrize("key", ["new-checkout", "newCheckout"])
def test_show(write: Write, key: str) -> None:
    ran = run(write(PROJECT), "show", key, "--today", "2026-07-12")
    assert (ran.code, ran.err) == (0, "")
    for line in (
        "key: new-checkout",
        "expires: 2026-07-10",
        "aliases: newCheckout",
        "rollout.environments.production.percent: 50",
        "defined at: flags/new-checkout.yaml:1:1",
        "shop/page.py:2:12: evaluation new-checkout (call, default False, via literal)",
        "flags/new-checkout.yaml:7:10: FLG101 error new-checkout expired on 2026-07-10 (2 days ago)",
    ):
        assert line in ran.lines
    assert not any("other-flag" in line or "undeclared-one" in line for line in ran.lines)


def test_show_in_json(write: Write) -> None:
    shown = run(write(PROJECT), "show", "new-checkout", *TODAY, "--output-format", "json").json
    assert list(shown) == ["version", "flag", "references", "findings", "age_days", "removal", "history"]
    assert shown["age_days"] == 14
    assert shown["flag"]["rollout"]["environments"]["production"] == {"percent": 50, "serve": "on"}
    assert (shown["flag"]["path"], shown["flag"]["line"]) == ("flags/new-checkout.yaml", 1)
    assert len(shown["references"]) == 5
    assert shown["findings"] == []
    assert shown["removal"] == {"ready": False, "because": None, "command": None}
    assert shown["history"] is None


def test_show_a_flag_without_references_or_findings(write: Write) -> None:
    root = write({"flags/a.yaml": COMPLETE, "a.md": "-", "flagctl.toml": '[rules]\nignore = ["FLG2"]\n'})
    lines = run(root, "show", "new-checkout", *TODAY).lines
    assert lines[-8:] == ["References", "none", "", "Findings", "none", "", "History", "none in git"]


@pytest.mark.parametrize("code", CATALOGUE)
def test_rule_pages_are_all_in_the_list(code: str) -> None:
    assert rule_page(CATALOGUE[code]) in rules_page()


@pytest.mark.parametrize("word", ["FLG101", "expired"])
def test_rule(write: Write, word: str) -> None:
    ran = run(write({"a.txt": "-"}), "rule", word)
    assert (ran.code, ran.out, ran.err) == (0, rule_page(CATALOGUE["FLG101"]), "")


def test_rules(write: Write) -> None:
    root = write({"a.txt": "-"})
    listed = [line.split() for line in run(root, "rule").lines]
    assert listed == [[rule.code, str(rule.severity), rule.name] for rule in CATALOGUE.values()]
    assert run(root, "rule", "--all").out == rules_page()


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("FLG999", 'unknown rule "FLG999"'),
        ("expird", 'unknown rule "expird"; did you mean expired?'),
        ("FLG1", '"FLG1" names several rules: FLG101, FLG102'),
        ("ALL", '"ALL" names several rules: '),
    ],
)
def test_no_such_rule(write: Write, word: str, message: str) -> None:
    ran = run(write({"a.txt": "-"}), "rule", word)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"flagctl: {message}")
    assert ran.err.count("\n") == 1
