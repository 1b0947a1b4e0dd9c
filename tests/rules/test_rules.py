"""What holds for every rule there is, and for the catalogue of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from stories import Story

from flagctl import pipeline
from flagctl.config import find_config
from flagctl.model import Severity
from flagctl.rules import (
    CATALOGUE,
    EXAMPLE_TODAY,
    Example,
    Rule,
    UnknownRuleError,
    codes_named,
    rule_page,
    rules_page,
    select,
)

Write = Callable[[Mapping[str, str]], Path]

E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO  # noqa: E741

# Copied from the design, section 7: a code, its name and its severity never change.
PROMISED = {
    "FLG001": ("invalid-definition", E),
    "FLG002": ("duplicate-key", E),
    "FLG003": ("missing-owner", E),
    "FLG004": ("unknown-owner", W),
    "FLG005": ("missing-expiry", E),
    "FLG006": ("missing-reason", E),
    "FLG007": ("missing-type", E),
    "FLG008": ("missing-end-state", E),
    "FLG009": ("bad-key-name", W),
    "FLG010": ("reused-key", E),
    "FLG011": ("similar-key", W),
    "FLG012": ("missing-removal-criterion", W),
    "FLG101": ("expired", E),
    "FLG102": ("expires-soon", I),
    "FLG103": ("review-overdue", E),
    "FLG104": ("lifetime-too-long", W),
    "FLG105": ("ready-for-removal", W),
    "FLG106": ("rollout-stalled", W),
    "FLG107": ("rollout-jumped", W),
    "FLG108": ("targeting-unreviewed", W),
    "FLG109": ("extended-too-often", W),
    "FLG110": ("removal-overdue", E),
    "FLG201": ("undeclared-flag", E),
    "FLG202": ("unreferenced-flag", W),
    "FLG203": ("archived-flag-referenced", E),
    "FLG204": ("dynamic-key", I),
    "FLG205": ("test-only-flag", W),
    "FLG206": ("mention-only-flag", W),
    "FLG207": ("wrong-value-type", W),
    "FLG301": ("inconsistent-default", W),
    "FLG302": ("default-against-policy", E),
    "FLG303": ("import-time-evaluation", W),
    "FLG304": ("repeated-evaluation", W),
    "FLG305": ("evaluation-in-loop", I),
    "FLG306": ("nested-flags", I),
    "FLG307": ("kill-switch-does-not-kill", W),
    "FLG308": ("identical-branches", W),
    "FLG401": ("sensitive-flag-unprotected", W),
    "FLG402": ("kill-switch-without-runbook", E),
    "FLG403": ("drill-overdue", W),
    "FLG404": ("dependency-unavailable", E),
    "FLG405": ("rollout-without-gates", W),
    "FLG406": ("dependency-cycle", E),
    "FLG407": ("rollout-exceeds-dependency", W),
    "FLG408": ("sensitive-without-kill-switch", W),
    "FLG409": ("production-ahead", W),
    "FLG410": ("client-only-gate", W),
    "FLG501": ("experiment-without-hypothesis", E),
    "FLG502": ("unknown-metric", E),
    "FLG503": ("experiment-without-guardrails", W),
    "FLG504": ("experiment-without-stop", E),
    "FLG505": ("experiment-underpowered", W),
    "FLG506": ("decision-overdue", E),
    "FLG507": ("unit-mismatch", E),
    "FLG508": ("experiment-without-kpi", E),
    "FLG509": ("too-much-measured", I),
    "FLG601": ("change-without-reason", W),
    "FLG602": ("change-not-authorised", W),
    "FLG603": ("sensitive-flag-without-access", W),
    "FLG604": ("definition-unprotected", W),
    "FLG901": ("unused-suppression", W),
}  # fmt: skip

OPT_IN = {"FLG204", "FLG303", "FLG304", "FLG305", "FLG306", "FLG307", "FLG308"}

every_rule = pytest.mark.parametrize("rule", CATALOGUE.values(), ids=CATALOGUE.keys())


def codes_fired(root: Path, rule: Rule) -> set[str]:
    """The codes that the real pipeline reports on a folder: only this rule's, unless it judges the others."""
    chosen = ("ALL",) if rule.code == "FLG901" else (rule.code,)
    request = pipeline.Request(EXAMPLE_TODAY, select=chosen)
    report = pipeline.audit(find_config(root), request, lambda done, total: None)
    return {finding.code for finding in report.findings}


@every_rule
def test_example_fires(rule: Rule, write: Write) -> None:
    root = made(rule, rule.fires, write)
    fired = codes_fired(root, rule)
    assert rule.code in fired
    if rule.code != "FLG901":
        assert fired == {rule.code}


@every_rule
def test_example_is_silent(rule: Rule, write: Write) -> None:
    root = made(rule, rule.silent, write)
    assert rule.code not in codes_fired(root, rule)


@every_rule
def test_example_of_silence_is_valid(rule: Rule, write: Write) -> None:
    """An example that is wrong in itself would be silent for the wrong reason."""
    root = made(rule, rule.silent, write)
    assert not codes_fired(root, CATALOGUE["FLG001"])


def made(rule: Rule, example: Example, write: Write) -> Path:
    """An example as it lies there in the end, with the commits that made it, if it has any."""
    if not isinstance(example, tuple):
        return write(with_a_source(rule.files(example)))
    story = Story(write(with_a_source({})))
    for each in example:
        story.commit(each.day, each.message, rule.files(each.files), each.author)
    return story.root


def with_a_source(files: Mapping[str, str]) -> Mapping[str, str]:
    """Rules about definitions show no code, and an audit without any source to read fails."""
    return {"README.md": "A shop.\n", **files}


@every_rule
def test_rule_is_documented(rule: Rule) -> None:
    assert vars(type(rule)).get("__doc__"), "a docstring of its own"
    first, *rest = rule.docs().split("\n\n")
    assert first.endswith(".")
    headings = [paragraph.split(":")[0] for paragraph in rest if paragraph.startswith(("Why:", "What to do:"))]
    assert headings == ["Why", "What to do"]


@every_rule
def test_rule_keeps_what_the_design_promises(rule: Rule) -> None:
    assert (rule.name, rule.severity) == PROMISED[rule.code]
    assert rule.is_default is (rule.code not in OPT_IN)


def test_codes_and_names_are_unique() -> None:
    rules = list(CATALOGUE.values())
    assert len({rule.code for rule in rules}) == len(rules) == len({rule.name for rule in rules})
    assert list(CATALOGUE) == sorted(CATALOGUE)


def test_no_rule_class_is_lost() -> None:
    """Two classes with one code would silently be one rule."""
    assert {type(rule) for rule in CATALOGUE.values()} == set(Rule.__subclasses__())


@every_rule
def test_page(rule: Rule) -> None:
    page = rule_page(rule)
    assert page.startswith(f"## {rule.code} {rule.name}\n\n{str(rule.severity).capitalize()}, ")
    assert "**Why:**" in page
    assert "**What to do:**" in page
    for example in (rule.fires, rule.silent):
        for files in [each.files for each in example] if isinstance(example, tuple) else [example]:
            for path, text in rule.files(files).items():
                assert f"`{path}`\n\n```" in page
                assert text.rstrip() in page
    assert page.count("```") % 2 == 0
    assert page in rules_page()


def test_list_of_pages_links_to_each() -> None:
    page = rules_page()
    for rule in CATALOGUE.values():
        anchor = f"{rule.code}-{rule.name}".lower()
        assert f"| [{rule.code}](#{anchor}) | {rule.name} | {rule.severity} |" in page


@pytest.mark.parametrize(
    ("word", "codes"),
    [
        ("FLG101", ["FLG101"]),
        ("expired", ["FLG101"]),
        ("FLG10", [code for code in CATALOGUE if code.startswith("FLG10")]),
        ("FLG2", [code for code in CATALOGUE if code.startswith("FLG2")]),
        ("FLG", list(CATALOGUE)),
        ("ALL", list(CATALOGUE)),
        ("DEFAULT", [code for code in CATALOGUE if code not in OPT_IN]),
    ],
)
def test_words_for_rules(word: str, codes: list[str]) -> None:
    assert codes_named(word) == codes
    assert [rule.code for rule in select([word])] == codes


@pytest.mark.parametrize(
    ("word", "suggestion"),
    [
        ("FLG999", "FLG9"),
        ("expird", "expired"),
        ("mising-owner", "missing-owner"),
        ("DEFUALT", "DEFAULT"),
        ("flg101", None),
        ("all", None),
        ("F", None),
        ("", None),
        ("FLG1011", "FLG101"),
        ("*", None),
    ],
)
def test_unknown_words(word: str, suggestion: str | None) -> None:
    with pytest.raises(UnknownRuleError) as caught:
        codes_named(word)
    assert str(caught.value).startswith(f'unknown rule "{word}"; ')
    assert suggestion is None or f"did you mean {suggestion}" in str(caught.value)


def test_ignored_rules_are_taken_out_of_the_chosen() -> None:
    assert [rule.code for rule in select(["FLG10"], ["expired", "FLG102"])] == [
        code for code in codes_named("FLG10") if code not in ("FLG101", "FLG102")
    ]
    assert select(["FLG101"], ["ALL"]) == ()
